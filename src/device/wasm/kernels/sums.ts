import { storeFirst } from './lanes'
import { sumOf } from './normalize'

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
  /** 1 where the sums stay in float64. */
  wide: i32 = 0
  perBlock: i32 = 0
}

/** sums[r] = sum, or mean, of run r of X, for runs perBlock · block …; in float64. */
export function sumRuns(operands: usize, block: i32): void {
  const job = changetype<SumRuns>(operands)
  const first = block * job.perBlock
  const end = min(first + job.perBlock, job.runs)
  for (let r = first; r < end; r++) {
    const from = r * job.length
    const total = sumOf(job.X + ((<usize>from) << 2), min(job.length, job.count - from))
    const sum = job.mean ? total / <f64>job.length : total
    if (job.wide) store<f64>(job.sums + ((<usize>r) << 3), sum)
    else store<f32>(job.sums + ((<usize>r) << 2), <f32>sum)
  }
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
    let y = job.Y + ((<usize>from) << 2)
    let x = job.X + ((<usize>(r * job.perRun)) << 2)
    for (let left = min(job.length, job.count - from); left > 0; left -= 4) {
      const some = job.perNumber ? v128.load(x) : v128.load32_splat(x)
      storeFirst(y, f32x4.mul(factor, some), left)
      x += (<usize>job.perNumber) << 4
      y += 16
    }
  }
}
