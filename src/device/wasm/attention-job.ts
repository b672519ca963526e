import type { Numbers } from '../../tensor.ts'
import type { AttentionCall, Handle, Handles } from '../calls.ts'
import type { Look } from '../operations.ts'
import { queryRowPositions } from '../query-rows.ts'
import type { OperandKernel } from './attention-kernel.ts'
import { type AttentionPlan, type KernelCall, keyHeadsOf } from './attention-plan.ts'
import { drawsOf } from './dense.ts'
import type { Engine } from './engine.ts'
import type { Job } from './jobs.generated.ts'
import {
  type MappedOperand,
  mapOperand,
  positionsOf,
  type RotationTable,
  repeatHeads,
  type Turning,
} from './operands.ts'

/** Addresses of all handles of a call, taken before the memory may grow. */
export function addressesOf(call: AttentionCall, look: Look<Numbers>) {
  const at = (handle: Handle): number => look(handle).byteOffset
  return {
    Q: at(call.Q),
    K: at(call.K),
    V: at(call.V),
    alignment: byName(call.alignmentParameters, at),
    distribution: byName(call.distributionParameters, at),
    position: byName(call.positionParameters, at),
  }
}

/** Addresses of handles by their names. */
export function byName(
  handles: Handles,
  at: (handle: Handle) => number,
): Readonly<Record<string, number>> {
  const found: Record<string, number> = {}
  for (const name of Object.keys(handles)) found[name] = at(handles[name])
  return found
}

/** A call that is laid out in memory: its plan, where the room begins, its operands. */
export interface LaidOut {
  readonly engine: Engine
  readonly kernelCall: KernelCall
  readonly plan: AttentionPlan
  /** Address of the room. */
  readonly room: number
  readonly addresses: ReturnType<typeof addressesOf>
  readonly query: MappedOperand
  readonly key: MappedOperand
  readonly queryTurning: Turning | undefined
  readonly keyTurning: Turning | undefined
}

/** Writes the tables of a call to the room, and maps its operands. */
export function layOut(
  engine: Engine,
  rotations: RotationTable,
  kernelCall: KernelCall,
  plan: AttentionPlan,
  addresses: LaidOut['addresses'],
): LaidOut {
  const { call, sizes, kernel, runs } = kernelCall
  const { position, heads } = call
  const keyHeads = keyHeadsOf(kernel, sizes)
  const { at, queryStarts, strips, queryRows, keyRows } = plan.room
  const positions = position.on === 'operands' ? positionsOf(call, position) : undefined
  const table =
    position.on === 'operands' && positions
      ? rotations.of(position, kernel.width, positions.count)
      : 0
  const room = engine.room(plan.room.bytes)
  const words = engine.words()
  const write = (from: number, numbers: Int32Array): void => words.set(numbers, (room + from) >>> 2)
  words[(room + at.flag) >>> 2] = 0
  write(at.queryStarts, queryStarts)
  write(at.keyStarts, call.keyStarts)
  write(at.stripStarts, strips)
  if (call.queryRows) {
    write(at.textStarts, call.queryStarts)
    write(at.rowPositions, queryRowPositions(call))
  }
  if (runs) {
    write(at.runStarts, runs.starts)
    write(at.runs, runs.runs)
  }
  if (positions) {
    write(at.queryPositions, positions.queries)
    write(at.keyPositions, positions.keys)
  }
  const turning = (from: number): Turning | undefined =>
    positions && { table, positions: room + from }
  const operand = (
    map: OperandKernel,
    { X, rows, heads, columns }: Pick<MappedOperand, 'X' | 'rows' | 'heads' | 'columns'>,
    Y: number,
  ): MappedOperand => {
    const own = map.kind !== 'unchanged' || positions !== undefined
    const parameters = addresses.alignment
    return { map, rows, heads, columns, width: kernel.width, X, Y: own ? room + Y : X, parameters }
  }
  const repeats = keyHeads / sizes.keyValueHeads
  const K = repeats > 1 ? room + at.K : addresses.K
  const [queries, keys] = [
    { X: addresses.Q, rows: queryRows, heads, columns: sizes.dQuery },
    { X: K, rows: keyRows, heads: keyHeads, columns: sizes.dKey },
  ]
  const query = operand(kernel.query, queries, at.L)
  const key = operand(kernel.key, keys, at.R)
  if (repeats > 1) repeatHeads(engine, key, repeats, addresses.K)
  const [queryTurning, keyTurning] = [turning(at.queryPositions), turning(at.keyPositions)]
  mapOperand(engine, query, queryTurning)
  mapOperand(engine, key, keyTurning)
  return { engine, kernelCall, plan, room, addresses, query, key, queryTurning, keyTurning }
}

