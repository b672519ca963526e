import { tanh } from '../elementary.ts'
import { BOOLEAN, COUNT, checkOptions, expectNumber, oneOf } from '../kinds.ts'
import {
  addScaled,
  inner,
  type Matrix,
  map,
  matrix,
  product,
  productTransposed,
  row,
  transposedProduct,
} from './matrix.ts'
import {
  type Activation,
  activated,
  activations,
  type Epilogue,
  fromOperands,
  halfSquaredDistance,
  innerProduct,
  type OperandMap,
} from './operands.ts'

/** S = QKᵀ. @see Luong et al. 2015, §3.1 */
export const dot = fromOperands({ name: 'dot', widths: 'equal' })

/** Y = X/√width. */
const overRootWidth: OperandMap = {
  kernel: { kind: 'overRootWidth' },
  forward(X) {
    const scale = 1 / Math.sqrt(X.columns)
    return map(X, (x) => scale * x)
  },
  backward(dY) {
    const scale = 1 / Math.sqrt(dY.columns)
    return { dX: map(dY, (d) => scale * d), dParameters: {} }
  },
}

/**
 * Scaled dot product: S = QKᵀ / √d_k.
 *
 * Dividing by √d_k keeps the spread of a score independent of d_k, so that softmax does not
 * saturate.
 *
 * @see Vaswani et al. 2017, §3.2.1, eq. 1
 */
export const scaledDot = fromOperands({
  name: 'scaledDot',
  widths: 'equal',
  query: overRootWidth,
})

/**
 * Rows divided by their norm, times `parameters[scale]` if named; a zero row stays zero with zero
 * gradient.
 */
const unitRows = (scale?: string): OperandMap => ({
  kernel: { kind: 'unitRows', parameter: scale },
  forward(X, parameters) {
    const s = scale ? parameters[scale][0] : 1
    const Y = matrix(X.rows, X.columns)
    for (let r = 0; r < X.rows; r++) {
      const norm = Math.sqrt(inner(row(X, r), row(X, r)))
      if (norm !== 0) addScaled(row(Y, r), s / norm, row(X, r))
    }
    return Y
  },
  backward(dY, X, parameters) {
    const s = scale ? parameters[scale][0] : 1
    const dX = matrix(X.rows, X.columns)
    let ds = 0
    for (let r = 0; r < X.rows; r++) {
      const norm = Math.sqrt(inner(row(X, r), row(X, r)))
      if (norm === 0) continue
      // forward was: y = s u with u = x/‖x‖, so dx = s (dy − u ⟨u, dy⟩)/‖x‖
      const along = inner(row(X, r), row(dY, r)) / norm
      addScaled(row(dX, r), s / norm, row(dY, r))
      addScaled(row(dX, r), (-s * along) / (norm * norm), row(X, r))
      ds += along
    }
    return { dX, dParameters: scale ? { [scale]: Float64Array.of(ds) } : {} }
  },
})

/**
 * Cosine: S_ij = s · q_i·k_j / (‖q_i‖‖k_j‖), 0 where a vector is zero; s is learned, initially 1.
 *
 * @see Graves et al. 2014, §3.3.1, eq. 6
 */
export const cosine = fromOperands({
  name: 'cosine',
  widths: 'equal',
  parameters: () => ({ s: { shape: [1], initial: 1 } }),
  query: unitRows('s'),
  key: unitRows(),
})

/** Y = X/σ. */
const dividedBySigma: OperandMap = {
  kernel: { kind: 'dividedBy', parameter: 'sigma' },
  forward: (X, { sigma }) => map(X, (x) => x / sigma[0]),
  backward: (dY, X, { sigma }) => ({
    dX: map(dY, (d) => d / sigma[0]),
    dParameters: { sigma: Float64Array.of(-inner(dY.data, X.data) / (sigma[0] * sigma[0])) },
  }),
}

/**
 * Negative squared distance: S_ij = −‖q_i − k_j‖² / (2σ²), a Gaussian kernel under softmax; σ is
 * learned, initially 1.
 */
export const negativeDistance = fromOperands({
  name: 'negativeDistance',
  widths: 'equal',
  parameters: () => ({ sigma: { shape: [1], initial: 1 } }),
  query: dividedBySigma,
  key: dividedBySigma,
  epilogue: halfSquaredDistance,
})

/** L = XW, plus the vector b in every row if there is one; W and b are given by name. */
const linear = (W: string, b?: string): OperandMap => ({
  kernel: { kind: 'linear', W, b },
  forward(X, parameters) {
    const L = product(X, weightOf(X, parameters[W]))
    if (b) for (let i = 0; i < L.rows; i++) addScaled(row(L, i), 1, parameters[b])
    return L
  },
  backward(dL, X, parameters) {
    const dParameters: Record<string, Float64Array> = { [W]: transposedProduct(X, dL).data }
    if (b) dParameters[b] = columnSums(dL)
    return { dX: productTransposed(dL, weightOf(X, parameters[W])), dParameters }
  },
})

