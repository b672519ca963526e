import type { AttentionCall } from '../calls.ts'
import type { AttentionSizes } from '../checks.ts'
import { queryRowStarts } from '../query-rows.ts'
import type { AttentionKernel, OperandKernel } from './attention-kernel.ts'
import type { RunTables } from './attention-runs.ts'
import type { Engine } from './engine.ts'
import { ROWS_OF_MAP, STRIP_ROWS } from './kernels/numbers.ts'

const LINE = 64
/** Bytes of a part, behind a tile's, at the beginning of a thread's scratch. */
const PART_BYTES = 256
/**
 * Strips of a group: few enough that its scores stay in a cache, many enough that its sums are
 * long, and one for each thread.
 */
const STRIPS_OF_GROUP = 2
const MOST_STRIPS_OF_GROUP = 8
/** With fewer scores, two threads on one text wait for each other longer than they work. */
const SCORES_TO_SHARE = 2 ** 14
/** Texts and heads of keys that each thread should find where they are not shared. */
const PARTS_PER_THREAD = 4

/** Lays out one array after the other, each on its own cache line. */
class Layout {
  bytes = 0

  constructor(from = 0) {
    this.bytes = from
  }

  take(bytes: number): number {
    const at = this.bytes
    this.bytes += Math.ceil(bytes / LINE) * LINE
    return at
  }
}

/** A call in the terms of the kernels, with what its mask allows. */
export interface KernelCall {
  readonly call: AttentionCall
  readonly sizes: AttentionSizes
  readonly kernel: AttentionKernel
  readonly runs: RunTables | undefined
}

/**
 * Heads of the keys' operand: those of the keys, or h where a map with parameters of each head makes
 * one for each.
 */
export const keyHeadsOf = (
  { key }: AttentionKernel,
  { heads, keyValueHeads }: AttentionSizes,
): number =>
  key.kind === 'linear' || (key.kind === 'rows' && key.parameter) ? heads : keyValueHeads

/** What the layouts of a call's scratch follow from. */
interface Extent {
  readonly width: number
  readonly dValue: number
  readonly longestKey: number
  /** Rows whose scores are in scratch at once, and bytes of one of their rows. */
  readonly groupRows: number
  readonly stride: number
  readonly backward: boolean
}

/** The memory layout of a call, in bytes, and how its work is cut. */
export interface AttentionPlan {
  /** Whether threads share each text and head; else each has its own. */
  readonly shares: boolean
  readonly groupRows: number
  readonly stride: number
  /** In the scratch of a thread. */
  readonly thread: ReturnType<typeof layThread>
  /** In the scratch of a thread, or in what threads share. */
  readonly group: ReturnType<typeof layGroup>
  readonly panels: ReturnType<typeof layPanels>
  readonly threadBytes: number
  readonly room: ReturnType<typeof layRoom>
}

export function planOf(
  { constants, threads }: Engine,
  kernelCall: KernelCall,
  backward: boolean,
): AttentionPlan {
  const { sizes, kernel } = kernelCall
  const { nText, keyValueHeads, dValue, longestQuery, longestKey } = sizes
  const shares =
    threads > 1 &&
    nText * keyValueHeads < PARTS_PER_THREAD * threads &&
    longestQuery * longestKey > SCORES_TO_SHARE
  const groupRows = backward ? groupRowsOf(longestQuery, shares ? threads : 1) : STRIP_ROWS
  const stride = 4 * (16 * Math.ceil(longestKey / 16) + 16)
  const extent = { width: kernel.width, dValue, longestKey, groupRows, stride, backward }
  const own = new Layout(constants.ASIDE_BYTES + PART_BYTES)
  const shared = new Layout()
  const thread = layThread(own, extent)
  const group = layGroup(shares && backward ? shared : own, extent)
  const panels = layPanels(shares ? shared : own, extent)
  const room = layRoom(kernelCall, backward, { shared: shared.bytes, threads: threads * own.bytes })
  return { shares, groupRows, stride, thread, group, panels, threadBytes: own.bytes, room }
}

/** Of each thread: lines of numbers, and marks of panels. */
const layThread = (own: Layout, { longestKey, stride }: Extent) => ({
  lineAt: own.take(2 * stride),
  roomAt: own.take(4 * (2 * longestKey + 64)),
  marksAt: own.take(longestKey / 8 + 2),
})

/**
 * Of a group of query rows: the keys that it looks at, its scores and gradients, and its rows in
 * panels.
 */
const layGroup = (
  group: Layout,
  { width, dValue, longestKey, groupRows, stride, backward }: Extent,
) => ({
  segmentsAt: group.take(longestKey + 16),
  scoresAt: group.take(groupRows * stride),
  gradientsAt: backward ? group.take(groupRows * stride) : 0,
  alignedAt: backward ? group.take(groupRows * stride) : 0,
  groupLAt: backward ? group.take(32 * groupRows * Math.ceil(width / 8)) : 0,
  groupCAt: backward ? group.take(32 * groupRows * Math.ceil(dValue / 8)) : 0,
})

