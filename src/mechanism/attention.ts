import { ANY, checkOptions, expectOptions, type Kind } from '../kinds.ts'
import { expectTensor, shapeText, sizeOf, Tensor } from '../tensor.ts'
import type { HeadRule } from './blocks.ts'
import { attendHead, attendHeadBackward, type HeadOperands } from './head.ts'
import { addScaled, type Matrix, matrix } from './matrix.ts'
import {
  type AttendSizes,
  addHead,
  checkKeyValueHeads,
  headRules,
  type MechanismOptions,
  type ParameterTensors,
} from './rule.ts'
import {
  type AttentionStatistics,
  emptyStatistics,
  recordStatistics,
  recordWeights,
  rowsWanted,
  type Wanted,
} from './want.ts'

/** Gradients with respect to all inputs of `attend`. */
export interface AttendGradients {
  readonly dQ: Tensor
  readonly dK: Tensor
  readonly dV: Tensor
  readonly dAlignment: ParameterTensors
  readonly dDistribution: ParameterTensors
  readonly dPosition: ParameterTensors
}

/** What `attend` returns. */
export interface Attended {
  readonly context: Tensor
  readonly weights?: Tensor
  readonly statistics?: AttentionStatistics
  backward(dContext: Tensor): AttendGradients
}

const PARAMETERS: Kind = (where, name, value) => {
  expectOptions(`${where}: ${name}`, value, '{ W }')
  for (const [own, tensor] of Object.entries(value as object))
    expectTensor(where, `${name}.${own}`, tensor)
}

/** The parts of the mechanism are checked in headRules, `want` in rowsWanted. */
const OPTIONS = {
  alignment: ANY,
  distribution: ANY,
  mask: ANY,
  position: ANY,
  alignmentParameters: PARAMETERS,
  distributionParameters: PARAMETERS,
  positionParameters: PARAMETERS,
  want: ANY,
}

/**
 * The mechanism: A(q, {k, v}) = Σ_j p(a(q, k_1), …, a(q, k_T))_j v_j, in float64.
 *
 * Q, K and V are (T, d), (N, T, d) or (N, h, T, d), of one rank; keys may come from another text
 * than queries (cross-attention), and K and V may have fewer heads, which divide h and are shared.
 * Weights are (…, T_q, T_k), or (…, rows, T_k) when rows are named.
 *
 * @param Q queries, (…, T_q, d_q)
 * @param K keys, (…, T_k, d_k)
 * @param V values, (…, T_k, d_v)
 * @returns context (…, T_q, d_v), the outputs of `want`, and `backward` from dContext to every
 *   gradient
 * @throws {RangeError} if sizes disagree, {TypeError} for wrong types
 */
export function attend(
  Q: Tensor,
  K: Tensor,
  V: Tensor,
  options: MechanismOptions & { want?: Wanted } = {},
): Attended {
  for (const [name, X] of Object.entries({ Q, K, V })) expectTensor('attend', name, X)
  checkOptions('attend', options, OPTIONS, '{ distribution: sparsemax }')
  const sizes = attendSizes(Q, K, V)
  const lead = Q.shape.slice(0, -2)
  const rules = headRules(sizes, options)
  const { nText, heads, nQuery, nKey } = sizes
  const wantedRows = rowsWanted(options.want, nQuery)
  const C = Tensor.zeros([...lead, nQuery, sizes.dValue], 'float64')
  const weights = wantedRows && Tensor.zeros([...lead, wantedRows.length, nKey], 'float64')
  const statistics = options.want?.statistics ? emptyStatistics([nText, heads, nQuery]) : undefined

  for (let n = 0; n < nText * heads; n++) {
    attendHead(headOperands({ Q, K, V, sizes }, n), rules[n], matrixOf(C, n), (attentionRow) => {
      if (wantedRows && weights)
        recordWeights(
          weights.data as Float64Array,
          n * wantedRows.length,
          wantedRows,
          nKey,
          attentionRow,
        )
      if (statistics) recordStatistics(statistics, n * nQuery + attentionRow.i, attentionRow)
    })
  }
  return {
    context: C,
    ...(weights ? { weights } : {}),
    ...(statistics ? { statistics } : {}),
    backward: (dContext) => attendBackward({ Q, K, V, sizes, rules, options }, dContext),
  }
}

