import { expectKind } from '../kinds.ts'
import type { Align } from './position.ts'
import { between, intersection, type Runs, where } from './runs.ts'

/** A text and head, with its numbers of queries and keys. */
export interface MaskSizes {
  readonly text: number
  readonly head: number
  readonly nQuery: number
  readonly nKey: number
}

/**
 * Which keys a query may attend to: true = may attend.
 *
 * A rule, not a table: nothing of size T_q × T_k is built.
 */
export interface Mask {
  readonly name: string
  allows(i: number, j: number, sizes: MaskSizes): boolean
  /**
   * A run of keys [from, to) outside which queries first … last may attend to nothing; blocks use
   * it to skip.
   */
  span(first: number, last: number, sizes: MaskSizes): readonly [number, number]
  /**
   * The keys that query i may attend to, those of `allows`, as runs [from, to): from, to, from, to,
   * …
   *
   * Strictly rising within 0 … nKey: no run is empty, none touches the next. Without it `allows` is
   * called for each key of the span.
   */
  runs?(i: number, sizes: MaskSizes): readonly number[]
  /** Whether the keys are the same for every head of a text; default false. */
  readonly sameForHeads?: boolean
  /**
   * Which ends of queries and keys it aligns, if it compares their positions; the layer's positions
   * follow it.
   */
  readonly align?: Align
  /** Throws if sizes disagree with the mask. */
  check?(sizes: MaskSizes): void
}

/** @throws {TypeError} unless it is a mask */
export const expectMask = (where: string, name: string, mask: unknown): void =>
  expectKind(where, name, mask, ['allows', 'span'], 'causal() or lengths([…])')

/**
 * The keys that query i may look at: {j : allows(i, j)} as runs.
 *
 * Without `runs`, `allows` is called for each key of span(i, i).
 *
 * @throws {RangeError} if the mask's own `runs` do not rise, or leave 0 … nKey
 */
export const runsOf = (mask: Mask, i: number, sizes: MaskSizes): Runs =>
  mask.runs
    ? ownRuns(mask.name, mask.runs(i, sizes), i, sizes)
    : whereAllowed(mask, i, sizes, [0, Number.POSITIVE_INFINITY])

/**
 * The keys that all masks allow query i; masks without `runs` are called only for keys that the
 * others leave.
 */
export function runsOfAll(masks: readonly Mask[], i: number, sizes: MaskSizes): Runs {
  let runs = between(0, sizes.nKey, sizes.nKey)
  for (const mask of masks) if (mask.runs) runs = intersection(runs, runsOf(mask, i, sizes))
  for (const mask of masks) if (!mask.runs) runs = whereAllowed(mask, i, sizes, runs)
  return runs
}

/** The part of some runs that `allows` admits within the span. */
function whereAllowed(mask: Mask, i: number, sizes: MaskSizes, runs: Runs): Runs {
  const [from, to] = mask.span(i, i, sizes)
  return where(intersection(runs, between(Math.ceil(from), Math.ceil(to), sizes.nKey)), (j) =>
    mask.allows(i, j, sizes),
  )
}

/** Checks the result of a mask's `runs`: a kernel would follow a wrong one beyond the keys. */
function ownRuns(name: string, runs: Runs, i: number, { nKey }: MaskSizes): Runs {
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
