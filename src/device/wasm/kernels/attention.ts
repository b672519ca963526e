import { anyNaN, Job, openPart, Part, raise } from './attention-job'
import { bytesOf } from './lanes'
import { KEYS_OF_BLOCK, PANEL_ROW, STRIP_ROWS } from './numbers'
import { packRows, packTransposed, panelBytes } from './panels'
import { recordRow } from './records'
import { findSegments, segmentCount, segmentFrom, segmentTo } from './runs'
import { scoreRows } from './scores'
import { addProduct } from './tile'
import { keepRow, weighRow } from './weights'

// C_i = Σ_j A_ij v_j with A_i = p(S_i), S = a(Q, K) + bias: strip of query rows by strip of query
// rows. Every row of scores is whole when the distribution sees it; memory is linear in T_k.

/**
 * Copies some keys and values of the text and head at work into the panels that all threads share.
 */
export function attendPack(operands: usize, block: i32, thread: i32): void {
  const job = changetype<Job>(operands)
  const part = openPart(job, job.part, thread)
  const first = block * KEYS_OF_BLOCK
  packKeys(job, part, first, min(KEYS_OF_BLOCK, part.nKey - first))
}

/** The context of one strip of the text and head at work. */
export function attendStrip(operands: usize, block: i32, thread: i32): void {
  const job = changetype<Job>(operands)
  attendRows(job, openPart(job, job.part, thread), block * STRIP_ROWS)
}

/** The context of a whole text and head. */
export function attendPart(operands: usize, block: i32, thread: i32): void {
  const job = changetype<Job>(operands)
  const part = openPart(job, block, thread)
  packKeys(job, part, 0, part.nKey)
  for (let first = 0; first < part.nQuery; first += STRIP_ROWS) attendRows(job, part, first)
}

/** Panels of Rᵀ for the scores, and of V for the context. */
function packKeys(job: Job, part: Part, first: i32, keys: i32): void {
  const r = part.r + <usize>first * job.rRow
  const v = part.v + <usize>first * job.vRow
  const toKeys = part.keyPanels + <usize>(first >> 3) * panelBytes(job.dKey)
  const check = packTransposed(r, job.rRow, keys, job.dKey, toKeys)
  const other = packRows(
    v,
    job.vRow,
    keys,
    job.dValue,
    part.valueRows,
    panelBytes(part.nKey),
    first,
  )
  if (anyNaN(f32x4.add(check, other))) raise(job)
}

/** The context of a strip of query rows, from `first` on. */
function attendRows(job: Job, part: Part, first: i32): void {
  const rows = min(STRIP_ROWS, part.nQuery - first)
  findSegments(job, part, first, rows)
  // S = a(Q, K)
  scoreRows(job, part, first, rows, part.scores)
  // A = p(S + bias), row by row
  for (let r = 0; r < rows; r++) {
    const weights = part.scores + <usize>r * job.stride
    weighRow(job, part, first + r, weights)
    recordRow(job, part, first + r, weights)
    if (job.keepFactor !== 0) keepRow(job, part, first + r, weights)
  }
  // C = AV
  const c = part.c + <usize>first * job.cRow
  productWithRows(job, part, part.scores, rows, part.valueRows, c, job.cRow, job.dValue)
}

export function clearRows(x: usize, row: usize, rows: i32, columns: i32): void {
  for (let r = 0; r < rows; r++) memory.fill(x + <usize>r * row, 0, bytesOf(columns))
}

/** Y = A · X for the keys of the segments: A in rows of scratch, X in panels of rows of keys. */
export function productWithRows(
  job: Job,
  part: Part,
  a: usize,
  rows: i32,
  x: usize,
  y: usize,
  yRow: usize,
  columns: i32,
): void {
  const bytes = panelBytes(part.nKey)
  if (segmentCount(part) === 0) clearRows(y, yRow, rows, columns)
  for (let n = 0; n < segmentCount(part); n++) {
    const from = segmentFrom(part, n) << 3
    const keys = min(segmentTo(part, n) << 3, part.nKey) - from
    const at = a + bytesOf(from)
    addProduct(
      at,
      job.stride,
      4,
      x + <usize>from * PANEL_ROW,
      bytes,
      y,
      yRow,
      rows,
      columns,
      keys,
      n === 0,
      false,
      part.aside,
    )
  }
}
