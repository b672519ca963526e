import { bytesOf, firstLanes, fold, highHalf, lowHalf, storeFirst } from './lanes'

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
    const total = job.squares ? sumOf<Square>(from, count, 0) : sumOf<Itself>(from, count, 0)
    const sum = job.mean ? total / <f64>job.length : total
    if (job.wide) store<f64>(job.sums + ((<usize>r) << 3), sum)
    else store<f32>(job.sums + bytesOf(r), <f32>sum)
  }
}

/** Terms of a sum over two numbers of a row, some of them masked. */
@unmanaged
export class Itself {
  of(x: v128, _mean: v128): v128 {
    return x
  }
}

@unmanaged
class Square {
  of(x: v128, _mean: v128): v128 {
    return f64x2.mul(x, x)
  }
}

@unmanaged
export class Deviation {
  of(x: v128, mean: v128): v128 {
    const difference = f64x2.sub(x, mean)
    return f64x2.mul(difference, difference)
  }
}

/** Σ of terms over a row in float64: lane n has numbers n, n + 8, … */
export function sumOf<Term>(x: usize, count: i32, mean: f64): f64 {
  const term = changetype<Term>(<usize>0)
  const means = f64x2.splat(mean)
  let a = f64x2.splat(0)
  let b = a
  let c = a
  let d = a
  let left = count
  for (; left >= 8; left -= 8) {
    const first = v128.load(x)
    const second = v128.load(x, 16)
    a = f64x2.add(a, term.of(lowHalf(first), means))
    b = f64x2.add(b, term.of(highHalf(first), means))
    c = f64x2.add(c, term.of(lowHalf(second), means))
    d = f64x2.add(d, term.of(highHalf(second), means))
    x += 32
  }
  for (; left > 0; left -= 4) {
    const some = v128.load(x)
    const mask = firstLanes(left)
    const low = v128.shuffle<u32>(mask, mask, 0, 0, 1, 1)
    const high = v128.shuffle<u32>(mask, mask, 2, 2, 3, 3)
    a = f64x2.add(a, v128.and(term.of(lowHalf(some), means), low))
    b = f64x2.add(b, v128.and(term.of(highHalf(some), means), high))
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
