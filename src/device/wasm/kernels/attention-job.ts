import { bytesOf, numberAt, wordAt } from './lanes'
import { ASIDE_BYTES } from './tile'

/** Which numbers are dropped, and what the others are multiplied with. */
@unmanaged
export class Draws {
  seedLow: u32 = 0
  seedHigh: u32 = 0
  stream: u32 = 0
  step: u32 = 0
  /** The largest draw that drops a number. */
  last: u32 = 0
  /** 1/(1 − rate); 0 where nothing is dropped. */
  keepFactor: f32 = 0
}

/**
 * One call of attention, as the host wrote it. Addresses; `…Row` are bytes from one row to the
 * next.
 */
@unmanaged
export class Job extends Draws {
  heads: i32 = 0
  /** Heads that share one of R, and one of V. */
  keyGroup: i32 = 0
  valueGroup: i32 = 0
  /** Columns of L and R, and of V. */
  dKey: i32 = 0
  dValue: i32 = 0
  epilogue: i32 = 0
  distribution: i32 = 0
  /** Operands of the scores: queries and keys as the alignment maps them. */
  l: usize = 0
  lRow: usize = 0
  r: usize = 0
  rRow: usize = 0
  v: usize = 0
  vRow: usize = 0
  /** Context, or, backward, its gradient. */
  c: usize = 0
  cRow: usize = 0
  dL: usize = 0
  dR: usize = 0
  dV: usize = 0
  /** int32 (texts + 1,) */
  queryStarts: usize = 0
  keyStarts: usize = 0
  /** Of all rows of the texts, queries or not. */
  textStarts: usize = 0
  /** int32, the position in its text of each query, or 0 where every row is a query. */
  positions: usize = 0
  /** (heads, epilogueWidth), and (heads,) or 0 where all heads have `argument`. */
  epilogueParameters: usize = 0
  epilogueWidth: i32 = 0
  distributionParameters: usize = 0
  argument: f32 = 0
  /** (heads, 2 clip + 1), or 0. */
  bias: usize = 0
  clip: i32 = 0
  /** 1 where the last query stands at the last key. */
  alignEnd: i32 = 0
  /**
   * int32: row n has the run limits runs[runStarts[n]] … runs[runStarts[n + 1] − 1]; 0 where every
   * key is allowed.
   */
  runStarts: usize = 0
  runs: usize = 0
  runsByHead: i32 = 0
  /**
   * Weights (texts, heads, rows, longestKey), or 0; rows named by int32 (weightRows,), or all where
   * that is 0.
   */
  weights: usize = 0
  weightRows: usize = 0
  weightRowCount: i32 = 0
  longestKey: i32 = 0
  /** (rows, heads) each, or 0. */
  entropy: usize = 0
  maximum: usize = 0
  largestKey: usize = 0
  /** A word that becomes 1 where a number is not finite. */
  flag: usize = 0
  /**
   * Sums of each strip for parameters: `partials` + strip · partialBytes; int32 (texts + 1,) strips
   * of one head before each text.
   */
  partials: usize = 0
  partialBytes: usize = 0
  stripStarts: usize = 0
  /** Scratch of threads. */
  threads: usize = 0
  threadBytes: usize = 0
  /**
   * Panels, and a group of rows, of the text and head at work, which all threads share; 0 where
   * each thread has its own.
   */
  sharedPanels: usize = 0
  sharedGroup: usize = 0
  /**
   * The text and head at work, text · heads + head, and the first query row and the number of rows
   * of the group at work.
   */
  part: i32 = 0
  groupFirst: i32 = 0
  groupSize: i32 = 0
  /** Most rows whose scores are in scratch at once, and bytes of one of their rows. */
  groupRows: i32 = 0
  stride: usize = 0
  /** Where things lie in a thread's scratch. */
  lineAt: usize = 0
  roomAt: usize = 0
  marksAt: usize = 0
  /** Where panels lie in what is shared, or in a thread's scratch. */
  keyPanelsAt: usize = 0
  keyRowsAt: usize = 0
  valuePanelsAt: usize = 0
  valueRowsAt: usize = 0
  /** Where a group lies in what is shared, or in a thread's scratch. */
  segmentsAt: usize = 0
  scoresAt: usize = 0
  gradientsAt: usize = 0
  alignedAt: usize = 0
  groupLAt: usize = 0
  groupCAt: usize = 0
}

