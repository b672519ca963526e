import { bytesOf, fold, highHalf, loadFirst, lowHalf, storeFirst } from './lanes'
import { addSquare, sumOf } from './normalize'

/** Sums of numbers that lie one after the other, and numbers that are repeated. */

@unmanaged
class SumRuns {
  X: usize = 0
  sums: usize = 0
  /** Of all runs together. */
  count: i32 = 0
  runs: i32 = 0
  /** Numbers of a run; the last one may be shorter. */
  length: i32 = 0
  /** 1 for means. */
  mean: i32 = 0
  /** 1 for sums of squares. */
  squares: i32 = 0
  /** 1 where the sums stay in float64. */
  wide: i32 = 0
  perBlock: i32 = 0
}

/** sums[r] = sum, sum of squares or mean of run r of X, for runs perBlock · block …; in float64. */
export function sumRuns(operands: usize, block: i32): void {
  const job = changetype<SumRuns>(operands)
  const first = block * job.perBlock
  const end = min(first + job.perBlock, job.runs)
  for (let r = first; r < end; r++) {
    const count = min(job.length, job.count - r * job.length)
    const from = job.X + bytesOf(r * job.length)
    const total = job.squares ? squaresOf(from, count) : sumOf(from, count)
    const sum = job.mean ? total / <f64>job.length : total
    if (job.wide) store<f64>(job.sums + ((<usize>r) << 3), sum)
    else store<f32>(job.sums + bytesOf(r), <f32>sum)
  }
}

/** Σ x² in float64: lane n has numbers n, n + 8, … */
function squaresOf(x: usize, count: i32): f64 {
  let a = f64x2.splat(0)
  let b = a
  let c = a
  let d = a
  let left = count
  for (; left >= 8; left -= 8) {
    const first = v128.load(x)
    const second = v128.load(x, 16)
    a = addSquare(a, lowHalf(first))
    b = addSquare(b, highHalf(first))
    c = addSquare(c, lowHalf(second))
    d = addSquare(d, highHalf(second))
    x += 32
  }
  for (; left > 0; left -= 4) {
    const some = loadFirst(x, left)
    a = addSquare(a, lowHalf(some))
    b = addSquare(b, highHalf(some))
    x += 16
  }
  return fold(a, b, c, d)
}

@unmanaged
class Repeat {
  X: usize = 0
  Y: usize = 0
  factor: f32 = 0
  /** Of all runs together. */
  count: i32 = 0
  runs: i32 = 0
  /** Numbers of a run; the last one may be shorter. */
  length: i32 = 0
  /** How many numbers of X a run, and a number of a run, are apart: 0 or 1. */
  perRun: i32 = 0
  perNumber: i32 = 0
  perBlock: i32 = 0
}

/** Y = factor · X, repeated, for runs perBlock · block … */
export function repeat(operands: usize, block: i32): void {
  const job = changetype<Repeat>(operands)
  const first = block * job.perBlock
  const end = min(first + job.perBlock, job.runs)
  const factor = f32x4.splat(job.factor)
  for (let r = first; r < end; r++) {
    const from = r * job.length
    let y = job.Y + bytesOf(from)
    let x = job.X + bytesOf(r * job.perRun)
    for (let left = min(job.length, job.count - from); left > 0; left -= 4) {
      const some = job.perNumber ? v128.load(x) : v128.load32_splat(x)
      storeFirst(y, f32x4.mul(factor, some), left)
      x += (<usize>job.perNumber) << 4
      y += 16
    }
  }
}
