import { expBelowZero4, log4 } from './elementary'
import { bytesOf, firstLanes, fold, highHalf, lowHalf, storeFirst, wordAt } from './lanes'
import { scale } from './softmax'

/** Cross-entropy of rows of logits: z + offsets, a class for each column. */

@unmanaged
class LossRows {
  Z: usize = 0
  offsets: usize = 0
  /** int32, one for each row. */
  targets: usize = 0
  /** One for each row, or 0 where they are not wanted. */
  losses: usize = 0
  rows: i32 = 0
  classes: i32 = 0
  perBlock: i32 = 0
  /** 1 where the logits become their gradients. */
  backward: i32 = 0
  factor: f32 = 0
}

/**
 * losses[r] = m − z[target] + log Σ e^{z − m} with m the largest logit, for rows perBlock · block …
 *
 * Backward, logits become dz = factor · (softmax(z) − 1 at the target) too.
 */
export function lossRows(operands: usize, block: i32): void {
  const job = changetype<LossRows>(operands)
  const first = block * job.perBlock
  const end = min(first + job.perBlock, job.rows)
  for (let r = first; r < end; r++) {
    const z = job.Z + bytesOf(r * job.classes)
    const m = largest(z, job.offsets, job.classes)
    const column = bytesOf(wordAt(job.targets, r))
    const target = z + column
    const below = m - (load<f32>(target) + load<f32>(job.offsets + column))
    const powers = powersOf(z, job.offsets, job.classes, m, job.backward)
    if (job.losses) store<f32>(job.losses + bytesOf(r), below + logarithm(powers))
    if (!job.backward) continue
    // p − 1 is −Σ of the others / Σ: nothing is lost where p is near 1
    const atTarget = (<f64>job.factor * (<f64>load<f32>(target) - powers)) / powers
    scale(z, job.classes, <f32>(<f64>job.factor / powers))
    store<f32>(target, <f32>atTarget)
  }
}

function logarithm(powers: f64): f32 {
  return f32x4.extract_lane(log4(f32x4.splat(<f32>powers)), 0)
}

/** Logits in four lanes. */
function logits(z: usize, offsets: usize): v128 {
  return f32x4.add(v128.load(z), v128.load(offsets))
}

/** The largest of the logits; NaN where one is. */
function largest(z: usize, offsets: usize, classes: i32): f32 {
  let a = f32x4.splat(-Infinity)
  let b = a
  let left = classes
  for (; left >= 8; left -= 8) {
    a = f32x4.max(a, logits(z, offsets))
    b = f32x4.max(b, logits(z + 16, offsets + 16))
    z += 32
    offsets += 32
  }
  for (; left > 0; left -= 4) {
    const some = logits(z, offsets)
    a = f32x4.max(
      a,
      left >= 4 ? some : v128.bitselect(some, f32x4.splat(-Infinity), firstLanes(left)),
    )
    z += 16
    offsets += 16
  }
  a = f32x4.max(a, b)
  return max(
    max(f32x4.extract_lane(a, 0), f32x4.extract_lane(a, 1)),
    max(f32x4.extract_lane(a, 2), f32x4.extract_lane(a, 3)),
  )
}

/**
 * Σ e^{z − m} in float64, so that what lies beside a class of weight 1 is not lost; NaN where m is
 * not finite. With `write` the logits become its terms.
 */
function powersOf(z: usize, offsets: usize, classes: i32, m: f32, write: i32): f64 {
  if (m - m !== 0) return NaN
  const most = f32x4.splat(m)
  let a = f64x2.splat(0)
  let b = a
  for (let left = classes; left > 0; left -= 4) {
    const all = expBelowZero4(f32x4.sub(logits(z, offsets), most))
    const some = v128.and(all, firstLanes(left))
    if (write) storeFirst(z, all, left)
    a = f64x2.add(a, lowHalf(some))
    b = f64x2.add(b, highHalf(some))
    z += 16
    offsets += 16
  }
  return fold(a, b, f64x2.splat(0), f64x2.splat(0))
}
