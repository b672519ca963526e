import { job } from './job.js'

/** What the job answers in a worker. */
function inWorker() {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data)
    worker.onerror = ({ message }) => reject(new Error(message))
  })
}

/** The job on the page's main thread, then in a worker. */
export const run = async () => ({ page: await job('model.safetensors'), worker: await inWorker() })
