import { tanh as hyperbolicTangent, sigmoid as logistic } from '../elementary.ts'
import type { Alignment, AlignmentBlock, ParameterShape, Parameters } from './alignment.ts'
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
import { rotate } from './position.ts'

/** A built-in map, with the names of its parameters. */
export type MapKernel =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'overRootWidth' }
  | { readonly kind: 'dividedBy'; readonly parameter: string }
  | { readonly kind: 'unitRows'; readonly parameter?: string | undefined }
  | { readonly kind: 'linear'; readonly W: string; readonly b?: string | undefined }

/** One side of a product: the map from queries or keys to the rows that are multiplied. */
export interface OperandMap {
  /** For devices with a kernel for it; a map of your own has none, and is computed by `forward`. */
  readonly kernel?: MapKernel
  forward(X: Matrix, parameters: Parameters): Matrix
  backward(
    dY: Matrix,
    X: Matrix,
    parameters: Parameters,
  ): { readonly dX: Matrix; readonly dParameters: Parameters }
}

/** A built-in epilogue, with the name of its parameter. */
export type EpilogueKernel =
  | { readonly kind: 'product' }
  | { readonly kind: 'distance' }
  | { readonly kind: Activation['name']; readonly parameter?: string | undefined }
  | { readonly kind: 'additive'; readonly parameter: string }

/** From two operands to scores. */
export interface Epilogue {
  /**
   * For devices with a kernel for it; an epilogue of your own has none, and is computed by
   * `forward`.
   */
  readonly kernel?: EpilogueKernel
  forward(L: Matrix, R: Matrix, parameters: Parameters): Matrix
  backward(
    dS: Matrix,
    S: Matrix,
    L: Matrix,
    R: Matrix,
    parameters: Parameters,
  ): { readonly dL: Matrix; readonly dR: Matrix; readonly dParameters: Parameters }
}

/** An alignment made of two operands and an epilogue. */
export interface OperandAlignment extends Alignment {
  readonly query: OperandMap
  readonly key: OperandMap
  readonly epilogue: Epilogue
}

/** The rows as they are. */
export const unchanged: OperandMap = {
  kernel: { kind: 'unchanged' },
  forward: (X) => X,
  backward: (dY) => ({ dX: dY, dParameters: {} }),
}

/** S = LRᵀ. */
export const innerProduct: Epilogue = {
  kernel: { kind: 'product' },
  forward: productTransposed,
  backward: (dS, _S, L, R) => ({
    dL: product(dS, R),
    dR: transposedProduct(dS, L),
    dParameters: {},
  }),
}

/** S_ij = −½‖l_i − r_j‖², by differences: expanding the square would lose digits. */
export const halfSquaredDistance: Epilogue = {
  kernel: { kind: 'distance' },
  forward(L, R) {
    const S = matrix(L.rows, R.rows)
    for (let i = 0; i < L.rows; i++) {
      for (let j = 0; j < R.rows; j++) {
        const r = row(R, j)
        const difference = row(L, i).map((l, c) => l - r[c])
        S.data[i * R.rows + j] = -0.5 * inner(difference, difference)
      }
    }
    return S
  },
  backward(dS, _S, L, R) {
    const dL = matrix(L.rows, L.columns)
    const dR = matrix(R.rows, R.columns)
    for (let i = 0; i < L.rows; i++) {
      for (let j = 0; j < R.rows; j++) {
        const r = row(R, j)
        const difference = row(L, i).map((l, c) => l - r[c])
        addScaled(row(dL, i), -dS.data[i * R.rows + j], difference)
        addScaled(row(dR, j), dS.data[i * R.rows + j], difference)
      }
    }
    return { dL, dR, dParameters: {} }
  },
}

/** A function of one number whose derivative is a function of its value. */
export interface Activation {
  readonly name: 'tanh' | 'sigmoid' | 'relu'
  value(x: number): number
  slope(value: number): number
}

