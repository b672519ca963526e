import { expBelowZero4, log4, logOnePlus4, sigmoid1 } from './elementary'
import { steepEntmax, steepEntmaxBackward } from './entmax-steep'
import { bytesOf, firstLanes, highHalf, lowHalf, storeFirst, sum2 } from './lanes'
import { power } from './power'
import { largest, scale } from './softmax'
import { below, gather } from './sparsemax'

/**
 * α-entmax of one row of n ≥ 1 scores, in place, and its gradients. Here ε = α − 1 ≤ 1, and steep
 * where ε is greater.
 *
 * With t the height of the largest score, A = tᵖ ρ where p = 1/ε and ρ = [1 + y]₊ᵖ, y = ε(s − m)/t.
 * So ρ = e^{p ln(1 + y)} is the weight as a part of the row's largest: its error does not grow with
 * the length of the row, nor as ε falls towards softmax. t is where t(Σρ)^ε, the p-norm of [t +
 * z]₊, is 1: convex, so Newton's method falls to it from t = 1.
 *
 * @see Peters, Niculae & Martins 2019; Correia, Niculae & Martins 2019
 */

const MOST_STEPS: i32 = 100

/** Below it, eˣ is 0 here: so little changes no sum, and numbers that underflow are slow. */
const LEAST_EXPONENT: f32 = -60

/** ρ in four lanes, 0 where y ≤ −1. */
function part(s: v128, m: v128, q: v128, p: v128): v128 {
  const y = f32x4.pmax(f32x4.splat(-1), f32x4.mul(q, f32x4.sub(s, m)))
  const exponent = f32x4.mul(p, logOnePlus4(y))
  const rho = expBelowZero4(f32x4.pmax(exponent, f32x4.splat(LEAST_EXPONENT)))
  return v128.and(rho, f32x4.gt(exponent, f32x4.splat(LEAST_EXPONENT)))
}

/** A = [ε(s − m) + t]₊ᵖ with Σ A = 1. */
export function entmax(row: usize, n: i32, epsilon: f32, room: usize): void {
  if (epsilon > 1) {
    steepEntmax(row, n, epsilon, room)
    return
  }
  const largestScore = largest(row, n)
  const count = gather(row, n, below(largestScore, 1 / epsilon), room)
  const t = height(room, count, largestScore, epsilon)
  const m = f32x4.splat(largestScore)
  const q = f32x4.splat(<f32>(<f64>epsilon / t))
  const p = f32x4.splat(1 / epsilon)
  let sum = f64x2.splat(0)
  for (let j = 0; j < n; j += 4) {
    const at = row + bytesOf(j)
    const rho = v128.and(part(v128.load(at), m, q, p), firstLanes(n - j))
    storeFirst(at, rho, n - j)
    sum = f64x2.add(sum, f64x2.add(lowHalf(rho), highHalf(rho)))
  }
  scale(row, n, <f32>(1 / sum2(sum)))
}

/** t − (t − R^{−ε})R/R' with R = Σρ and R' = Σρ/(1 + y), again until it stays. */
function height(scores: usize, count: i32, largestScore: f32, epsilon: f32): f64 {
  const m = f32x4.splat(largestScore)
  const p = f32x4.splat(1 / epsilon)
  let t: f64 = 1
  for (let step = 0; step < MOST_STEPS; step++) {
    const q = f32x4.splat(<f32>(<f64>epsilon / t))
    let parts = f64x2.splat(0)
    let slopes = f64x2.splat(0)
    for (let j = 0; j < count; j += 4) {
      const s = v128.load(scores + bytesOf(j))
      const rho = v128.and(part(s, m, q, p), firstLanes(count - j))
      const u = f32x4.add(f32x4.splat(1), f32x4.mul(q, f32x4.sub(s, m)))
      const slope = v128.and(f32x4.div(rho, u), f32x4.gt(rho, f32x4.splat(0)))
      parts = f64x2.add(parts, f64x2.add(lowHalf(rho), highHalf(rho)))
      slopes = f64x2.add(slopes, f64x2.add(lowHalf(slope), highHalf(slope)))
    }
    const R = sum2(parts)
    const next = t - ((t - power(R, -(<f64>epsilon))) * R) / sum2(slopes)
    const fallen = t - next
    if (!(fallen > 0)) break
    t = next
    if (fallen < 1e-5 * <f64>epsilon * t) break
  }
  return t
}

