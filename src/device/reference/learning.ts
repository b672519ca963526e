import { exp, log } from '../../elementary.ts'
import type { Numbers } from '../../tensor.ts'
import type { AdamW, Sgd } from '../device.ts'
import type { LossGradients, Touched } from '../operations.ts'
import { addProduct } from './tiles.ts'

/** Rows whose logits are in memory at once. */
const LOGIT_ROWS = 32

/** Logits of rows first … first + rows − 1: C·Eᵀ + offsets, row by row into z. */
function logits(C: Numbers, E: Numbers, offsets: Numbers, first: number, rows: number, columns: number, z: Float64Array): void {
  for (let r = 0; r < rows; r++) z.set(offsets, r * offsets.length)
  const left = { numbers: C, first: first * columns, row: columns, column: 1 }
  addProduct(left, { numbers: E, row: 1, column: columns }, z, rows, offsets.length, columns)
}

/** The largest of the numbers from … to − 1. */
function largest(z: Float64Array, from: number, to: number): number {
  let most = -Infinity
  for (let e = from; e < to; e++) most = Math.max(most, z[e])
  return most
}

/** losses[r] = −log softmax(z)[target], a block of rows of logits at a time. */
export function crossEntropy(C: Numbers, E: Numbers, offsets: Numbers, targets: Numbers, losses: Numbers): void {
  const classes = offsets.length
  const columns = C.length / targets.length
  const z = new Float64Array(Math.min(LOGIT_ROWS, targets.length) * classes)
  for (let first = 0; first < targets.length; first += LOGIT_ROWS) {
    const rows = Math.min(LOGIT_ROWS, targets.length - first)
    logits(C, E, offsets, first, rows, columns, z)
    for (let r = 0; r < rows; r++) {
      const [from, to] = [r * classes, (r + 1) * classes]
      const most = largest(z, from, to)
      let powers = 0
      for (let e = from; e < to; e++) powers += exp(z[e] - most)
      losses[first + r] = most + log(powers) - z[from + targets[first + r]]
    }
  }
}

/** Bytes beside the handles: float64 logits of some rows. */
export const crossEntropyScratch = (rows: number, classes: number): number => 8 * Math.min(LOGIT_ROWS, rows) * classes

/** Bytes beside the handles: the same, and gradients of those rows, of E and of the offsets in float64. */
export const crossEntropyBackwardScratch = (rows: number, classes: number, columns: number): number =>
  8 * (Math.min(LOGIT_ROWS, rows) + columns + 1) * classes + 8 * Math.min(LOGIT_ROWS, rows) * columns

/** Logits from … to − 1 become dz = factor · (softmax(z) − 1 at the target), each with one exponential. @returns the loss */
function logitGradients(factor: number, z: Float64Array, from: number, to: number, target: number): number {
  const most = largest(z, from, to)
  const below = most - z[from + target]
  let powers = 0
  for (let e = from; e < to; e++) {
    z[e] = exp(z[e] - most)
    powers += z[e]
  }
  for (let e = from; e < to; e++) z[e] = factor * (z[e] / powers - (e === from + target ? 1 : 0))
  return below + log(powers)
}

