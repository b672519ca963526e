/** Losses since the last report. */
export interface Gathered {
  readonly sum: number
  readonly count: number
}

/** Learning that no longer learns: its loss is no number, or far above its beginning for long. */
export class Divergence extends Error {
  readonly step: number
  /** Learning rate of that step. */
  readonly rate: number

  constructor(what: string, step: number, rate: number) {
    super(`learn: ${what} at step ${step}, where the rate was ${digits(rate)}; give a smaller rate, such as ${digits(rate / 10)}`)
    this.name = 'Divergence'
    this.step = step
    this.rate = rate
  }
}

const digits = (x: number): string => String(Number(x.toPrecision(2)))

/** What a watch has seen. */
export interface WatchState {
  /** The first loss that was told. */
  readonly first?: number
  /** Reports in a row that were far above it. */
  readonly above: number
}

/** A loss is far above the first one beyond FACTOR times it and MARGIN nats; so many reports in a row are long. */
const FACTOR = 2
const MARGIN = 2
const LONG = 5

/** Watches the loss. */
export class Watch {
  #state: WatchState

  constructor(state: WatchState = { above: 0 }) {
    this.#state = state
  }

  get state(): WatchState {
    return this.#state
  }

  /** Whether the last loss that was told is not far above the first. */
  get calm(): boolean {
    return this.#state.above === 0
  }

  /** @throws {Divergence} where a sum of losses is NaN or ∞ */
  number(gathered: Readonly<Record<string, Gathered>>, step: number, rate: () => number): void {
    const wrong = Object.entries(gathered).find(([, { sum }]) => !Number.isFinite(sum))
    if (wrong) throw new Divergence(`the loss ${wrong[0]} became ${wrong[1].sum}`, step, rate())
  }

  /** Takes note of a loss. @throws {Divergence} where it was far above the first for long */
  see(loss: number, step: number, rate: () => number): void {
    const { first = loss, above } = this.#state
    const far = loss > FACTOR * first && loss > first + MARGIN
    this.#state = { first, above: far ? above + 1 : 0 }
    if (this.#state.above === LONG)
      throw new Divergence(`the loss rose from ${first.toFixed(2)} to ${loss.toFixed(2)} and stayed there`, step, rate())
  }
}
