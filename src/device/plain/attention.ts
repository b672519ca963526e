import { type AttentionRow, BLOCK_ROWS, type HeadRule } from '../../mechanism/blocks.ts'
import { attendHead, attendHeadBackward, type HeadOperands, rowStatistics } from '../../mechanism/head.ts'
import { type Matrix, matrix } from '../../mechanism/matrix.ts'
import {
  addHead,
  type HeadParameters,
  headParameters,
  headRule,
  type MechanismOptions,
  type ParameterTensors,
} from '../../mechanism/rule.ts'
import { recordWeights } from '../../mechanism/want.ts'
import { type Numbers, Tensor } from '../../tensor.ts'
import type { AttentionSizes } from '../checks.ts'
import type { AttentionCall, AttentionGradients, AttentionResult, Dropout, Handle, Handles } from '../device.ts'
import { drops } from './dropout.ts'

/** Gives the numbers of a handle. */
type Look = (handle: Handle) => Numbers

/** One head of one text: which rows of the packed batch it has. */
interface Part {
  readonly text: number
  readonly head: number
  readonly queries: readonly [number, number]
  readonly keys: readonly [number, number]
}

/**
 * Attention of packed rows by the mechanism itself, one head of one text after the other.
 *
 * Sums are in float64; what is written is rounded once to the device's type.
 */
export function attention(call: AttentionCall, sizes: AttentionSizes, result: AttentionResult, look: Look): void {
  const { heads } = sizes
  const context = look(result.context)
  // rows and keys that are not looked at are written too
  if (result.weights) look(result.weights.into).fill(0)
  if (result.statistics) {
    look(result.statistics.entropy).fill(0)
    look(result.statistics.maximum).fill(0)
    look(result.statistics.place).fill(-1)
  }
  const shared = sharedBy(call, sizes, look)
  const room = new Float64Array(sizes.longestQuery * sizes.dValue)
  for (const part of parts(call)) {
    const nQuery = part.queries[1] - part.queries[0]
    const C = matrix(nQuery, sizes.dValue, room.subarray(0, nQuery * sizes.dValue).fill(0))
    attendHead(operandsOf(call, sizes, part, shared, look), ruleOf(call, sizes, part, shared), C, (attentionRow) => {
      if (result.weights) writeWeights(result.weights, sizes, part, attentionRow, look)
      if (result.statistics) {
        const { entropy, maximum, place } = rowStatistics(attentionRow)
        const n = (part.queries[0] + attentionRow.i) * heads + part.head
        look(result.statistics.entropy)[n] = entropy
        look(result.statistics.maximum)[n] = maximum
        look(result.statistics.place)[n] = place
      }
    })
    writeHead(C, context, part.queries[0], part.head, heads)
  }
}

/** Gradients of `attention`, computed again from Q, K and V. */
export function attentionBackward(
  call: AttentionCall,
  sizes: AttentionSizes,
  dContext: Handle,
  gradients: AttentionGradients,
  look: Look,
): void {
  const { heads } = sizes
  const dAlignment = sums(call.alignmentParameters)
  const dDistribution = sums(call.distributionParameters)
  const dPosition = sums(call.positionParameters)
  const shared = sharedBy(call, sizes, look)
  const room = new Float64Array(sizes.longestQuery * sizes.dValue)
  for (const part of parts(call)) {
    const dC = readHead(look(dContext), part.queries, sizes.dValue, part.head, heads, room)
    const head = attendHeadBackward(operandsOf(call, sizes, part, shared, look), ruleOf(call, sizes, part, shared), dC)
    writeHead(head.dQ, look(gradients.dQ), part.queries[0], part.head, heads)
    writeHead(head.dK, look(gradients.dK), part.keys[0], part.head, heads)
    writeHead(head.dV, look(gradients.dV), part.keys[0], part.head, heads)
    addHead(dAlignment, head.dAlignment, part.head)
    addHead(dDistribution, head.dDistribution, part.head)
    if (head.dBias) addHead(dPosition, { bias: head.dBias }, part.head)
  }
  writeSums(dAlignment, gradients.dAlignment, look)
  writeSums(dDistribution, gradients.dDistribution, look)
  writeSums(dPosition, gradients.dPosition, look)
}

/** Bytes beside the handles: one head of the longest text in float64, its gradients, and a block of scores with what the alignment keeps for it. */
export function attentionScratch({ alignment }: AttentionCall, { dQuery, dKey, dValue, longestQuery, longestKey }: AttentionSizes): number {
  const head = longestQuery * (dQuery + dValue) + longestKey * (dKey + dValue)
  const own = alignment.scratch?.(Math.min(BLOCK_ROWS, longestQuery), longestKey) ?? 0
  return 8 * (2 * head + 5 * BLOCK_ROWS * longestKey + own)
}

