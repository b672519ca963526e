import { clearRows, productWithRows } from './attention'
import { anyNaN, Job, openPart, Part, raise } from './attention-job'
import { distributeBackward } from './distributions'
import { bytesOf, wordAt } from './lanes'
import { EPILOGUE_ADDITIVE, EPILOGUE_DISTANCE, KEYS_OF_BLOCK, STRIP_ROWS } from './numbers'
import { addAdditiveKeys, addDistanceKeys, additiveRows, distanceRows } from './pairs'
import { packRows, packTransposed, panelBytes } from './panels'
import {
  closeLine,
  findSegments,
  openLine,
  runLength,
  runLimits,
  runsOf,
  segmentCount,
  segmentFrom,
  segmentTo,
} from './runs'
import { activateRowBackward, addBiasBackward, addTo, isActivated, scoreRows } from './scores'
import { addProduct } from './tile'
import { keepRow, weighRow } from './weights'

// Forward was: C = AV, A = p(S + bias), S = a(L, R). Scores are computed again, a group of query
// rows at a time; then dV = AᵀdC, dA = dC Vᵀ, dS by the distribution's rule, dL = dS R and dR =
// dSᵀL. Rows of dV and dR are sums over the query rows in their order, so that neither groups nor
// threads change a bit: threads share the rows of a group, then its keys.

/**
 * Copies some keys and values of the text and head at work into shared panels, and clears their
 * gradients.
 */
export function attendPackBackward(operands: usize, block: i32, thread: i32): void {
  const job = changetype<Job>(operands)
  const part = openPart(job, job.part, thread)
  const first = block * KEYS_OF_BLOCK
  packKeysBackward(job, part, first, min(KEYS_OF_BLOCK, part.nKey - first))
}

/** Which keys the group at work looks at. */
export function attendSegments(operands: usize, _block: i32, thread: i32): void {
  const job = changetype<Job>(operands)
  findSegments(job, openPart(job, job.part, thread), job.groupFirst, job.groupSize)
}

/** Weights and gradients of scores of one strip of the group at work, and its rows of dL. */
export function attendStripBackward(operands: usize, block: i32, thread: i32): void {
  const job = changetype<Job>(operands)
  const first = block * STRIP_ROWS
  rowsBackward(
    job,
    openPart(job, job.part, thread),
    job.groupFirst,
    first,
    min(STRIP_ROWS, job.groupSize - first),
  )
}

/** Adds what the group at work gives to the gradients of some keys and values. */
export function attendKeysBackward(operands: usize, block: i32, thread: i32): void {
  const job = changetype<Job>(operands)
  const part = openPart(job, job.part, thread)
  const first = block * KEYS_OF_BLOCK
  keysBackward(
    job,
    part,
    first,
    min(first + KEYS_OF_BLOCK, part.nKey),
    job.groupFirst,
    job.groupSize,
  )
}

/** All gradients of a whole text and the heads that share keys and values. */
export function attendPartBackward(operands: usize, block: i32, thread: i32): void {
  const job = changetype<Job>(operands)
  const first = block * job.valueGroup
  for (let part = first; part < first + job.valueGroup; part++) partBackward(job, part, thread)
}

function partBackward(job: Job, number: i32, thread: i32): void {
  const part = openPart(job, number, thread)
  packKeysBackward(job, part, 0, part.nKey)
  for (let group = 0; group < part.nQuery; group += job.groupRows) {
    const size = min(job.groupRows, part.nQuery - group)
    findSegments(job, part, group, size)
    for (let first = 0; first < size; first += STRIP_ROWS)
      rowsBackward(job, part, group, first, min(STRIP_ROWS, size - first))
    keysBackward(job, part, 0, part.nKey, group, size)
  }
}

/** Panels of Rᵀ and R, and of Vᵀ; zeros in dR and dV, before the first head that shares them. */
function packKeysBackward(job: Job, part: Part, first: i32, keys: i32): void {
  const r = part.r + <usize>first * job.rRow
  const v = part.v + <usize>first * job.vRow
  const panel = <usize>(first >> 3)
  const check = packTransposed(
    r,
    job.rRow,
    keys,
    job.dKey,
    part.keyPanels + panel * panelBytes(job.dKey),
  )
  packRows(r, job.rRow, keys, job.dKey, part.keyRows, panelBytes(part.nKey), first)
  const other = packTransposed(
    v,
    job.vRow,
    keys,
    job.dValue,
    part.valuePanels + panel * panelBytes(job.dValue),
  )
  if (anyNaN(f32x4.add(check, other))) raise(job)
  if (part.head % job.keyGroup === 0)
    clearRows(part.dR + <usize>first * job.rRow, job.rRow, keys, job.dKey)
  if (part.head % job.valueGroup === 0)
    clearRows(part.dV + <usize>first * job.vRow, job.vRow, keys, job.dValue)
}