/** The arguments of a forward. */
interface AttendCall {
  readonly Q: Tensor
  readonly K: Tensor
  readonly V: Tensor
  readonly sizes: AttendSizes
  /** For each head of each text. */
  readonly rules: readonly HeadRule[]
  readonly options: MechanismOptions
}

function attendBackward({ Q, K, V, sizes, rules, options }: AttendCall, dC: Tensor) {
  expectTensor('attend', 'dContext', dC)
  const expected = [...Q.shape.slice(0, -1), sizes.dValue]
  if (shapeText(dC.shape) !== shapeText(expected)) {
    throw new RangeError(
      `attend: dContext must have the context's shape ${shapeText(expected)}, got ${shapeText(dC.shape)}`,
    )
  }
  const zeros = (parameters: ParameterTensors = {}): Record<string, Tensor> =>
    Object.fromEntries(
      Object.entries(parameters).map(([name, { shape }]) => [name, Tensor.zeros(shape, 'float64')]),
    )
  const gradients = {
    dQ: Tensor.zeros(Q.shape, 'float64'),
    dK: Tensor.zeros(K.shape, 'float64'),
    dV: Tensor.zeros(V.shape, 'float64'),
    dAlignment: zeros(options.alignmentParameters),
    dDistribution: zeros(options.distributionParameters),
    dPosition: zeros(options.positionParameters),
  }
  for (let n = 0; n < rules.length; n++) {
    const head = attendHeadBackward(headOperands({ Q, K, V, sizes }, n), rules[n], matrixOf(dC, n))
    gradients.dQ.data.set(head.dQ.data, n * head.dQ.data.length)
    // heads that share keys and values add to one gradient
    for (const name of ['dK', 'dV'] as const)
      addScaled(matrixOf(gradients[name], sharedBy(sizes, n)).data, 1, head[name].data)
    addHead(gradients.dAlignment, head.dAlignment, n % sizes.heads)
    addHead(gradients.dDistribution, head.dDistribution, n % sizes.heads)
    if (head.dBias) addHead(gradients.dPosition, { bias: head.dBias }, n % sizes.heads)
  }
  return gradients
}

/** One (T, d) matrix of a tensor whose last two axes are (T, d), in float64. */
function matrixOf(X: Tensor, n: number): Matrix {
  const [length, width] = X.shape.slice(-2)
  const data = X.data.subarray(n * length * width, (n + 1) * length * width)
  return matrix(length, width, data instanceof Float64Array ? data : Float64Array.from(data))
}

/** The key/value head that head n reads, counted across all texts. */
const sharedBy = ({ heads, keyValueHeads }: AttendSizes, n: number): number =>
  Math.floor((n * keyValueHeads) / heads)

const headOperands = (
  { Q, K, V, sizes }: Pick<AttendCall, 'Q' | 'K' | 'V' | 'sizes'>,
  n: number,
): HeadOperands => ({
  Q: matrixOf(Q, n),
  K: matrixOf(K, sharedBy(sizes, n)),
  V: matrixOf(V, sharedBy(sizes, n)),
})

function attendSizes(Q: Tensor, K: Tensor, V: Tensor): AttendSizes {
  const rank = Q.shape.length
  const shapes = `Q ${shapeText(Q.shape)}, K ${shapeText(K.shape)}, V ${shapeText(V.shape)}`
  if (rank < 2 || rank > 4 || K.shape.length !== rank || V.shape.length !== rank) {
    throw new RangeError(
      `attend: Q, K and V must all be (T, d), (N, T, d) or (N, h, T, d), got ${shapes}`,
    )
  }
  const [nText, heads] = rank === 4 ? Q.shape : rank === 3 ? [Q.shape[0], 1] : [1, 1]
  const [nQuery, dQuery] = Q.shape.slice(-2)
  const [nKey, dKey] = K.shape.slice(-2)
  const keyValueHeads = rank === 4 ? K.shape[1] : 1
  const lead = sizeOf([nText, keyValueHeads])
  if (sizeOf(K.shape.slice(0, -2)) !== lead || sizeOf(V.shape.slice(0, -2)) !== lead) {
    throw new RangeError(`attend: Q, K and V must agree in texts and heads, got ${shapes}`)
  }
  if (heads > 0) checkKeyValueHeads('attend', heads, keyValueHeads)
  if (V.shape[rank - 2] !== nKey)
    throw new RangeError(`attend: K and V must have one row for each key, got ${shapes}`)
  return { nText, heads, keyValueHeads, nQuery, nKey, dQuery, dKey, dValue: V.shape[rank - 1] }
}
