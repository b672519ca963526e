/** Bytes of n numbers of 32 bits. */
export function bytesOf(n: i32): usize {
  return (<usize>n) << 2
}
/** Integer n, and number n, of those that begin at x. */
export function wordAt(x: usize, n: i32): i32 {
  return load<i32>(x + bytesOf(n))
}
export function numberAt(x: usize, n: i32): f32 {
  return load<f32>(x + bytesOf(n))
}

/** The first lanes of a vector of float32, 0 to 4 of them, as a mask. */
export function firstLanes(count: i32): v128 {
  return i32x4.gt_s(i32x4.splat(count), i32x4(0, 1, 2, 3))
}

/** Stores the first lanes, 1 to 4 of them (all, where more are left), and nothing behind. */
export function storeFirst(to: usize, x: v128, count: i32): void {
  if (count > 3) {
    v128.store(to, x)
    return
  }
  store<f32>(to, f32x4.extract_lane(x, 0))
  if (count > 1) store<f32>(to, f32x4.extract_lane(x, 1), 4)
  if (count > 2) store<f32>(to, f32x4.extract_lane(x, 2), 8)
}

/** The next four numbers of a row, or the `left` that it still has with zeros behind them. */
export function loadFirst(from: usize, left: i32): v128 {
  return left >= 4 ? v128.load(from) : v128.and(v128.load(from), firstLanes(left))
}

/** Lanes 0 and 1, and lanes 2 and 3, as float64. */
export function lowHalf(x: v128): v128 {
  return f64x2.promote_low_f32x4(x)
}
export function highHalf(x: v128): v128 {
  return f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 0))
}

/** Two vectors of float64, rounded to one of float32. */
export function rounded(low: v128, high: v128): v128 {
  return i64x2.shuffle(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2)
}

/** The sum of two lanes of float64. */
export function sum2(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1)
}

/** Both lanes of four sums, folded in this order. */
export function fold(a: v128, b: v128, c: v128, d: v128): f64 {
  return sum2(f64x2.add(f64x2.add(a, b), f64x2.add(c, d)))
}

/** The sum of four lanes of float32, in float64: (0 + 2) + (1 + 3). */
export function sum4(x: v128): f64 {
  return sum2(f64x2.add(lowHalf(x), highHalf(x)))
}

/** The largest of four lanes. */
export function largest4(x: v128): f32 {
  const two = f32x4.pmax(x, i64x2.shuffle(x, x, 1, 0))
  return max(f32x4.extract_lane(two, 0), f32x4.extract_lane(two, 1))
}
