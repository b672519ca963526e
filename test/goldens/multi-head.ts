import { attend } from '../../src/mechanism/attention.ts'
import { type Matrix, matrix, product, productTransposed, transposedProduct } from '../../src/mechanism/matrix.ts'
import { Tensor } from '../../src/tensor.ts'
import { SelfAttention } from '../../src/layer/self-attention.ts'
import type { Mask } from '../../src/mechanism/mask.ts'
import { ReferenceDevice } from '../../src/device/reference.ts'
import type { Named } from '../goldens.ts'

/**
 * A golden in the layer's own names: W_Q, …, b_O; X, or query, key and value; and its gradients
 * likewise.
 */
export interface MultiHeadCase {
  readonly name: string
  readonly heads: number
  /** Heads of keys and values; default heads. */
  readonly keyValueHeads?: number
  readonly mask: Mask
  readonly inputs: Named
  readonly parameters: Named
  /** output, weights, the gradients of the inputs, and dW_Q, …, db_O. */
  readonly expected: Named
}

/** The names of parameters with d before them. */
export const gradientsOf = (parameters: Named): Named => Object.fromEntries(Object.entries(parameters).map(([name, X]) => [`d${name}`, X]))

/**
 * Kernels (D, h, d) and (h, d_v, D_out) and biases (h, d), as Keras and Flax have them, as the
 * layer's matrices and vectors.
 */
export function fromKernels(named: Named, output: string, prefix = ''): Named {
  const merged = (X: Tensor, first: number): Tensor =>
    X.reshape([...X.shape.slice(0, first), X.shape[first] * X.shape[first + 1], ...X.shape.slice(first + 2)])
  const found: Record<string, Tensor> = {}
  for (const [part, letter] of [
    ['query', 'Q'],
    ['key', 'K'],
    ['value', 'V'],
  ]) {
    found[`W_${letter}`] = merged(named[`${prefix}${part}/kernel`], 1)
    found[`b_${letter}`] = merged(named[`${prefix}${part}/bias`], 0)
  }
  return { ...found, W_O: merged(named[`${prefix}${output}/kernel`], 0), b_O: named[`${prefix}${output}/bias`] }
}

/** A case of X, and a source where there is one, through SelfAttention, forward and backward. */
export async function throughLayer({ heads, keyValueHeads = heads, mask, inputs, parameters }: MultiHeadCase, dtype: 'float32' | 'float64'): Promise<Named> {
  const device = new ReferenceDevice({ dtype })
  const { W_Q, W_K, W_V, W_O, b_O } = parameters
  const [dModel, dSource, output] = [W_Q.shape[0], W_K.shape[0], W_O.shape[1]]
  const dQuery = W_Q.shape[1] / heads
  const [dKey, dValue] = [W_K, W_V].map(({ shape }) => shape[1] / keyValueHeads)
  const layer = new SelfAttention({ dModel, dSource, dQuery, dKey, dValue, heads, keyValueHeads, output, biases: b_O !== undefined }, { device, seed: 7 })
  for (const [name, handle] of Object.entries(layer.parameters)) device.write(handle, parameters[name])
  const { X, source, dOutput } = inputs
  const pass = layer.forward(X, { mask, ...(source ? { source } : {}), want: { weights: true } })
  const { context, weights } = await pass.read()
  const { dX, dSource: dRows, dParameters } = await pass.backward(dOutput).read()
  return { output: context, weights: weights as Tensor, dX, ...(dRows ? { dsource: dRows } : {}), ...gradientsOf(dParameters) }
}

/**
 * Columns of few heads of keys or values, each repeated in place for the heads of queries that
 * share it.
 */
export const repeatHeads = (X: Tensor, groups: number, heads: number): Tensor => {
  const [rows, width] = [X.shape.length > 1 ? X.shape[0] : 1, X.shape[X.shape.length - 1] / groups]
  const data = Float64Array.from({ length: rows * heads * width }, (_, n) => {
    const [c, head, r] = [n % width, Math.floor(n / width) % heads, Math.floor(n / (width * heads))]
    return X.data[(r * groups + Math.floor((head * groups) / heads)) * width + c]
  })
  return new Tensor([...X.shape.slice(0, -1), heads * width], data)
}

