/** Rows of float64 numbers: row r is data[r · columns … (r + 1) · columns − 1]. */
export interface Matrix {
  readonly rows: number
  readonly columns: number
  readonly data: Float64Array
}

/** A matrix of zeros, or of numbers that are kept, not copied. */
export const matrix = (rows: number, columns: number, data: Float64Array = new Float64Array(rows * columns)): Matrix => ({
  rows,
  columns,
  data,
})

/** One row; shares the numbers. */
export const row = (A: Matrix, r: number): Float64Array => A.data.subarray(r * A.columns, (r + 1) * A.columns)

/** Rows from … to − 1; shares the numbers. */
export const rows = (A: Matrix, from: number, to: number): Matrix =>
  matrix(to - from, A.columns, A.data.subarray(from * A.columns, to * A.columns))

/** x · y. */
export function inner(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let sum = 0
  for (let c = 0; c < x.length; c++) sum += x[c] * y[c]
  return sum
}

/** y += factor · x. */
export function addScaled(y: Float64Array, factor: number, x: ArrayLike<number>): void {
  for (let c = 0; c < y.length; c++) y[c] += factor * x[c]
}

/** A with f applied to every number. */
export const map = (A: Matrix, f: (value: number, n: number) => number): Matrix => matrix(A.rows, A.columns, A.data.map(f))

/** AB. */
export function product(A: Matrix, B: Matrix): Matrix {
  const C = matrix(A.rows, B.columns)
  for (let i = 0; i < A.rows; i++) {
    for (let k = 0; k < A.columns; k++) addScaled(row(C, i), A.data[i * A.columns + k], row(B, k))
  }
  return C
}

/** ABᵀ. */
export function productTransposed(A: Matrix, B: Matrix): Matrix {
  const C = matrix(A.rows, B.rows)
  for (let i = 0; i < A.rows; i++) {
    for (let j = 0; j < B.rows; j++) C.data[i * B.rows + j] = inner(row(A, i), row(B, j))
  }
  return C
}

/** AᵀB. */
export function transposedProduct(A: Matrix, B: Matrix): Matrix {
  const C = matrix(A.columns, B.columns)
  for (let k = 0; k < A.rows; k++) {
    for (let i = 0; i < A.columns; i++) addScaled(row(C, i), A.data[k * A.columns + i], row(B, k))
  }
  return C
}
