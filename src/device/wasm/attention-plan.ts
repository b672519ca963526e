import { everything } from '../../mechanism/mask.ts'
import { runsOf } from '../../mechanism/mask-runs.ts'
import type { AttentionSizes } from '../checks.ts'
import type { AttentionCall } from '../device.ts'
import { queryRowPositions, queryRowStarts } from '../query-rows.ts'
import type { AttentionForm } from './attention-form.ts'
import { ROWS_OF_MAP, STRIP_ROWS } from './kernels/numbers.ts'

const LINE = 64
/** Bytes of a part, behind a tile's, at the beginning of a thread's scratch. */
const PART_BYTES = 256
/** Strips of a group: few enough that its scores stay in a cache, many enough that its sums are long, and one for each thread. */
const STRIPS_OF_GROUP = 2
const MOST_STRIPS_OF_GROUP = 8
/** Below so many scores, two threads at one text wait for each other longer than they work. */
const SCORES_TO_SHARE = 2 ** 14
/** Texts and heads that each thread should find where they are not shared. */
const PARTS_PER_THREAD = 4

/** Takes room for one thing after the other, each at a line of the cache of its own. */
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

/** Which keys each query row may look at, as tables: undefined where it is all of them. */
export interface RunTables {
  readonly byHead: boolean
  readonly starts: Int32Array
  readonly runs: Int32Array
}

const tables = new WeakMap<AttentionCall, RunTables>()

/** The runs of every query row, found once for a call: its estimate, its forward and its backward share them. */
export function runTables(call: AttentionCall): RunTables | undefined {
  const { mask, queryStarts, keyStarts, heads } = call
  const rowStarts = queryRowStarts(call)
  const queryPlaces = queryRowPositions(call)
  if (mask === everything) return undefined
  const known = tables.get(call)
  if (known) return known
  const byHead = !mask.sameForHeads
  const planes = byHead ? heads : 1
  const starts = new Int32Array(queryPlaces.length * planes + 1)
  const runs: number[] = []
  for (let text = 0, n = 0; text + 1 < queryStarts.length; text++) {
    const place = { text, nQuery: queryStarts[text + 1] - queryStarts[text], nKey: keyStarts[text + 1] - keyStarts[text] }
    for (let head = 0; head < heads; head++) mask.check?.({ ...place, head })
    for (let r = rowStarts[text]; r < rowStarts[text + 1]; r++) {
      for (let head = 0; head < planes; head++) {
        for (const end of runsOf(mask, queryPlaces[r], { ...place, head })) runs.push(end)
        starts[++n] = runs.length
      }
    }
  }
  const found = { byHead, starts, runs: Int32Array.from(runs) }
  tables.set(call, found)
  return found
}

/** Where everything of a call lies in the room, in bytes from its beginning. */
export type AttentionPlan = ReturnType<typeof planOf>