export const activations: Readonly<Record<Activation['name'], Activation>> = {
  tanh: { name: 'tanh', value: hyperbolicTangent, slope: (y) => 1 - y * y },
  sigmoid: { name: 'sigmoid', value: logistic, slope: (y) => y * (1 - y) },
  relu: { name: 'relu', value: (x) => Math.max(x, 0), slope: (y) => (y > 0 ? 1 : 0) },
}

/** S = f(LRᵀ + b) with one number b per head where `biased`. */
export const activated = (f: Activation, biased: boolean): Epilogue => ({
  kernel: { kind: f.name, parameter: biased ? 'b' : undefined },
  forward(L, R, parameters) {
    const b = biased ? parameters.b[0] : 0
    return map(productTransposed(L, R), (z) => f.value(z + b))
  },
  backward(dS, S, L, R) {
    const dZ = map(dS, (d, n) => d * f.slope(S.data[n]))
    const dParameters: Record<string, Float64Array> = {}
    if (biased) dParameters.b = Float64Array.of(dZ.data.reduce((sum, d) => sum + d, 0))
    return { dL: product(dZ, R), dR: transposedProduct(dZ, L), dParameters }
  },
})

const made = new WeakSet<Alignment>()

/**
 * Whether an alignment is an unmodified result of `fromOperands`: then operands and epilogue define
 * it.
 */
export const isFromOperands = (alignment: Alignment): alignment is OperandAlignment =>
  made.has(alignment)

/**
 * An alignment of two operands: S = epilogue(L, R), L from the queries, R from the keys, both
 * turned by rotary positions if there are any.
 *
 * Devices have a fast path for this form.
 */
export function fromOperands<Widths extends 'equal' | 'free'>(parts: {
  readonly name: string
  readonly widths: Widths
  readonly query?: OperandMap
  readonly key?: OperandMap
  readonly epilogue?: Epilogue
  /** False if rotary positions make no sense for the operands; default true. */
  readonly rotates?: boolean
  parameters?(dQuery: number, dKey: number): Readonly<Record<string, ParameterShape>>
  scratch?(rows: number, keys: number): number
}): OperandAlignment & { readonly widths: Widths } {
  const { query = unchanged, key = unchanged, epilogue = innerProduct } = parts
  const operands = ({
    Q,
    K,
    parameters,
    rotation,
    firstQuery,
    firstKey,
  }: AlignmentBlock): [Matrix, Matrix] => {
    const L = query.forward(Q, parameters)
    const R = key.forward(K, parameters)
    return rotation
      ? [rotate(L, firstQuery + rotation.shift, rotation), rotate(R, firstKey, rotation)]
      : [L, R]
  }
  const alignment: OperandAlignment & { readonly widths: Widths } = {
    rotates: true,
    ...parts,
    query,
    key,
    epilogue,
    scores: (block) => epilogue.forward(...operands(block), block.parameters),
    backward(dS, S, block) {
      const { Q, K, parameters, rotation, firstQuery, firstKey } = block
      // forward was: S = epilogue(L, R)
      const ends = epilogue.backward(dS, S, ...operands(block), block.parameters)
      // forward was: L and R turned; a rotation's transpose turns back
      const dL = rotation ? rotate(ends.dL, firstQuery + rotation.shift, rotation, -1) : ends.dL
      const dR = rotation ? rotate(ends.dR, firstKey, rotation, -1) : ends.dR
      // forward was: L = query(Q), R = key(K)
      const left = query.backward(dL, Q, parameters)
      const right = key.backward(dR, K, parameters)
      return {
        dQ: left.dX,
        dK: right.dX,
        dParameters: sum(left.dParameters, right.dParameters, ends.dParameters),
      }
    },
  }
  made.add(alignment)
  return alignment
}

/** Sums gradients of parameters that several parts read. */
function sum(...gradients: Parameters[]): Parameters {
  const total: Record<string, Float64Array> = {}
  for (const gradient of gradients) {
    for (const [name, d] of Object.entries(gradient))
      total[name] = total[name] ? total[name].map((value, n) => value + d[n]) : d
  }
  return total
}
