import { cos, exp, log, sigmoid, sin, tanh } from '../../src/elementary.ts'
import type { Alignment } from '../../src/mechanism/alignment.ts'
import type { RotaryPosition } from '../../src/mechanism/position.ts'

// Alignments in plain float32: every operation is rounded, sums run from the first number to the
// last.

const f = Math.fround

/** Rows of numbers side by side. */
export interface Matrix32 {
  readonly rows: number
  readonly columns: number
  readonly data: Float32Array
}

export const matrix32 = (
  rows: number,
  columns: number,
  data: Float32Array = new Float32Array(rows * columns),
): Matrix32 => ({
  rows,
  columns,
  data,
})

/** Parameters of one head, by name. */
export type Parameters32 = Readonly<Record<string, Float32Array>>

/**
 * A gradient that is summed over everything: the sum, and Σ |terms|, from which it may have
 * cancelled.
 */
export class Sum32 {
  readonly values: Float32Array
  readonly magnitudes: Float64Array

  constructor(length: number) {
    this.values = new Float32Array(length)
    this.magnitudes = new Float64Array(length)
  }

  /** @param magnitude what the term itself cancelled from */
  add(n: number, term: number, magnitude = Math.abs(term)): void {
    this.values[n] += f(term)
    this.magnitudes[n] += magnitude
  }
}

export type Sums32 = Readonly<Record<string, Sum32>>

/** AB, with A or B transposed where told. */
function product(
  A: Matrix32,
  B: Matrix32,
  { transposeA = false, transposeB = false } = {},
): Matrix32 {
  const [m, k] = transposeA ? [A.columns, A.rows] : [A.rows, A.columns]
  const n = transposeB ? B.rows : B.columns
  const [aRow, aColumn] = transposeA ? [1, A.columns] : [A.columns, 1]
  const [bRow, bColumn] = transposeB ? [1, B.columns] : [B.columns, 1]
  const C = matrix32(m, n)
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0
      for (let p = 0; p < k; p++)
        sum = f(sum + f(A.data[i * aRow + p * aColumn] * B.data[p * bRow + j * bColumn]))
      C.data[i * n + j] = sum
    }
  }
  return C
}

const rowOf = ({ data, columns }: Matrix32, r: number) =>
  data.subarray(r * columns, (r + 1) * columns)
const inner = (x: Float32Array, y: Float32Array): number =>
  x.reduce((sum, value, c) => f(sum + f(value * y[c])), 0)
const mapped = (X: Matrix32, change: (x: number, n: number) => number): Matrix32 =>
  matrix32(X.rows, X.columns, X.data.map(change))

/** What queries or keys become before they meet, and its gradient. */
interface Map32 {
  forward(X: Matrix32, parameters: Parameters32): Matrix32
  backward(dY: Matrix32, X: Matrix32, parameters: Parameters32, sums: Sums32): Matrix32
}

const unchanged: Map32 = { forward: (X) => X, backward: (dY) => dY }

const overRootWidth: Map32 = {
  forward: (X) => mapped(X, (x) => x * f(1 / Math.sqrt(X.columns))),
  backward: (dY) => mapped(dY, (d) => d * f(1 / Math.sqrt(dY.columns))),
}

const divided: Map32 = {
  forward: (X, { sigma }) => mapped(X, (x) => x / sigma[0]),
  backward(dY, X, { sigma }, sums) {
    const square = f(sigma[0] * sigma[0])
    X.data.forEach((x, n) => {
      sums.sigma.add(0, f(-f(dY.data[n] * x)) / square)
    })
    return mapped(dY, (d) => d / sigma[0])
  },
}

const unitRows = (name?: string): Map32 => ({
  forward(X, parameters) {
    const norms = normsOf(X)
    const s = name ? parameters[name][0] : 1
    return mapped(X, (x, n) => f(s / norms[Math.floor(n / X.columns)]) * x)
  },
  backward(dY, X, parameters, sums) {
    const norms = normsOf(X)
    const s = name ? parameters[name][0] : 1
    const along = norms.map((norm, r) => inner(rowOf(X, r), rowOf(dY, r)) / norm)
    if (name) for (const d of along) sums[name].add(0, d)
    return mapped(dY, (d, n) => {
      const r = Math.floor(n / X.columns)
      return f(s / norms[r]) * f(d - f(f(X.data[n] / norms[r]) * along[r]))
    })
  },
})

const normsOf = (X: Matrix32) =>
  Float32Array.from({ length: X.rows }, (_, r) => Math.sqrt(inner(rowOf(X, r), rowOf(X, r))))

const linear = (W: string, b?: string): Map32 => ({
  forward(X, parameters) {
    const L = product(X, weightOf(X, parameters[W]))
    return b ? mapped(L, (l, n) => l + parameters[b][n % L.columns]) : L
  },
  backward(dL, X, parameters, sums) {
    for (let i = 0; i < X.rows; i++) {
      for (let c = 0; c < dL.columns; c++) {
        const d = dL.data[i * dL.columns + c]
        for (let p = 0; p < X.columns; p++)
          sums[W].add(p * dL.columns + c, f(X.data[i * X.columns + p] * d))
        if (b) sums[b].add(c, d)
      }
    }
    return product(dL, weightOf(X, parameters[W]), { transposeB: true })
  },
})

const weightOf = (X: Matrix32, W: Float32Array): Matrix32 =>
  matrix32(X.columns, W.length / X.columns, W)