function* parts({ queryStarts, keyStarts, heads }: AttentionCall): Generator<Part> {
  for (let text = 0; text + 1 < queryStarts.length; text++) {
    const queries = [queryStarts[text], queryStarts[text + 1]] as const
    const keys = [keyStarts[text], keyStarts[text + 1]] as const
    for (let head = 0; head < heads; head++) yield { text, head, queries, keys }
  }
}

/** What the heads of a call have in common: options, parameters by head, and room for one head of the longest text. */
interface Shared {
  readonly options: MechanismOptions
  readonly parameters: readonly HeadParameters[]
  readonly Q: Float64Array
  readonly K: Float64Array
  readonly V: Float64Array
}

function sharedBy(call: AttentionCall, { dQuery, dKey, dValue, longestQuery, longestKey }: AttentionSizes, look: Look): Shared {
  const { alignment, distribution, mask, position } = call
  const options = {
    ...{ alignment, distribution, mask, position },
    alignmentParameters: tensors(call.alignmentParameters, look),
    distributionParameters: tensors(call.distributionParameters, look),
    positionParameters: tensors(call.positionParameters, look),
  }
  return {
    options,
    parameters: Array.from({ length: call.heads }, (_, head) => headParameters(options, head)),
    Q: new Float64Array(longestQuery * dQuery),
    K: new Float64Array(longestKey * dKey),
    V: new Float64Array(longestKey * dValue),
  }
}

/** Columns of one head in rows from … to − 1, in float64, at the beginning of `room`. */
function readHead(
  X: Numbers,
  [from, to]: readonly [number, number],
  columns: number,
  head: number,
  heads: number,
  room: Float64Array,
): Matrix {
  const Y = matrix(to - from, columns, room.subarray(0, (to - from) * columns))
  for (let r = from; r < to; r++) {
    for (let c = 0; c < columns; c++) Y.data[(r - from) * columns + c] = X[(r * heads + head) * columns + c]
  }
  return Y
}

function writeHead(X: Matrix, Y: Numbers, first: number, head: number, heads: number): void {
  for (let r = 0; r < X.rows; r++) {
    for (let c = 0; c < X.columns; c++) Y[((first + r) * heads + head) * X.columns + c] = X.data[r * X.columns + c]
  }
}

function operandsOf({ Q, K, V }: AttentionCall, sizes: AttentionSizes, part: Part, room: Shared, look: Look): HeadOperands {
  const { dQuery, dKey, dValue, heads } = sizes
  return {
    Q: readHead(look(Q), part.queries, dQuery, part.head, heads, room.Q),
    K: readHead(look(K), part.keys, dKey, part.head, heads, room.K),
    V: readHead(look(V), part.keys, dValue, part.head, heads, room.V),
  }
}

function ruleOf(call: AttentionCall, sizes: AttentionSizes, part: Part, { options, parameters }: Shared): HeadRule {
  const nQuery = part.queries[1] - part.queries[0]
  const nKey = part.keys[1] - part.keys[0]
  const rule = headRule(part.text, part.head, nQuery, nKey, options, parameters[part.head])
  return call.dropout ? { ...rule, keep: keepFactor(call.dropout, sizes, part) } : rule
}

/** Keys of a text that have random numbers of their own; those of longer texts repeat. */
const LONGEST_DROPPED = 131072

/** Factor of each weight: 0 for the share that is dropped, 1/(1 − rate) for the rest, by text, head, query and key alone. */
function keepFactor(dropout: Dropout, { heads }: AttentionSizes, part: Part) {
  // every head of every text of a batch has a stream of its own
  const stream = (dropout.stream ^ Math.imul(part.text * heads + part.head, 0x9e3779b1)) >>> 0
  const dropped = drops({ ...dropout, stream })
  return (i: number, j: number): number => (dropped(i * LONGEST_DROPPED + j) ? 0 : 1 / (1 - dropout.rate))
}

const tensors = (handles: Handles, look: Look): ParameterTensors =>
  Object.fromEntries(Object.entries(handles).map(([name, handle]) => [name, new Tensor(handle.shape, look(handle))]))

const sums = (handles: Handles): ParameterTensors =>
  Object.fromEntries(Object.entries(handles).map(([name, { shape }]) => [name, Tensor.zeros(shape, 'float64')]))

function writeSums(totals: ParameterTensors, into: Handles, look: Look): void {
  for (const [name, total] of Object.entries(totals)) look(into[name]).set(total.data)
}

/** Weights of one row into (N, h, r, longest T_k). */
function writeWeights(
  { rows, into }: NonNullable<AttentionResult['weights']>,
  { heads, longestQuery, longestKey }: AttentionSizes,
  part: Part,
  attentionRow: AttentionRow,
  look: Look,
): void {
  const wanted = rows ?? [attentionRow.i]
  const plane = part.text * heads + part.head
  const first = rows ? plane * rows.length : plane * longestQuery + attentionRow.i
  recordWeights(look(into) as Float64Array | Float32Array, first, wanted, longestKey, attentionRow)
}
