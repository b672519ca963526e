import { openDevice } from 'regard/wasm'
import { job } from './job.js'

addEventListener('message', async ({ ports: [port] }) => {
  port.postMessage(await job('model.safetensors', openDevice))
})
