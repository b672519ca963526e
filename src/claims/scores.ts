import type { ForwardOptions } from '../layer/forward-options.ts'
import { dot } from '../mechanism/alignments.ts'
import type { Distribution } from '../mechanism/distribution.ts'
import { sizeOf, Tensor } from '../tensor.ts'
import type { AnyLayer, AnyOptions, ClaimSetup } from './claim.ts'

/**
 * A row of scores that fits on paper: softmax gives [.0486 .359 .592], sparsemax [0 .25 .75],
 * entmax with α = 1.5 [0 .326 .674].
 */
export const WORKED: readonly number[] = [-2, 0, 0.5]

/** Rows of scores, one for each query. */
export type Rows = readonly (readonly number[])[]

/** The same row for each of its words. */
export const everyQuery = (row: readonly number[]): Rows => row.map(() => row)

/** Ones on the diagonal. */
export function identity(T: number, dtype: 'float32' | 'float64'): Tensor {
  const I = Tensor.zeros([T, T], dtype)
  for (let t = 0; t < T; t++) I.data[t * T + t] = 1
  return I
}

/** A layer whose scores were written by hand, and what it runs on. */
export interface Scored {
  readonly layer: AnyLayer
  readonly X: Tensor
}

/**
 * A layer whose scores are S: with X = W_K = W_V = I and W_Q = S under the plain dot product, C = A
 * = p(S).
 *
 * So the gradient with respect to C is that with respect to A, and the gradient of W_Q is that of
 * S.
 */
export function scored(setup: ClaimSetup, S: Rows, options: Partial<AnyOptions> = {}): Scored {
  const { device } = setup
  const T = S.length
  const layer = setup.layer(
    { dModel: T, dQuery: T, dKey: T, dValue: T, alignment: dot, ...options },
    'scores ',
  )
  const X = identity(T, device.dtype)
  device.write(layer.parameters.W_Q, new Tensor([T, T], Float64Array.from(S.flat())))
  device.write(layer.parameters.W_K, X)
  device.write(layer.parameters.W_V, X)
  return { layer, X }
}

/**
 * The gradient with respect to the scores, from that with respect to the weights; a row for each
 * query.
 */
export async function scoreGradients({ layer, X }: Scored, dA: Tensor): Promise<Float64Array[]> {
  const { dParameters } = await layer.forward(X).backward(dA).read()
  return rowsOf(dParameters.W_Q)
}

/** The weights that a layer gives, a row for each query of each head of each text. */
export async function weightsOf(
  { layer, X }: Scored,
  options: ForwardOptions = {},
): Promise<Float64Array[]> {
  const { weights } = await layer.forward(X, { ...options, want: { weights: true } }).read()
  if (!weights) throw new Error('it gave no weights, though they were wanted')
  return rowsOf(weights)
}

/** The contextual embeddings that a layer gives, one for each word. */
export async function contextOf(
  { layer, X }: Scored,
  options: ForwardOptions = {},
): Promise<Float64Array[]> {
  return rowsOf((await layer.forward(X, options).read()).context)
}

/** Vectors along the last axis. */
function rowsOf({ shape, data }: Tensor): Float64Array[] {
  const width = shape[shape.length - 1]
  return Array.from({ length: sizeOf(shape) / width }, (_, r) =>
    Float64Array.from(data.subarray(r * width, (r + 1) * width)),
  )
}

/** Scores as they are instead of weights: through it a layer shows what it scores. */
export const unweighted: Distribution = {
  name: 'unweighted',
  sumsToOne: false,
  exactZeros: false,
  shiftInvariant: false,
  weights: (scores) => scores.slice(),
  backward: (dA) => ({ dScores: dA.slice() }),
}

/** Σ of a row. */
export const sumOf = (row: ArrayLike<number>): number =>
  Array.from(row).reduce((sum, x) => sum + x, 0)

/** Least and largest of some numbers. */
export const extent = (values: Iterable<number>): [number, number] => {
  let [least, most] = [Infinity, -Infinity]
  for (const value of values) {
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  return [least, most]
}