/** @param threads how many threads there are @param asideBytes that tiles at an edge take of each thread */
export function planOf(
  call: AttentionCall,
  sizes: AttentionSizes,
  form: AttentionForm,
  threads: number,
  asideBytes: number,
  backward: boolean,
) {
  const { nText, heads, dValue, longestQuery, longestKey } = sizes
  const { width } = form
  const queryStarts = queryRowStarts(call)
  const queryRows = queryStarts[nText]
  const keyRows = call.keyStarts[nText]
  const shares = threads > 1 && nText * heads < PARTS_PER_THREAD * threads && longestQuery * longestKey > SCORES_TO_SHARE
  const groupRows = backward ? groupRowsOf(longestQuery, shares ? threads : 1) : STRIP_ROWS
  const stride = 4 * (16 * Math.ceil(longestKey / 16) + 16)
  const own = new Layout(asideBytes + PART_BYTES)
  const shared = new Layout()
  const group = shares && backward ? shared : own
  const panels = shares ? shared : own
  const keyPanels = 32 * Math.ceil(longestKey / 8)
  const runs = runTables(call)
  const strips = stripsBefore(queryStarts)
  const partialBytes = backward ? 4 * partialNumbers(call, form) : 0

  const places = {
    lineAt: own.take(2 * stride),
    roomAt: own.take(4 * (2 * longestKey + 64)),
    marksAt: own.take(longestKey / 8 + 2),
    segmentsAt: group.take(longestKey + 16),
    scoresAt: group.take(groupRows * stride),
    gradientsAt: backward ? group.take(groupRows * stride) : 0,
    alignedAt: backward ? group.take(groupRows * stride) : 0,
    groupLAt: backward ? group.take(32 * groupRows * Math.ceil(width / 8)) : 0,
    groupCAt: backward ? group.take(32 * groupRows * Math.ceil(dValue / 8)) : 0,
    keyPanelsAt: panels.take(keyPanels * width),
    keyRowsAt: backward ? panels.take(32 * longestKey * Math.ceil(width / 8)) : 0,
    valuePanelsAt: backward ? panels.take(keyPanels * dValue) : 0,
    valueRowsAt: backward ? 0 : panels.take(32 * longestKey * Math.ceil(dValue / 8)),
  }
  const room = new Layout()
  const mapped = (map: AttentionForm['query'], rows: number): number =>
    map.kind === 'unchanged' && call.position.on !== 'operands' ? 0 : 4 * rows * heads * width
  const blocksOf = (rows: number): number => 4 * heads * Math.ceil(rows / ROWS_OF_MAP)
  const linear = (map: AttentionForm['query'], rows: number): number => (backward && map.kind === 'linear' ? 4 * rows * heads * width : 0)
  const at = {
    flag: room.take(4),
    queryStarts: room.take(4 * (nText + 1)),
    keyStarts: room.take(4 * (nText + 1)),
    textStarts: room.take(call.queryRows ? 4 * (nText + 1) : 0),
    queryPositions: room.take(call.queryRows ? 4 * queryRows : 0),
    stripStarts: room.take(4 * (nText + 1)),
    runStarts: room.take(runs ? 4 * runs.starts.length : 0),
    runs: room.take(runs ? 4 * runs.runs.length : 0),
    queryPlaces: room.take(call.position.on === 'operands' ? 4 * queryRows : 0),
    keyPlaces: room.take(call.position.on === 'operands' ? 4 * keyRows : 0),
    weightRows: room.take(4 * queryRows),
    L: room.take(mapped(form.query, queryRows)),
    R: room.take(mapped(form.key, keyRows)),
    dL: room.take(linear(form.query, queryRows)),
    dR: room.take(linear(form.key, keyRows)),
    querySums: room.take(backward ? blocksOf(queryRows) : 0),
    keySums: room.take(backward ? blocksOf(keyRows) : 0),
    partials: room.take(partialBytes * strips[nText] * heads),
    shared: room.take(shared.bytes),
    threads: room.take(own.bytes * threads),
  }
  return {
    shares,
    groupRows,
    stride,
    places,
    at,
    strips,
    partialBytes,
    runs,
    threadBytes: own.bytes,
    bytes: room.bytes,
    queryStarts,
    queryRows,
    keyRows,
  }
}

function groupRowsOf(longestQuery: number, threads: number): number {
  const most = Math.min(MOST_STRIPS_OF_GROUP, Math.max(STRIPS_OF_GROUP, threads))
  return STRIP_ROWS * Math.max(1, Math.min(most, Math.ceil(longestQuery / STRIP_ROWS)))
}

/** Numbers that each strip sums for parameters: bias, epilogue, distribution. */
export function partialNumbers({ position, distribution }: AttentionCall, { epilogueWidth }: AttentionForm): number {
  const bias = position.on === 'scores' ? 2 * position.clip + 1 : 0
  return bias + epilogueWidth + (Object.keys(distribution.parameters ?? {}).length > 0 ? 1 : 0)
}

/** Strips of one head before each text. */
function stripsBefore(starts: Int32Array): Int32Array {
  const before = new Int32Array(starts.length)
  for (let n = 1; n < starts.length; n++) before[n] = before[n - 1] + Math.ceil((starts[n] - starts[n - 1]) / STRIP_ROWS)
  return before
}
