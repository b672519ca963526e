import { bytesOf, storeFirst, wordAt } from './lanes'
import { madd } from './vector'

/** Rows of a table, taken by their indices and summed. */

@unmanaged
class Gather {
  table: usize = 0
  indices: usize = 0
  Y: usize = 0
  rows: i32 = 0
  columns: i32 = 0
  accumulate: i32 = 0
  perBlock: i32 = 0
}

/** Y[r] = table[indices[r]], or +=, for rows perBlock · block …; index −1 stands for zeros. */
export function gather(operands: usize, block: i32): void {
  const job = changetype<Gather>(operands)
  const row = bytesOf(job.columns)
  const first = block * job.perBlock
  const end = min(first + job.perBlock, job.rows)
  for (let r = first; r < end; r++) {
    const index = wordAt(job.indices, r)
    const y = job.Y + <usize>r * row
    if (job.accumulate)
      addTo(y, job.table + <usize>max(index, 0) * row, job.columns, index < 0 ? 0 : -1)
    else if (index < 0) memory.fill(y, 0, row)
    else copy(y, job.table + <usize>index * row, job.columns)
  }
}

function copy(y: usize, x: usize, columns: i32): void {
  let left = columns
  for (; left >= 4; left -= 4) {
    v128.store(y, v128.load(x))
    x += 16
    y += 16
  }
  if (left) storeFirst(y, v128.load(x), left)
}

/** y += x where the bits of `known` are set, else y += 0. */
function addTo(y: usize, x: usize, columns: i32, known: i32): void {
  const mask = i32x4.splat(known)
  let left = columns
  for (; left >= 4; left -= 4) {
    v128.store(y, f32x4.add(v128.load(y), v128.and(v128.load(x), mask)))
    x += 16
    y += 16
  }
  if (left) storeFirst(y, f32x4.add(v128.load(y), v128.and(v128.load(x), mask)), left)
}

/** Columns whose sums stay in registers. */
const SUMMED_COLUMNS: i32 = 32

@unmanaged
class SumRows {
  X: usize = 0
  starts: usize = 0
  occurrences: usize = 0
  /** 0 where every factor is 1. */
  factors: usize = 0
  Y: usize = 0
  rows: i32 = 0
  columns: i32 = 0
  accumulate: i32 = 0
  perBlock: i32 = 0
}

/**
 * Y[n] = Σ factor · X[r] over the occurrences r of segment n, in their order, or +=, for segments
 * perBlock · block …
 */
export function sumRows(operands: usize, block: i32): void {
  const job = changetype<SumRows>(operands)
  const first = block * job.perBlock
  const end = min(first + job.perBlock, job.rows)
  for (let n = first; n < end; n++) {
    const from = wordAt(job.starts, n)
    const to = wordAt(job.starts, n + 1)
    const y = job.Y + bytesOf(n * job.columns)
    if (!job.accumulate) memory.fill(y, 0, bytesOf(job.columns))
    let c = 0
    for (; c + SUMMED_COLUMNS <= job.columns; c += SUMMED_COLUMNS)
      addColumns(job, from, to, c, y + bytesOf(c))
    for (; c < job.columns; c += 4)
      addFour(job, from, to, c, y + bytesOf(c), min(4, job.columns - c))
  }
}

/** Columns c … c + 31 of one segment. */
function addColumns(job: SumRows, from: i32, to: i32, c: i32, y: usize): void {
  const X = job.X + bytesOf(c)
  const row = bytesOf(job.columns)
  let s0 = v128.load(y)
  let s1 = v128.load(y, 16)
  let s2 = v128.load(y, 32)
  let s3 = v128.load(y, 48)
  let s4 = v128.load(y, 64)
  let s5 = v128.load(y, 80)
  let s6 = v128.load(y, 96)
  let s7 = v128.load(y, 112)
  const factors = job.factors
  for (let o = (<usize>from) << 2, end = (<usize>to) << 2; o < end; o += 4) {
    const x = X + <usize>load<i32>(job.occurrences + o) * row
    const factor = factors ? v128.load_splat<f32>(factors + o) : f32x4.splat(1)
    s0 = madd(factor, v128.load(x), s0)
    s1 = madd(factor, v128.load(x, 16), s1)
    s2 = madd(factor, v128.load(x, 32), s2)
    s3 = madd(factor, v128.load(x, 48), s3)
    s4 = madd(factor, v128.load(x, 64), s4)
    s5 = madd(factor, v128.load(x, 80), s5)
    s6 = madd(factor, v128.load(x, 96), s6)
    s7 = madd(factor, v128.load(x, 112), s7)
  }
  v128.store(y, s0)
  v128.store(y, s1, 16)
  v128.store(y, s2, 32)
  v128.store(y, s3, 48)
  v128.store(y, s4, 64)
  v128.store(y, s5, 80)
  v128.store(y, s6, 96)
  v128.store(y, s7, 112)
}

/** Up to four columns of one segment. */
function addFour(job: SumRows, from: i32, to: i32, c: i32, y: usize, count: i32): void {
  const X = job.X + bytesOf(c)
  const row = bytesOf(job.columns)
  const factors = job.factors
  let sum = v128.load(y)
  for (let o = (<usize>from) << 2, end = (<usize>to) << 2; o < end; o += 4) {
    const x = X + <usize>load<i32>(job.occurrences + o) * row
    sum = madd(factors ? v128.load_splat<f32>(factors + o) : f32x4.splat(1), v128.load(x), sum)
  }
  if (count === 4) v128.store(y, sum)
  else storeFirst(y, sum, count)
}
