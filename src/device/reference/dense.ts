import { erfc, exp, log, sigmoid, tanh } from '../../elementary.ts'
import type { Numbers } from '../../tensor.ts'
import type { ActivationName, SumAxis } from '../calls.ts'
import type { OnArrays } from '../operations.ts'
import { addProduct } from './tiles.ts'

/** Rows of a product whose float64 sums are in memory at once. */
const SUMMED_ROWS = 256

/** C = AB (m, n), with sums in float64 and one rounding at the end. */
export const product: OnArrays<'product'> = (
  [A, B, C],
  { transposeA, transposeB, accumulate },
  [m, k, n],
) => {
  const [row, column] = transposeA ? [1, m] : [k, 1]
  const right = transposeB ? { numbers: B, row: 1, column: k } : { numbers: B, row: n, column: 1 }
  const sums = new Float64Array(Math.min(m, SUMMED_ROWS) * n)
  for (let i = 0; i < m; i += SUMMED_ROWS) {
    const rows = Math.min(SUMMED_ROWS, m - i)
    const into = C.subarray(i * n, (i + rows) * n)
    if (accumulate && !transposeB) sums.set(into)
    else sums.fill(0)
    addProduct({ numbers: A, first: i * row, row, column }, right, { S: sums, m: rows, n, k })
    // with B transposed each sum begins at 0, and C joins at its end
    if (accumulate && transposeB) for (let c = 0; c < into.length; c++) into[c] += sums[c]
    else into.set(sums.subarray(0, into.length))
  }
}

/** C = aA + bB. */
export const combine: OnArrays<'combine'> = ([A, B, C], { a, b }) => {
  for (let n = 0; n < C.length; n++) C[n] = a * A[n] + b * B[n]
}

/** C = A ∘ B. */
export const multiply: OnArrays<'multiply'> = ([A, B, C]) => {
  for (let n = 0; n < C.length; n++) C[n] = A[n] * B[n]
}

/** Rows and columns of what is summed along an axis, and how a step along each moves in the sums. */
function along(axis: SumAxis, count: number, [rows, columns]: readonly number[]) {
  if (axis === 'all') return { rows: 1, columns: count, numbers: count, row: 0, column: 0 }
  return axis === 'rows'
    ? { rows, columns, numbers: rows, row: 0, column: 1 }
    : { rows, columns, numbers: columns, row: 1, column: 0 }
}

/**
 * Sums along an axis in float64, each in the order of its numbers; and the count of numbers in
 * each.
 */
function sumsAlong(axis: SumAxis, X: Numbers, length: number, sizes: readonly number[]) {
  const { rows, columns, numbers, row, column } = along(axis, X.length, sizes)
  const sums = new Float64Array(length)
  for (let r = 0, n = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) sums[r * row + c * column] += X[n++]
  return { sums, numbers }
}

/** Y = sums of X along an axis. */
export const sum: OnArrays<'sum'> = ([X, Y], { axis }, sizes) => {
  Y.set(sumsAlong(axis, X, Y.length, sizes).sums)
}

/** Y = means of X along an axis. */
export const mean: OnArrays<'mean'> = ([X, Y], { axis }, sizes) => {
  const { sums, numbers } = sumsAlong(axis, X, Y.length, sizes)
  Y.set(sums.map((total) => total / numbers))
}

/** Y = factor · X, repeated along an axis. */
export const expand: OnArrays<'expand'> = ([X, Y], { axis, factor }, sizes) => {
  const { rows, columns, row, column } = along(axis, Y.length, sizes)
  for (let r = 0, n = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) Y[n++] = factor * X[r * row + c * column]
}

/** Y = X + b in every row. */
export const addBias: OnArrays<'addBias'> = ([X, b, Y]) => {
  for (let n = 0; n < Y.length; n++) Y[n] = X[n] + b[n % b.length]
}

/** Mean of row r and 1/√(variance + ε). */
function moments(X: Numbers, r: number, columns: number, epsilon: number): [number, number] {
  let sum = 0
  for (let c = 0; c < columns; c++) sum += X[r * columns + c]
  const mean = sum / columns
  let squares = 0
  for (let c = 0; c < columns; c++) {
    const difference = X[r * columns + c] - mean
    squares += difference * difference
  }
  return [mean, 1 / Math.sqrt(squares / columns + epsilon)]
}

/** Y = gain ∘ (X − mean)/√(variance + ε) + bias. */
export const normalize: OnArrays<'normalize'> = (
  [X, gain, bias, Y],
  { epsilon },
  [rows, columns],
) => {
  for (let r = 0; r < rows; r++) {
    const [mean, scale] = moments(X, r, columns, epsilon)
    for (let c = 0; c < columns; c++)
      Y[r * columns + c] = gain[c] * (X[r * columns + c] - mean) * scale + bias[c]
  }
}

/**
 * With x̂ the normalised row and g = gain ∘ dy: dx = (g − mean(g) − x̂ mean(g ∘ x̂))/√(variance +
 * ε).
 */
