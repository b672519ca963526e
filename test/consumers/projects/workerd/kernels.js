import { openDevice } from 'regard/wasm'
import kernels from 'regard/wasm/portable-unshared.wasm'
import { job } from './job.js'

export default {
  async test() {
    console.log(JSON.stringify(await job('model.safetensors', () => openDevice({ kernels }))))
  },
}
