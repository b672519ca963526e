import { bytesOf, storeFirst, wordAt } from './lanes'
import { madd } from './vector'

/** What a step of learning does to its parameters. */

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

/** Runs of the numbers or rows perBlock · block … */
function eachRun<S extends Step>(job: S, block: i32): void {
  const begin = block * job.perBlock
  const end = min(begin + job.perBlock, job.count)
  if (!job.rows) {
    job.run(bytesOf(begin), bytesOf(begin), end - begin)
    return
  }
  const row = bytesOf(job.columns)
  for (let r = begin; r < end; r++)
    job.run(<usize>wordAt(job.rows, r) * row, <usize>r * row, job.columns)
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

  /** A run of numbers: `at` bytes into the parameter, `from` bytes into the gradient. */
  run(at: usize, from: usize, count: i32): void {
    const rate = f32x4.splat(-this.rate)
    const decay = f32x4.splat(this.decay)
    const beta1 = f32x4.splat(this.beta1)
    const beta2 = f32x4.splat(this.beta2)
    const share1 = f32x4.splat(this.share1)
    const share2 = f32x4.splat(this.share2)
    const correction1 = f32x4.splat(this.correction1)
    const correction2 = f32x4.splat(this.correction2)
    const epsilon = f32x4.splat(this.epsilon)
    let parameter = this.parameter + at
    let gradient = this.gradient + from
    let first = this.first + at
    let second = this.second + at
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
}

/**
 * m = β₁m + (1 − β₁)g, v = β₂v + (1 − β₂)g², p −= rate · (m̂/(√v̂ + ε) + decay · p), for numbers or
 * rows perBlock · block …
 */
export function adamW(operands: usize, block: i32): void {
  eachRun<AdamW>(changetype<AdamW>(operands), block)
}

@unmanaged
class Sgd extends Step {
  /** 0 where there is none. */
  velocity: usize = 0
  rate: f32 = 0
  momentum: f32 = 0
  decay: f32 = 0

  run(at: usize, from: usize, count: i32): void {
    const rate = f32x4.splat(-this.rate)
    const momentum = f32x4.splat(this.momentum)
    const decay = f32x4.splat(this.decay)
    const kept = this.velocity !== 0
    let parameter = this.parameter + at
    let gradient = this.gradient + from
    let velocity = this.velocity + at
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
}

/** v = momentum · v + g + decay · p, p −= rate · v, for numbers or rows perBlock · block … */
export function sgd(operands: usize, block: i32): void {
  eachRun<Sgd>(changetype<Sgd>(operands), block)
}
