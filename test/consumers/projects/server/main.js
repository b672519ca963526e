import { openDevice } from 'regard'
import { job } from './job.js'

const [path = 'model.safetensors', device = 'auto'] = process.argv.slice(2)
console.log(JSON.stringify(await job(path, () => openDevice({ device }))))
