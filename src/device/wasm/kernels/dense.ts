import { bytesOf, highHalf, lowHalf, rounded, storeFirst } from './lanes'
import { scale as scaleRow } from './softmax'
import { madd } from './vector'

/** Numbers that are changed each by itself, and sums of columns. */

@unmanaged
class Combine {
  a: f32 = 0
  b: f32 = 0
  A: usize = 0
  B: usize = 0
  C: usize = 0
  count: i32 = 0
  perBlock: i32 = 0
}

/** C = aA + bB. */
export function combine(operands: usize, block: i32): void {
  const job = changetype<Combine>(operands)
  const a = f32x4.splat(job.a)
  const b = f32x4.splat(job.b)
  const from = bytesOf(block * job.perBlock)
  let left = min(job.perBlock, job.count - block * job.perBlock)
  let A = job.A + from
  let B = job.B + from
  let C = job.C + from
  for (; left >= 4; left -= 4) {
    v128.store(C, madd(a, v128.load(A), f32x4.mul(b, v128.load(B))))
    A += 16
    B += 16
    C += 16
  }
  if (left) storeFirst(C, madd(a, v128.load(A), f32x4.mul(b, v128.load(B))), left)
}

@unmanaged
class Multiply {
  A: usize = 0
  B: usize = 0
  C: usize = 0
  count: i32 = 0
  perBlock: i32 = 0
}

/** C = A ∘ B. */
export function multiply(operands: usize, block: i32): void {
  const job = changetype<Multiply>(operands)
  const from = bytesOf(block * job.perBlock)
  let left = min(job.perBlock, job.count - block * job.perBlock)
  let A = job.A + from
  let B = job.B + from
  let C = job.C + from
  for (; left >= 4; left -= 4) {
    v128.store(C, f32x4.mul(v128.load(A), v128.load(B)))
    A += 16
    B += 16
    C += 16
  }
  if (left) storeFirst(C, f32x4.mul(v128.load(A), v128.load(B)), left)
}

@unmanaged
class Scale {
  factor: f32 = 0
  X: usize = 0
  count: i32 = 0
  perBlock: i32 = 0
}

/** X times a factor. */
export function scale(operands: usize, block: i32): void {
  const job = changetype<Scale>(operands)
  const first = block * job.perBlock
  scaleRow(job.X + bytesOf(first), min(job.perBlock, job.count - first), job.factor)
}

@unmanaged
class AddBias {
  X: usize = 0
  b: usize = 0
  Y: usize = 0
  rows: i32 = 0
  columns: i32 = 0
  perBlock: i32 = 0
}

/** Y = X + b in rows perBlock · block … */
export function addBias(operands: usize, block: i32): void {
  const job = changetype<AddBias>(operands)
  const columns = job.columns
  const first = block * job.perBlock
  const rows = min(job.perBlock, job.rows - first)
  let X = job.X + bytesOf(first * columns)
  let Y = job.Y + bytesOf(first * columns)
  for (let r = 0; r < rows; r++) {
    let b = job.b
    let left = columns
    for (; left >= 4; left -= 4) {
      v128.store(Y, f32x4.add(v128.load(X), v128.load(b)))
      X += 16
      Y += 16
      b += 16
    }
    if (left) storeFirst(Y, f32x4.add(v128.load(X), v128.load(b)), left)
    X += bytesOf(left)
    Y += bytesOf(left)
  }
}

/** Columns whose sums stay in registers, and columns in one block of work. */
const SUMMED_COLUMNS: i32 = 16
export const COLUMNS_IN_BLOCK: i32 = 32

@unmanaged
class SumColumns {
  X: usize = 0
  y: usize = 0
  rows: i32 = 0
  columns: i32 = 0
  /** 1 where the sums begin at y. */
  accumulate: i32 = 0
  /** 1 for means, which begin at 0. */
  mean: i32 = 0
}

/**
 * y = column sums of X, or +=, or column means, for columns 32·block …: each in the order of the rows, in float64,
 * rounded once.
 */
export function sumColumns(operands: usize, block: i32): void {
  const job = changetype<SumColumns>(operands)
  const end = min(job.columns, (block + 1) * COLUMNS_IN_BLOCK)
  let c = block * COLUMNS_IN_BLOCK
  for (; c + SUMMED_COLUMNS <= end; c += SUMMED_COLUMNS) sumSixteen(job, c)
  for (; c < end; c += 4) sumFour(job, c, min(4, end - c))
}

function sumSixteen(job: SumColumns, c: i32): void {
  const row = bytesOf(job.columns)
  const y = job.y + bytesOf(c)
  let x = job.X + bytesOf(c)
  const accumulate = job.accumulate
  let a0 = lowHalf(begin(y, accumulate))
  let a1 = highHalf(begin(y, accumulate))
  let b0 = lowHalf(begin(y + 16, accumulate))
  let b1 = highHalf(begin(y + 16, accumulate))
  let c0 = lowHalf(begin(y + 32, accumulate))
  let c1 = highHalf(begin(y + 32, accumulate))
  let d0 = lowHalf(begin(y + 48, accumulate))
  let d1 = highHalf(begin(y + 48, accumulate))
  for (let r = job.rows; r > 0; r--) {
    const a = v128.load(x)
    const b = v128.load(x, 16)
    a0 = f64x2.add(a0, lowHalf(a))
    a1 = f64x2.add(a1, highHalf(a))
    b0 = f64x2.add(b0, lowHalf(b))
    b1 = f64x2.add(b1, highHalf(b))
    const c = v128.load(x, 32)
    const d = v128.load(x, 48)
    c0 = f64x2.add(c0, lowHalf(c))
    c1 = f64x2.add(c1, highHalf(c))
    d0 = f64x2.add(d0, lowHalf(d))
    d1 = f64x2.add(d1, highHalf(d))
    x += row
  }
  const by = divisor(job)
  v128.store(y, rounded(f64x2.div(a0, by), f64x2.div(a1, by)))
  v128.store(y, rounded(f64x2.div(b0, by), f64x2.div(b1, by)), 16)
  v128.store(y, rounded(f64x2.div(c0, by), f64x2.div(c1, by)), 32)
  v128.store(y, rounded(f64x2.div(d0, by), f64x2.div(d1, by)), 48)
}

function sumFour(job: SumColumns, c: i32, count: i32): void {
  const row = bytesOf(job.columns)
  const y = job.y + bytesOf(c)
  let x = job.X + bytesOf(c)
  const begun = begin(y, job.accumulate)
  let a0 = lowHalf(begun)
  let a1 = highHalf(begun)
  for (let r = job.rows; r > 0; r--) {
    const a = v128.load(x)
    a0 = f64x2.add(a0, lowHalf(a))
    a1 = f64x2.add(a1, highHalf(a))
    x += row
  }
  const by = divisor(job)
  storeFirst(y, rounded(f64x2.div(a0, by), f64x2.div(a1, by)), count)
}

/** What sums are divided by: 1, which changes nothing, or the numbers of a mean. */
function divisor(job: SumColumns): v128 {
  return f64x2.splat(job.mean ? <f64>job.rows : 1)
}

/** Where sums begin: at what is in memory, or at zero. */
function begin(y: usize, accumulate: i32): v128 {
  return accumulate ? v128.load(y) : f32x4.splat(0)
}
