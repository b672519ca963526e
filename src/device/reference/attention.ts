import { type AttentionRow, BLOCK_ROWS, type HeadRule } from '../../mechanism/blocks.ts'
import {
  attendHead,
  attendHeadBackward,
  type HeadGradients,
  type HeadOperands,
  rowStatistics,
} from '../../mechanism/head.ts'
import { addScaled, type Matrix, matrix } from '../../mechanism/matrix.ts'
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
import type {
  AttentionCall,
  AttentionGradients,
  AttentionResult,
  Dropout,
  Handle,
  Handles,
} from '../calls.ts'
import type { AttentionSizes } from '../checks.ts'
import type { Look, PreparedAttention } from '../operations.ts'
import { longestText } from '../query-rows.ts'
import { HEAD_STREAM, LONGEST_DROPPED } from '../wasm/kernels/numbers.ts'
import { drops } from './dropout.ts'
import { type HeadSlice, parts, readHead, writeHead } from './packed.ts'
import { WholeCall } from './query-rows.ts'

/**
 * Attention of packed rows by the mechanism itself, one head of one text after the other.
 *
 * Sums are in float64; what is written is rounded once to the device's type.
 */
export const prepare = (
  call: AttentionCall,
  sizes: AttentionSizes,
): PreparedAttention<Numbers> => ({
  bytes: () => attentionScratch(call, sizes),
  run: (result, look) => attention(call, sizes, result, look),
  backward: (dContext, gradients, look) =>
    attentionBackward(call, sizes, dContext, gradients, look),
})

function attention(
  call: AttentionCall,
  sizes: AttentionSizes,
  result: AttentionResult,
  look: Look<Numbers>,
): void {
  if (!call.queryRows) {
    attentionOfAll(call, sizes, result, look)
    return
  }
  const whole = new WholeCall(call, call.queryRows, sizes, look)
  const context = whole.spread(result.context, look)
  attentionOfAll(whole.call, whole.sizes, { context }, whole.look(look))
  whole.collect(context, result.context, look)
}

function attentionOfAll(
  call: AttentionCall,
  sizes: AttentionSizes,
  result: AttentionResult,
  look: Look<Numbers>,
): void {
  const { heads } = sizes
  const context = look(result.context)
  // rows and keys outside the mask are written too
  if (result.weights) look(result.weights.into).fill(0)
  if (result.statistics) {
    look(result.statistics.entropy).fill(0)
    look(result.statistics.maximum).fill(0)
    look(result.statistics.argmax).fill(-1)
  }
  const shared = sharedBy(call, sizes, look)
  for (const part of parts(call)) {
    const nQuery = part.queries[1] - part.queries[0]
    const C = matrix(nQuery, sizes.dValue, shared.room.C.subarray(0, nQuery * sizes.dValue).fill(0))
    attendHead(
      operandsOf(sizes, part, shared),
      ruleOf(call, sizes, part, shared),
      C,
      (attentionRow) => {
        if (result.weights) writeWeights(result.weights, sizes, part, attentionRow, look)
        if (result.statistics) {
          const { entropy, maximum, argmax } = rowStatistics(attentionRow)
          const n = (part.queries[0] + attentionRow.i) * heads + part.head
          look(result.statistics.entropy)[n] = entropy
          look(result.statistics.maximum)[n] = maximum
          look(result.statistics.argmax)[n] = argmax
        }
      },
    )
    writeHead(C.data, context, part.queries, sizes.dValue, part.head, heads)
  }
}

/** Gradients; the scores are recomputed from Q, K and V. */
function attentionBackward(
  call: AttentionCall,
  sizes: AttentionSizes,
  dContext: Handle,
  gradients: AttentionGradients,
  look: Look<Numbers>,
): void {
  if (!call.queryRows) {
    gradientsOfAll(call, sizes, dContext, gradients, look)
    return
  }
  const whole = new WholeCall(call, call.queryRows, sizes, look)
  const dQ = whole.spread(gradients.dQ, look)
  gradientsOfAll(
    whole.call,
    whole.sizes,
    whole.spread(dContext, look),
    { ...gradients, dQ },
    whole.look(look),
  )
  whole.collect(dQ, gradients.dQ, look)
}

function gradientsOfAll(
  call: AttentionCall,
  sizes: AttentionSizes,
  dContext: Handle,
  gradients: AttentionGradients,
  look: Look<Numbers>,
): void {
  const { heads, keyValueHeads, group } = sizes
  let shared: KeyGradients | undefined
  const dAlignment = sums(call.alignmentParameters)
  const dDistribution = sums(call.distributionParameters)
  const dPosition = sums(call.positionParameters)
  const common = sharedBy(call, sizes, look)
  const dC = look(dContext)
  const into = { dQ: look(gradients.dQ), dK: look(gradients.dK), dV: look(gradients.dV) }
  for (const part of parts(call)) {
    const { head, queries, keys } = part
    const rule = ruleOf(call, sizes, part, common)
    const d = attendHeadBackward(
      operandsOf(sizes, part, common),
      rule,
      headOf(dC, queries, sizes.dValue, head, heads, common.room.C),
    )
    writeHead(d.dQ.data, into.dQ, queries, sizes.dQuery, head, heads)
    // heads that share keys and values, one after the other, add to one gradient
    shared = head % group && shared ? added(shared, d) : d
    if ((head + 1) % group === 0) {
      const own = Math.floor(head / group)
      writeHead(shared.dK.data, into.dK, keys, sizes.dKey, own, keyValueHeads)
      writeHead(shared.dV.data, into.dV, keys, sizes.dValue, own, keyValueHeads)
    }
    addHead(dAlignment, d.dAlignment, head)
    addHead(dDistribution, d.dDistribution, head)
    if (d.dBias) addHead(dPosition, { bias: d.dBias }, head)
  }
  writeSums(dAlignment, gradients.dAlignment, look)
  writeSums(dDistribution, gradients.dDistribution, look)
  writeSums(dPosition, gradients.dPosition, look)
}

