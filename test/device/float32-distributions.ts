import { exp, log, sigmoid as logistic } from '../../src/elementary.ts'

// Distribution functions and their gradients as plain loops in float32: each step rounded. What
// kernels are measured by.

const f = Math.fround
const sum = (x: Float32Array): number => x.reduce((total, value) => f(total + value), 0)
const inner = (x: Float32Array, y: Float32Array): number =>
  x.reduce((total, value, j) => f(total + f(value * y[j])), 0)
const power = (x: number, p: number): number => (x <= 0 ? 0 : f(exp(f(f(p) * f(log(x))))))

const normalised = (x: Float32Array): Float32Array => {
  const total = sum(x)
  return x.map((value) => value / total)
}

const below = (s: Float32Array, factor = 1): Float32Array => {
  const m = s.reduce((most, score) => Math.max(most, score), -Infinity)
  return s.map((score) => f(factor) * f(score - m))
}

const sorted = (z: Float32Array): Float32Array => z.slice().sort().reverse()

export const softmax = (s: Float32Array): Float32Array => normalised(below(s).map(exp))

export const sigmoid = (s: Float32Array): Float32Array => s.map((score) => f(logistic(score)))

export function sparsemax(s: Float32Array): Float32Array {
  const z = below(s)
  let [total, tau] = [0, -1]
  sorted(z).forEach((value, k) => {
    total = f(total + value)
    if (f(1 + f((k + 1) * value)) > total) tau = f(f(total - 1) / (k + 1))
  })
  return z.map((value) => Math.max(value - tau, 0))
}

export function entmax15(s: Float32Array): Float32Array {
  const z = below(s, 0.5)
  let [total, squares, tau] = [0, 0, -1]
  for (const [k, value] of sorted(z).entries()) {
    total = f(total + value)
    squares = f(squares + f(value * value))
    const mean = f(total / (k + 1))
    const spread = f(squares - f(total * mean))
    const threshold = f(mean - f(Math.sqrt(f(f(1 - spread) / (k + 1)))))
    if (value < -1 || spread > 1 || threshold > value) break
    tau = threshold
  }
  return z.map((value) => f(Math.max(f(value - tau), 0)) ** 2)
}

export const entmax =
  (alpha: number) =>
  (s: Float32Array): Float32Array => {
    const z = below(s, alpha - 1)
    const at = (tau: number): Float32Array =>
      z.map((value) => power(f(value - tau), 1 / (alpha - 1)))
    let [low, high] = [-1, 0]
    for (;;) {
      const middle = f(f(low + high) / 2)
      if (middle <= low || middle >= high || high - low < 2 ** -60) return normalised(at(low))
      if (sum(at(middle)) >= 1) low = middle
      else high = middle
    }
  }

export const topK =
  (k: number) =>
  (s: Float32Array): Float32Array => {
    const least = sorted(s)[Math.min(k, s.length) - 1]
    return normalised(below(s).map((z, j) => (s[j] >= least ? exp(z) : 0)))
  }

export function softmaxBackward(dA: Float32Array, A: Float32Array): Float32Array {
  const mean = inner(A, dA)
  return A.map((a, j) => a * f(dA[j] - mean))
}

export const sigmoidBackward = (dA: Float32Array, A: Float32Array): Float32Array =>
  A.map((a, j) => f(a * f(1 - a)) * dA[j])

export const entmaxBackward =
  (alpha: number) =>
  (dA: Float32Array, A: Float32Array): Float32Array => {
    const r = A.map((a) => (a === 0 ? 0 : power(a, 2 - alpha)))
    const mean = f(inner(r, dA) / sum(r))
    return r.map((slope, j) => slope * f(dA[j] - mean))
  }

/** ⟨dA, ∂A/∂α⟩. */
export function entmaxByAlpha(dA: Float32Array, A: Float32Array, alpha: number): number {
  const epsilon = f(alpha - 1)
  const tilde = normalised(A.map((a) => (a === 0 ? 0 : power(a, 2 - alpha))))
  const H = A.map((a) => (a === 0 ? 0 : -a * f(log(a))))
  const entropy = sum(H)
  const slopes = A.map(
    (a, j) =>
      f(f(a - tilde[j]) / f(epsilon * epsilon)) + f(f(H[j] - f(tilde[j] * entropy)) / epsilon),
  )
  return inner(dA, slopes)
}
