import { firstLanes, storeFirst } from './lanes'
import { largest, softmax } from './softmax'

/** Integers in the order of the float32 numbers that they stand for; −0 and 0 share one. */
function positionOf(x: f32): i32 {
  const bits = reinterpret<i32>(x)
  return bits < 0 ? -(bits & 0x7fffffff) : bits
}

function numberAt(place: i32): f32 {
  return reinterpret<f32>(place < 0 ? -place | 0x80000000 : place)
}

/** How many scores of a row are at least x. */
function countFrom(row: usize, n: i32, x: f32): i32 {
  const least = f32x4.splat(x)
  let counts = i32x4.splat(0)
  let left = n
  for (; left > 3; left -= 4) {
    counts = i32x4.sub(counts, f32x4.ge(v128.load(row), least))
    row += 16
  }
  counts = i32x4.sub(counts, v128.and(f32x4.ge(v128.load(row), least), firstLanes(left)))
  return (
    i32x4.extract_lane(counts, 0) +
    i32x4.extract_lane(counts, 1) +
    i32x4.extract_lane(counts, 2) +
    i32x4.extract_lane(counts, 3)
  )
}

/**
 * A number that the k best scores of a row, and those that tie with the k-th, reach, and no other:
 * by halving what lies between.
 */
function leastOfBest(row: usize, n: i32, k: i32): f32 {
  // invariant: at least k scores reach the low place, fewer reach the high one
  let low: i64 = positionOf(-Infinity)
  let high: i64 = positionOf(largest(row, n)) + 1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    const count = countFrom(row, n, numberAt(<i32>middle))
    if (count < k) high = middle
    else low = middle
    if (count === k) break
  }
  return numberAt(<i32>low)
}

/**
 * Softmax over the k best scores, 0 for the others; scores that tie with the k-th are kept, fewer
 * than k are all kept.
 */
export function topK(row: usize, n: i32, k: f32): void {
  // a score of −∞ has an exponential of exactly 0
  if (k < <f32>n) forget(row, n, leastOfBest(row, n, <i32>k))
  softmax(row, n)
}

/** Scores below x become −∞. */
function forget(row: usize, n: i32, x: f32): void {
  const least = f32x4.splat(x)
  const nothing = f32x4.splat(-Infinity)
  for (; n > 0; n -= 4) {
    const s = v128.load(row)
    storeFirst(row, v128.bitselect(s, nothing, f32x4.ge(s, least)), n)
    row += 16
  }
}
