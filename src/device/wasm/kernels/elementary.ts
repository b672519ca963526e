import { madd } from './vector'

/**
 * exp, log, tanh and σ of float32, four lanes at once, without branches.
 *
 * Every step is one that IEEE 754 fixes, so each arithmetic has one result in every engine. The
 * worst error is stated with each function, in units in the last place of the result (ulp): of all
 * 2³² numbers for exp and tanh, for log of all from 1/8 to 8, for σ of all with 2⁻¹¹ ≤ |x| ≤ 108,
 * and of every 4099th beyond. `scripts/ulp.js` goes through all.
 *
 * Coefficients of polynomials: least squares at Chebyshev points, weighted again and again by their
 * own errors (Lawson) until the largest relative error of the function is least, then rounded to
 * float32.
 */

const LOG2_E: f32 = 1.4426950216293335
// ln 2 in two pieces: the first has 16 bits, so that k · LN2_HIGH is exact for |k| < 256
const LN2_HIGH: f32 = 0.693145751953125
const LN2_LOW: f32 = 1.428606765330187e-6
/**
 * Added to a small number, it leaves the nearest integer in the lowest bits, and 0 in the eight
 * that become an exponent.
 */
const TO_INTEGER: f32 = 12582912
const ONE_BITS: i32 = 0x3f800000

function c(x: f32): v128 {
  return f32x4.splat(x)
}

/**
 * The integer k nearest to x / ln 2, in the lowest bits of a float32; shifted by 23, they are k in
 * the exponent's place.
 */
function powerBits(x: v128): v128 {
  return madd(x, c(LOG2_E), c(TO_INTEGER))
}

/** x − k ln 2, at most ½ ln 2 large; x itself where k is 0. */
function rest(x: v128, bits: v128): v128 {
  const k = f32x4.sub(bits, c(TO_INTEGER))
  return madd(k, c(-LN2_LOW), madd(k, c(-LN2_HIGH), x))
}

/** (eʳ − 1 − r)/r² for |r| ≤ ½ ln 2, such that the error of eʳ stays below 3.1e-9. */
function expTail(r: v128): v128 {
  const high = madd(
    madd(c(0.0013814540579915047), r, c(0.00836874544620514)),
    r,
    c(0.04166838899254799),
  )
  return madd(madd(high, r, c(0.1666652113199234)), r, c(0.4999999403953552))
}

/** eʳ for |r| ≤ ½ ln 2. */
function expNearZero(r: v128): v128 {
  return madd(madd(expTail(r), r, c(1)), r, c(1))
}

/** Every lane of `x` that is NaN, as a mask. */
function isNaNs(x: v128): v128 {
  return f32x4.ne(x, x)
}

/**
 * eˣ for every x: ∞ above 88.722839, subnormal numbers below −87.33, 0 below −103.98, NaN for NaN.
 *
 * x = k ln 2 + r, then eˣ = 2ᵏ eʳ. Worst error: 1.17 ulp portable, 0.90 fused.
 */
export function exp4(x: v128): v128 {
  const y = f32x4.pmin(c(89), f32x4.pmax(c(-104), x))
  const bits = powerBits(y)
  const power = expNearZero(rest(y, bits))
  // two factors, so that neither leaves the range where the product does not
  const k = i32x4.sub(bits, i32x4.splat(reinterpret<i32>(TO_INTEGER)))
  const half = i32x4.shr_s(k, 1)
  const other = i32x4.add(i32x4.shl(i32x4.sub(k, half), 23), i32x4.splat(ONE_BITS))
  const value = f32x4.mul(i32x4.add(power, i32x4.shl(half, 23)), other)
  return v128.or(value, isNaNs(x))
}

// 2⁻⁶⁴, and what leaves 64 more in the lowest bits than TO_INTEGER does
const SMALL: f32 = 5.421010862427522e-20
const TO_INTEGER_64: f32 = 12582976

