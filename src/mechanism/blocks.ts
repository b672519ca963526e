import { valueText } from '../kinds.ts'
import type { Alignment, AlignmentBlock, Parameters } from './alignment.ts'
import type { Distribution } from './distribution.ts'
import { beginningOf, type Matrix, matrix, row, rows } from './matrix.ts'
import { offsetIndex, type Rotation } from './position.ts'

/** A bias for each offset j − i − shift, clipped to ±clip: 2 clip + 1 numbers. */
export interface OffsetBias {
  readonly values: Float64Array
  readonly clip: number
  readonly shift: number
}

/** How one head of one text turns queries, keys and values into context. */
export interface HeadRule {
  readonly alignment: Alignment
  readonly alignmentParameters: Parameters
  readonly distribution: Distribution
  readonly distributionParameters: Parameters
  /** May query i look at key j? */
  allows(i: number, j: number): boolean
  /** Keys outside [from, to) are masked for queries first … last. */
  span(first: number, last: number): readonly [number, number]
  readonly bias?: OffsetBias | undefined
  readonly rotation?: Rotation | undefined
  /** Factor of a weight in the context: 1, or under dropout 0 or 1/(1 − rate). */
  keep?: ((i: number, j: number) => number) | undefined
}

/** One query row: the keys that it may attend to, their scores and weights. */
export interface AttentionRow {
  readonly i: number
  readonly keys: Int32Array
  readonly scores: Float64Array
  readonly weights: Float64Array
}

/** Number of query rows whose score rows are in memory at once. */
export const BLOCK_ROWS = 32

/** A block of query rows, the run of keys that it may attend to, and the scores between them. */
export interface ScoredBlock {
  readonly block: AlignmentBlock
  /** The alignment's scores, before any bias. */
  readonly S: Matrix
  readonly attentionRows: readonly AttentionRow[]
  /** Keys that the block's gradients may reach. */
  readonly reached: Iterable<number>
}

/**
 * The blocks of query rows that may attend to some key, with 1 S = a(Q, K) (`scoresOf`) + bias
 * (`addBias`) and 2 A_i = p(S_i) (`weightsOf`) of `attendHead`.
 *
 * If a number is not finite, 0 times it would be NaN: then each query row is a block of its own,
 * with its own keys only.
 */
export function* blocks(Q: Matrix, K: Matrix, rule: HeadRule): Generator<ScoredBlock> {
  const finite = allFinite(Q.data) && allFinite(K.data)
  for (let first = 0; first < Q.rows; first += BLOCK_ROWS) {
    const end = Math.min(first + BLOCK_ROWS, Q.rows)
    const whole = finite ? scoredBlock(Q, K, rule, first, end) : 'single rows'
    if (whole === 'single rows') {
      for (let i = first; i < end; i++) {
        const single = scoredRow(Q, K, rule, i)
        if (single) yield single
      }
    } else if (whole) yield whole
  }
}

/** Queries first … end − 1, or undefined if they may attend to no key. */
function scoredBlock(
  Q: Matrix,
  K: Matrix,
  rule: HeadRule,
  first: number,
  end: number,
): ScoredBlock | undefined | 'single rows' {
  const [from, to] = rule.span(first, end - 1)
  const allowed = allowedKeys(rule, first, end, from, to)
  if (allowed.every((keys) => keys.length === 0)) return undefined
  const block = blockOf(Q, rows(K, from, to), rule, first, end, from)
  const S = scoresOf(rule, block)
  if (!allFinite(S.data)) return 'single rows'
  const room = matrix(2 * S.rows, S.columns)
  const attentionRows = allowed
    .map((keys, r) => weigh(rule, first + r, keys, { block, S }, room))
    .filter(({ keys }) => keys.length > 0)
  return { block, S, attentionRows, reached: range(from, to) }
}

/** Query i, with every masked key and its score replaced by zeros. */
function scoredRow(Q: Matrix, K: Matrix, rule: HeadRule, i: number): ScoredBlock | undefined {
  const [from, to] = rule.span(i, i)
  const [allowed] = allowedKeys(rule, i, i + 1, from, to)
  if (allowed.length === 0) return undefined
  const open = blockOf(Q, onlyRows(K, allowed, from, to), rule, i, i + 1, from)
  const S = scoresOf(rule, open)
  const attentionRow = weigh(rule, i, allowed, { block: open, S }, matrix(2, S.columns))
  const { keys } = attentionRow
  if (keys.length === 0) return undefined
  const reachedScores = matrix(1, to - from)
  for (const j of keys) reachedScores.data[j - from] = S.data[j - from]
  const block = blockOf(Q, onlyRows(K, keys, from, to), rule, i, i + 1, from)
  return { block, S: reachedScores, attentionRows: [attentionRow], reached: keys }
}

