import {
  attend,
  encodeTensors,
  matrices,
  openDevice,
  Random,
  SelfAttention,
  Tensor,
} from '../../dist/doors/internal.js'

// The work: one head of self-attention, C = softmax(QKᵀ/√d)V with Q = XW_Q, K = XW_K, V = XW_V, and
// its gradients.

/** [N, T, D, d]: N texts of T words, vectors of width D, queries, keys and values of width d. */
export const SHAPES = [
  [1, 6, 16, 8],
  [32, 32, 128, 128],
  [8, 512, 256, 64],
  [1, 2048, 64, 64],
  [1, 8192, 64, 64],
]

export const shapeName = (shape) => shape.join(' × ')

/** Floating-point operations of a forward; forward and backward count three times as many. */
export const operationsOf = ([N, T, D, d]) => N * (6 * T * D * d + 4 * T * T * d)

/** From this length on, the float64 results are those of some query rows. */
const LONG = 2048
const ROWS = 16

/**
 * All that one child is given, as a safetensors file.
 *
 * X, W_Q, W_K, W_V and dC are the work. `check.dC` is what gradients are verified with: dC itself,
 * or dC in some query rows and zero elsewhere, so that long texts need no T × T numbers in float64.
 * `expected.rows` are the rows of `expected.context`.
 */
export async function workOf(shape) {
  const inputs = inputsOf(shape)
  const expected =
    shape[1] < LONG ? await expectedOfAll(shape, inputs) : expectedOfRows(shape, inputs)
  return encodeTensors({ tensors: { ...inputs, ...expected }, metadata: {} })
}

/** Normal numbers; parameters of deviation 1/√D, so that scores have deviation 1. */
function inputsOf([N, T, D, d]) {
  const drawn = (name, shape, deviation) => new Random(7, name).normals(shape, 'float32', deviation)
  return {
    X: drawn('X', [N, T, D], 1),
    W_Q: drawn('W_Q', [D, d], 1 / Math.sqrt(D)),
    W_K: drawn('W_K', [D, d], 1 / Math.sqrt(D)),
    W_V: drawn('W_V', [D, d], 1 / Math.sqrt(D)),
    dC: drawn('dC', [N, T, d], 1),
  }
}

/** By the reference device in float64. */
async function expectedOfAll([N, T, D, d], { X, dC, ...parameters }) {
  const device = await openDevice({ device: 'reference', dtype: 'float64' })
  const layer = new SelfAttention({ dModel: D, dQuery: d, dKey: d, dValue: d }, { device, seed: 0 })
  for (const [name, W] of Object.entries(parameters)) device.write(layer.parameters[name], W)
  const pass = layer.forward(X)
  const { context } = await pass.read()
  const { dX, dParameters } = await pass.backward(dC).read()
  const rows = Int32Array.from({ length: N * T }, (_, i) => i)
  return {
    'check.dC': dC,
    ...named({ rows: new Tensor([N * T], rows), context, dX, ...expectedNames(dParameters) }),
  }
}

const expectedNames = ({ W_Q, W_K, W_V }) => ({ dW_Q: W_Q, dW_K: W_K, dW_V: W_V })
const named = (tensors) =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`expected.${name}`, tensor]))

/**
 * By the mechanism itself in float64, of one text: some queries, all keys, and a dC that is zero in
 * all other rows.
 */
function expectedOfRows([N, T, D, d], inputs) {
  if (N !== 1) throw new RangeError(`expectedOfRows: expected one text, got ${N}`)
  const [X, W_Q, W_K, W_V, dC] = ['X', 'W_Q', 'W_K', 'W_V', 'dC'].map((name) =>
    matrixOf(inputs[name]),
  )
  const rows = rowsOf(T)
  const [Q, K, V] = [W_Q, W_K, W_V].map((W) => matrices.product(X, W))
  const { context, backward } = attend(tensorOf(picked(Q, rows)), tensorOf(K), tensorOf(V))
  const { dQ, dK, dV } = backward(tensorOf(picked(dC, rows)))
  const gradients = [placed(matrixOf(dQ), rows, T), matrixOf(dK), matrixOf(dV)]
  const parts = gradients.map((gradient, n) =>
    matrices.productTransposed(gradient, [W_Q, W_K, W_V][n]),
  )
  const dX = matrices.map(parts[0], (x, n) => x + parts[1].data[n] + parts[2].data[n])
  const [dW_Q, dW_K, dW_V] = gradients.map((gradient) =>
    tensorOf(matrices.transposedProduct(X, gradient)),
  )
  return {
    'check.dC': tensorOf(placed(picked(dC, rows), rows, T))
      .as('float32')
      .reshape([1, T, d]),
    ...named({
      rows: new Tensor([rows.length], rows),
      context,
      dX: tensorOf(dX).reshape([1, T, D]),
      dW_Q,
      dW_K,
      dW_V,
    }),
  }
}

/** Rows that differ in every place modulo a block: the first, the last, and some between. */
const rowsOf = (T) =>
  Int32Array.from({ length: ROWS }, (_, n) => Math.round((n * (T - 1)) / (ROWS - 1)))

const matrixOf = ({ shape, data }) =>
  matrices.matrix(data.length / shape.at(-1), shape.at(-1), Float64Array.from(data))
const tensorOf = ({ rows, columns, data }) => new Tensor([rows, columns], data)

function picked(A, rows) {
  const B = matrices.matrix(rows.length, A.columns)
  rows.forEach((i, n) => {
    matrices.row(B, n).set(matrices.row(A, i))
  })
  return B
}

/** Forward was: `picked`. */
function placed(B, rows, length) {
  const A = matrices.matrix(length, B.columns)
  rows.forEach((i, n) => {
    matrices.row(A, i).set(matrices.row(B, n))
  })
  return A
}