export const normalizeBackward: OnArrays<'normalizeBackward'> = (
  [dY, X, gain, dX, dGain, dBias],
  { epsilon },
  [rows, columns],
) => {
  const gainSums = new Float64Array(columns)
  const biasSums = new Float64Array(columns)
  for (let r = 0; r < rows; r++) {
    const [mean, scale] = moments(X, r, columns, epsilon)
    let gSum = 0
    let gxSum = 0
    for (let c = 0; c < columns; c++) {
      const n = r * columns + c
      const x = (X[n] - mean) * scale
      gSum += gain[c] * dY[n]
      gxSum += gain[c] * dY[n] * x
      gainSums[c] += dY[n] * x
      biasSums[c] += dY[n]
    }
    for (let c = 0; c < columns; c++) {
      const n = r * columns + c
      const x = (X[n] - mean) * scale
      dX[n] = (gain[c] * dY[n] - gSum / columns - (x * gxSum) / columns) * scale
    }
  }
  dGain.set(gainSums)
  dBias.set(biasSums)
}

const SQRT_2_OVER_PI = 0.7978845608028654

interface PlainActivation {
  value(x: number): number
  slope(x: number): number
}

/** GELU in its tanh form. @see Hendrycks & Gimpel 2016, §2 */
const gelu: PlainActivation = {
  value: (x) => 0.5 * x * (1 + tanh(SQRT_2_OVER_PI * (x + 0.044715 * x * x * x))),
  slope(x) {
    const t = tanh(SQRT_2_OVER_PI * (x + 0.044715 * x * x * x))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * SQRT_2_OVER_PI * (1 + 3 * 0.044715 * x * x)
  },
}

/** Φ(x), the share of a normal distribution below x. */
const below = (x: number): number => 0.5 * erfc(-x * Math.SQRT1_2)
const INVERSE_SQRT_2_PI = 0.3989422804014327

/** GELU as defined, x Φ(x). @see Hendrycks & Gimpel 2016, §2 */
const geluErf: PlainActivation = {
  value: (x) => x * below(x),
  slope: (x) => below(x) + x * INVERSE_SQRT_2_PI * exp(-0.5 * x * x),
}

const activations: Readonly<Record<ActivationName, PlainActivation>> = {
  relu: { value: (x) => Math.max(x, 0), slope: (x) => (x > 0 ? 1 : 0) },
  tanh: { value: tanh, slope: (x) => 1 - tanh(x) * tanh(x) },
  sigmoid: { value: sigmoid, slope: (x) => sigmoid(x) * (1 - sigmoid(x)) },
  silu: { value: (x) => x * sigmoid(x), slope: (x) => sigmoid(x) * (1 + x * (1 - sigmoid(x))) },
  gelu,
  geluErf,
  log: { value: (x) => log(Math.max(x, LEAST)), slope: (x) => 1 / Math.max(x, LEAST) },
}

/** Lower bound of a logarithm's argument: a weight of 0 then gives a finite loss. */
const LEAST = 1e-30

/** Y = f(X). */
export const activate: OnArrays<'activate'> = ([X, Y], { name }) => {
  const { value } = activations[name]
  for (let n = 0; n < X.length; n++) Y[n] = value(X[n])
}

/** dX = dY ∘ f′(X). */
export const activateBackward: OnArrays<'activateBackward'> = ([dY, X, dX], { name }) => {
  const { slope } = activations[name]
  for (let n = 0; n < X.length; n++) dX[n] = dY[n] * slope(X[n])
}

/** Y[to + r] = X[from + r], or +=. */
export const copyRows: OnArrays<'copyRows'> = (
  [X, Y],
  { from, to, count, accumulate },
  [, columns],
) => {
  const rows = X.subarray(from * columns, (from + count) * columns)
  const into = Y.subarray(to * columns, (to + count) * columns)
  if (accumulate) for (let n = 0; n < rows.length; n++) into[n] += rows[n]
  else into.set(rows)
}

/** Y[r] = table[indices[r]], zeros for index −1. */
export const gather: OnArrays<'gather'> = ([table, indices, Y], { accumulate }, [, columns]) => {
  for (let r = 0, n = 0; r < indices.length; r++) {
    const known = indices[r] >= 0
    for (let end = n + columns, from = indices[r] * columns; n < end; n++, from++) {
      const value = known ? table[from] : 0
      Y[n] = accumulate ? Y[n] + value : value
    }
  }
}

/** Y[n] = Σ factor · X[r] over the occurrences r of segment n, in the order of the list. */
export const sumRows: OnArrays<'sumRows'> = (
  [X, starts, occurrences, factors, Y],
  { accumulate },
  [, columns, segments],
) => {
  for (let n = 0; n < segments; n++) {
    for (let c = 0; c < columns; c++) {
      let sum = accumulate ? Y[n * columns + c] : 0
      for (let o = starts[n]; o < starts[n + 1]; o++)
        sum += (factors ? factors[o] : 1) * X[occurrences[o] * columns + c]
      Y[n * columns + c] = sum
    }
  }
}
