import { firstLanes, fold, highHalf, lowHalf, storeFirst } from './lanes'
import { madd } from './vector'

/** What a step of learning does to its parameters. */

@unmanaged
class SumSquares {
  X: usize = 0
  /** float64, one for each block. */
  sums: usize = 0
  count: i32 = 0
  perBlock: i32 = 0
}

/** sums[block] = Σ x² over one block of numbers, in float64: lane n has numbers n, n + 8, … */
export function sumSquares(operands: usize, block: i32): void {
  const job = changetype<SumSquares>(operands)
  let left = min(job.perBlock, job.count - block * job.perBlock)
  let X = job.X + ((<usize>(block * job.perBlock)) << 2)
  let a = f64x2.splat(0)
  let b = a
  let c = a
  let d = a
  for (; left >= 8; left -= 8) {
    const x = v128.load(X)
    const y = v128.load(X, 16)
    a = addSquare(a, lowHalf(x))
    b = addSquare(b, highHalf(x))
    c = addSquare(c, lowHalf(y))
    d = addSquare(d, highHalf(y))
    X += 32
  }
  for (; left > 0; left -= 4) {
    const x = left >= 4 ? v128.load(X) : v128.and(v128.load(X), firstLanes(left))
    a = addSquare(a, lowHalf(x))
    b = addSquare(b, highHalf(x))
    X += 16
  }
  store<f64>(job.sums + ((<usize>block) << 3), fold(a, b, c, d))
}

function addSquare(sum: v128, x: v128): v128 {
  return f64x2.add(sum, f64x2.mul(x, x))
}

/**
 * Which numbers a step changes: all, or the rows that are named, whose gradients lie one behind the
 * other.
 */
@unmanaged
class Step {
  parameter: usize = 0
  gradient: usize = 0
  /** int32, or 0 where all numbers count as one row. */
  rows: usize = 0
  /** Rows, or numbers where none are named. */
  count: i32 = 0
  perBlock: i32 = 0
  columns: i32 = 0
}

@unmanaged
class AdamW extends Step {
  first: usize = 0
  second: usize = 0
  rate: f32 = 0
  decay: f32 = 0
  beta1: f32 = 0
  beta2: f32 = 0
  /** 1 − β₁ and 1 − β₂. */
  share1: f32 = 0
  share2: f32 = 0
  /** 1/(1 − β₁ᵗ) and 1/√(1 − β₂ᵗ). */
  correction1: f32 = 0
  correction2: f32 = 0
  epsilon: f32 = 0
}

/**
 * m = β₁m + (1 − β₁)g, v = β₂v + (1 − β₂)g², p −= rate · (m̂/(√v̂ + ε) + decay · p), for numbers or
 * rows perBlock · block …
 */
export function adamW(operands: usize, block: i32): void {
  const job = changetype<AdamW>(operands)
  const begin = block * job.perBlock
  const end = min(begin + job.perBlock, job.count)
  if (!job.rows) {
    adamWRun(job, (<usize>begin) << 2, (<usize>begin) << 2, end - begin)
    return
  }
  const row = (<usize>job.columns) << 2
  for (let r = begin; r < end; r++) {
    adamWRun(job, <usize>load<i32>(job.rows + ((<usize>r) << 2)) * row, <usize>r * row, job.columns)
  }
}

/** A run of numbers: `at` bytes into the parameter, `from` bytes into the gradient. */
function adamWRun(job: AdamW, at: usize, from: usize, count: i32): void {
  const rate = f32x4.splat(-job.rate)
  const decay = f32x4.splat(job.decay)
  const beta1 = f32x4.splat(job.beta1)
  const beta2 = f32x4.splat(job.beta2)
  const share1 = f32x4.splat(job.share1)
  const share2 = f32x4.splat(job.share2)
  const correction1 = f32x4.splat(job.correction1)
  const correction2 = f32x4.splat(job.correction2)
  const epsilon = f32x4.splat(job.epsilon)
  let parameter = job.parameter + at
  let gradient = job.gradient + from
  let first = job.first + at
  let second = job.second + at
  for (let left = count; left > 0; left -= 4) {
    const g = v128.load(gradient)
    const p = v128.load(parameter)
    const m = madd(share1, g, f32x4.mul(beta1, v128.load(first)))
    const v = madd(f32x4.mul(share2, g), g, f32x4.mul(beta2, v128.load(second)))
    const direction = f32x4.div(
      f32x4.mul(m, correction1),
      madd(f32x4.sqrt(v), correction2, epsilon),
    )
    const next = madd(rate, madd(decay, p, direction), p)
    if (left >= 4) {
      v128.store(first, m)
      v128.store(second, v)
      v128.store(parameter, next)
    } else {
      storeFirst(first, m, left)
      storeFirst(second, v, left)
      storeFirst(parameter, next, left)
    }
    gradient += 16
    parameter += 16
    first += 16
    second += 16
  }
}

@unmanaged
class Sgd extends Step {
  /** 0 where there is none. */
  velocity: usize = 0
  rate: f32 = 0
  momentum: f32 = 0
  decay: f32 = 0
}

/** v = momentum · v + g + decay · p, p −= rate · v, for numbers or rows perBlock · block … */
export function sgd(operands: usize, block: i32): void {
  const job = changetype<Sgd>(operands)
  const begin = block * job.perBlock
  const end = min(begin + job.perBlock, job.count)
  if (!job.rows) {
    sgdRun(job, (<usize>begin) << 2, (<usize>begin) << 2, end - begin)
    return
  }
  const row = (<usize>job.columns) << 2
  for (let r = begin; r < end; r++) {
    sgdRun(job, <usize>load<i32>(job.rows + ((<usize>r) << 2)) * row, <usize>r * row, job.columns)
  }
}

function sgdRun(job: Sgd, at: usize, from: usize, count: i32): void {
  const rate = f32x4.splat(-job.rate)
  const momentum = f32x4.splat(job.momentum)
  const decay = f32x4.splat(job.decay)
  const kept = job.velocity !== 0
  let parameter = job.parameter + at
  let gradient = job.gradient + from
  let velocity = job.velocity + at
  for (let left = count; left > 0; left -= 4) {
    const p = v128.load(parameter)
    const g = madd(decay, p, v128.load(gradient))
    const v = kept ? madd(momentum, v128.load(velocity), g) : g
    const next = madd(rate, v, p)
    if (left >= 4) {
      if (kept) v128.store(velocity, v)
      v128.store(parameter, next)
    } else {
      if (kept) storeFirst(velocity, v, left)
      storeFirst(parameter, next, left)
    }
    gradient += 16
    parameter += 16
    velocity += 16
  }
}
