/** A thread that helps: ends when it is called. */
export type EndHelper = () => Promise<void>

/** What a helper is given: everything that it needs. */
interface HelperStart {
  readonly module: WebAssembly.Module
  readonly memory: WebAssembly.Memory
  /** From 1; the calling thread is 0. */
  readonly thread: number
}

// Kept as text, so that no bundler has to know of it. It says that it is ready, then sleeps and works in WebAssembly.
const HELPER = `
const help = async ({ module, memory, thread }, ready) => {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } })
  ready('ready')
  exports.help(thread)
}
if (typeof require === 'function') {
  const { parentPort, workerData } = require('node:worker_threads')
  help(workerData, (message) => parentPort.postMessage(message))
} else {
  onmessage = ({ data }) => help(data, postMessage)
}
`

// without an import that bundlers would follow; undefined in a browser
const nodeThreads = (): typeof import('node:worker_threads') | undefined =>
  typeof process === 'undefined' ? undefined : process.getBuiltinModule?.('node:worker_threads')

/** Threads that this machine runs at once. */
export function availableThreads(): number {
  const node = typeof process === 'undefined' ? undefined : process.getBuiltinModule?.('node:os')
  return node ? node.availableParallelism() : (navigator.hardwareConcurrency ?? 1)
}

/**
 * Starts threads 1 … count, and waits until each of them is ready.
 *
 * A page with a content security policy must allow `worker-src blob:`.
 *
 * @throws {Error} if one cannot start; the others are ended
 */
export async function startHelpers(count: number, module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<EndHelper[]> {
  const starts = Array.from({ length: count }, (_, n) => startHelper({ module, memory, thread: n + 1 }))
  const settled = await Promise.allSettled(starts)
  const started = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failed = settled.find((one) => one.status === 'rejected')
  if (!failed) return started
  await Promise.all(started.map((end) => end()))
  throw failed.reason
}

function startHelper(start: HelperStart): Promise<EndHelper> {
  const threads = nodeThreads()
  return threads ? startThread(threads, start) : startWorker(start)
}

/** A thread of Node, which does not keep the process alive. */
async function startThread({ Worker }: typeof import('node:worker_threads'), workerData: HelperStart): Promise<EndHelper> {
  const worker = new Worker(HELPER, { eval: true, execArgv: [], workerData })
  await new Promise<void>((ready, fail) => {
    worker.once('message', () => ready())
    worker.once('error', fail)
  })
  worker.unref()
  return async () => {
    await worker.terminate()
  }
}

/** A worker of a page, or of a page's worker. */
async function startWorker(start: HelperStart): Promise<EndHelper> {
  const url = URL.createObjectURL(new Blob([HELPER], { type: 'text/javascript' }))
  try {
    const worker = new Worker(url)
    await new Promise<void>((ready, fail) => {
      worker.onmessage = () => ready()
      worker.onerror = ({ message }) => fail(new Error(message || 'the page refuses workers from blob: addresses'))
      worker.postMessage(start)
    })
    return async () => worker.terminate()
  } finally {
    URL.revokeObjectURL(url)
  }
}
