import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { job } from './job.js'

if (isMainThread)
  new Worker(new URL(import.meta.url)).on('message', (answer) =>
    console.log(JSON.stringify(answer)),
  )
else parentPort.postMessage(await job('thread.safetensors'))
