/** How learning continues: freely, by one report of its steps, not at all, or ending here. */
export type Pace = 'go' | 'step' | 'pause'

/** A gate between two reports of a learning. */
export class Gate {
  #pace: Pace
  #opened: (() => void) | undefined

  /** @param signal its abortion opens the gate for good */
  constructor(pace: Pace, signal: AbortSignal) {
    this.#pace = pace
    signal.addEventListener('abort', () => this.set('go'))
  }

  set(pace: Pace): void {
    this.#pace = pace
    if (pace !== 'pause') this.#opened?.()
  }

  /** Waits until it may continue. */
  async pass(): Promise<void> {
    while (this.#pace === 'pause') {
      await new Promise<void>((resolve) => {
        this.#opened = resolve
      })
    }
  }

  /** Steps were reported. */
  stepped(): void {
    if (this.#pace === 'step') this.#pace = 'pause'
  }
}
