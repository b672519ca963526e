import { exp, log } from '../../elementary.ts'
import type { Numbers } from '../../tensor.ts'
import type { AdamW } from '../calls.ts'
import type { OnArrays } from '../operations.ts'
import { addProduct } from './tiles.ts'

/** Rows whose logits are in memory at once. */
const LOGIT_ROWS = 32

/** Operands of a loss, and its columns. */
interface Loss {
  readonly C: Numbers
  readonly E: Numbers
  readonly offsets: Numbers
  readonly columns: number
}

/** Logits of rows first … first + rows − 1: C·Eᵀ + offsets, row by row into z. */
function logits(
  { C, E, offsets, columns }: Loss,
  first: number,
  rows: number,
  z: Float64Array,
): void {
  for (let r = 0; r < rows; r++) z.set(offsets, r * offsets.length)
  const left = { numbers: C, first: first * columns, row: columns, column: 1 }
  addProduct(
    left,
    { numbers: E, row: 1, column: columns },
    { S: z, m: rows, n: offsets.length, k: columns },
  )
}

/** The largest of the numbers from … to − 1. */
function largest(z: Float64Array, from: number, to: number): number {
  let most = -Infinity
  for (let e = from; e < to; e++) most = Math.max(most, z[e])
  return most
}

/** losses[r] = −log softmax(z)[target], a block of rows of logits at a time. */
export const crossEntropy: OnArrays<'crossEntropy'> = (
  [C, E, offsets, targets, losses],
  _settings,
  [, columns, classes],
) => {
  const z = new Float64Array(Math.min(LOGIT_ROWS, targets.length) * classes)
  for (let first = 0; first < targets.length; first += LOGIT_ROWS) {
    const rows = Math.min(LOGIT_ROWS, targets.length - first)
    logits({ C, E, offsets, columns }, first, rows, z)
    for (let r = 0; r < rows; r++) {
      const [from, to] = [r * classes, (r + 1) * classes]
      const most = largest(z, from, to)
      let powers = 0
      for (let e = from; e < to; e++) powers += exp(z[e] - most)
      losses[first + r] = most + log(powers) - z[from + targets[first + r]]
    }
  }
}

/** Scratch in bytes: float64 logits of some rows. */
const crossEntropyScratch = ([rows, , classes]: readonly number[]): number =>
  8 * Math.min(LOGIT_ROWS, rows) * classes

/** Scratch in bytes: the same, and gradients of those rows, of E and of the offsets in float64. */
const crossEntropyBackwardScratch = ([rows, columns, classes]: readonly number[]): number =>
  8 * (Math.min(LOGIT_ROWS, rows) + columns + 1) * classes +
  8 * Math.min(LOGIT_ROWS, rows) * columns

/**
 * Logits from … to − 1 become dz = factor · (softmax(z) − 1 at the target), each with one
 * exponential.
 *
 * @returns the loss
 */