/** A parameter as a matrix that rows of X multiply from the left. */
const weightOf = (X: Matrix, W: Float64Array): Matrix => matrix(X.columns, W.length / X.columns, W)

function columnSums(A: Matrix): Float64Array {
  const sums = new Float64Array(A.columns)
  for (let i = 0; i < A.rows; i++) addScaled(sums, 1, row(A, i))
  return sums
}

const ACTIVATION = oneOf(...Object.keys(activations))

/**
 * General (bilinear): s = qᵀWk; biased: s = qᵀWk + bᵀk; activated: s = f(qᵀWk), or f(qᵀWk + b) with
 * one number b.
 *
 * W (d_q, d_k) lets queries and keys differ in width.
 *
 * @see Luong et al. 2015, §3.1 (general); Sordoni et al. 2016 (biased); Ma et al. 2017 (activated)
 */
export function general(options: { bias?: boolean; activation?: Activation['name'] } = {}) {
  checkOptions(
    'general',
    options,
    { bias: BOOLEAN, activation: ACTIVATION },
    "{ activation: 'tanh' }",
  )
  const { bias = false, activation } = options
  const words = [bias ? 'bias' : '', activation ?? ''].filter(Boolean)
  return fromOperands({
    name: words.length ? `general:${words.join(',')}` : 'general',
    widths: 'free',
    parameters: (dQuery, dKey) => ({
      W: { shape: [dQuery, dKey], initial: 'initializer' },
      ...(bias ? { b: { shape: activation ? [1] : [dKey], initial: 0 } } : {}),
    }),
    query: linear('W', bias && !activation ? 'b' : undefined),
    epilogue: activation ? activated(activations[activation], bias) : innerProduct,
  })
}

/** S_ij = wᵀ tanh(l_i + r_j). */
const additiveScores: Epilogue = {
  kernel: { kind: 'additive', parameter: 'w' },
  forward(L, R, { w }) {
    const S = matrix(L.rows, R.rows)
    for (let i = 0; i < L.rows; i++) {
      for (let j = 0; j < R.rows; j++) S.data[i * R.rows + j] = inner(w, hidden(L, i, R, j))
    }
    return S
  },
  backward(dS, _S, L, R, { w }) {
    const dL = matrix(L.rows, L.columns)
    const dR = matrix(R.rows, R.columns)
    const dw = new Float64Array(w.length)
    for (let i = 0; i < L.rows; i++) {
      for (let j = 0; j < R.rows; j++) {
        const h = hidden(L, i, R, j)
        const d = dS.data[i * R.rows + j]
        addScaled(dw, d, h)
        // forward was: h = tanh(z), so dz = dS w ∘ (1 − h²)
        const dz = h.map((value, c) => d * w[c] * (1 - value * value))
        addScaled(row(dL, i), 1, dz)
        addScaled(row(dR, j), 1, dz)
      }
    }
    return { dL, dR, dParameters: { w: dw } }
  },
}

/** tanh(l_i + r_j), the hidden layer of one pair. */
function hidden(L: Matrix, i: number, R: Matrix, j: number): Float64Array {
  const r = row(R, j)
  return row(L, i).map((l, c) => tanh(l + r[c]))
}

/**
 * Additive: s = wᵀ tanh(W_1ᵀ q + W_2ᵀ k + b), W_1 (d_q, hidden), W_2 (d_k, hidden), b (hidden), w
 * (hidden, 1).
 *
 * With W_1 over W_2 as one matrix this is the «concat» alignment wᵀ tanh(Wᵀ[q; k] + b).
 *
 * @param options.hidden width of the hidden layer, ≥ 1
 * @see Bahdanau et al. 2015, appendix A.1.2
 */
export function additive(options: { hidden: number }) {
  checkOptions('additive', options, { hidden: COUNT }, '{ hidden: 64 }')
  const { hidden: width } = options
  expectNumber('additive', 'hidden', width, COUNT)
  return fromOperands({
    name: `additive:${width}`,
    widths: 'free',
    rotates: false,
    parameters: (dQuery, dKey) => ({
      W_1: { shape: [dQuery, width], initial: 'initializer' },
      W_2: { shape: [dKey, width], initial: 'initializer' },
      b: { shape: [width], initial: 0 },
      w: { shape: [width, 1], initial: 'initializer' },
    }),
    scratch: (rows, keys) => (rows + keys) * width,
    query: linear('W_1', 'b'),
    key: linear('W_2'),
    epilogue: additiveScores,
  })
}
