import { bytesOf, firstLanes, highHalf, lowHalf, rounded, storeFirst, sum2 } from './lanes'
import { largest } from './softmax'

/**
 * Sparsemax and entmax15 of one row of n ≥ 1 scores, in place, and their gradients.
 *
 * With z = s − m, or its half, the weights are [t + z]₊ to the power p = 1 or 2, and t in (0, 1]
 * such that they sum to one: t is what the largest score has, so a score below −1 has no weight.
 * Those above are gathered aside once. Then Newton's method finds t on the p-norm of [t + z]₊,
 * which is convex and rises with t: from t = 1 it falls to the solution without ever passing it.
 * Sums and t are float64.
 *
 * @see Martins & Astudillo 2016; Peters, Niculae & Martins 2019
 */

// a handful of steps is the rule; a stop in case that rounding keeps t moving
const MOST_STEPS: i32 = 100

/**
 * Gathers the scores above a threshold, in their order. Returns how many; behind them are four of
 * −∞.
 */
export function gather(row: usize, n: i32, threshold: f32, into: usize): i32 {
  const least = f32x4.splat(threshold)
  let to = into
  for (let left = n; left > 0; left -= 4) {
    const s = v128.load(row)
    const above = v128.and(f32x4.gt(s, least), firstLanes(left))
    if (v128.any_true(above)) {
      const lanes = i32x4.bitmask(above)
      store<f32>(to, f32x4.extract_lane(s, 0))
      to += bytesOf(lanes & 1)
      store<f32>(to, f32x4.extract_lane(s, 1))
      to += <usize>((lanes & 2) << 1)
      store<f32>(to, f32x4.extract_lane(s, 2))
      to += <usize>(lanes & 4)
      store<f32>(to, f32x4.extract_lane(s, 3))
      to += <usize>((lanes & 8) >> 1)
    }
    row += 16
  }
  v128.store(to, f32x4.splat(-Infinity))
  return <i32>((to - into) >> 2)
}

/** The largest score less a gap, rounded down: no score that lies closer is missed. */
export function below(m: f32, gap: f32): f32 {
  return m - gap - max(abs(m), gap) * 2.384185791015625e-7
}

/** A = [s − m + t]₊ with Σ A = 1. */
export function sparsemax(row: usize, n: i32, room: usize): void {
  const m = largest(row, n)
  const count = gather(row, n, below(m, 1), room)
  const t = f64x2.splat(sparsemaxHeight(room, count, <f64>m))
  const most = f64x2.splat(<f64>m)
  for (; n > 0; n -= 4) {
    const s = v128.load(row)
    storeFirst(row, rounded(height(lowHalf(s), most, t), height(highHalf(s), most, t)), n)
    row += 16
  }
}

/** [s − m + t]₊ in two lanes. */
function height(s: v128, m: v128, t: v128): v128 {
  return f64x2.pmax(f64x2.splat(0), f64x2.add(f64x2.sub(s, m), t))
}

/**
 * t = (1 − Σz)/k over the k scores with z > −t, again until it stays: with each step that lowers t,
 * k is less.
 */
function sparsemaxHeight(scores: usize, count: i32, m: f64): f64 {
  let t: f64 = 1
  for (
    let next = sparsemaxStep(scores, count, m, t);
    next < t;
    next = sparsemaxStep(scores, count, m, t)
  )
    t = next
  return t
}

function sparsemaxStep(scores: usize, count: i32, m: f64, t: f64): f64 {
  let sum = f64x2.splat(0)
  let members = i64x2.splat(0)
  const least = f64x2.splat(-t)
  const most = f64x2.splat(m)
  for (let j = 0; j < count; j += 2) {
    const z = f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(scores + bytesOf(j))), most)
    const above = f64x2.gt(z, least)
    sum = f64x2.sub(sum, v128.and(z, above))
    members = i64x2.sub(members, above)
  }
  const k = i64x2.extract_lane(members, 0) + i64x2.extract_lane(members, 1)
  return (1 + sum2(sum)) / <f64>k
}

/** A = [(s − m)/2 + t]₊² with Σ A = 1. */
export function entmax15(row: usize, n: i32, room: usize): void {
  const m = largest(row, n)
  const count = gather(row, n, below(m, 2), room)
  const t = f64x2.splat(2 * entmax15Height(room, count, <f64>m))
  const most = f64x2.splat(<f64>m)
  for (; n > 0; n -= 4) {
    const s = v128.load(row)
    storeFirst(
      row,
      rounded(
        quarterSquare(height(lowHalf(s), most, t)),
        quarterSquare(height(highHalf(s), most, t)),
      ),
      n,
    )
    row += 16
  }
}

function quarterSquare(x: v128): v128 {
  return f64x2.mul(f64x2.mul(x, x), f64x2.splat(0.25))
}

/** t − (‖u‖ − 1)‖u‖/Σu with u = [t + z]₊, again until it stays. */
function entmax15Height(scores: usize, count: i32, m: f64): f64 {
  let t: f64 = 1
  for (let step = 0; step < MOST_STEPS; step++) {
    let sum = f64x2.splat(0)
    let squares = f64x2.splat(0)
    const double = f64x2.splat(2 * t)
    const most = f64x2.splat(m)
    for (let j = 0; j < count; j += 2) {
      const u = height(f64x2.promote_low_f32x4(v128.load64_zero(scores + bytesOf(j))), most, double)
      sum = f64x2.add(sum, u)
      squares = f64x2.add(squares, f64x2.mul(u, u))
    }
    const norm = 0.5 * sqrt(sum2(squares))
    const next = t - ((norm - 1) * norm) / (0.5 * sum2(sum))
    if (!(next < t)) break
    t = next
    if (norm - 1 < 1e-9) break
  }
  return t
}

/** On the support of A, dA less its mean there; 0 elsewhere. In place of dA. */
export function sparsemaxBackward(dA: usize, A: usize, n: i32): void {
  slopesBackward(dA, A, n, false)
}

/** dS = r ∘ (dA − ⟨r, dA⟩/Σr) with r = √A, in place of dA. */
export function entmax15Backward(dA: usize, A: usize, n: i32): void {
  slopesBackward(dA, A, n, true)
}

/** √A, or 1 where A is not 0. */
function slope(A: v128, root: bool): v128 {
  return root ? f32x4.sqrt(A) : v128.and(f32x4.gt(A, f32x4.splat(0)), f32x4.splat(1))
}

/** r ∘ (dA − ⟨r, dA⟩/Σr), in place of dA. */
function slopesBackward(dA: usize, A: usize, n: i32, root: bool): void {
  let products = f64x2.splat(0)
  let slopes = f64x2.splat(0)
  for (let j = 0; j < n; j += 4) {
    const at = bytesOf(j)
    const a = v128.and(v128.load(A + at), firstLanes(n - j))
    if (!v128.any_true(a)) continue
    const r = slope(a, root)
    const product = f32x4.mul(r, v128.and(v128.load(dA + at), firstLanes(n - j)))
    products = f64x2.add(products, f64x2.add(lowHalf(product), highHalf(product)))
    slopes = f64x2.add(slopes, f64x2.add(lowHalf(r), highHalf(r)))
  }

  const mean = f32x4.splat(<f32>(sum2(products) / sum2(slopes)))
  for (; n > 0; n -= 4) {
    const r = slope(v128.load(A), root)
    storeFirst(dA, f32x4.mul(r, f32x4.sub(v128.load(dA), mean)), n)
    dA += 16
    A += 16
  }
}
