import { log } from '../elementary.ts'
import type { Alignment, AlignmentBlock, Parameters } from './alignment.ts'
import type { Distribution } from './distribution.ts'
import { addScaled, inner, type Matrix, matrix, row, rows } from './matrix.ts'
import { offsetIndex, type Rotation } from './position.ts'

/** Queries, keys and values of one head of one text. */
export interface HeadOperands {
  /** (T_q, d_q) */
  readonly Q: Matrix
  /** (T_k, d_k) */
  readonly K: Matrix
  /** (T_k, d_v) */
  readonly V: Matrix
}

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
  /** Keys outside of [from, to) are closed to queries first … last. */
  span(first: number, last: number): readonly [number, number]
  readonly bias?: OffsetBias | undefined
  readonly rotation?: Rotation | undefined
  /** Factor of a weight in the context: 1, or under dropout 0 or 1/(1 − rate). */
  keep?: ((i: number, j: number) => number) | undefined
}

/** One query row on its way: the keys it may look at, their scores and weights. */
export interface AttentionRow {
  readonly i: number
  readonly keys: Int32Array
  readonly scores: Float64Array
  readonly weights: Float64Array
}

/** Gradients of one head of one text. */
export interface HeadGradients {
  readonly dQ: Matrix
  readonly dK: Matrix
  readonly dV: Matrix
  readonly dAlignment: Parameters
  readonly dDistribution: Parameters
  readonly dBias?: Float64Array | undefined
}

/** Rows of queries whose whole score rows are in memory at once. */
export const BLOCK_ROWS = 32

/** A block of query rows, the run of keys that it sees, and the scores between them. */
interface ScoredBlock {
  readonly block: AlignmentBlock
  /** What the alignment gave, before any bias. */
  readonly S: Matrix
  readonly attentionRows: readonly AttentionRow[]
  /** Keys that the block's gradients may reach. */
  readonly reached: Iterable<number>
}

/**
 * C_i = Σ_j A_ij v_j with A_i = p(S_i), S = a(Q, K) + bias, block of query rows by block of query rows.
 *
 * Every row is whole when the distribution sees it; memory is linear in T_k. A row that may look at nothing stays zero.
 *
 * @param C context, (T_q, d_v), zeros on entry
 * @param visit sees every row that may look at something
 */
export function attendHead(operands: HeadOperands, rule: HeadRule, C: Matrix, visit?: (attentionRow: AttentionRow) => void): void {
  for (const { attentionRows } of blocks(operands, rule)) {
    for (const attentionRow of attentionRows) {
      const { i, keys, weights } = attentionRow
      keys.forEach((j, n) => {
        addScaled(row(C, i), weights[n] * (rule.keep?.(i, j) ?? 1), row(operands.V, j))
      })
      visit?.(attentionRow)
    }
  }
}

/**
 * Gradients of `attendHead`, from dC; the scores are computed again, block by block.
 *
 * dV_j = Σ_i A_ij dC_i, dA_ij = dC_i·v_j, dS_i = the distribution's rule, then the alignment's rule.
 */
export function attendHeadBackward(operands: HeadOperands, rule: HeadRule, dC: Matrix): HeadGradients {
  const { Q, K, V } = operands
  const dQ = matrix(Q.rows, Q.columns)
  const dK = matrix(K.rows, K.columns)
  const dV = matrix(V.rows, V.columns)
  const dAlignment = zerosLike(rule.alignmentParameters)
  const dDistribution = zerosLike(rule.distributionParameters)
  const dBias = rule.bias && new Float64Array(rule.bias.values.length)

  for (const { block, S, attentionRows, reached } of blocks(operands, rule, dC)) {
    const dS = matrix(S.rows, S.columns)
    for (const { i, keys, scores, weights } of attentionRows) {
      const dA = new Float64Array(keys.length)
      keys.forEach((j, n) => {
        // forward was: C_i += keep · A_ij v_j
        const keep = rule.keep?.(i, j) ?? 1
        addScaled(row(dV, j), keep * weights[n], row(dC, i))
        dA[n] = keep === 0 ? 0 : keep * inner(row(dC, i), row(V, j))
      })
      const { dScores, dParameters } = rowBackward(rule, dA, weights, scores)
      add(dDistribution, dParameters ?? {})
      keys.forEach((j, n) => {
        dS.data[(i - block.firstQuery) * S.columns + j - block.firstKey] = dScores[n]
        if (rule.bias && dBias) dBias[offsetIndex(j - i - rule.bias.shift, rule.bias.clip)] += dScores[n]
      })
    }
    const gradients = rule.alignment.backward(dS, S, block)
    const { firstQuery, firstKey } = block
    addScaled(rows(dQ, firstQuery, firstQuery + S.rows).data, 1, gradients.dQ.data)
    for (const j of reached) addScaled(row(dK, j), 1, row(gradients.dK, j - firstKey))
    add(dAlignment, gradients.dParameters)
  }
  return { dQ, dK, dV, dAlignment, dDistribution, dBias }
}

