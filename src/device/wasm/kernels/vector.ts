/**
 * ab + c in four lanes: one rounding where the arithmetic is fused, two where it is portable.
 *
 * Every sum of products is made of it, in one order, so that either arithmetic has its own bits for
 * any cut of the work.
 */
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c)
  return f32x4.add(f32x4.mul(a, b), c)
}

/** ab + c of three numbers: by what it returns, the host sees how `madd` rounds. */
export function multiplyAdd(a: f32, b: f32, c: f32): f32 {
  return f32x4.extract_lane(madd(f32x4.splat(a), f32x4.splat(b), f32x4.splat(c)), 0)
}