/**
 * eˣ for x ≤ 0 that is not NaN, in fewer steps: what a softmax spends its time on. The bits are
 * those of `exp4`.
 */
export function expBelowZero4(x: v128): v128 {
  const y = f32x4.pmax(c(-104), x)
  const bits = madd(y, c(LOG2_E), c(TO_INTEGER_64))
  const k = f32x4.sub(bits, c(TO_INTEGER_64))
  const power = expNearZero(madd(k, c(-LN2_LOW), madd(k, c(-LN2_HIGH), y)))
  // 2ᵏ⁺⁶⁴ eʳ is normal, so that only the last product may be subnormal
  return f32x4.mul(i32x4.add(power, i32x4.shl(bits, 23)), c(SMALL))
}

/**
 * 2(atanh √z / √z − 1) for z ≤ 0.0295: what is left of ln((1 + s)/(1 − s))/s less 2, with z = s².
 */
function logTail(z: v128): v128 {
  return f32x4.mul(
    z,
    madd(z, madd(z, c(0.29873499274253845), c(0.39977481961250305)), c(0.6666677594184875)),
  )
}

const SQRT_HALF_BITS: i32 = 0x3f3504f3
const LEAST_NORMAL: f32 = 1.1754943508222875e-38

/**
 * Natural logarithm for every x: −∞ at 0, NaN below 0.
 *
 * x = 2ᵏ(1 + f) with 1 + f in [√½, √2), s = f/(2 + f): ln(1 + f) = f − (f²/2 − s(f²/2 + R(s²))).
 * Worst error: 0.84 ulp.
 */
export function log4(x: v128): v128 {
  const subnormal = f32x4.lt(x, c(LEAST_NORMAL))
  const normal = v128.bitselect(f32x4.mul(x, c(8388608)), x, subnormal)
  const exponent = i32x4.shr_s(i32x4.sub(normal, i32x4.splat(SQRT_HALF_BITS)), 23)
  const f = f32x4.sub(i32x4.sub(normal, i32x4.shl(exponent, 23)), c(1))
  const k = f32x4.sub(f32x4.convert_i32x4_s(exponent), v128.and(subnormal, c(23)))
  const value = logOf(f, k)
  const unbounded = v128.bitselect(c(-Infinity), x, f32x4.eq(x, c(0)))
  const finite = v128.and(f32x4.gt(x, c(0)), f32x4.lt(x, c(Infinity)))
  return v128.or(v128.bitselect(value, unbounded, finite), v128.not(f32x4.ge(x, c(0))))
}

/** k ln 2 + ln(1 + f). */
function logOf(f: v128, k: v128): v128 {
  const s = f32x4.div(f, f32x4.add(c(2), f))
  const halfSquare = f32x4.mul(f32x4.mul(c(0.5), f), f)
  const tail = madd(s, f32x4.add(halfSquare, logTail(f32x4.mul(s, s))), f32x4.mul(k, c(LN2_LOW)))
  return madd(k, c(LN2_HIGH), f32x4.sub(f, f32x4.sub(halfSquare, tail)))
}

/** ln(1 + y) for −1 < y ≤ 0, without losing the digits of a small y. */
export function logOnePlus4(y: v128): v128 {
  const x = f32x4.add(c(1), y)
  const exponent = i32x4.shr_s(i32x4.sub(x, i32x4.splat(SQRT_HALF_BITS)), 23)
  const f = f32x4.sub(i32x4.sub(x, i32x4.shl(exponent, 23)), c(1))
  return logOf(
    v128.bitselect(y, f, i32x4.eq(exponent, i32x4.splat(0))),
    f32x4.convert_i32x4_s(exponent),
  )
}

const SIGN_BIT: i32 = 0x80000000
function magnitude(x: v128): v128 {
  return v128.andnot(x, i32x4.splat(SIGN_BIT))
}

/**
 * (tanh y / y − 1)/y² at z = y² for |y| ≤ 0.55, such that the error of tanh y stays below 1.1e-9.
 */