/** From two operands to scores, and back. */
interface Epilogue32 {
  forward(L: Matrix32, R: Matrix32, parameters: Parameters32): Matrix32
  backward(
    dS: Matrix32,
    S: Matrix32,
    L: Matrix32,
    R: Matrix32,
    parameters: Parameters32,
    sums: Sums32,
  ): { dL: Matrix32; dR: Matrix32 }
}

const productBackward = (dZ: Matrix32, L: Matrix32, R: Matrix32) => ({
  dL: product(dZ, R),
  dR: product(dZ, L, { transposeA: true }),
})

const innerProduct: Epilogue32 = {
  forward: (L, R) => product(L, R, { transposeB: true }),
  backward: (dS, _S, L, R) => productBackward(dS, L, R),
}

/** Visits every number of L and R that meet: at i·n + j of the scores, l of L, r of R. */
function pairs(
  L: Matrix32,
  R: Matrix32,
  visit: (at: number, l: number, r: number, column: number) => void,
): void {
  for (let i = 0; i < L.rows; i++)
    for (let j = 0; j < R.rows; j++)
      for (let c = 0; c < L.columns; c++)
        visit(i * R.rows + j, i * L.columns + c, j * L.columns + c, c)
}

const distance: Epilogue32 = {
  forward(L, R) {
    const S = matrix32(L.rows, R.rows)
    pairs(L, R, (at, l, r) => {
      const difference = f(L.data[l] - R.data[r])
      S.data[at] += f(difference * difference)
    })
    return mapped(S, (s) => -0.5 * s)
  },
  backward(dS, _S, L, R) {
    const [dL, dR] = [matrix32(L.rows, L.columns), matrix32(R.rows, R.columns)]
    pairs(L, R, (at, l, r) => {
      const term = f(dS.data[at] * f(L.data[l] - R.data[r]))
      dL.data[l] -= term
      dR.data[r] += term
    })
    return { dL, dR }
  },
}

const slopesOf = {
  tanh: (y: number) => f(1 - f(y * y)),
  sigmoid: (y: number) => f(y * f(1 - y)),
  relu: (y: number) => (y > 0 ? 1 : 0),
}
const valuesOf = { tanh, sigmoid, relu: (x: number) => Math.max(x, 0) }

const activated = (name: keyof typeof valuesOf, biased: boolean): Epilogue32 => ({
  forward: (L, R, { b }) =>
    mapped(product(L, R, { transposeB: true }), (z) => valuesOf[name](f(z + (biased ? b[0] : 0)))),
  backward(dS, S, L, R, _parameters, sums) {
    const dZ = mapped(dS, (d, n) => d * slopesOf[name](S.data[n]))
    if (biased) for (const d of dZ.data) sums.b.add(0, d)
    return productBackward(dZ, L, R)
  },
})

const additiveScores: Epilogue32 = {
  forward(L, R, { w }) {
    const S = matrix32(L.rows, R.rows)
    pairs(L, R, (at, l, r, c) => {
      S.data[at] += f(w[c] * f(tanh(f(L.data[l] + R.data[r]))))
    })
    return S
  },
  backward(dS, _S, L, R, { w }, sums) {
    const [dL, dR] = [matrix32(L.rows, L.columns), matrix32(R.rows, R.columns)]
    pairs(L, R, (at, l, r, c) => {
      const h = f(tanh(f(L.data[l] + R.data[r])))
      sums.w.add(c, f(dS.data[at] * h))
      const term = f(f(dS.data[at] * w[c]) * f(1 - f(h * h)))
      dL.data[l] += term
      dR.data[r] += term
    })
    return { dL, dR }
  },
}

/** An alignment by its parts. */
export interface Alignment32 {
  readonly query: Map32
  readonly key: Map32
  readonly epilogue: Epilogue32
}

/** The alignment of that name. */
export function alignment32({ name }: Alignment): Alignment32 {
  const [kind, words = ''] = name.split(':')
  const plain = { query: unchanged, key: unchanged, epilogue: innerProduct }
  if (kind === 'scaledDot') return { ...plain, query: overRootWidth }
  if (kind === 'cosine') return { ...plain, query: unitRows('s'), key: unitRows() }
  if (kind === 'negativeDistance') return { query: divided, key: divided, epilogue: distance }
  if (kind === 'additive')
    return { query: linear('W_1', 'b'), key: linear('W_2'), epilogue: additiveScores }
  if (kind !== 'general') return plain
  const biased = words.includes('bias')
  const activation = (['tanh', 'sigmoid', 'relu'] as const).find((one) => words.includes(one))
  if (!activation) return { ...plain, query: linear('W', biased ? 'b' : undefined) }
  return { ...plain, query: linear('W'), epilogue: activated(activation, biased) }
}

/** Rows turned by their places, from `first` on; direction −1 turns back. */
export function rotate32(
  X: Matrix32,
  first: number,
  { base }: RotaryPosition,
  direction: 1 | -1,
): Matrix32 {
  const Y = matrix32(X.rows, X.columns, X.data.slice())
  for (let c = 0; c + 1 < X.columns; c += 2) {
    const speed = exp((-c / X.columns) * log(base))
    for (let r = 0; r < X.rows; r++) {
      const [cosine, sine] = [f(cos((first + r) * speed)), direction * f(sin((first + r) * speed))]
      const n = r * X.columns + c
      Y.data[n] = f(X.data[n] * cosine) - f(X.data[n + 1] * sine)
      Y.data[n + 1] = f(X.data[n] * sine) + f(X.data[n + 1] * cosine)
    }
  }
  return Y
}
