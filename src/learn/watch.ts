/** Losses since the last report. */
export interface LossSum {
  readonly sum: number
  readonly count: number
}

/** A rate at which most learn. */
const USUAL_RATE = 0.01

/** Learning that no longer learns: its loss is no number, or far above its beginning for long. */
export class Divergence extends Error {
  readonly step: number
  /** Learning rate of that step. */
  readonly rate: number

  constructor(what: string, step: number, rate: number) {
    const smaller = Math.min(rate / 10, USUAL_RATE)
    super(
      `learn: ${what} at step ${step}, where the rate was ${digits(rate)}; give a smaller rate, such as ${digits(smaller)}`,
    )
    this.name = 'Divergence'
    this.step = step
    this.rate = rate
  }
}

const digits = (x: number): string => String(Number(x.toPrecision(2)))

/** What a watch has seen. */
export interface WatchState {
  /** The loss of the first step, before anything moved. */
  readonly first?: number
  /** Reports in a row that were far above it. */
  readonly above: number
}

/**
 * A loss is far above the first one beyond FACTOR times it and MARGIN nats; so many reports in a
 * row are long.
 */
const FACTOR = 2
const MARGIN = 2
const LONG = 5

/** Watches the loss. */
export class Watch {
  #state: WatchState
  #last = 0

  constructor(state: WatchState = { above: 0 }) {
    this.#state = state
  }

  get state(): WatchState {
    return this.#state
  }

  /** Whether the losses of the last step and of the last report are not far above the first. */
  get calm(): boolean {
    return this.#state.above === 0 && !this.#isFar(this.#last)
  }

  #isFar(loss: number): boolean {
    const { first = loss } = this.#state
    return loss > FACTOR * first && loss > first + MARGIN
  }

  /** Takes note of a step's losses. @throws {Divergence} where a sum of them is NaN or ∞ */
  step(losses: Readonly<Record<string, LossSum>>, step: number, rate: () => number): void {
    const wrong = Object.entries(losses).find(([, { sum }]) => !Number.isFinite(sum))
    if (wrong)
      throw new Divergence(
        `the loss of the objective ${wrong[0]} became ${wrong[1].sum}`,
        step,
        rate(),
      )
    const [one] = Object.values(losses)
    if (!one) return
    this.#last = one.sum / one.count
    this.#state = { first: this.#last, ...this.#state }
  }

  /** Takes note of a report. @throws {Divergence} where losses were far above the first for long */
  report(loss: number, step: number, rate: () => number): void {
    const { first = loss, above } = this.#state
    this.#state = { ...this.#state, above: this.#isFar(loss) ? above + 1 : 0 }
    if (this.#state.above === LONG)
      throw new Divergence(
        `the loss rose from ${first.toPrecision(3)} to ${loss.toPrecision(3)} and stayed there`,
        step,
        rate(),
      )
  }
}

/** Adds a step's losses to those before. */
export function addLosses(
  before: Readonly<Record<string, LossSum>>,
  losses: Readonly<Record<string, LossSum>>,
): Record<string, LossSum> {
  const all = { ...before }
  for (const [name, { sum, count }] of Object.entries(losses)) {
    const own = all[name] ?? { sum: 0, count: 0 }
    all[name] = { sum: own.sum + sum, count: own.count + count }
  }
  return all
}
