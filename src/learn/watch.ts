/** Losses since the last report. */
export interface LossSum {
  readonly sum: number
  readonly count: number
}

/** A rate that works for most texts. */
const DEFAULT_RATE = 0.01

/**
 * Thrown when training diverges: the loss is NaN or infinite, or stays far above its first value.
 */
export class Divergence extends Error {
  readonly step: number
  /** Learning rate of that step. */
  readonly rate: number

  constructor(what: string, step: number, rate: number) {
    const smaller = Math.min(rate / 10, DEFAULT_RATE)
    super(
      `learn: ${what} at step ${step}, where the rate was ${digits(rate)}; give a smaller rate, such as ${digits(smaller)}`,
    )
    this.name = 'Divergence'
    this.step = step
    this.rate = rate
  }
}

const digits = (x: number): string => String(Number(x.toPrecision(2)))

/** The state of a watch. */
export interface WatchState {
  /** The loss of the first step, before anything moved. */
  readonly first?: number
  /** Number of successive reports far above it. */
  readonly above: number
}

/**
 * A loss is far above the first one beyond FACTOR times it plus MARGIN nats; training diverged
 * after so many such reports in a row.
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

  /** Whether neither the last step's losses nor the last report's are far above the first. */
  get calm(): boolean {
    return this.#state.above === 0 && !this.#isFar(this.#last)
  }

  #isFar(loss: number): boolean {
    const { first = loss } = this.#state
    return loss > FACTOR * first && loss > first + MARGIN
  }

  /** Records a step's losses. @throws {Divergence} if a sum of them is NaN or ∞ */
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

  /** Records a report. @throws {Divergence} if losses stayed far above the first */
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
