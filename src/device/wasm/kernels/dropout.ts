import { storeFirst } from './lanes'

/**
 * Philox 4×32-10: four words of 32 bits from a counter of four words and a key of two.
 *
 * @see Salmon et al. 2011, §3.3
 */

const MULTIPLIER_0: u32 = 0xd2511f53
const MULTIPLIER_1: u32 = 0xcd9e8d57
const WEYL_0: u32 = 0x9e3779b9
const WEYL_1: u32 = 0xbb67ae85
const TWO_TO_32: f64 = 4294967296

/**
 * Bit n is set where number 4 · block + n is dropped: where its draw in [0, 1) lies below the rate.
 */
export function dropped4(
  seedLow: u32,
  seedHigh: u32,
  stream: u32,
  step: u32,
  block: u32,
  rate: f64,
): i32 {
  let c0 = block
  let c1 = step
  let c2 = stream
  let c3: u32 = 1
  let k0 = seedLow
  let k1 = seedHigh
  for (let round = 0; round < 10; round++) {
    const product0 = <u64>MULTIPLIER_0 * <u64>c0
    const product1 = <u64>MULTIPLIER_1 * <u64>c2
    c0 = <u32>(product1 >> 32) ^ c1 ^ k0
    c1 = <u32>product1
    c2 = <u32>(product0 >> 32) ^ c3 ^ k1
    c3 = <u32>product0
    k0 += WEYL_0
    k1 += WEYL_1
  }
  const limit = rate * TWO_TO_32
  return (
    i32(<f64>c0 < limit) |
    (i32(<f64>c1 < limit) << 1) |
    (i32(<f64>c2 < limit) << 2) |
    (i32(<f64>c3 < limit) << 3)
  )
}

@unmanaged
class Dropout {
  X: usize = 0
  Y: usize = 0
  count: i32 = 0
  perBlock: i32 = 0
  seedLow: u32 = 0
  seedHigh: u32 = 0
  stream: u32 = 0
  step: u32 = 0
  /** The largest draw that drops a number. */
  last: u32 = 0
  /** 1/(1 − rate). */
  factor: f32 = 0
}

/** Y = X/(1 − rate), 0 where a number is dropped: sixteen numbers from four counters at a time. */
export function dropout(operands: usize, block: i32): void {
  const job = changetype<Dropout>(operands)
  const first = block * job.perBlock
  let left = min(job.perBlock, job.count - first)
  let X = job.X + ((<usize>first) << 2)
  let Y = job.Y + ((<usize>first) << 2)
  const factor = f32x4.splat(job.factor)
  const last = i32x4.splat(job.last)
  const stream = i32x4.splat(job.stream)
  const step = i32x4.splat(job.step)
  let counter = i32x4.add(i32x4.splat(first >>> 2), i32x4(0, 1, 2, 3))
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
