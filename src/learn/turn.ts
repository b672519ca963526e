/**
 * Lets timers, signals and clicks in, and is done at the next turn of the event loop.
 *
 * A timer would take a millisecond or more each time, in pages four: a small step takes no longer.
 */
export const turn = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve)
    else post(resolve)
  })

/** Runs a function as a message of its own. */
function post(then: () => void): void {
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => {
    port1.close()
    then()
  }
  port2.postMessage(undefined)
}