/** One head of one text, as one thread sees it: the first bytes of its scratch. */
@unmanaged
export class Part {
  text: i32 = 0
  head: i32 = 0
  nQuery: i32 = 0
  nKey: i32 = 0
  firstQuery: i32 = 0
  firstKey: i32 = 0
  /** Positions of its queries, or 0. A query at position i stands at key i + shift. */
  positions: usize = 0
  shift: i32 = 0
  argument: f32 = 0
  l: usize = 0
  r: usize = 0
  v: usize = 0
  c: usize = 0
  dL: usize = 0
  dR: usize = 0
  dV: usize = 0
  epilogueParameters: usize = 0
  bias: usize = 0
  /** Room for a tile, for lines of numbers, and of the distribution. */
  aside: usize = 0
  line: usize = 0
  room: usize = 0
  marks: usize = 0
  /**
   * int32 count, then first and last-but-one panel of each run of panels that some row of the group
   * looks at.
   */
  segments: usize = 0
  scores: usize = 0
  gradients: usize = 0
  aligned: usize = 0
  keyPanels: usize = 0
  keyRows: usize = 0
  valuePanels: usize = 0
  valueRows: usize = 0
  groupL: usize = 0
  groupC: usize = 0
  /** The run of a row that may look at everything. */
  from: i32 = 0
  to: i32 = 0
}

/** Bytes at the beginning of a thread's scratch, before its part's. */
export const PART_AT: usize = ASIDE_BYTES

/** Opens text `part / heads`, head `part % heads`, for a thread. */
export function openPart(job: Job, part: i32, thread: i32): Part {
  const own = job.threads + <usize>thread * job.threadBytes
  const panels = job.sharedPanels !== 0 ? job.sharedPanels : own
  const group = job.sharedGroup !== 0 ? job.sharedGroup : own
  const one = changetype<Part>(own + PART_AT)
  const text = part / job.heads
  const head = part % job.heads
  one.text = text
  one.head = head
  one.firstQuery = wordAt(job.queryStarts, text)
  one.nQuery = wordAt(job.queryStarts, text + 1) - one.firstQuery
  one.firstKey = wordAt(job.keyStarts, text)
  one.nKey = wordAt(job.keyStarts, text + 1) - one.firstKey
  one.positions = job.positions ? job.positions + bytesOf(one.firstQuery) : 0
  const texts = job.textStarts + bytesOf(text)
  one.shift = job.alignEnd ? one.nKey - (load<i32>(texts, 4) - load<i32>(texts)) : 0
  one.from = 0
  one.to = one.nKey
  const queryColumns = <usize>(head * job.dKey * 4)
  const keyColumns = <usize>((head / job.keyGroup) * job.dKey * 4)
  const valueColumns = <usize>((head / job.valueGroup) * job.dValue * 4)
  one.l = job.l + <usize>one.firstQuery * job.lRow + queryColumns
  one.dL = job.dL + <usize>one.firstQuery * job.lRow + queryColumns
  one.r = job.r + <usize>one.firstKey * job.rRow + keyColumns
  one.dR = job.dR + <usize>one.firstKey * job.rRow + keyColumns
  one.v = job.v + <usize>one.firstKey * job.vRow + valueColumns
  one.dV = job.dV + <usize>one.firstKey * job.vRow + valueColumns
  one.c = job.c + <usize>one.firstQuery * job.cRow + <usize>(head * job.dValue * 4)
  one.epilogueParameters = job.epilogueParameters + <usize>(head * job.epilogueWidth * 4)
  one.argument = job.distributionParameters
    ? numberAt(job.distributionParameters, head)
    : job.argument
  one.bias = job.bias ? job.bias + <usize>(head * (2 * job.clip + 1) * 4) : 0
  one.aside = own
  one.line = own + job.lineAt
  one.room = own + job.roomAt
  one.marks = own + job.marksAt
  one.segments = group + job.segmentsAt
  one.scores = group + job.scoresAt
  one.gradients = group + job.gradientsAt
  one.aligned = group + job.alignedAt
  one.keyPanels = panels + job.keyPanelsAt
  one.keyRows = panels + job.keyRowsAt
  one.valuePanels = panels + job.valuePanelsAt
  one.valueRows = panels + job.valueRowsAt
  one.groupL = group + job.groupLAt
  one.groupC = group + job.groupCAt
  return one
}

/** Position in its text of query i. */
export function positionOf(part: Part, i: i32): i32 {
  return part.positions ? wordAt(part.positions, i) : i
}

/** Says that a number is not finite: the host computes the call another way. */
export function raise(job: Job): void {
  store<i32>(job.flag, 1)
}

/** Whether any lane is NaN. */
export function anyNaN(x: v128): bool {
  return v128.any_true(f32x4.ne(x, x))
}