/**
 * Of a text and head: keys and values in panels, 8 columns side by side; `…Rows` are panels of
 * rows.
 */
const layPanels = (panels: Layout, { width, dValue, longestKey, backward }: Extent) => ({
  keyPanelsAt: panels.take(32 * Math.ceil(longestKey / 8) * width),
  keyRowsAt: backward ? panels.take(32 * longestKey * Math.ceil(width / 8)) : 0,
  valuePanelsAt: backward ? panels.take(32 * Math.ceil(longestKey / 8) * dValue) : 0,
  valueRowsAt: backward ? 0 : panels.take(32 * longestKey * Math.ceil(dValue / 8)),
})

/**
 * Of the whole call, from the beginning of the room: tables of the host, mapped operands and their
 * gradients, sums for parameters, and the scratch of all threads.
 */
function layRoom(
  { call, sizes, kernel, runs }: KernelCall,
  backward: boolean,
  bytes: { readonly shared: number; readonly threads: number },
) {
  const { nText, heads } = sizes
  const keyHeads = keyHeadsOf(kernel, sizes)
  const queryStarts = queryRowStarts(call)
  const [queryRows, keyRows] = [queryStarts[nText], call.keyStarts[nText]]
  const turned = call.position.on === 'operands'
  const strips = stripsBefore(queryStarts)
  const partialBytes = backward ? 4 * partialNumbers(call, kernel) : 0
  const room = new Layout()
  const mapped = ({ kind }: OperandKernel, rows: number, own: number): number =>
    kind === 'unchanged' && !turned ? 0 : 4 * rows * own * kernel.width
  const linear = ({ kind }: OperandKernel, rows: number, own: number): number =>
    backward && kind === 'linear' ? 4 * rows * own * kernel.width : 0
  const repeated = keyHeads > sizes.keyValueHeads ? 4 * keyRows * keyHeads * sizes.dKey : 0
  const sums = (rows: number): number => (backward ? 4 * heads * Math.ceil(rows / ROWS_OF_MAP) : 0)
  const at = {
    flag: room.take(4),
    queryStarts: room.take(4 * (nText + 1)),
    keyStarts: room.take(4 * (nText + 1)),
    textStarts: room.take(call.queryRows ? 4 * (nText + 1) : 0),
    rowPositions: room.take(call.queryRows ? 4 * queryRows : 0),
    stripStarts: room.take(4 * (nText + 1)),
    runStarts: room.take(runs ? 4 * runs.starts.length : 0),
    runs: room.take(runs ? 4 * runs.runs.length : 0),
    queryPositions: room.take(turned ? 4 * queryRows : 0),
    keyPositions: room.take(turned ? 4 * keyRows : 0),
    weightRows: room.take(4 * queryRows),
    K: room.take(repeated),
    dK: room.take(backward ? repeated : 0),
    L: room.take(mapped(kernel.query, queryRows, heads)),
    R: room.take(mapped(kernel.key, keyRows, keyHeads)),
    dL: room.take(linear(kernel.query, queryRows, heads)),
    dR: room.take(linear(kernel.key, keyRows, keyHeads)),
    querySums: room.take(sums(queryRows)),
    keySums: room.take(sums(keyRows)),
    partials: room.take(partialBytes * strips[nText] * heads),
    shared: room.take(bytes.shared),
    threads: room.take(bytes.threads),
  }
  return { at, bytes: room.bytes, queryStarts, queryRows, keyRows, strips, partialBytes }
}

function groupRowsOf(longestQuery: number, threads: number): number {
  const most = Math.min(MOST_STRIPS_OF_GROUP, Math.max(STRIPS_OF_GROUP, threads))
  return STRIP_ROWS * Math.max(1, Math.min(most, Math.ceil(longestQuery / STRIP_ROWS)))
}

/** Numbers that each strip sums for parameters: bias, epilogue, distribution. */
function partialNumbers(
  { position }: AttentionCall,
  { epilogueWidth, distributionParameter }: AttentionKernel,
): number {
  const bias = position.on === 'scores' ? 2 * position.clip + 1 : 0
  return bias + epilogueWidth + (distributionParameter === undefined ? 0 : 1)
}

/** Strips of one head before each text. */
function stripsBefore(starts: Int32Array): Int32Array {
  const before = new Int32Array(starts.length)
  for (let n = 1; n < starts.length; n++)
    before[n] = before[n - 1] + Math.ceil((starts[n] - starts[n - 1]) / STRIP_ROWS)
  return before
}
