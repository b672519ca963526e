import { openDevice } from 'regard'
import { job } from './job.js'

job('model.safetensors', () => openDevice({ threads: 2 })).then(postMessage)
