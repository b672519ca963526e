import { job } from './job.js'

globalThis.answers = job('model.safetensors').then((page) => ({ page }))