const blockOf = (
  Q: Matrix,
  K: Matrix,
  rule: HeadRule,
  first: number,
  end: number,
  firstKey: number,
): AlignmentBlock => ({
  Q: rows(Q, first, end),
  K,
  firstQuery: first,
  firstKey,
  parameters: rule.alignmentParameters,
  rotation: rule.rotation,
})

function scoresOf({ alignment }: HeadRule, block: AlignmentBlock): Matrix {
  const S = alignment.scores(block)
  expectMatrix(alignment, 'scores', S, block.Q.rows, block.K.rows)
  return S
}

/** Whether no number is NaN or infinite. */
export function allFinite(x: Float64Array): boolean {
  for (let n = 0; n < x.length; n++) if (!Number.isFinite(x[n])) return false
  return true
}

function range(from: number, to: number): Int32Array {
  const keys = new Int32Array(to - from)
  for (let j = from; j < to; j++) keys[j - from] = j
  return keys
}

/**
 * The keys that each of the queries first … end − 1 may attend to, one after the other in one
 * array.
 */
function allowedKeys(
  rule: HeadRule,
  first: number,
  end: number,
  from: number,
  to: number,
): Int32Array[] {
  const keys = new Int32Array((end - first) * (to - from))
  const allowed: Int32Array[] = []
  let count = 0
  for (let i = first; i < end; i++) {
    const begin = count
    for (let j = from; j < to; j++) if (rule.allows(i, j)) keys[count++] = j
    allowed.push(keys.subarray(begin, count))
  }
  return allowed
}

/** Rows from … to − 1, all but the chosen ones replaced by zeros. */
function onlyRows(A: Matrix, chosen: Int32Array, from: number, to: number): Matrix {
  const B = matrix(to - from, A.columns)
  for (const j of chosen) row(B, j - from).set(row(A, j))
  return B
}

/**
 * Scores of the keys that query i may attend to, with their bias and without those of −∞, and their
 * weights, in rows 2r and 2r + 1 of `room`, r its row in the block.
 */
function weigh(
  rule: HeadRule,
  i: number,
  allowed: Int32Array,
  { block, S }: Pick<ScoredBlock, 'block' | 'S'>,
  room: Matrix,
): AttentionRow {
  const r = i - block.firstQuery
  const scores = beginningOf(room, 2 * r, allowed.length)
  const at = r * S.columns - block.firstKey
  for (let n = 0; n < allowed.length; n++) scores[n] = S.data[at + allowed[n]]
  if (rule.bias) addBias(scores, rule.bias, i, allowed)
  const into = beginningOf(room, 2 * r + 1, allowed.length)
  if (allFinite(scores)) return { i, keys: allowed, scores, weights: weightsOf(rule, scores, into) }
  const keys = allowed.filter((_, n) => scores[n] !== -Infinity)
  const open = scores.filter((score) => score !== -Infinity)
  return {
    i,
    keys,
    scores: open,
    weights: open.some(Number.isNaN) ? open.map(() => Number.NaN) : weightsOf(rule, open),
  }
}

function addBias(
  scores: Float64Array,
  { values, clip, shift }: OffsetBias,
  i: number,
  keys: Int32Array,
): void {
  for (let n = 0; n < keys.length; n++) scores[n] += values[offsetIndex(keys[n] - i - shift, clip)]
}

/** A distribution sees at least one score. */
function weightsOf(
  { distribution, distributionParameters }: HeadRule,
  scores: Float64Array,
  into?: Float64Array,
): Float64Array {
  if (scores.length === 0) return scores
  const weights = distribution.weights(scores, distributionParameters, into)
  expectNumbers(distribution, 'weights', weights, scores.length)
  return weights
}

/**
 * Checks what a user's own alignment or distribution returned: a wrong size would silently give
 * wrong numbers.
 */
export function expectNumbers(
  { name }: { name: string },
  what: string,
  found: ArrayLike<number> | undefined,
  length: number,
): void {
  if (found?.length !== length)
    throw new RangeError(
      `attention: ${name}.${what} must be ${length} numbers, got ${found?.length ?? valueText(found)}`,
    )
}

/** As `expectNumbers`, for matrices. */
export function expectMatrix(
  { name }: { name: string },
  what: string,
  found: Matrix | undefined,
  rows: number,
  columns: number,
): void {
  if (found?.rows !== rows || found.columns !== columns || found.data?.length !== rows * columns) {
    const shape = found?.data
      ? `(${found.rows}, ${found.columns}) of ${found.data.length} numbers`
      : valueText(found)
    throw new RangeError(
      `attention: ${name}.${what} must be a matrix (${rows}, ${columns}), got ${shape}`,
    )
  }
}