function logitGradients(
  factor: number,
  z: Float64Array,
  from: number,
  to: number,
  target: number,
): number {
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
export const crossEntropyBackward: OnArrays<'crossEntropyBackward'> = (
  operands,
  { factor },
  [, columns, classes],
) => {
  const [C, E, offsets, targets, intoC, intoE, intoOffsets, losses] = operands
  const dE = new Float64Array(E.length)
  const dOffsets = new Float64Array(classes)
  const most = Math.min(LOGIT_ROWS, targets.length)
  const z = new Float64Array(most * classes)
  const dC = new Float64Array(most * columns)
  for (let first = 0; first < targets.length; first += LOGIT_ROWS) {
    const rows = Math.min(LOGIT_ROWS, targets.length - first)
    logits({ C, E, offsets, columns }, first, rows, z)
    for (let r = 0; r < rows; r++) {
      const loss = logitGradients(factor, z, r * classes, (r + 1) * classes, targets[first + r])
      if (losses) losses[first + r] = loss
      for (let e = 0; e < classes; e++) dOffsets[e] += z[r * classes + e]
    }
    dC.fill(0)
    addProduct(
      { numbers: z, row: classes, column: 1 },
      { numbers: E, row: columns, column: 1 },
      { S: dC, m: rows, n: columns, k: classes },
    )
    intoC.set(dC.subarray(0, rows * columns), first * columns)
    const block = { numbers: C, first: first * columns, row: columns, column: 1 }
    addProduct({ numbers: z, row: 1, column: classes }, block, {
      S: dE,
      m: classes,
      n: columns,
      k: rows,
    })
  }
  intoE.set(dE)
  intoOffsets?.set(dOffsets)
}

/** Σ x² over all arrays. */
export const squaredNorm: OnArrays<'squaredNorm'> = ([arrays, out]) => {
  let sum = 0
  for (const array of arrays) for (let n = 0; n < array.length; n++) sum += array[n] * array[n]
  out[0] = sum
}

/** Every array times min(1, largest/(√squares + 10⁻⁶)). */
export const clip: OnArrays<'clip'> = ([arrays, squaredNorm], { largest }) => {
  const factor = largest / (Math.sqrt(squaredNorm[0]) + 1e-6)
  // a factor of NaN makes all NaN
  if (factor >= 1) return
  for (const array of arrays) for (let n = 0; n < array.length; n++) array[n] *= factor
}

/**
 * A run of numbers that a step changes: where it begins in the parameter and in the gradient, and
 * how many they are.
 */
interface Run {
  readonly at: number
  readonly inGradient: number
  readonly count: number
}

/** Calls f with each run: of all numbers, or of each row. */
function eachRun(
  [parameter, rows, gradient]: readonly [Numbers, Numbers | undefined, Numbers, ...unknown[]],
  f: (run: Run) => void,
): void {
  if (!rows) {
    f({ at: 0, inGradient: 0, count: parameter.length })
    return
  }
  const count = gradient.length / rows.length
  for (let r = 0; r < rows.length; r++) f({ at: rows[r] * count, inGradient: r * count, count })
}

/** β^step by repeated squaring: the same bits in every engine. */
function power(base: number, exponent: number): number {
  let result = 1
  for (let factor = base, rest = exponent; rest > 0; rest = Math.floor(rest / 2), factor *= factor)
    if (rest % 2 === 1) result *= factor
  return result
}

/**
 * 1 − β₁ᵗ and √(1 − β₂ᵗ), by which the moments are divided, and what is added to √v̂: on rows alone
 * ε joins before the correction.
 */
export function adamWCorrections({ beta1, beta2, epsilon, step }: AdamW, rowsAlone: boolean) {
  const correction1 = 1 - power(beta1, step)
  const correction2 = Math.sqrt(1 - power(beta2, step))
  return { correction1, correction2, floor: rowsAlone ? epsilon / correction2 : epsilon }
}

/** m = β₁m + (1 − β₁)g, v = β₂v + (1 − β₂)g², p −= rate · (m̂/(√v̂ + ε) + decay · p). */
export const adamW: OnArrays<'adamW'> = (operands, settings) => {
  const [parameter, rows, gradient, [first, second]] = operands
  const { rate, beta1, beta2, decay } = settings
  const { correction1, correction2, floor } = adamWCorrections(settings, rows !== undefined)
  eachRun(operands, ({ at, inGradient, count }) => {
    for (let n = at; n < at + count; n++) {
      const g = gradient[inGradient + n - at]
      first[n] = beta1 * first[n] + (1 - beta1) * g
      second[n] = beta2 * second[n] + (1 - beta2) * g * g
      const direction = first[n] / correction1 / (Math.sqrt(second[n]) / correction2 + floor)
      parameter[n] -= rate * (direction + decay * parameter[n])
    }
  })
}

/** v = momentum · v + g + decay · p, p −= rate · v. */
export const sgd: OnArrays<'sgd'> = (operands, { rate, momentum, decay }) => {
  const [parameter, , gradient, velocity] = operands
  eachRun(operands, ({ at, inGradient, count }) => {
    for (let n = at; n < at + count; n++) {
      const g = gradient[inGradient + n - at] + decay * parameter[n]
      const direction = velocity ? momentum * velocity[n] + g : g
      if (velocity) velocity[n] = direction
      parameter[n] -= rate * direction
    }
  })
}

/** Scratch of the losses in bytes. */
export const scratch = {
  crossEntropy: crossEntropyScratch,
  crossEntropyBackward: crossEntropyBackwardScratch,
}
