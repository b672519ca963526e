/**
 * xᵖ of one float64, from additions, multiplications and divisions alone: for the few numbers of a
 * row that float32 cannot hold apart.
 */

const LN2_HIGH: f64 = 0.6931471803691238
const LN2_LOW: f64 = 1.9082149292705877e-10
const LOG2_E: f64 = Math.LOG2E
const SQRT_HALF: f64 = Math.SQRT1_2

/** 2ᵏ for −1022 ≤ k ≤ 1023. */
function powerOfTwo(k: i32): f64 {
  return reinterpret<f64>((<i64>(k + 1023)) << 52)
}

/** eˣ for |x| ≤ 1400: ∞ and 0 where it leaves float64. x = k ln 2 + r, eʳ by its series. */
function exp64(x: f64): f64 {
  const k = nearest(x * LOG2_E)
  const r = x - k * LN2_HIGH - k * LN2_LOW
  let series: f64 = 1
  for (let n: f64 = 14; n > 0; n--) series = 1 + (series * r) / n
  const half = <i32>k >> 1
  return series * powerOfTwo(half) * powerOfTwo(<i32>k - half)
}

/** ln x for normal x > 0. x = 2ᵏ(1 + f), s = f/(2 + f): ln(1 + f) = 2s(1 + s²/3 + s⁴/5 + …). */
function log64(x: f64): f64 {
  const bits = reinterpret<i64>(x)
  const k = <i32>((bits - reinterpret<i64>(SQRT_HALF)) >> 52)
  const f = reinterpret<f64>(bits - ((<i64>k) << 52)) - 1
  const s = f / (2 + f)
  const z = s * s
  let series: f64 = 0
  for (let n: f64 = 21; n > 0; n -= 2) series = series * z + 1 / n
  return <f64>k * LN2_HIGH + (2 * s * series + <f64>k * LN2_LOW)
}

/** xᵖ for |p| ≤ 10, and 0 for x ≤ 0. */
export function power(x: f64, p: f64): f64 {
  if (x < 2.2250738585072014e-308) return 0
  return exp64(max<f64>(-1400, min<f64>(1400, p * log64(x))))
}