/** dS = r ∘ (dA − ⟨r, dA⟩/Σr) with r = A^{1 − ε} on the support and 0 elsewhere, in place of dA. */
export function entmaxBackward(dA: usize, A: usize, n: i32, epsilon: f32, room: usize): void {
  if (epsilon > 1) {
    steepEntmaxBackward(dA, A, n, epsilon, room)
    return
  }
  const exponent = f32x4.splat(1 - epsilon)
  let products = f64x2.splat(0)
  let slopes = f64x2.splat(0)
  for (let j = 0; j < n; j += 4) {
    const at = bytesOf(j)
    const r = slopeOf(v128.and(v128.load(A + at), firstLanes(n - j)), exponent)
    v128.store(room + at, r)
    const product = f32x4.mul(r, v128.and(v128.load(dA + at), firstLanes(n - j)))
    products = f64x2.add(products, f64x2.add(lowHalf(product), highHalf(product)))
    slopes = f64x2.add(slopes, f64x2.add(lowHalf(r), highHalf(r)))
  }
  const mean = f32x4.splat(<f32>(sum2(products) / sum2(slopes)))
  for (let j = 0; j < n; j += 4) {
    const at = bytesOf(j)
    storeFirst(dA + at, f32x4.mul(v128.load(room + at), f32x4.sub(v128.load(dA + at), mean)), n - j)
  }
}

/** A^exponent where A is not 0, and 0 there. */
function slopeOf(A: v128, exponent: v128): v128 {
  const support = f32x4.gt(A, f32x4.splat(0))
  if (!v128.any_true(support)) return support
  return v128.and(expBelowZero4(f32x4.mul(exponent, log4(A))), support)
}

/** Below it, α stays and its gradient is 0. */
const LEAST_LEARNED: f32 = 1e-6

/** ε = σ(a) of learned entmax. */
export function learnedSlope(a: f32): f32 {
  return max(sigmoid1(a), LEAST_LEARNED)
}

/** (eˣ − 1 − x)/x² for 0 ≤ x ≤ 1.4. */
function tailOfExp(x: v128): v128 {
  let g = f32x4.add(
    f32x4.mul(f32x4.splat(4.3022577301599085e-5), x),
    f32x4.splat(0.00016054643492680043),
  )
  g = f32x4.add(f32x4.mul(g, x), f32x4.splat(0.0014259328600019217))
  g = f32x4.add(f32x4.mul(g, x), f32x4.splat(0.008315167389810085))
  g = f32x4.add(f32x4.mul(g, x), f32x4.splat(0.04167084023356438))
  g = f32x4.add(f32x4.mul(g, x), f32x4.splat(0.16666631400585175))
  return f32x4.add(f32x4.mul(g, x), f32x4.splat(0.5))
}

/**
 * ⟨dA, ∂A/∂a⟩ of learned entmax, with ∂ε/∂a = ε(1 − ε).
 *
 * ∂A/∂α = (A − Ã)/ε² + (H − Ã ΣH)/ε with Ã = A^{1−ε}/Σ and H = −A ln A cancels as ε falls. With b =
 * (A^{1−ε} − A + εA ln A)/ε² ≥ 0, which is A (ln A)²(eˣ − 1 − x)/x² at x = −ε ln A, it is ((A + εH)
 * Σb − b Σ(A + εH))/Σ(A + εH + ε²b).
 */
export function learnedEntmaxBackward(dA: usize, A: usize, n: i32, argument: f32): f32 {
  const epsilon = learnedSlope(argument)
  if (!(epsilon > LEAST_LEARNED)) return 0
  let first = f64x2.splat(0)
  let second = f64x2.splat(0)
  let firstInner = f64x2.splat(0)
  let secondInner = f64x2.splat(0)
  for (let j = 0; j < n; j += 4) {
    const at = bytesOf(j)
    const a = v128.and(v128.load(A + at), firstLanes(n - j))
    if (!v128.any_true(a)) continue
    const support = f32x4.gt(a, f32x4.splat(0))
    const ln = v128.and(log4(a), support)
    const x = f32x4.mul(f32x4.splat(-epsilon), ln)
    const near = f32x4.mul(f32x4.mul(f32x4.mul(a, ln), ln), tailOfExp(x))
    const r = expBelowZero4(f32x4.add(ln, x))
    const upper = f32x4.mul(
      f32x4.sub(f32x4.sub(r, a), f32x4.mul(a, x)),
      f32x4.splat(1 / (epsilon * epsilon)),
    )
    const b = v128.and(v128.bitselect(near, upper, f32x4.le(x, f32x4.splat(1.4))), support)
    const c = f32x4.add(a, f32x4.mul(a, x))
    const d = v128.and(v128.load(dA + at), firstLanes(n - j))
    const dc = f32x4.mul(d, c)
    const db = f32x4.mul(d, b)
    first = f64x2.add(first, f64x2.add(lowHalf(c), highHalf(c)))
    second = f64x2.add(second, f64x2.add(lowHalf(b), highHalf(b)))
    firstInner = f64x2.add(firstInner, f64x2.add(lowHalf(dc), highHalf(dc)))
    secondInner = f64x2.add(secondInner, f64x2.add(lowHalf(db), highHalf(db)))
  }
  const e = <f64>epsilon
  const byAlpha =
    (sum2(second) * sum2(firstInner) - sum2(first) * sum2(secondInner)) /
    (sum2(first) + e * e * sum2(second))
  // 1 − ε without cancelling
  return <f32>(byAlpha * e * <f64>sigmoid1(-argument))
}
