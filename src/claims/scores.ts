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

/** A layer and the word vectors that it runs on. */
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

/** ∂L/∂S from ∂L/∂A, a row for each query. */
export async function scoreGradients({ layer, X }: Scored, dA: Tensor): Promise<Float64Array[]> {
  return rowsOf((await layer.forward(X).backward(dA).read()).dParameters.W_Q)
}

/** The attention weights of a layer, a row for each query of each head of each text. */
export async function weightsOf(
  { layer, X }: Scored,
  options: ForwardOptions = {},
): Promise<Float64Array[]> {
  const { weights } = await layer.forward(X, { want: { weights: true }, ...options }).read()
  if (!weights) throw new Error('it gave no weights, though they were wanted')
  return rowsOf(weights)
}

/** The contextual embeddings of a layer, one for each word. */
export const contextOf = async (
  { layer, X }: Scored,
  options: ForwardOptions = {},
): Promise<Float64Array[]> => rowsOf((await layer.forward(X, options).read()).context)

/** Vectors along the last axis. */
function rowsOf({ shape, data }: Tensor): Float64Array[] {
  const width = shape[shape.length - 1]
  return Array.from({ length: sizeOf(shape) / width }, (_, r) =>
    Float64Array.from(data.subarray(r * width, (r + 1) * width)),
  )
}

/** The numbers of all rows. */
export const flat = (rows: readonly Float64Array[]): number[] => rows.flatMap((row) => [...row])

/** A distribution that leaves scores as they are, to read them where weights are read. */
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

/** The least and the largest of some numbers. */
export const extent = (values: readonly number[]): [number, number] => [
  values.reduce((least, value) => Math.min(least, value), Infinity),
  values.reduce((most, value) => Math.max(most, value), -Infinity),
]

/** The results of an asynchronous function for each value, one after the other. */
export async function inTurn<T, R>(
  values: Iterable<T>,
  run: (value: T, n: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  for (const value of values) results.push(await run(value, results.length))
  return results
}
