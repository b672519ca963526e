import { log } from '../elementary.ts'
import type { Alignment, AlignmentBlock, Parameters } from './alignment.ts'
import {
  type AttentionRow,
  allFinite,
  blocks,
  expectMatrix,
  expectNumbers,
  type HeadRule,
  type OffsetBias,
} from './blocks.ts'
import {
  addScaled,
  addScaledRow,
  beginningOf,
  innerRows,
  type Matrix,
  matrix,
  rows,
} from './matrix.ts'
import { offsetIndex } from './position.ts'

/** Queries, keys and values of one head of one text. */
export interface HeadOperands {
  /** (T_q, d_q) */
  readonly Q: Matrix
  /** (T_k, d_k) */
  readonly K: Matrix
  /** (T_k, d_v) */
  readonly V: Matrix
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

/**
 * One head, block of query rows by block of query rows:
 *
 *     1  S_ij = a(q_i, k_j) + bias   `blocks`, of the keys that query i may attend
 *     2  A_i  = p(S_i)               `blocks`
 *     3  C_i  = Σ_j A_ij v_j
 *
 * The distribution sees each row whole; memory is linear in T_k. A row without keys stays zero.
 *
 * @param C context, (T_q, d_v), zeros on entry
 * @param visit is called with every row that may attend to some key
 */
export function attendHead(
  operands: HeadOperands,
  rule: HeadRule,
  C: Matrix,
  visit?: (attentionRow: AttentionRow) => void,
): void {
  const { Q, K, V } = operands
  for (const { attentionRows } of blocks(Q, K, rule)) {
    for (const attentionRow of attentionRows) {
      const { i, keys, weights: A } = attentionRow
      // 3: C_i = Σ_j A_ij v_j
      for (let n = 0; n < keys.length; n++) {
        const keep = rule.keep?.(i, keys[n]) ?? 1
        if (keep !== 0) addScaledRow(C, i, A[n] * keep, V, keys[n])
      }
      visit?.(attentionRow)
    }
  }
}

/**
 * Gradients of `attendHead`, from dC; S and A are computed again, block by block:
 *
 *     3  dV_j = Σ_i A_ij dC_i, dA_ij = dC_i·v_j
 *     2  dS_i from dA_i              the distribution's rule
 *     1  dQ, dK from dS, dbias       the alignment's rule
 */
export function attendHeadBackward(
  operands: HeadOperands,
  rule: HeadRule,
  dC: Matrix,
): HeadGradients {
  const { Q, K, V } = operands
  const dQ = matrix(Q.rows, Q.columns)
  const dK = matrix(K.rows, K.columns)
  const dV = matrix(V.rows, V.columns)
  const dAlignment = zerosLike(rule.alignmentParameters)
  const dDistribution = zerosLike(rule.distributionParameters)
  const dBias = rule.bias && new Float64Array(rule.bias.values.length)

  for (const { block, S, attentionRows, reached } of blocks(Q, K, rule)) {
    const dS = matrix(S.rows, S.columns)
    const room = matrix(2, S.columns)
    const { firstQuery, firstKey } = block
    for (const attentionRow of attentionRows) {
      const { i, keys, weights: A } = attentionRow
      const dA = beginningOf(room, 0, keys.length)
      // 3: forward was C_i = Σ_j keep · A_ij v_j
      for (let n = 0; n < keys.length; n++) {
        const keep = rule.keep?.(i, keys[n]) ?? 1
        if (keep !== 0) addScaledRow(dV, keys[n], keep * A[n], dC, i)
        dA[n] = keep === 0 ? 0 : keep * innerRows(dC, i, V, keys[n])
      }
      // 2: forward was A_i = p(S_i)
      const { dScores, dParameters } = scoreGradients(rule, attentionRow, dA, room)
      add(dDistribution, dParameters ?? {})
      const at = (i - firstQuery) * S.columns - firstKey
      for (let n = 0; n < keys.length; n++) dS.data[at + keys[n]] = dScores[n]
      if (rule.bias && dBias) addToOffsets(dBias, rule.bias, i, keys, dScores)
    }
    // 1: forward was S = a(Q, K)
    const gradients = operandGradients(rule.alignment, dS, S, block)
    addScaled(rows(dQ, firstQuery, firstQuery + S.rows).data, 1, gradients.dQ.data)
    for (const j of reached) addScaledRow(dK, j, 1, gradients.dK, j - firstKey)
    add(dAlignment, gradients.dParameters ?? {})
  }
  return { dQ, dK, dV, dAlignment, dDistribution, dBias }
}

/** Forward was: every score of an offset had the same bias added. */
function addToOffsets(
  dBias: Float64Array,
  { clip, shift }: OffsetBias,
  i: number,
  keys: Int32Array,
  dScores: Float64Array,
): void {
  for (let n = 0; n < keys.length; n++) dBias[offsetIndex(keys[n] - i - shift, clip)] += dScores[n]
}

/** The distribution's rule, in row 1 of `room`; a row of NaN has NaN gradients. */
function scoreGradients(
  rule: HeadRule,
  { scores, weights }: AttentionRow,
  dA: Float64Array,
  room: Matrix,
) {
  const into = beginningOf(room, 1, dA.length)
  if (allFinite(scores) || !scores.some(Number.isNaN)) {
    const gradients = rule.distribution.backward(
      dA,
      weights,
      scores,
      rule.distributionParameters,
      into,
    )
    expectNumbers(rule.distribution, 'backward: dScores', gradients?.dScores, dA.length)
    expectParameters(rule.distribution, rule.distributionParameters, gradients.dParameters)
    return gradients
  }
  const dParameters = Object.fromEntries(
    Object.entries(rule.distributionParameters).map(([name, p]) => [name, p.map(() => Number.NaN)]),
  )
  return { dScores: new Float64Array(dA.length).fill(Number.NaN), dParameters }
}

/** The alignment's rule, checked: it may be a user's own. */
function operandGradients(alignment: Alignment, dS: Matrix, S: Matrix, block: AlignmentBlock) {
  const { Q, K, parameters } = block
  const gradients = alignment.backward(dS, S, block)
  expectMatrix(alignment, 'backward: dQ', gradients?.dQ, Q.rows, Q.columns)
  expectMatrix(alignment, 'backward: dK', gradients.dK, K.rows, K.columns)
  expectParameters(alignment, parameters, gradients.dParameters)
  return gradients
}

const zerosLike = (parameters: Parameters): Record<string, Float64Array> =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, values]) => [name, new Float64Array(values.length)]),
  )

function add(total: Parameters, gradients: Parameters): void {
  for (const [name, gradient] of Object.entries(gradients)) addScaled(total[name], 1, gradient)
}

/**
 * Statistics of one row's weights: the entropy of A/ΣA in nats, the largest weight and its key (the
 * first of equals).
 */
export function rowStatistics({ keys, weights }: AttentionRow): {
  entropy: number
  maximum: number
  argmax: number
} {
  const sum = weights.reduce((s, a) => s + a, 0)
  let entropy = 0
  let best = 0
  weights.forEach((a, n) => {
    if (a > 0) entropy -= (a / sum) * log(a / sum)
    if (a > weights[best]) best = n
  })
  return {
    entropy: sum === 0 ? 0 : sum > 0 ? entropy : Number.NaN,
    maximum: weights[best],
    argmax: keys[best],
  }
}

function expectParameters(
  of: { name: string },
  parameters: Parameters,
  found: Parameters | undefined,
): void {
  for (const [name, values] of Object.entries(parameters))
    expectNumbers(of, `backward: dParameters.${name}`, found?.[name], values.length)
}
