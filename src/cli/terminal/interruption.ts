import type { Reporter } from './progress.ts'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/**
 * The first Ctrl-C, or the first word of a cluster that time is up, ends the work where it can be
 * ended. The second ends the process, as does any before the work has begun or after its end: the
 * system does that, so even while something computes.
 *
 * @param stopping what is said of the first
 */
export function interrupted(reporter: Reporter, stopping: string) {
  const controller = new AbortController()
  const end = () => {
    for (const signal of SIGNALS) process.off(signal, interrupt)
  }
  const interrupt = () => {
    end()
    controller.abort()
    reporter.note(stopping)
  }
  const begin = () => {
    for (const signal of SIGNALS) process.on(signal, interrupt)
  }
  return { signal: controller.signal, begin, end }
}

/** Items as they come, until a signal: one that has not come by then is not waited for. */
export async function* until<Item>(
  signal: AbortSignal,
  items: AsyncIterable<Item>,
): AsyncGenerator<Item> {
  const iterator = items[Symbol.asyncIterator]()
  let stop = () => {}
  const stopped = () => stop()
  signal.addEventListener('abort', stopped)
  try {
    while (!signal.aborted) {
      const next = await new Promise<IteratorResult<Item> | undefined>((resolve, reject) => {
        stop = () => resolve(undefined)
        iterator.next().then(resolve, reject)
      })
      if (!next || next.done) return
      yield next.value
    }
  } finally {
    signal.removeEventListener('abort', stopped)
    // not waited for: it may wait for what never comes
    iterator.return?.(undefined)?.catch(() => {})
  }
}