/** One strip: rows first … first + rows − 1 of a group that begins at query `group`. */
function rowsBackward(job: Job, part: Part, group: i32, first: i32, rows: i32): void {
  const i0 = group + first
  const weights = part.scores + <usize>first * job.stride
  const gradients = part.gradients + <usize>first * job.stride
  const aligned = part.aligned + <usize>first * job.stride
  const l = part.l + <usize>i0 * job.lRow
  const dC = part.c + <usize>i0 * job.cRow
  // numbers that the keys of the group need
  const check = packRows(l, job.lRow, rows, job.dKey, part.groupL, panelBytes(job.groupRows), first)
  const other = packRows(
    dC,
    job.cRow,
    rows,
    job.dValue,
    part.groupC,
    panelBytes(job.groupRows),
    first,
  )
  if (anyNaN(f32x4.add(check, other))) raise(job)
  // S = a(L, R), dA = dC Vᵀ
  scoreRows(job, part, i0, rows, weights)
  if (isActivated(job)) copyRows(job, part, weights, rows, aligned)
  for (let n = 0; n < segmentCount(part); n++) {
    const from = segmentFrom(part, n)
    const bytes = panelBytes(job.dValue)
    const at = gradients + <usize>(from << 5)
    const columns = (segmentTo(part, n) - from) << 3
    const panels = part.valuePanels + <usize>from * bytes
    addProduct(
      dC,
      job.cRow,
      4,
      panels,
      bytes,
      at,
      job.stride,
      rows,
      columns,
      job.dValue,
      true,
      true,
      part.aside,
    )
  }
  const sums = clearPartials(job, part, i0)
  for (let r = 0; r < rows; r++) {
    const row = <usize>r * job.stride
    rowBackward(job, part, i0 + r, weights + row, gradients + row, aligned + row, sums)
  }
  // dL = dS R
  const dL = part.dL + <usize>i0 * job.lRow
  if (job.epilogue === EPILOGUE_DISTANCE) distanceRows(job, part, gradients, rows, l, dL)
  else if (job.epilogue === EPILOGUE_ADDITIVE)
    additiveRows(job, part, gradients, rows, l, dL, sums + <usize>epilogueAt(job))
  else productWithRows(job, part, gradients, rows, part.keyRows, dL, job.lRow, job.dKey)
}

/** From dA to dS of one query: forward was A = p(S + bias), then dropout. */
function rowBackward(
  job: Job,
  part: Part,
  i: i32,
  a: usize,
  d: usize,
  aligned: usize,
  sums: usize,
): void {
  weighRow(job, part, i, a)
  if (job.keepFactor !== 0) keepRow(job, part, i, d)
  const runs = runsOf(job, part, i)
  const limits = runLimits(job, part, i)
  const dParameter = sums + <usize>epilogueAt(job) + bytesOf(job.epilogueWidth)
  const dA = openLine(d, runs, limits, part.line + job.stride)
  const A = openLine(a, runs, limits, part.line)
  const count = runLength(runs, limits)
  if (count > 0)
    distributeBackward(job.distribution, dA, A, count, part.argument, part.room, dParameter)
  closeLine(part, dA, runs, limits, d)
  if (job.bias !== 0) addBiasBackward(job, part, i, d, runs, limits, sums)
  if (isActivated(job)) {
    const dZ = activateRowBackward(job, part, aligned, d)
    if (job.epilogueWidth) addTo(sums + <usize>epilogueAt(job), dZ)
  }
  if (job.keepFactor !== 0) keepRow(job, part, i, a)
}

/** Bytes before the epilogue's sums in a strip's: those of the bias. */
function epilogueAt(job: Job): i32 {
  return job.bias !== 0 ? (2 * job.clip + 1) << 2 : 0
}

/**
 * Zeros for the sums of the strip of query i: bias, epilogue, distribution.
 *
 * @returns their address
 */
function clearPartials(job: Job, part: Part, i: i32): usize {
  if (job.partialBytes === 0) return 0
  const before = wordAt(job.stripStarts, part.text)
  const strips = wordAt(job.stripStarts, part.text + 1) - before
  const at =
    job.partials +
    <usize>(before * job.heads + part.head * strips + i / STRIP_ROWS) * job.partialBytes
  memory.fill(at, 0, job.partialBytes)
  return at
}

function copyRows(job: Job, part: Part, from: usize, rows: i32, to: usize): void {
  for (let n = 0; n < segmentCount(part); n++) {
    const at = <usize>(segmentFrom(part, n) << 5)
    const bytes = <usize>(segmentTo(part, n) << 5) - at
    for (let r = 0; r < rows; r++)
      memory.copy(to + <usize>r * job.stride + at, from + <usize>r * job.stride + at, bytes)
  }
}

/** dV += AᵀdC and dR += dSᵀL for keys first … end − 1, from the rows of a group. */
function keysBackward(job: Job, part: Part, first: i32, end: i32, group: i32, size: i32): void {
  const bytes = panelBytes(job.groupRows)
  for (let n = 0; n < segmentCount(part); n++) {
    const from = max(segmentFrom(part, n) << 3, first)
    const keys = min(min(segmentTo(part, n) << 3, part.nKey), end) - from
    if (keys <= 0) continue
    const at = bytesOf(from)
    const dV = part.dV + <usize>from * job.vRow
    const dR = part.dR + <usize>from * job.rRow
    addProduct(
      part.scores + at,
      4,
      job.stride,
      part.groupC,
      bytes,
      dV,
      job.vRow,
      keys,
      job.dValue,
      size,
      false,
      false,
      part.aside,
    )
    if (job.epilogue === EPILOGUE_DISTANCE) addDistanceKeys(job, part, from, keys, group, size, dR)
    else if (job.epilogue === EPILOGUE_ADDITIVE)
      addAdditiveKeys(job, part, from, keys, group, size, dR)
    else
      addProduct(
        part.gradients + at,
        4,
        job.stride,
        part.groupL,
        bytes,
        dR,
        job.rRow,
        keys,
        job.dKey,
        size,
        false,
        false,
        part.aside,
      )
  }
}