type KeyGradients = Pick<HeadGradients, 'dK' | 'dV'>

/** The gradients of two heads that share keys and values. */
function added(sum: KeyGradients, d: KeyGradients): KeyGradients {
  addScaled(sum.dK.data, 1, d.dK.data)
  addScaled(sum.dV.data, 1, d.dV.data)
  return sum
}

/**
 * Scratch in bytes: one head of the longest text in float64, its gradients, and a block of scores
 * with what the alignment keeps for it.
 */
function attentionScratch(
  { alignment, queryRows, queryStarts }: AttentionCall,
  sizes: AttentionSizes,
): number {
  const { heads, group, dQuery, dKey, dValue, longestKey } = sizes
  const longestQuery = longestText(queryStarts)
  // queries, context and their gradients, where chosen query rows are spread among all
  const spread = queryRows ? 2 * queryStarts[queryStarts.length - 1] * heads * (dQuery + dValue) : 0
  const head = longestQuery * (dQuery + dValue) + longestKey * (dKey + dValue)
  const own = alignment.scratch?.(Math.min(BLOCK_ROWS, longestQuery), longestKey) ?? 0
  const shared = group > 1 ? longestKey * (dKey + dValue) : 0
  return 8 * (2 * head + 5 * BLOCK_ROWS * longestKey + own + spread + shared)
}

/**
 * What the heads of a call share: options, parameters by head, numbers, and scratch for one head of
 * the longest text.
 */
interface Shared extends Readonly<Record<'Q' | 'K' | 'V', Numbers>> {
  readonly options: MechanismOptions
  readonly parameters: readonly HeadParameters[]
  readonly room: Readonly<Record<'Q' | 'K' | 'V' | 'C', Float64Array>>
}

function sharedBy(
  call: AttentionCall,
  { dQuery, dKey, dValue, longestQuery, longestKey }: AttentionSizes,
  look: Look<Numbers>,
): Shared {
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
    ...{ Q: look(call.Q), K: look(call.K), V: look(call.V) },
    room: {
      Q: new Float64Array(longestQuery * dQuery),
      K: new Float64Array(longestKey * dKey),
      V: new Float64Array(longestKey * dValue),
      C: new Float64Array(longestQuery * dValue),
    },
  }
}

/** One head of one text as a matrix, at the start of `room`. */
function headOf(
  X: Numbers,
  rows: readonly [number, number],
  columns: number,
  head: number,
  heads: number,
  room: Float64Array,
): Matrix {
  const data = room.subarray(0, (rows[1] - rows[0]) * columns)
  readHead(X, rows, columns, head, heads, data)
  return matrix(rows[1] - rows[0], columns, data)
}

function operandsOf(
  { dQuery, dKey, dValue, heads, keyValueHeads, group }: AttentionSizes,
  { head, queries, keys }: HeadSlice,
  { Q, K, V, room }: Shared,
): HeadOperands {
  const own = Math.floor(head / group)
  return {
    Q: headOf(Q, queries, dQuery, head, heads, room.Q),
    K: headOf(K, keys, dKey, own, keyValueHeads, room.K),
    V: headOf(V, keys, dValue, own, keyValueHeads, room.V),
  }
}

function ruleOf(
  call: AttentionCall,
  sizes: AttentionSizes,
  part: HeadSlice,
  { options, parameters }: Shared,
): HeadRule {
  const nQuery = part.queries[1] - part.queries[0]
  const nKey = part.keys[1] - part.keys[0]
  const rule = headRule(part.text, part.head, nQuery, nKey, options, parameters[part.head])
  return call.dropout ? { ...rule, keep: keepFactor(call.dropout, sizes, part) } : rule
}

/**
 * Factor of each weight: 0 for the share that is dropped, 1/(1 − rate) for the rest, by text, head,
 * query and key alone.
 */
function keepFactor(dropout: Dropout, { heads }: AttentionSizes, part: HeadSlice) {
  const stream = (dropout.stream ^ Math.imul(part.text * heads + part.head, HEAD_STREAM)) >>> 0
  const dropped = drops({ ...dropout, stream })
  return (i: number, j: number): number =>
    dropped(i * LONGEST_DROPPED + j) ? 0 : 1 / (1 - dropout.rate)
}

const tensors = (handles: Handles, look: Look<Numbers>): ParameterTensors =>
  Object.fromEntries(
    Object.entries(handles).map(([name, handle]) => [name, new Tensor(handle.shape, look(handle))]),
  )

const sums = (handles: Handles): ParameterTensors =>
  Object.fromEntries(
    Object.entries(handles).map(([name, { shape }]) => [name, Tensor.zeros(shape, 'float64')]),
  )

function writeSums(totals: ParameterTensors, into: Handles, look: Look<Numbers>): void {
  for (const [name, total] of Object.entries(totals)) look(into[name]).set(total.data)
}

/** Weights of one row into (N, h, r, longest T_k). */
function writeWeights(
  { rows, into }: NonNullable<AttentionResult['weights']>,
  { heads, longestQuery, longestKey }: AttentionSizes,
  part: HeadSlice,
  attentionRow: AttentionRow,
  look: Look<Numbers>,
): void {
  const wanted = rows ?? [attentionRow.i]
  const plane = part.text * heads + part.head
  const first = rows ? plane * rows.length : plane * longestQuery + attentionRow.i
  recordWeights(look(into) as Float64Array | Float32Array, first, wanted, longestKey, attentionRow)
}
