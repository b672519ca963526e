import { exp, log, sigmoid as logistic } from '../elementary.ts'
import { COUNT, expectNumber, valueText } from '../kinds.ts'
import type { Distribution } from './distribution.ts'
import { inner } from './matrix.ts'

/** A distribution as devices know it: its kind, and its argument (0 if it has none). */
export interface DistributionKernel {
  readonly kind:
    | 'softmax'
    | 'sigmoid'
    | 'sparsemax'
    | 'entmax15'
    | 'entmax'
    | 'entmax:learned'
    | 'topK'
  readonly argument: number
}

const kernels = new WeakMap<Distribution, DistributionKernel>()

/**
 * The kind of a distribution of this file, unmodified; undefined for any other, whatever its name.
 */
export const distributionKernel = (distribution: Distribution): DistributionKernel | undefined =>
  kernels.get(distribution)

function formed(
  distribution: Distribution,
  kind: DistributionKernel['kind'],
  argument = 0,
): Distribution {
  kernels.set(distribution, { kind, argument })
  return distribution
}

function largest(s: Float64Array): number {
  let most = -Infinity
  for (let j = 0; j < s.length; j++) if (s[j] > most) most = s[j]
  return most
}

function total(x: Float64Array): number {
  let sum = 0
  for (let j = 0; j < x.length; j++) sum += x[j]
  return sum
}

const descending = (s: Float64Array): Float64Array => s.slice().sort().reverse()

/** dS = A ∘ (dA − ⟨A, dA⟩). */
function softmaxBackward(
  dA: Float64Array,
  A: Float64Array,
  dS: Float64Array = new Float64Array(A.length),
): Float64Array {
  const mean = inner(A, dA)
  for (let j = 0; j < A.length; j++) dS[j] = A[j] * (dA[j] - mean)
  return dS
}

/** A = e^{s − m} / Σ e^{s − m} with m the largest score. Backward: dS = A ∘ (dA − ⟨A, dA⟩). */
export const softmax: Distribution = formed(
  {
    name: 'softmax',
    sumsToOne: true,
    exactZeros: false,
    shiftInvariant: true,
    weights(s, _parameters, A = new Float64Array(s.length)) {
      const m = largest(s)
      for (let j = 0; j < s.length; j++) A[j] = exp(s[j] - m)
      const sum = total(A)
      for (let j = 0; j < s.length; j++) A[j] /= sum
      return A
    },
    backward: (dA, A, _scores, _parameters, dS) => ({ dScores: softmaxBackward(dA, A, dS) }),
  },
  'softmax',
)

/** A = σ(s), each score by itself. Backward: dS = A(1 − A) dA. */
export const sigmoid: Distribution = formed(
  {
    name: 'sigmoid',
    sumsToOne: false,
    exactZeros: false,
    shiftInvariant: false,
    weights: (s) => s.map(logistic),
    backward: (dA, A) => ({ dScores: A.map((a, j) => a * (1 - a) * dA[j]) }),
  },
  'sigmoid',
)

/**
 * r ∘ (dA − ⟨r, dA⟩/Σr), where r = A^{2−α} on the support of A and 0 elsewhere.
 *
 * @see Peters, Niculae & Martins 2019
 */
function entmaxBackward(dA: Float64Array, r: Float64Array): Float64Array {
  const mean = inner(r, dA) / total(r)
  return r.map((weight, j) => (weight === 0 ? 0 : weight * (dA[j] - mean)))
}

/**
 * Sparsemax, the Euclidean projection onto the simplex: A = [s − τ]₊ with Σ A = 1.
 *
 * Backward: on the support, dA less its mean over the support.
 *
 * @see Martins & Astudillo 2016, algorithm 1
 */
export const sparsemax: Distribution = formed(
  {
    name: 'sparsemax',
    sumsToOne: true,
    exactZeros: true,
    shiftInvariant: true,
    weights(s) {
      const m = largest(s)
      const sorted = descending(s.map((score) => score - m))
      let sum = 0
      let tau = -1
      for (let k = 0; k < sorted.length; k++) {
        sum += sorted[k]
        if (1 + (k + 1) * sorted[k] > sum) tau = (sum - 1) / (k + 1)
      }
      return s.map((score) => Math.max(score - m - tau, 0))
    },
    backward: (dA, A) => ({ dScores: entmaxBackward(dA, A.map(Math.sign)) }),
  },
  'sparsemax',
)

/**
 * Entmax with α = 1.5: A = [s/2 − τ]₊² with Σ A = 1, by sorting.
 *
 * Backward: r = √A, dS = r ∘ (dA − ⟨r, dA⟩/Σr).
 *
 * @see Peters, Niculae & Martins 2019, algorithm 2
 */
export const entmax15: Distribution = formed(
  {
    name: 'entmax15',
    sumsToOne: true,
    exactZeros: true,
    shiftInvariant: true,
    weights(s) {
      const m = largest(s)
      const sorted = descending(s.map((score) => (score - m) / 2))
      let sum = 0
      let squares = 0
      let tau = -1
      for (let k = 0; k < sorted.length; k++) {
        // a score so low has no weight, for τ ≥ −1, and its square might overflow
        if (sorted[k] < -1) break
        sum += sorted[k]
        squares += sorted[k] * sorted[k]
        const mean = sum / (k + 1)
        const spread = squares - sum * mean
        if (spread > 1) break
        const threshold = mean - Math.sqrt((1 - spread) / (k + 1))
        if (threshold > sorted[k]) break
        tau = threshold
      }
      return s.map((score) => {
        const root = Math.max((score - m) / 2 - tau, 0)
        return root * root
      })
    },
    backward: (dA, A) => ({ dScores: entmaxBackward(dA, A.map(Math.sqrt)) }),
  },
  'entmax15',
)

