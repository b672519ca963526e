import {
  type Alignment,
  attend,
  type Device,
  type Distribution,
  type Handle,
  type Matrix,
  matrices,
  openDevice,
  Random,
  SelfAttention,
  type SelfAttentionOptions,
  Tensor,
} from '../../doors/internal.ts'
import { CommandError, EXIT } from '../terminal/errors.ts'
import { flopsOf, type Shape, WITH_BACKWARD } from './shapes.ts'

/** The layer that is measured. */
export interface BenchLayer {
  readonly shape: Shape
  readonly alignment: Alignment
  readonly distribution: Distribution
  readonly seed: number
}

/** Numbers of a layer by name: context, dX, and d with the name of each parameter. */
export type Results = Readonly<Record<string, Tensor>>

/** What a layer is given: normal numbers. */
export interface Input {
  readonly X: Tensor
  /** In every row. */
  readonly dC: Tensor
}

export const inputOf = (seed: number, { N, T, D, d }: Shape): Input => ({
  X: new Random(seed, 'X').normals([N, T, D], 'float32'),
  dC: new Random(seed, 'dC').normals([N, T, d], 'float32'),
})

/** What is true of a layer on its input. */
export interface Truth extends Input {
  /** In float64. */
  readonly expected: Results
  /**
   * Rows of the batch that are compared, and the dC that is zero elsewhere; absent where all are
   * compared, with dC.
   */
  readonly some?: { readonly rows: readonly number[]; readonly dC: Tensor }
  /** In words. */
  readonly compared: string
}

/** Relative difference that is allowed. */
export const ALLOWED = 1e-4
/** Multiplications and additions that the reference device computes in a moment. */
const CHEAP = 5e8
/** Rows that are compared where all would take too long: of the first and the last text. */
const ROWS_OF_TEXT = 4

export function layerOn(
  device: Device,
  { shape, alignment, distribution, seed }: BenchLayer,
): SelfAttention<number, number, Alignment> {
  const { D, d } = shape
  const options: SelfAttentionOptions = {
    dModel: D,
    dQuery: d,
    dKey: d,
    dValue: d,
    alignment,
    distribution,
  }
  return new SelfAttention<number, number, Alignment>(options, { device, seed })
}

/** The context of X and, from dC, every gradient. */
export async function resultsOf(
  layer: ReturnType<typeof layerOn>,
  X: Tensor,
  dC: Tensor,
): Promise<Results> {
  const { device } = layer
  const handles = device.scope(() => {
    const pass = layer.forward(X)
    const { dX, dParameters } = pass.backward(dC)
    const named = Object.entries(dParameters).map(([name, handle]) => [`d${name}`, handle])
    return { context: pass.context, dX, ...Object.fromEntries(named) } as Record<string, Handle>
  })
  const results: Record<string, Tensor> = {}
  for (const [name, handle] of Object.entries(handles)) {
    results[name] = await device.read(handle)
    device.free(handle)
  }
  return results
}

/**
 * Input and gradient of the layer from its seed, and what it makes of them in float64: all, or some
 * rows where that takes long.
 */
export async function truthOf(layer: BenchLayer): Promise<Truth> {
  const { X, dC } = inputOf(layer.seed, layer.shape)
  const device = await openDevice({ device: 'reference', dtype: 'float64' })
  try {
    const reference = layerOn(device, layer)
    const parameters: Record<string, Tensor> = {}
    for (const [name, handle] of Object.entries(reference.parameters)) {
      // as every device in float32 draws them
      parameters[name] = (await device.read(handle)).as('float32')
      device.write(handle, parameters[name])
    }
    if (WITH_BACKWARD * flopsOf(layer.shape) <= CHEAP)
      return {
        X,
        dC,
        expected: await resultsOf(reference, X, dC),
        compared: 'context, dX and gradients of all parameters',
      }
    return { X, dC, ...someRows(layer, X, dC, parameters) }
  } finally {
    await device.close()
  }
}

/**
 * Some rows of the context, and every gradient of a dC that is zero in all others, by the mechanism
 * in float64.
 */
function someRows(
  layer: BenchLayer,
  X: Tensor,
  dC: Tensor,
  parameters: Results,
): Pick<Truth, 'expected' | 'some' | 'compared'> {
  const { N, T, D, d } = layer.shape
  const texts = [...new Set([0, N - 1])]
  const rows = texts.flatMap((n) =>
    spread(T, N > 1 ? ROWS_OF_TEXT : 2 * ROWS_OF_TEXT).map((t) => n * T + t),
  )
  const sparse = Tensor.zeros([N, T, d], 'float32')
  for (const r of rows) sparse.data.set(dC.data.subarray(r * d, (r + 1) * d), r * d)
  const context = matrices.matrix(rows.length, d)
  const gradients: Record<string, Tensor> = { dX: Tensor.zeros([N, T, D], 'float64') }
  for (const [name, { shape }] of Object.entries(parameters))
    gradients[`d${name}`] = Tensor.zeros(shape, 'float64')
  for (const n of texts) {
    const mine = rows.filter((r) => Math.floor(r / T) === n)
    const found = textTruth(
      layer,
      textOf(X, n),
      mine.map((r) => r - n * T),
      textOf(dC, n),
      parameters,
    )
    context.data.set(found.context, rows.indexOf(mine[0]) * d)
    gradients.dX.data.set(found.dX, n * T * D)
    for (const [name, gradient] of Object.entries(found.dParameters))
      matrices.addScaled(gradients[name].data as Float64Array, 1, gradient)
  }
  const compared = `${rows.length} rows of the context, and dX and gradients of all parameters from a dC of these rows`
  return {
    expected: { context: new Tensor([rows.length, d], context.data), ...gradients },
    some: { rows, dC: sparse },
    compared,
  }
}

