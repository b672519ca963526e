/**
 * Yields to timers, signals and clicks until the next turn of the event loop.
 *
 * A timer would take a millisecond or more each time, in pages four: as long as a small step.
 */
export const turn = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve)
    else post(resolve)
  })

/** Runs a function as a separate message. */
function post(then: () => void): void {
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => {
    port1.close()
    then()
  }
  port2.postMessage(undefined)
}