/** x^p for x ≥ 0, the same bits in every engine. */
const power = (x: number, p: number): number => (x === 0 ? 0 : exp(p * log(x)))

/**
 * [(α−1)s − τ]₊^{1/(α−1)} with τ by bisection: Σ falls as τ rises, and is ≥ 1 at τ = −1, ≤ 1 at τ =
 * 0 less the share of an equal row.
 */
function entmaxWeights(s: Float64Array, alpha: number): Float64Array {
  const m = largest(s)
  const z = s.map((score) => (alpha - 1) * (score - m))
  const weightsAt = (tau: number): Float64Array =>
    z.map((value) => power(Math.max(value - tau, 0), 1 / (alpha - 1)))
  let low = -1
  let high = 0
  for (;;) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) break
    if (total(weightsAt(middle)) >= 1) low = middle
    else high = middle
    if (high - low < 2 ** -60) break
  }
  const weights = weightsAt(low)
  const sum = total(weights)
  return weights.map((weight) => weight / sum)
}

/** r = A^{2−α} on the support of A. */
const entmaxSlopes = (A: Float64Array, alpha: number): Float64Array =>
  A.map((a) => power(a, 2 - alpha))

/**
 * ∂A/∂α = (A − Ã)/(α−1)² + (H − Ã ΣH)/(α−1), with Ã = A^{2−α}/Σ on the support and H = −A ln A.
 *
 * @see Correia, Niculae & Martins 2019, §3
 */
function entmaxByAlpha(A: Float64Array, alpha: number): Float64Array {
  const slopes = entmaxSlopes(A, alpha)
  const sum = total(slopes)
  const H = A.map((a) => (a === 0 ? 0 : -a * log(a)))
  const entropy = total(H)
  return A.map((a, j) => {
    const tilde = slopes[j] / sum
    return (a - tilde) / ((alpha - 1) * (alpha - 1)) + (H[j] - tilde * entropy) / (alpha - 1)
  })
}

const entmaxKind = { sumsToOne: true, exactZeros: true, shiftInvariant: true } as const

/**
 * α-entmax: A = [(α−1)s − τ]₊^{1/(α−1)} with Σ A = 1; softmax as α → 1, sparsemax at α = 2.
 *
 * With `'learned'`, α = 1 + σ(a) lies in (1, 2) and a is a parameter of each head, beginning at 0
 * (α = 1.5). Backward: r = A^{2−α} on the support, dS = r ∘ (dA − ⟨r, dA⟩/Σr).
 *
 * @param alpha from 1.01 to 10, or 'learned'
 * @throws {RangeError} outside that range, {TypeError} for another kind
 * @see Peters, Niculae & Martins 2019; Correia, Niculae & Martins 2019, §3.2
 */
export function entmax(alpha: number | 'learned'): Distribution {
  if (alpha === 'learned') return learnedEntmax
  if (!(typeof alpha === 'number' && alpha >= 1.01 && alpha <= 10)) {
    const Kind = typeof alpha === 'number' ? RangeError : TypeError
    throw new Kind(
      `entmax: alpha must lie from 1.01 to 10, got ${valueText(alpha)}; softmax is the limit at 1, 'learned' lets it be learned`,
    )
  }
  return formed(
    {
      ...entmaxKind,
      name: `entmax:${alpha}`,
      weights: (s) => entmaxWeights(s, alpha),
      backward: (dA, A) => ({ dScores: entmaxBackward(dA, entmaxSlopes(A, alpha)) }),
    },
    'entmax',
    alpha,
  )
}

const learnedEntmax: Distribution = formed(
  {
    ...entmaxKind,
    name: 'entmax:learned',
    parameters: { a: { shape: [1], initial: 0 } },
    weights: (s, { a }) => entmaxWeights(s, learnedAlpha(a[0])),
    backward(dA, A, _scores, { a }) {
      const alpha = learnedAlpha(a[0])
      // forward was: α = 1 + σ(a), so ∂α/∂a = σ(a)(1 − σ(a))
      const slope = alpha - 1 > LEAST_LEARNED ? (alpha - 1) * (2 - alpha) : 0
      return {
        dScores: entmaxBackward(dA, entmaxSlopes(A, alpha)),
        dParameters: { a: Float64Array.of(inner(dA, entmaxByAlpha(A, alpha)) * slope) },
      }
    },
  },
  'entmax:learned',
)

/** Below it, dividing by α − 1 would leave too few digits: α stays there and its gradient is 0. */
const LEAST_LEARNED = 1e-6

/** α = 1 + σ(a). */
const learnedAlpha = (a: number): number => 1 + Math.max(logistic(a), LEAST_LEARNED)

/**
 * Softmax over the k best scores, 0 for the others; scores that tie with the k-th are kept, fewer
 * than k keys are all kept.
 *
 * Backward: softmax's form on the support.
 *
 * @param k an integer ≥ 1
 * @throws {RangeError} for another k, {TypeError} for another kind
 */
export function topK(k: number): Distribution {
  expectNumber('topK', 'k', k, COUNT)
  return formed(
    {
      name: `topK:${k}`,
      sumsToOne: true,
      exactZeros: true,
      shiftInvariant: true,
      weights(s) {
        const sorted = descending(s)
        const least = sorted[Math.min(k, s.length) - 1]
        const powers = s.map((score) => (score >= least ? exp(score - sorted[0]) : 0))
        const sum = total(powers)
        return powers.map((p) => p / sum)
      },
      backward: (dA, A) => ({ dScores: softmaxBackward(dA, A) }),
    },
    'topK',
    k,
  )
}
