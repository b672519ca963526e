import { expBelowZero4, sigmoid4 } from './elementary'
import { bytesOf, firstLanes, largest4, storeFirst, sum4 } from './lanes'
import { madd } from './vector'

/**
 * Softmax, sigmoid and top k of one row of n ≥ 1 scores, in place, and their gradients.
 *
 * Sums are of 128 numbers in float32, by four vectors of lanes, and of these in float64: a row of
 * 65 536 equal weights sums to one as well as a short one does.
 */

/** Bytes of the numbers that are summed in float32. */
const SUM_BYTES: usize = 512
/** Bytes of four vectors. */
const FOUR: usize = 64

/** Where the last four vectors of a row end, and where the last vector does. */
function endOfFours(row: usize, n: i32): usize {
  return row + bytesOf(n & ~15)
}
function endOfVectors(row: usize, n: i32): usize {
  return row + bytesOf(n & ~3)
}

/** The largest score of a row. */
export function largest(row: usize, n: i32): f32 {
  let m0 = f32x4.splat(-Infinity)
  let m1 = m0
  let m2 = m0
  let m3 = m0
  let at = row
  for (const end = endOfFours(row, n); at < end; at += FOUR) {
    m0 = f32x4.pmax(m0, v128.load(at))
    m1 = f32x4.pmax(m1, v128.load(at, 16))
    m2 = f32x4.pmax(m2, v128.load(at, 32))
    m3 = f32x4.pmax(m3, v128.load(at, 48))
  }
  for (const end = endOfVectors(row, n); at < end; at += 16) m0 = f32x4.pmax(m0, v128.load(at))
  if (n & 3)
    m1 = f32x4.pmax(m1, v128.bitselect(v128.load(at), f32x4.splat(-Infinity), firstLanes(n & 3)))
  return largest4(f32x4.pmax(f32x4.pmax(m0, m1), f32x4.pmax(m2, m3)))
}

/** e^{s − m} in four lanes, stored in place of s. */
function exponential(at: usize, m: v128): v128 {
  const e = expBelowZero4(f32x4.sub(v128.load(at), m))
  v128.store(at, e)
  return e
}

/** s becomes e^{s − m}; the sum of all. */
function exponentials(row: usize, n: i32, largest: f32): f64 {
  const m = f32x4.splat(largest)
  const end = endOfFours(row, n)
  let sum: f64 = 0
  let at = row
  while (at < end) {
    let s0 = f32x4.splat(0)
    let s1 = s0
    for (const part = min(at + SUM_BYTES, end); at < part; at += FOUR) {
      s0 = f32x4.add(s0, exponential(at, m))
      s1 = f32x4.add(s1, exponential(at + 16, m))
      s0 = f32x4.add(s0, exponential(at + 32, m))
      s1 = f32x4.add(s1, exponential(at + 48, m))
    }
    sum += sum4(f32x4.add(s0, s1))
  }
  let s = f32x4.splat(0)
  for (const end = endOfVectors(row, n); at < end; at += 16) s = f32x4.add(s, exponential(at, m))
  if (n & 3) {
    const e = v128.and(expBelowZero4(f32x4.sub(v128.load(at), m)), firstLanes(n & 3))
    storeFirst(at, e, n & 3)
    s = f32x4.add(s, e)
  }
  return sum + sum4(s)
}

/** Every number of a row times c. */
export function scale(row: usize, n: i32, c: f32): void {
  const factor = f32x4.splat(c)
  let at = row
  for (const end = endOfVectors(row, n); at < end; at += 16)
    v128.store(at, f32x4.mul(v128.load(at), factor))
  if (n & 3) storeFirst(at, f32x4.mul(v128.load(at), factor), n & 3)
}

/**
 * A = e^{s − m} / Σ e^{s − m} with m the largest score. The sum's inverse is rounded once, so a
 * product is no worse than a quotient.
 */
export function softmax(row: usize, n: i32): void {
  const sum = exponentials(row, n, largest(row, n))
  scale(row, n, <f32>(1 / sum))
}

/** ⟨x, y⟩ of two rows. */
function inner(x: usize, y: usize, n: i32): f64 {
  const end = endOfFours(x, n)
  let sum: f64 = 0
  while (x < end) {
    let s0 = f32x4.splat(0)
    let s1 = s0
    for (const part = min(x + SUM_BYTES, end); x < part; x += FOUR) {
      s0 = madd(v128.load(x), v128.load(y), s0)
      s1 = madd(v128.load(x, 16), v128.load(y, 16), s1)
      s0 = madd(v128.load(x, 32), v128.load(y, 32), s0)
      s1 = madd(v128.load(x, 48), v128.load(y, 48), s1)
      y += FOUR
    }
    sum += sum4(f32x4.add(s0, s1))
  }
  let s = f32x4.splat(0)
  let left = n & 15
  for (; left > 3; left -= 4) {
    s = madd(v128.load(x), v128.load(y), s)
    x += 16
    y += 16
  }
  const lanes = firstLanes(left)
  if (left) s = madd(v128.and(v128.load(x), lanes), v128.and(v128.load(y), lanes), s)
  return sum + sum4(s)
}

/** dS = A ∘ (dA − ⟨A, dA⟩), in place of dA. */
export function softmaxBackward(dA: usize, A: usize, n: i32): void {
  const mean = f32x4.splat(<f32>inner(A, dA, n))
  let left = n
  for (; left > 3; left -= 4) {
    v128.store(dA, f32x4.mul(v128.load(A), f32x4.sub(v128.load(dA), mean)))
    dA += 16
    A += 16
  }
  if (left) storeFirst(dA, f32x4.mul(v128.load(A), f32x4.sub(v128.load(dA), mean)), left)
}

/** A = σ(s), each score by itself. */
export function sigmoid(row: usize, n: i32): void {
  let at = row
  for (const end = endOfVectors(row, n); at < end; at += 16) v128.store(at, sigmoid4(v128.load(at)))
  if (n & 3) storeFirst(at, sigmoid4(v128.load(at)), n & 3)
}

/** A(1 − A) dA in four lanes. */
function sigmoidSlope(dA: usize, A: usize): v128 {
  const a = v128.load(A)
  return f32x4.mul(f32x4.mul(a, f32x4.sub(f32x4.splat(1), a)), v128.load(dA))
}

/** dS = A(1 − A) dA, in place of dA. */
export function sigmoidBackward(dA: usize, A: usize, n: i32): void {
  let left = n
  for (; left > 3; left -= 4) {
    v128.store(dA, sigmoidSlope(dA, A))
    dA += 16
    A += 16
  }
  if (left) storeFirst(dA, sigmoidSlope(dA, A), left)
}
