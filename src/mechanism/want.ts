import { ANY, BOOLEAN, checkOptions, type Integers, isIntegers, valueText } from '../kinds.ts'
import { Tensor } from '../tensor.ts'
import type { AttentionRow } from './blocks.ts'
import { rowStatistics } from './head.ts'

/** Optional outputs beside the context, from the attention weights before dropout. */
export interface Wanted {
  /** Attention weights before dropout: all rows, or those of some queries. */
  readonly weights?: boolean | { readonly rows: Integers }
  /** Entropy (nats), maximum and its key, for every row, without storing T_q × T_k. */
  readonly statistics?: boolean
}

/** Statistics of every row of weights, each (N, h, T_q); a row without keys has 0, 0 and −1. */
export interface AttentionStatistics {
  readonly entropy: Tensor
  readonly maximum: Tensor
  readonly argmax: Tensor
}

/**
 * The query rows whose weights are wanted: undefined for none.
 *
 * @throws {RangeError} for a row outside 0 … nQuery − 1, {TypeError} for wrong types
 */
export function rowsWanted(
  want: Wanted | undefined,
  nQuery: number,
): readonly number[] | undefined {
  if (want === undefined) return undefined
  checkOptions(
    'want',
    want,
    { weights: ANY, statistics: BOOLEAN },
    '{ weights: true, statistics: true }',
  )
  const { weights: wanted } = want
  if (wanted === undefined || wanted === false) return undefined
  if (wanted !== true && !isIntegers(Object(wanted).rows))
    throw new TypeError(`want.weights: must be true or { rows: [0, 5] }, got ${valueText(wanted)}`)
  if (wanted === true) return Array.from({ length: nQuery }, (_, i) => i)
  for (const i of wanted.rows) {
    if (!Number.isInteger(i) || i < 0 || i >= nQuery)
      throw new RangeError(
        `want.weights.rows: every row must be from 0 to ${nQuery - 1}, got ${valueText(i)}`,
      )
  }
  return Array.from(wanted.rows)
}

/**
 * Writes one row of weights to each wanted row of its query; `first` is the index of wanted row 0.
 */
export function recordWeights(
  weights: Float64Array | Float32Array,
  first: number,
  wanted: readonly number[],
  nKey: number,
  attentionRow: AttentionRow,
): void {
  wanted.forEach((i, r) => {
    if (i !== attentionRow.i) return
    attentionRow.keys.forEach((j, n) => {
      weights[(first + r) * nKey + j] = attentionRow.weights[n]
    })
  })
}

/** Initial statistics. */
export function emptyStatistics(shape: number[]): AttentionStatistics {
  const argmax = Tensor.zeros(shape, 'int32')
  argmax.data.fill(-1)
  return {
    entropy: Tensor.zeros(shape, 'float64'),
    maximum: Tensor.zeros(shape, 'float64'),
    argmax,
  }
}

/** Writes the statistics of one row to index n. */
export function recordStatistics(
  statistics: AttentionStatistics,
  n: number,
  attentionRow: AttentionRow,
): void {
  const { entropy, maximum, argmax } = rowStatistics(attentionRow)
  statistics.entropy.data[n] = entropy
  statistics.maximum.data[n] = maximum
  statistics.argmax.data[n] = argmax
}