function tanhTail(z: v128): v128 {
  const high = madd(
    madd(c(-0.0062721651047468185), z, c(0.021070299670100212)),
    z,
    c(-0.05385199561715126),
  )
  return madd(madd(high, z, c(0.13332583010196686)), z, c(-0.33333316445350647))
}

/**
 * Hyperbolic tangent for every x, with the sign of x: y + y³(…) for y = |x| up to 0.55, 1 −
 * 2/(e^{2y} + 1) beyond. Worst error: 1.57 ulp.
 */
export function tanh4(x: v128): v128 {
  const y = f32x4.pmin(c(10), magnitude(x))
  const double = f32x4.add(y, y)
  const bits = powerBits(double)
  const e = i32x4.add(expNearZero(rest(double, bits)), i32x4.shl(bits, 23))
  const far = f32x4.sub(c(1), f32x4.div(c(2), f32x4.add(e, c(1))))
  const z = f32x4.mul(y, y)
  const near = madd(f32x4.mul(y, z), tanhTail(z), y)
  const value = v128.bitselect(near, far, f32x4.lt(y, c(0.55)))
  return v128.or(v128.or(value, v128.and(x, i32x4.splat(SIGN_BIT))), isNaNs(x))
}

/**
 * Logistic function σ(x) = 1 / (1 + e^{−x}) for every x: e/(1 + e) or 1/(1 + e) with e = e^{−|x|}.
 * Worst error: 2.41 ulp.
 */
export function sigmoid4(x: v128): v128 {
  const e = expBelowZero4(v128.or(x, i32x4.splat(SIGN_BIT)))
  const value = f32x4.div(v128.bitselect(e, c(1), f32x4.lt(x, c(0))), f32x4.add(c(1), e))
  return v128.or(value, isNaNs(x))
}

/** e^{−x²/2}, for every x that is not NaN: 0 beyond ±14.5. */
export function bell4(x: v128): v128 {
  return expBelowZero4(f32x4.mul(f32x4.mul(c(-0.5), x), x))
}

/** (y + 4) Φ(−y) e^{y²/2} for 0 ≤ y ≤ 14.5, at u = (y − 4)/(y + 4), to 2.9e-8. */
function normalTail(u: v128): v128 {
  let sum = madd(c(-0.00012298315414227545), u, c(0.0001948018471011892))
  sum = madd(sum, u, c(0.001569313695654273))
  sum = madd(sum, u, c(-0.0035235739778727293))
  sum = madd(sum, u, c(-0.007527213077992201))
  sum = madd(sum, u, c(0.06040646880865097))
  sum = madd(sum, u, c(-0.18652300536632538))
  sum = madd(sum, u, c(0.38713666796684265))
  sum = madd(sum, u, c(-0.607896625995636))
  return madd(sum, u, c(0.7552851438522339))
}

/**
 * Φ(x) = ½ erfc(−x/√2), the share of a normal distribution below x, for every x, from its
 * `bell4(x)`. Its error is below 2e-7, and below 0 its relative error grows with x², that of the
 * power.
 */
export function normalBelow4(x: v128, bell: v128): v128 {
  const y = f32x4.min(c(15), magnitude(x))
  const inverse = f32x4.div(c(1), f32x4.add(y, c(4)))
  const tail = f32x4.mul(
    f32x4.mul(bell, inverse),
    normalTail(f32x4.mul(f32x4.sub(y, c(4)), inverse)),
  )
  return v128.bitselect(tail, f32x4.sub(c(1), tail), f32x4.lt(x, c(0)))
}

// One number by itself: the bits of a lane.

export function log1(x: f32): f32 {
  return f32x4.extract_lane(log4(f32x4.splat(x)), 0)
}
export function sigmoid1(x: f32): f32 {
  return f32x4.extract_lane(sigmoid4(f32x4.splat(x)), 0)
}