/** The blocks of query rows that may look at something, scored and weighted. */
function* blocks(operands: HeadOperands, rule: HeadRule, dC?: Matrix): Generator<ScoredBlock> {
  const { Q, K } = operands
  // a number that is not finite must not leak through 0 · NaN: then each query row is a block that sees its own keys alone
  const finite = [operands.Q, operands.K, operands.V, dC].every((A) => A === undefined || A.data.every(Number.isFinite))
  const step = finite ? BLOCK_ROWS : 1
  for (let firstQuery = 0; firstQuery < Q.rows; firstQuery += step) {
    const end = Math.min(firstQuery + step, Q.rows)
    const [from, to] = rule.span(firstQuery, end - 1)
    if (from >= to) continue
    const allowed = Array.from({ length: end - firstQuery }, (_, r) => allowedKeys(rule, firstQuery + r, from, to))
    if (allowed.every((keys) => keys.length === 0)) continue
    const block: AlignmentBlock = {
      Q: rows(Q, firstQuery, end),
      K: finite ? rows(K, from, to) : onlyRows(K, allowed[0], from, to),
      firstQuery,
      firstKey: from,
      parameters: rule.alignmentParameters,
      rotation: rule.rotation,
    }
    const S = rule.alignment.scores(block)
    const weighed = allowed.map((keys, r) => weigh(rule, firstQuery + r, keys, row(S, r), from))
    const attentionRows = weighed.filter(({ keys }) => keys.length > 0)
    if (attentionRows.length > 0) yield { block, S, attentionRows, reached: finite ? range(from, to) : attentionRows[0].keys }
  }
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n)

function allowedKeys(rule: HeadRule, i: number, from: number, to: number): Int32Array {
  const keys = new Int32Array(to - from)
  let count = 0
  for (let j = from; j < to; j++) if (rule.allows(i, j)) keys[count++] = j
  return keys.subarray(0, count)
}

/** Rows from … to − 1 with zeros in place of all but the chosen ones. */
function onlyRows(A: Matrix, chosen: Int32Array, from: number, to: number): Matrix {
  const B = matrix(to - from, A.columns)
  for (const j of chosen) row(B, j - from).set(row(A, j))
  return B
}

/** Scores of the allowed keys with their bias, less those of −∞, and their weights. */
function weigh(rule: HeadRule, i: number, allowed: Int32Array, S: Float64Array, firstKey: number): AttentionRow {
  const { bias } = rule
  const biased = (j: number): number => S[j - firstKey] + (bias ? bias.values[offsetIndex(j - i - bias.shift, bias.clip)] : 0)
  const keys = allowed.filter((j) => biased(j) !== -Infinity)
  const scores = Float64Array.from(keys, biased)
  if (keys.length === 0) return { i, keys, scores, weights: scores }
  const weights = scores.some(Number.isNaN)
    ? new Float64Array(keys.length).fill(Number.NaN)
    : rule.distribution.weights(scores, rule.distributionParameters)
  return { i, keys, scores, weights }
}

/** The distribution's rule; a row of NaN has NaN gradients. */
function rowBackward(rule: HeadRule, dA: Float64Array, weights: Float64Array, scores: Float64Array) {
  if (!scores.some(Number.isNaN)) return rule.distribution.backward(dA, weights, scores, rule.distributionParameters)
  const dParameters = Object.fromEntries(Object.entries(rule.distributionParameters).map(([name, p]) => [name, p.map(() => Number.NaN)]))
  return { dScores: new Float64Array(dA.length).fill(Number.NaN), dParameters }
}

const zerosLike = (parameters: Parameters): Record<string, Float64Array> =>
  Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, new Float64Array(values.length)]))

function add(total: Parameters, gradients: Parameters): void {
  for (const [name, gradient] of Object.entries(gradients)) addScaled(total[name], 1, gradient)
}

/** Of one row's weights: the entropy of A/ΣA in nats, the largest weight and the key that it belongs to (the first of equals). */
export function rowStatistics({ keys, weights }: AttentionRow): { entropy: number; maximum: number; place: number } {
  const sum = weights.reduce((s, a) => s + a, 0)
  let entropy = 0
  let best = 0
  weights.forEach((a, n) => {
    if (a > 0) entropy -= (a / sum) * log(a / sum)
    if (a > weights[best]) best = n
  })
  return { entropy: sum > 0 ? entropy : 0, maximum: weights[best], place: keys[best] }
}
