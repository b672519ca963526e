import { exp, log, sigmoid as logistic } from '../../src/elementary.ts'
import type { Distribution } from '../../src/mechanism/distribution.ts'

// Distribution functions in plain float32: every operation is rounded, sums run from the first
// number to the last. This is what a programmer would write who has float32 and no other care; its
// errors are the measure for kernels.

const f = Math.fround

/**
 * One row: weights of scores, and gradients of both; `own` is the distribution's parameter, where
 * it has one.
 */
export interface Distribution32 {
  weights(scores: Float32Array, own: number): Float32Array
  backward(dA: Float32Array, A: Float32Array, own: number): Float32Array
  /** r of dS = r ∘ (dA − mean): how much of dA there is before its mean is taken away. */
  slopes(A: Float32Array, own: number): Float32Array
  /** The terms whose sum is the gradient of the parameter. */
  terms?(dA: Float32Array, A: Float32Array, own: number): Float32Array
}

const largest = (s: Float32Array): number =>
  s.reduce((most, score) => Math.max(most, score), -Infinity)
const total = (x: Float32Array): number => x.reduce((sum, value) => f(sum + value), 0)
const inner = (x: Float32Array, y: Float32Array): number =>
  x.reduce((sum, value, j) => f(sum + f(value * y[j])), 0)
const descending = (s: Float32Array): Float32Array => s.slice().sort().reverse()

/** e^{s − m}/Σ, 0 for scores below `least`. */
function softmaxFrom(s: Float32Array, least: number): Float32Array {
  const m = largest(s)
  const powers = s.map((score) => (score >= least ? exp(f(score - m)) : 0))
  const sum = total(powers)
  return powers.map((power) => power / sum)
}

function softmaxBackward(dA: Float32Array, A: Float32Array): Float32Array {
  const mean = inner(A, dA)
  return A.map((a, j) => a * f(dA[j] - mean))
}

const softmax: Distribution32 = {
  weights: (s) => softmaxFrom(s, -Infinity),
  backward: softmaxBackward,
  slopes: (A) => A,
}

const sigmoid: Distribution32 = {
  weights: (s) => s.map(logistic),
  backward: (dA, A) => A.map((a, j) => f(a * f(1 - a)) * dA[j]),
  slopes: (A) => A,
}

const topK = (k: number): Distribution32 => ({
  weights: (s) => softmaxFrom(s, descending(s)[Math.min(k, s.length) - 1]),
  backward: softmaxBackward,
  slopes: (A) => A,
})

function entmaxBackward(dA: Float32Array, r: Float32Array): Float32Array {
  const mean = f(inner(r, dA) / total(r))
  return r.map((slope, j) => slope * f(dA[j] - mean))
}

const sparsemax: Distribution32 = {
  weights(s) {
    const m = largest(s)
    const sorted = descending(s.map((score) => score - m))
    let sum = 0
    let tau = -1
    sorted.forEach((score, k) => {
      sum = f(sum + score)
      if (f(1 + f((k + 1) * score)) > sum) tau = f(f(sum - 1) / (k + 1))
    })
    return s.map((score) => Math.max(f(score - m) - tau, 0))
  },
  backward: (dA, A) => entmaxBackward(dA, A.map(Math.sign)),
  slopes: (A) => A.map(Math.sign),
}

const entmax15: Distribution32 = {
  weights(s) {
    const m = largest(s)
    const z = s.map((score) => f(score - m) / 2)
    const tau = entmax15Threshold(descending(z))
    return z.map((value) => f(Math.max(f(value - tau), 0)) ** 2)
  },
  backward: (dA, A) => entmaxBackward(dA, A.map(Math.sqrt)),
  slopes: (A) => A.map(Math.sqrt),
}

function entmax15Threshold(sorted: Float32Array): number {
  let [sum, squares, tau] = [0, 0, -1]
  for (let k = 0; k < sorted.length && sorted[k] >= -1; k++) {
    sum = f(sum + sorted[k])
    squares = f(squares + f(sorted[k] * sorted[k]))
    const mean = f(sum / (k + 1))
    const spread = f(squares - f(sum * mean))
    const threshold = f(mean - f(Math.sqrt(f(f(1 - spread) / (k + 1)))))
    if (!(threshold <= sorted[k])) break
    tau = threshold
  }
  return tau
}

const power = (x: number, p: number): number => (x === 0 ? 0 : f(exp(f(p * f(log(x))))))

/** By bisection of τ in float32, then divided by the sum. */
function entmaxWeights(s: Float32Array, alpha: number): Float32Array {
  const m = largest(s)
  const [slope, p] = [f(alpha - 1), f(1 / f(alpha - 1))]
  const z = s.map((score) => slope * f(score - m))
  const weightsAt = (tau: number) => z.map((value) => power(Math.max(f(value - tau), 0), p))
  let [low, high] = [-1, 0]
  for (;;) {
    const middle = f(f(low + high) / 2)
    if (middle <= low || middle >= high) break
    if (total(weightsAt(middle)) >= 1) low = middle
    else high = middle
  }
  const weights = weightsAt(low)
  const sum = total(weights)
  return weights.map((weight) => weight / sum)
}

const slopes = (A: Float32Array, alpha: number): Float32Array =>
  A.map((a) => power(a, f(2 - alpha)))

const entmax = (alpha: number): Distribution32 => ({
  weights: (s) => entmaxWeights(s, alpha),
  backward: (dA, A) => entmaxBackward(dA, slopes(A, alpha)),
  slopes: (A) => slopes(A, alpha),
})

const learnedAlpha = (a: number): number => f(1 + f(logistic(a)))

/** dA ∘ ∂A/∂a with ∂A/∂α = (A − Ã)/(α−1)² + (H − Ã ΣH)/(α−1). */
function learnedTerms(dA: Float32Array, A: Float32Array, a: number): Float32Array {
  const alpha = learnedAlpha(a)
  const r = slopes(A, alpha)
  const sum = total(r)
  const H = A.map((weight) => (weight === 0 ? 0 : -f(weight * f(log(weight)))))
  const entropy = total(H)
  const epsilon = f(alpha - 1)
  return A.map((weight, j) => {
    const tilde = f(r[j] / sum)
    const byAlpha = f(
      f(f(weight - tilde) / f(epsilon * epsilon)) + f(f(H[j] - f(tilde * entropy)) / epsilon),
    )
    return f(dA[j] * byAlpha) * f(epsilon * f(2 - alpha))
  })
}

const learned: Distribution32 = {
  weights: (s, a) => entmaxWeights(s, learnedAlpha(a)),
  backward: (dA, A, a) => entmaxBackward(dA, slopes(A, learnedAlpha(a))),
  slopes: (A, a) => slopes(A, learnedAlpha(a)),
  terms: learnedTerms,
}

/** The distribution of that name. */
export function distribution32({ name }: Distribution): Distribution32 {
  const fixed: Readonly<Record<string, Distribution32>> = {
    softmax,
    sigmoid,
    sparsemax,
    entmax15,
    'entmax:learned': learned,
  }
  const [kind, argument] = name.split(':')
  return fixed[name] ?? (kind === 'topK' ? topK(Number(argument)) : entmax(f(Number(argument))))
}
