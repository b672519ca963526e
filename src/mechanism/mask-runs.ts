import type { Align } from './position.ts'
import { between, intersection, type Runs, where } from './runs.ts'

/** Which text and head is asked about, and how many queries and keys it has. */
export interface MaskPlace {
  readonly text: number
  readonly head: number
  readonly nQuery: number
  readonly nKey: number
}

/**
 * Which keys a query may look at: true = may attend.
 *
 * A rule, not a table: nothing of size T_q × T_k is built.
 */
export interface Mask {
  readonly name: string
  allows(i: number, j: number, place: MaskPlace): boolean
  /**
   * A run of keys [from, to) outside of which queries first … last may look at nothing; blocks use
   * it to skip.
   */
  span(first: number, last: number, place: MaskPlace): readonly [number, number]
  /**
   * The keys that query i may look at, those of `allows`, as runs [from, to): from, to, from, to, …
   *
   * Strictly rising within 0 … nKey: no run is empty and none touches the next. Without it `allows`
   * is asked for each key of the span.
   */
  runs?(i: number, place: MaskPlace): readonly number[]
  /**
   * Whether every head of a text may look at the same keys; they may differ unless this is true.
   */
  readonly sameForHeads?: boolean
  /**
   * Which ends of queries and keys it lets stand side by side, where it compares their places;
   * positions follow it.
   */
  readonly align?: Align
  /** What the mask needs of its place; throws where sizes disagree. */
  check?(place: MaskPlace): void
}

/**
 * The keys that query i may look at: {j : allows(i, j)} as runs.
 *
 * A mask without `runs` is asked for each key of span(i, i).
 *
 * @throws {RangeError} where the mask's own `runs` do not rise, or leave 0 … nKey
 */
export const runsOf = (mask: Mask, i: number, place: MaskPlace): Runs =>
  mask.runs
    ? ownRuns(mask.name, mask.runs(i, place), i, place)
    : asked(mask, i, place, [0, Number.POSITIVE_INFINITY])

/**
 * What every mask allows query i; those without `runs` are asked only for keys that the others
 * leave.
 */
export function runsOfAll(masks: readonly Mask[], i: number, place: MaskPlace): Runs {
  let runs = between(0, place.nKey, place.nKey)
  for (const mask of masks) if (mask.runs) runs = intersection(runs, runsOf(mask, i, place))
  for (const mask of masks) if (!mask.runs) runs = asked(mask, i, place, runs)
  return runs
}

/** Of some runs, the keys that `allows` allows within the span. */
function asked(mask: Mask, i: number, place: MaskPlace, runs: Runs): Runs {
  const [from, to] = mask.span(i, i, place)
  return where(intersection(runs, between(Math.ceil(from), Math.ceil(to), place.nKey)), (j) =>
    mask.allows(i, j, place),
  )
}

/** What a mask's `runs` gave: a kernel that followed a wrong one would read beyond the keys. */
function ownRuns(name: string, runs: Runs, i: number, { nKey }: MaskPlace): Runs {
  let before = -1
  for (const end of runs) {
    if (!(Number.isInteger(end) && end > before && end <= nKey)) {
      throw new RangeError(
        `attention: ${name}.runs(${i}) must be integers that rise within 0 … ${nKey}, got [${runs.join(', ')}]`,
      )
    }
    before = end
  }
  if (runs.length % 2)
    throw new RangeError(
      `attention: ${name}.runs(${i}) must be pairs of from and to, got [${runs.join(', ')}]`,
    )
  return runs
}
