import { Draws } from './attention-job'
import { bytesOf, storeFirst } from './lanes'

/**
 * Philox 4×32-10: four words of 32 bits from a counter of four words and a key of two.
 *
 * @see Salmon et al. 2011, §3.3
 */

const MULTIPLIER_0: u32 = 0xd2511f53
const MULTIPLIER_1: u32 = 0xcd9e8d57
const WEYL_0: u32 = 0x9e3779b9
const WEYL_1: u32 = 0xbb67ae85
@unmanaged
class Dropout extends Draws {
  X: usize = 0
  Y: usize = 0
  count: i32 = 0
  perBlock: i32 = 0
}

/** Y = X/(1 − rate), 0 where a number is dropped. */
export function dropout(operands: usize, block: i32): void {
  const job = changetype<Dropout>(operands)
  const first = block * job.perBlock
  const at = bytesOf(first)
  const count = min(job.perBlock, job.count - first)
  dropNumbers(job, job.stream, job.X + at, job.Y + at, count, first >>> 2)
}

/** The same of `left` numbers, the first four by counter `first`: sixteen from four counters at a time. */
export function dropNumbers(job: Draws, own: u32, X: usize, Y: usize, left: i32, first: i32): void {
  const factor = f32x4.splat(job.keepFactor)
  const last = i32x4.splat(job.last)
  const stream = i32x4.splat(own)
  const step = i32x4.splat(job.step)
  let counter = i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3))
  for (; left > 0; left -= 16) {
    let c0 = counter
    let c1 = step
    let c2 = stream
    let c3 = i32x4.splat(1)
    let k0 = job.seedLow
    let k1 = job.seedHigh
    for (let round = 0; round < 10; round++) {
      const a = i64x2.extmul_low_i32x4_u(c0, i32x4.splat(MULTIPLIER_0))
      const b = i64x2.extmul_high_i32x4_u(c0, i32x4.splat(MULTIPLIER_0))
      const c = i64x2.extmul_low_i32x4_u(c2, i32x4.splat(MULTIPLIER_1))
      const d = i64x2.extmul_high_i32x4_u(c2, i32x4.splat(MULTIPLIER_1))
      c0 = v128.xor(v128.xor(upper(c, d), c1), i32x4.splat(k0))
      c1 = lower(c, d)
      c2 = v128.xor(v128.xor(upper(a, b), c3), i32x4.splat(k1))
      c3 = lower(a, b)
      k0 += WEYL_0
      k1 += WEYL_1
    }
    c0 = i32x4.le_u(c0, last)
    c1 = i32x4.le_u(c1, last)
    c2 = i32x4.le_u(c2, last)
    c3 = i32x4.le_u(c3, last)
    // from one vector for each word to one for each counter
    const near01 = v128.shuffle<u32>(c0, c1, 0, 4, 1, 5)
    const near23 = v128.shuffle<u32>(c2, c3, 0, 4, 1, 5)
    const far01 = v128.shuffle<u32>(c0, c1, 2, 6, 3, 7)
    const far23 = v128.shuffle<u32>(c2, c3, 2, 6, 3, 7)
    keep(X, Y, factor, v128.shuffle<u64>(near01, near23, 0, 2), left)
    keep(X + 16, Y + 16, factor, v128.shuffle<u64>(near01, near23, 1, 3), left - 4)
    keep(X + 32, Y + 32, factor, v128.shuffle<u64>(far01, far23, 0, 2), left - 8)
    keep(X + 48, Y + 48, factor, v128.shuffle<u64>(far01, far23, 1, 3), left - 12)
    counter = i32x4.add(counter, i32x4.splat(4))
    X += 64
    Y += 64
  }
}

function upper(a: v128, b: v128): v128 {
  return v128.shuffle<u32>(a, b, 1, 3, 5, 7)
}

function lower(a: v128, b: v128): v128 {
  return v128.shuffle<u32>(a, b, 0, 2, 4, 6)
}

function keep(X: usize, Y: usize, factor: v128, dropped: v128, left: i32): void {
  const y = v128.andnot(f32x4.mul(v128.load(X), factor), dropped)
  if (left >= 4) v128.store(Y, y)
  else if (left > 0) storeFirst(Y, y, left)
}
