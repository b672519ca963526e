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
  const widths = { dModel: D, dQuery: d, dKey: d, dValue: d }
  return new SelfAttention<number, number, Alignment>(
    { ...widths, alignment, distribution },
    { device, seed },
  )
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
    if (WITH_BACKWARD * flopsOf(layer.shape) > CHEAP)
      return { X, dC, ...someRows(layer, X, dC, parameters) }
    const expected = await resultsOf(reference, X, dC)
    return { X, dC, expected, compared: 'context, dX and gradients of all parameters' }
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
  const ofText = spread(T, N > 1 ? ROWS_OF_TEXT : 2 * ROWS_OF_TEXT)
  const rows = texts.flatMap((n) => ofText.map((t) => n * T + t))
  const sparse = Tensor.zeros([N, T, d], 'float32')
  for (const r of rows) sparse.data.set(dC.data.subarray(r * d, (r + 1) * d), r * d)
  const zeros = (shape: readonly number[]) => Tensor.zeros(shape, 'float64')
  const expected: Record<string, Tensor> = {
    ...{ context: zeros([rows.length, d]), dX: zeros([N, T, D]) },
    ...named('d', parameters, ({ shape }) => zeros(shape)),
  }
  for (const [i, n] of texts.entries()) {
    const found = textTruth(layer, textOf(X, n), ofText, textOf(dC, n), parameters)
    expected.context.data.set(found.context, i * ofText.length * d)
    expected.dX.data.set(found.dX, n * T * D)
    for (const [name, gradient] of Object.entries(found.dParameters))
      matrices.addScaled(expected[name].data as Float64Array, 1, gradient)
  }
  const compared = `${rows.length} rows of the context, and dX and gradients of all parameters from a dC of these rows`
  return { expected, some: { rows, dC: sparse }, compared }
}

/** Tensors by their names with something before them. */
const named = <T>(
  before: string,
  tensors: Readonly<Record<string, Tensor>>,
  of: (tensor: Tensor) => T,
): Record<string, T> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [before + name, of(tensor)]))

/** So many positions from the first to the last of a text. */
const spread = (T: number, count: number) => [
  ...new Set(Array.from({ length: count }, (_, n) => Math.round((n * (T - 1)) / (count - 1)))),
]

const float64 = (numbers: ArrayLike<number>, columns: number) =>
  matrices.matrix(numbers.length / columns, columns, Float64Array.from(numbers))
const textOf = (X: Tensor, n: number) => {
  const [, T, columns] = X.shape
  return float64(X.data.subarray(n * T * columns, (n + 1) * T * columns), columns)
}
const tensorOf = ({ rows, columns, data }: Matrix) => new Tensor([rows, columns], data)
const rowsOf = (A: Matrix, ofText: readonly number[]) =>
  matrices.matrix(
    ofText.length,
    A.columns,
    Float64Array.from(ofText.flatMap((r) => [...matrices.row(A, r)])),
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
  { shape: { d }, alignment, distribution }: BenchLayer,
  X: Matrix,
  ofText: readonly number[],
  dC: Matrix,
  parameters: Results,
) {
  const weights = [...'QKV'].map((letter) => float64(parameters[`W_${letter}`].data, d))
  const some = rowsOf(X, ofText)
  const inputs = [some, X, X]
  const [Q, K, V] = inputs.map((A, n) => tensorOf(matrices.product(A, weights[n])))
  const attended = attend(Q, K, V, {
    ...{ alignment, distribution },
    alignmentParameters: partOf('alignment', parameters),
    distributionParameters: partOf('distribution', parameters),
  })
  const gradients = attended.backward(tensorOf(rowsOf(dC, ofText)))
  const projected = [gradients.dQ, gradients.dK, gradients.dV].map(({ data }) => float64(data, d))
  const [dSome, dX, dXOfV] = projected.map((dP, n) => matrices.productTransposed(dP, weights[n]))
  matrices.addScaled(dX.data, 1, dXOfV.data)
  for (const [n, r] of ofText.entries()) matrices.addScaledRow(dX, r, 1, dSome, n)
  const [dW_Q, dW_K, dW_V] = inputs.map((A, n) => matrices.transposedProduct(A, projected[n]).data)
  const numbers = ({ data }: Tensor) => data as Float64Array
  const dParameters: Record<string, Float64Array> = {
    ...{ dW_Q, dW_K, dW_V },
    ...named('dalignment.', gradients.dAlignment, numbers),
    ...named('ddistribution.', gradients.dDistribution, numbers),
  }
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
  const { data, shape } = found.context
  const context = some ? tensorOf(rowsOf(float64(data, shape[2]), some.rows)) : found.context
  return expectAgreement(where, 'the float64 reference', { ...found, context }, expected)
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
  const gradients = Object.entries(expected).filter(([name]) => name !== 'context')
  const floor = 1e-3 * Math.max(...gradients.map(([, gradient]) => largestOf(gradient)), 0)
  let worst = 0
  for (const [name, numbers] of Object.entries(expected)) {
    const difference =
      differenceOf(found[name], numbers) / (Math.max(largestOf(numbers), floor) || 1)
    if (!(difference <= allowed)) {
      const told = `${difference.toPrecision(2)} of the largest number, where ${allowed} is allowed`
      throw new CommandError(EXIT.failed, `${where}: ${name} differs from ${against} by ${told}`)
    }
    worst = Math.max(worst, difference)
  }
  return worst
}

const largestOf = ({ data }: Tensor) => {
  let most = 0
  for (const x of data) most = Math.max(most, Math.abs(x))
  return most
}

/** max |x − y|; NaN where one of them is, or where there are not as many. */
function differenceOf({ data: x }: Tensor, { data: y }: Tensor) {
  if (x.length !== y.length) return Number.NaN
  let most = 0
  // Math.max gives NaN on
  for (let n = 0; n < x.length; n++) most = Math.max(most, Math.abs(x[n] - y[n]))
  return most
}
