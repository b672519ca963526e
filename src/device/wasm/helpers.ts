/** What a helper is started with. */
interface HelperStart {
  readonly module: WebAssembly.Module
  readonly memory: WebAssembly.Memory
  /** From 1; the calling thread is 0. */
  readonly thread: number
}

/** Messages of a helper to the calling thread. */
interface Listener {
  /** Called without a text when it is ready, or with why it failed. */
  said(failure: string): void
  ended(reason: string): void
}

/** Ends a helper's thread. */
type End = () => Promise<unknown>

// Kept as text, so that no bundler has to know of it. It says that it is ready, then sleeps and
// works in WebAssembly.
const HELPER = `
const help = ({ module, memory, thread }, say) => {
  let fail
  try {
    const { exports } = new WebAssembly.Instance(module, { env: { memory } })
    say('')
    fail = exports.fail
    exports.help(thread)
  } catch (error) {
    fail?.()
    say(String(error))
  }
}
if (typeof require === 'function') {
  const { parentPort, workerData } = require('node:worker_threads')
  help(workerData, (failure) => parentPort.postMessage(failure))
} else {
  onmessage = ({ data }) => help(data, postMessage)
}
`

// without an import that bundlers would follow; undefined in a browser
export const nodeThreads = (): typeof import('node:worker_threads') | undefined =>
  globalThis.process?.getBuiltinModule?.('node:worker_threads')

/** Hardware threads of this machine. */
export function availableThreads(): number {
  const node = globalThis.process?.getBuiltinModule?.('node:os')
  return node ? node.availableParallelism() : (navigator.hardwareConcurrency ?? 1)
}

/**
 * Threads that share a memory with the calling one. Each joins the work as soon as it has started.
 */
export class Helpers {
  readonly #ends = new Map<number, End>()
  readonly #reasons = new Set<string>()

  /** How many there are: those that could not start, or ended, are no longer among them. */
  get count(): number {
    return this.#ends.size
  }

  /** A sentence for whatever ended one of them. */
  get why(): readonly string[] {
    return [...this.#reasons]
  }

  /**
   * Starts threads 1 … count.
   *
   * Threads of Node start by themselves, and nothing waits for them. A worker of a page starts only
   * while its opener does nothing, so there it is waited for. A page with a content security policy
   * must allow `worker-src blob:`.
   */
  async start(
    count: number,
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
  ): Promise<void> {
    const threads = nodeThreads()
    const known = Array.from({ length: count }, (_, n) => {
      const { listener, known } = this.#listen(n + 1)
      const start = { module, memory, thread: n + 1 }
      this.#ends.set(n + 1, async () => {})
      try {
        this.#ends.set(
          n + 1,
          threads ? startThread(threads, start, listener) : startWorker(start, listener),
        )
      } catch (error) {
        listener.ended(error instanceof Error ? error.message : String(error))
      }
      return known
    })
    if (!threads) await Promise.all(known)
  }

  async close(): Promise<void> {
    const ends = [...this.#ends.values()]
    this.#ends.clear()
    await Promise.all(ends.map((end) => end()))
  }

  /** A listener of a thread, and when it is known whether that could start. */
  #listen(thread: number): { listener: Listener; known: Promise<void> } {
    let ready = false
    let know = (): void => {}
    const known = new Promise<void>((resolve) => {
      know = resolve
    })
    const ended = (reason: string): void => {
      const end = this.#ends.get(thread)
      if (!end) return
      this.#ends.delete(thread)
      this.#reasons.add(`${ready ? 'a helper ended' : 'helpers could not be started'}: ${reason}`)
      know()
      end()
    }
    const said = (failure: string): void => {
      if (failure) ended(failure)
      else ready = true
      know()
    }
    return { listener: { said, ended }, known }
  }
}

/** A thread of Node, which does not keep the process alive. */
function startThread(
  { Worker }: typeof import('node:worker_threads'),
  workerData: HelperStart,
  { said, ended }: Listener,
): End {
  const worker = new Worker(HELPER, { eval: true, execArgv: [], workerData })
  worker.on('message', said)
  worker.on('error', ({ message }) => ended(message))
  worker.on('exit', () => ended('its thread was ended'))
  // after the listeners: one for messages keeps the process alive again
  worker.unref()
  return () => worker.terminate()
}

/** A worker of a page, or of a page's worker. */
function startWorker(start: HelperStart, { said, ended }: Listener): End {
  const url = URL.createObjectURL(new Blob([HELPER], { type: 'text/javascript' }))
  const worker = new Worker(url)
  const known = () => URL.revokeObjectURL(url)
  worker.onmessage = ({ data }: MessageEvent<string>) => {
    known()
    said(data)
  }
  worker.onerror = ({ message }) => {
    known()
    ended(message || 'the page refuses workers from blob: addresses')
  }
  worker.postMessage(start)
  return async () => worker.terminate()
}