/** dz = factor · (softmax(z) − 1 at the target); dC = dz E, dE = dzᵀ C, dOffsets = Σ dz. */
export function crossEntropyBackward(
  factor: number,
  C: Numbers,
  E: Numbers,
  offsets: Numbers,
  targets: Numbers,
  gradients: LossGradients,
): void {
  const classes = offsets.length
  const columns = C.length / targets.length
  const dE = new Float64Array(E.length)
  const dOffsets = new Float64Array(classes)
  const most = Math.min(LOGIT_ROWS, targets.length)
  const z = new Float64Array(most * classes)
  const dC = new Float64Array(most * columns)
  for (let first = 0; first < targets.length; first += LOGIT_ROWS) {
    const rows = Math.min(LOGIT_ROWS, targets.length - first)
    logits(C, E, offsets, first, rows, columns, z)
    for (let r = 0; r < rows; r++) {
      const loss = logitGradients(factor, z, r * classes, (r + 1) * classes, targets[first + r])
      if (gradients.losses) gradients.losses[first + r] = loss
      for (let e = 0; e < classes; e++) dOffsets[e] += z[r * classes + e]
    }
    dC.fill(0)
    addProduct({ numbers: z, row: classes, column: 1 }, { numbers: E, row: columns, column: 1 }, dC, rows, columns, classes)
    gradients.dC.set(dC.subarray(0, rows * columns), first * columns)
    const block = { numbers: C, first: first * columns, row: columns, column: 1 }
    addProduct({ numbers: z, row: 1, column: classes }, block, dE, classes, columns, rows)
  }
  gradients.dE.set(dE)
  gradients.dOffsets?.set(dOffsets)
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

/** Calls f with each run of numbers: its place in the parameter, its place in the gradient, and how many they are. */
function eachRun(length: number, touched: Touched | undefined, f: (at: number, inGradient: number, count: number) => void): void {
  if (!touched) f(0, 0, length)
  else for (let r = 0; r < touched.rows.length; r++) f(touched.rows[r] * touched.columns, r * touched.columns, touched.columns)
}

/** β^step by repeated squaring: the same bits in every engine. */
function power(base: number, exponent: number): number {
  let result = 1
  for (let factor = base, rest = exponent; rest > 0; rest = Math.floor(rest / 2), factor *= factor) if (rest % 2 === 1) result *= factor
  return result
}

/** 1 − β₁ᵗ and √(1 − β₂ᵗ), by which the moments are divided, and what is added to √v̂: on rows alone ε joins before the correction. */
export function adamWCorrections({ beta1, beta2, epsilon, step }: AdamW, rowsAlone: boolean) {
  const correction1 = 1 - power(beta1, step)
  const correction2 = Math.sqrt(1 - power(beta2, step))
  return { correction1, correction2, floor: rowsAlone ? epsilon / correction2 : epsilon }
}

/** m = β₁m + (1 − β₁)g, v = β₂v + (1 − β₂)g², p −= rate · (m̂/(√v̂ + ε) + decay · p). */
export function adamW(
  parameter: Numbers,
  gradient: Numbers,
  [first, second]: readonly [Numbers, Numbers],
  settings: AdamW,
  touched?: Touched,
): void {
  const corrected = { ...settings, ...adamWCorrections(settings, touched !== undefined) }
  eachRun(parameter.length, touched, (at, inGradient, count) => {
    adamWRun(parameter, gradient, first, second, corrected, at, inGradient, count)
  })
}

/** A run of numbers from `at`; their gradients begin at `inGradient`. */
function adamWRun(
  parameter: Numbers,
  gradient: Numbers,
  first: Numbers,
  second: Numbers,
  settings: AdamW & ReturnType<typeof adamWCorrections>,
  at: number,
  inGradient: number,
  count: number,
): void {
  const { rate, beta1, beta2, decay, correction1, correction2, floor } = settings
  for (let n = at; n < at + count; n++) {
    const g = gradient[inGradient + n - at]
    first[n] = beta1 * first[n] + (1 - beta1) * g
    second[n] = beta2 * second[n] + (1 - beta2) * g * g
    const direction = first[n] / correction1 / (Math.sqrt(second[n]) / correction2 + floor)
    parameter[n] -= rate * (direction + decay * parameter[n])
  }
}

/** v = momentum · v + g + decay · p, p −= rate · v. */
export function sgd(
  parameter: Numbers,
  gradient: Numbers,
  velocity: Numbers | undefined,
  { rate, momentum, decay }: Sgd,
  touched?: Touched,
): void {
  eachRun(parameter.length, touched, (at, inGradient, count) => {
    for (let n = at; n < at + count; n++) {
      const g = gradient[inGradient + n - at] + decay * parameter[n]
      const direction = velocity ? momentum * velocity[n] + g : g
      if (velocity) velocity[n] = direction
      parameter[n] -= rate * direction
    }
  })
}
