import { exp, log } from '../../elementary.ts'
import type { Numbers } from '../../tensor.ts'
import type { AdamW, Sgd } from '../device.ts'

/** Logits of row r: C[r]·Eᵀ + offsets, and log Σ exp of them. */
function logits(C: Numbers, E: Numbers, offsets: Numbers, r: number, columns: number): { z: Float64Array; logSum: number } {
  const z = new Float64Array(offsets.length)
  let most = -Infinity
  for (let e = 0; e < z.length; e++) {
    let sum = offsets[e]
    for (let c = 0; c < columns; c++) sum += C[r * columns + c] * E[e * columns + c]
    z[e] = sum
    most = Math.max(most, sum)
  }
  let powers = 0
  for (let e = 0; e < z.length; e++) powers += exp(z[e] - most)
  return { z, logSum: most + log(powers) }
}

/** losses[r] = −log softmax(z)[target], one row of logits at a time. */
export function crossEntropy(C: Numbers, E: Numbers, offsets: Numbers, targets: Numbers, losses: Numbers): void {
  const columns = C.length / targets.length
  for (let r = 0; r < targets.length; r++) {
    const { z, logSum } = logits(C, E, offsets, r, columns)
    losses[r] = logSum - z[targets[r]]
  }
}

/** dz = factor · (softmax(z) − 1 at the target); dC = dz E, dE = dzᵀ C, dOffsets = Σ dz. */
export function crossEntropyBackward(
  factor: number,
  C: Numbers,
  E: Numbers,
  offsets: Numbers,
  targets: Numbers,
  gradients: { readonly dC: Numbers; readonly dE: Numbers; readonly dOffsets: Numbers },
): void {
  const columns = C.length / targets.length
  const dE = new Float64Array(E.length)
  const dOffsets = new Float64Array(offsets.length)
  for (let r = 0; r < targets.length; r++) {
    const { z, logSum } = logits(C, E, offsets, r, columns)
    const dC = new Float64Array(columns)
    for (let e = 0; e < z.length; e++) {
      const dz = factor * (exp(z[e] - logSum) - (e === targets[r] ? 1 : 0))
      dOffsets[e] += dz
      for (let c = 0; c < columns; c++) {
        dC[c] += dz * E[e * columns + c]
        dE[e * columns + c] += dz * C[r * columns + c]
      }
    }
    gradients.dC.set(dC, r * columns)
  }
  gradients.dE.set(dE)
  gradients.dOffsets.set(dOffsets)
}

/** Σ x² over all arrays. */
export function squaredNorm(arrays: readonly Numbers[]): number {
  let sum = 0
  for (const array of arrays) for (let n = 0; n < array.length; n++) sum += array[n] * array[n]
  return sum
}

/** Every array times min(1, largest/(√squares + 10⁻⁶)). */
export function clip(arrays: readonly Numbers[], squares: number, largest: number): void {
  const factor = largest / (Math.sqrt(squares) + 1e-6)
  if (!(factor < 1)) return
  for (const array of arrays) for (let n = 0; n < array.length; n++) array[n] *= factor
}

/** The rows of a parameter that a step changes; the gradient has a row for each. */
export interface Touched {
  readonly rows: Numbers
  readonly columns: number
}

/** Calls f with the place of a number in the parameter and in its gradient. */
function eachNumber(length: number, touched: Touched | undefined, f: (n: number, inGradient: number) => void): void {
  if (!touched) {
    for (let n = 0; n < length; n++) f(n, n)
    return
  }
  const { rows, columns } = touched
  for (let r = 0; r < rows.length; r++) for (let c = 0; c < columns; c++) f(rows[r] * columns + c, r * columns + c)
}

/** β^step by repeated squaring: the same bits in every engine. */
function power(base: number, exponent: number): number {
  let result = 1
  for (let factor = base, rest = exponent; rest > 0; rest = Math.floor(rest / 2), factor *= factor) if (rest % 2 === 1) result *= factor
  return result
}

/** m = β₁m + (1 − β₁)g, v = β₂v + (1 − β₂)g², p −= rate · (m̂/(√v̂ + ε) + decay · p). */
export function adamW(
  parameter: Numbers,
  gradient: Numbers,
  [first, second]: readonly [Numbers, Numbers],
  { rate, beta1, beta2, epsilon, decay, step }: AdamW,
  touched?: Touched,
): void {
  const correction1 = 1 - power(beta1, step)
  const correction2 = Math.sqrt(1 - power(beta2, step))
  const floor = touched ? epsilon / correction2 : epsilon
  eachNumber(parameter.length, touched, (n, inGradient) => {
    const g = gradient[inGradient]
    first[n] = beta1 * first[n] + (1 - beta1) * g
    second[n] = beta2 * second[n] + (1 - beta2) * g * g
    const direction = first[n] / correction1 / (Math.sqrt(second[n]) / correction2 + floor)
    parameter[n] -= rate * (direction + decay * parameter[n])
  })
}

/** v = momentum · v + g + decay · p, p −= rate · v. */
export function sgd(
  parameter: Numbers,
  gradient: Numbers,
  velocity: Numbers | undefined,
  { rate, momentum, decay }: Sgd,
  touched?: Touched,
): void {
  eachNumber(parameter.length, touched, (n, inGradient) => {
    const g = gradient[inGradient] + decay * parameter[n]
    const direction = velocity ? momentum * velocity[n] + g : g
    if (velocity) velocity[n] = direction
    parameter[n] -= rate * direction
  })
}
