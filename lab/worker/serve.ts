import type { Handlers, Order, Reply } from './calls.ts'

/** What a worker has of its page. */
export interface Scope {
  onmessage: ((message: MessageEvent<Order>) => void) | null
  postMessage(reply: Reply): void
}

/** Serves calls in the worker; each is stopped by its own signal. */
export function serve(handlers: Handlers, scope: Scope): void {
  const stops = new Map<number, AbortController>()
  const reply = (message: Reply) => scope.postMessage(message)
  scope.onmessage = async ({ data: order }: MessageEvent<Order>) => {
    if ('stop' in order) return stops.get(order.id)?.abort()
    const { id, call, argument } = order
    const stop = new AbortController()
    stops.set(id, stop)
    try {
      const given = handlers[call](argument as never, stop.signal)
      const result =
        'next' in given ? await drained(given, (event) => reply({ id, event })) : await given
      reply({ id, result })
    } catch (error) {
      reply({ id, error: error instanceof Error ? error.message : String(error) })
    } finally {
      stops.delete(id)
    }
  }
}

/** What a generator returns; each event on the way is told. */
async function drained(
  events: AsyncGenerator<unknown, unknown>,
  tell: (event: unknown) => void,
): Promise<unknown> {
  let step = await events.next()
  for (; !step.done; step = await events.next()) tell(step.value)
  return step.value
}