/** So many places from the first to the last of a text. */
function spread(T: number, count: number): number[] {
  return [
    ...new Set(Array.from({ length: count }, (_, n) => Math.round((n * (T - 1)) / (count - 1)))),
  ]
}

const float64 = (numbers: ArrayLike<number>, columns: number): Matrix =>
  matrices.matrix(numbers.length / columns, columns, Float64Array.from(numbers))
const textOf = (X: Tensor, n: number): Matrix => {
  const [, T, columns] = X.shape
  return float64(X.data.subarray(n * T * columns, (n + 1) * T * columns), columns)
}
const tensorOf = ({ rows, columns, data }: Matrix): Tensor => new Tensor([rows, columns], data)
const rowsOf = (A: Matrix, places: readonly number[]): Matrix =>
  matrices.matrix(
    places.length,
    A.columns,
    Float64Array.from(places.flatMap((r) => [...matrices.row(A, r)])),
  )

/** The parameters of a part, without its name before theirs. */
const partOf = (part: string, parameters: Results): Results =>
  Object.fromEntries(
    Object.entries(parameters).flatMap(([name, W]) =>
      name.startsWith(`${part}.`) ? [[name.slice(part.length + 1), W]] : [],
    ),
  )

/** Rows of one text's context, and every gradient of its dC in these rows. */
function textTruth(
  { shape, alignment, distribution }: BenchLayer,
  X: Matrix,
  places: number[],
  dC: Matrix,
  parameters: Results,
) {
  const [W_Q, W_K, W_V] = ['W_Q', 'W_K', 'W_V'].map((name) =>
    float64(parameters[name].data, shape.d),
  )
  const some = rowsOf(X, places)
  const [Q, K, V] = [
    matrices.product(some, W_Q),
    matrices.product(X, W_K),
    matrices.product(X, W_V),
  ].map(tensorOf)
  const own = {
    alignmentParameters: partOf('alignment', parameters),
    distributionParameters: partOf('distribution', parameters),
  }
  const attended = attend(Q, K, V, { alignment, distribution, ...own })
  const gradients = attended.backward(tensorOf(rowsOf(dC, places)))
  const [dQ, dK, dV] = [gradients.dQ, gradients.dK, gradients.dV].map(({ data }) =>
    float64(data, shape.d),
  )
  const dX = matrices.productTransposed(dK, W_K)
  matrices.addScaled(dX.data, 1, matrices.productTransposed(dV, W_V).data)
  const dSome = matrices.productTransposed(dQ, W_Q)
  for (const [n, r] of places.entries()) matrices.addScaledRow(dX, r, 1, dSome, n)
  const dOwn = Object.entries({
    alignment: gradients.dAlignment,
    distribution: gradients.dDistribution,
  }).flatMap(([part, named]) =>
    Object.entries(named).map(([name, { data }]) => [`d${part}.${name}`, data as Float64Array]),
  )
  const dW = {
    dW_Q: matrices.transposedProduct(some, dQ),
    dW_K: matrices.transposedProduct(X, dK),
    dW_V: matrices.transposedProduct(X, dV),
  }
  const dParameters: Record<string, Float64Array> = Object.fromEntries([
    ...Object.entries(dW).map(([name, { data }]) => [name, data] as const),
    ...dOwn,
  ])
  return { context: attended.context.data, dX: dX.data, dParameters }
}

/**
 * Computes on the layer what the truth is known of, and compares. Returns the largest relative
 * difference.
 */
export async function compareWithTruth(
  where: string,
  layer: ReturnType<typeof layerOn>,
  { X, dC, expected, some }: Truth,
): Promise<number> {
  const found = await resultsOf(layer, X, some?.dC ?? dC)
  if (!some) return expectAgreement(where, 'the float64 reference', found, expected)
  const context = rowsOf(float64(found.context.data, found.context.shape[2]), some.rows)
  return expectAgreement(
    where,
    'the float64 reference',
    { ...found, context: tensorOf(context) },
    expected,
  )
}

/**
 * The largest difference of numbers from those expected, relative to the largest of their array; an
 * array of gradients that are all but zero is held to a thousandth of the largest gradient.
 *
 * @throws {CommandError} that a check failed, where it is not within what is allowed, or NaN
 */
export function expectAgreement(
  where: string,
  against: string,
  found: Results,
  expected: Results,
  allowed = ALLOWED,
): number {
  const largest = (name: string): number => largestOf(expected[name])
  const floor =
    1e-3 *
    Math.max(
      ...Object.keys(expected)
        .filter((name) => name !== 'context')
        .map(largest),
      0,
    )
  let worst = 0
  for (const name of Object.keys(expected)) {
    const difference =
      differenceOf(found[name], expected[name]) / (Math.max(largest(name), floor) || 1)
    if (!(difference <= allowed)) {
      const told = `${difference.toPrecision(2)} of the largest number, where ${allowed} is allowed`
      throw new CommandError(EXIT.failed, `${where}: ${name} differs from ${against} by ${told}`)
    }
    worst = Math.max(worst, difference)
  }
  return worst
}

const largestOf = ({ data }: Tensor): number => {
  let most = 0
  for (const x of data) most = Math.max(most, Math.abs(x))
  return most
}

/** max |x − y|; NaN where one of them is, or where there are not as many. */
function differenceOf({ data: x }: Tensor, { data: y }: Tensor): number {
  if (x.length !== y.length) return Number.NaN
  let most = 0
  for (let n = 0; n < x.length; n++) {
    const difference = Math.abs(x[n] - y[n])
    if (Number.isNaN(difference)) return difference
    most = Math.max(most, difference)
  }
  return most
}