/** Where kernels read the context's gradient and write; a forward writes `c` alone. */
export type Ends = Pick<Job, 'c' | 'dL' | 'dR' | 'dV'>

/** Where weights and their statistics are written, if they are wanted: addresses, or 0. */
export type WantedOutputs = Pick<
  Job,
  'weights' | 'weightRows' | 'weightRowCount' | 'longestKey' | 'entropy' | 'maximum' | 'largestKey'
>

const NOTHING: WantedOutputs = {
  weights: 0,
  weightRows: 0,
  weightRowCount: 0,
  longestKey: 0,
  entropy: 0,
  maximum: 0,
  largestKey: 0,
}

/**
 * The operands of the kernels. `part`, `groupFirst` and `groupSize` name the text, head and group at
 * work where threads share them; they begin at 0.
 */
export function jobOf(
  { kernelCall, plan, room, addresses, query, key }: LaidOut,
  ends: Ends,
  wanted: WantedOutputs = NOTHING,
): Job {
  const { call, sizes, kernel, runs } = kernelCall
  const { heads, dValue } = sizes
  const { thread, group, panels } = plan
  const { at, partialBytes } = plan.room
  const keyHeads = keyHeadsOf(kernel, sizes)
  const bias = call.position.on === 'scores' ? call.position : undefined
  const shared = plan.shares ? room + at.shared : 0
  const draws = drawsOf(call.dropout)
  return {
    heads,
    keyGroup: heads / keyHeads,
    valueGroup: sizes.group,
    dKey: kernel.width,
    dValue,
    epilogue: kernel.epilogue,
    distribution: kernel.distribution,
    l: query.Y,
    lRow: 4 * heads * kernel.width,
    r: key.Y,
    rRow: 4 * keyHeads * kernel.width,
    v: addresses.V,
    vRow: 4 * sizes.keyValueHeads * dValue,
    c: ends.c,
    cRow: 4 * heads * dValue,
    dL: ends.dL,
    dR: ends.dR,
    dV: ends.dV,
    queryStarts: room + at.queryStarts,
    keyStarts: room + at.keyStarts,
    textStarts: room + (call.queryRows ? at.textStarts : at.queryStarts),
    positions: call.queryRows ? room + at.rowPositions : 0,
    epilogueParameters: kernel.epilogueParameter
      ? addresses.alignment[kernel.epilogueParameter]
      : 0,
    epilogueWidth: kernel.epilogueWidth,
    distributionParameters: kernel.distributionParameter
      ? addresses.distribution[kernel.distributionParameter]
      : 0,
    argument: kernel.argument,
    bias: bias ? addresses.position.bias : 0,
    clip: bias ? bias.clip : 0,
    alignEnd: bias?.align === 'end' ? 1 : 0,
    runStarts: runs ? room + at.runStarts : 0,
    runs: runs ? room + at.runs : 0,
    runsByHead: runs?.byHead ? 1 : 0,
    seedLow: draws.seedLow,
    seedHigh: draws.seedHigh,
    stream: draws.stream,
    step: draws.step,
    last: draws.last,
    keepFactor: draws.keepFactor,
    weights: wanted.weights,
    weightRows: wanted.weightRows,
    weightRowCount: wanted.weightRowCount,
    longestKey: wanted.longestKey,
    entropy: wanted.entropy,
    maximum: wanted.maximum,
    largestKey: wanted.largestKey,
    flag: room + at.flag,
    partials: room + at.partials,
    partialBytes,
    stripStarts: room + at.stripStarts,
    threads: room + at.threads,
    threadBytes: plan.threadBytes,
    sharedPanels: shared,
    sharedGroup: ends.dV ? shared : 0,
    part: 0,
    groupFirst: 0,
    groupSize: 0,
    groupRows: plan.groupRows,
    stride: plan.stride,
    lineAt: thread.lineAt,
    roomAt: thread.roomAt,
    marksAt: thread.marksAt,
    keyPanelsAt: panels.keyPanelsAt,
    keyRowsAt: panels.keyRowsAt,
    valuePanelsAt: panels.valuePanelsAt,
    valueRowsAt: panels.valueRowsAt,
    segmentsAt: group.segmentsAt,
    scoresAt: group.scoresAt,
    gradientsAt: group.gradientsAt,
    alignedAt: group.alignedAt,
    groupLAt: group.groupLAt,
    groupCAt: group.groupCAt,
  }
}