/** Gradients of repeated heads, summed over the heads that share. */
export const foldHeads = (X: Tensor, groups: number, heads: number): Tensor => {
  const width = X.shape[X.shape.length - 1] / heads
  const folded = Tensor.zeros([...X.shape.slice(0, -1), groups * width], 'float64')
  X.data.forEach((d, n) => {
    const [c, head, r] = [n % width, Math.floor(n / width) % heads, Math.floor(n / (width * heads))]
    folded.data[(r * groups + Math.floor((head * groups) / heads)) * width + c] += d
  })
  return folded
}

const matrixOf = (X: Tensor): Matrix => {
  const columns = X.shape[X.shape.length - 1]
  return matrix(X.size / columns, columns, X.data as Float64Array)
}

/** Axes 1 and 2 of (N, a, b, d) changed for one another. */
function swapped(X: Tensor): Tensor {
  const [N, a, b, d] = X.shape
  const Y = Tensor.zeros([N, b, a, d], 'float64')
  X.data.forEach((value, n) => {
    const [c, j, i, text] = [n % d, Math.floor(n / d) % b, Math.floor(n / (d * b)) % a, Math.floor(n / (d * b * a))]
    Y.data[((text * b + j) * a + i) * d + c] = value
  })
  return Y
}

/** XW + b as (N, h, T, d). */
function headsOf(X: Tensor, W: Tensor, b: Tensor, heads: number): Tensor {
  const Y = product(matrixOf(X), matrixOf(W))
  Y.data.forEach((_, n) => {
    Y.data[n] += b.data[n % Y.columns]
  })
  return swapped(new Tensor([X.shape[0], X.shape[1], heads, Y.columns / heads], Y.data))
}

/** Gradients of XW + b from those of its heads. */
function backwardOf(dHeads: Tensor, X: Tensor, W: Tensor) {
  const { shape, data } = swapped(dHeads)
  const dY = matrix(shape[0] * shape[1], shape[2] * shape[3], data as Float64Array)
  const db = new Float64Array(dY.columns)
  dY.data.forEach((d, n) => {
    db[n % dY.columns] += d
  })
  return {
    dX: new Tensor(X.shape, productTransposed(dY, matrixOf(W)).data),
    dW: new Tensor(W.shape, transposedProduct(matrixOf(X), dY).data),
    db: new Tensor([dY.columns], db),
  }
}

/**
 * A case through `attend` and products alone: its queries, keys and values come from three inputs,
 * which the layer refuses.
 */
export function throughAttend({ heads, mask, inputs, parameters }: MultiHeadCase): Named {
  const { query, key, value, dOutput } = inputs
  const { W_Q, b_Q, W_K, b_K, W_V, b_V, W_O, b_O } = parameters
  const [Q, K, V] = [headsOf(query, W_Q, b_Q, heads), headsOf(key, W_K, b_K, heads), headsOf(value, W_V, b_V, heads)]
  const { context, weights, backward } = attend(Q, K, V, { mask, want: { weights: true } })
  const rows = swapped(context).reshape([query.shape[0], query.shape[1], W_O.shape[0]])
  const output = swapped(headsOf(rows, W_O, b_O, 1))
  const last = backwardOf(swapped(dOutput.reshape([...dOutput.shape.slice(0, 2), 1, dOutput.shape[2]])), rows, W_O)
  const dContext = swapped(last.dX.reshape([query.shape[0], query.shape[1], heads, V.shape[3]]))
  const { dQ, dK, dV } = backward(dContext)
  const [q, k, v] = [backwardOf(dQ, query, W_Q), backwardOf(dK, key, W_K), backwardOf(dV, value, W_V)]
  return {
    ...{ output: output.reshape(dOutput.shape), weights: weights as Tensor, dquery: q.dX, dkey: k.dX, dvalue: v.dX },
    ...{ dW_Q: q.dW, dW_K: k.dW, dW_V: v.dW, dW_O: last.dW, db_Q: q.db, db_K: k.db, db_V: v.db, db_O: last.db },
  }
}
