/** Rows of float64 numbers: row r is data[r · columns … (r + 1) · columns − 1]. */
export interface Matrix {
  readonly rows: number
  readonly columns: number
  readonly data: Float64Array
}

/** A matrix of zeros, or of given numbers, which are not copied. */
export const matrix = (
  rows: number,
  columns: number,
  data: Float64Array = new Float64Array(rows * columns),
): Matrix => ({
  rows,
  columns,
  data,
})

/** One row; shares the numbers. */
export const row = (A: Matrix, r: number): Float64Array =>
  A.data.subarray(r * A.columns, (r + 1) * A.columns)

/** The first numbers of a row; shares them. */
export const beginningOf = (A: Matrix, r: number, count: number): Float64Array =>
  A.data.subarray(r * A.columns, r * A.columns + count)

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
export function map(A: Matrix, f: (value: number, n: number) => number): Matrix {
  const B = matrix(A.rows, A.columns)
  for (let n = 0; n < A.data.length; n++) B.data[n] = f(A.data[n], n)
  return B
}

/** Row i of A · row j of B. */
export function innerRows(A: Matrix, i: number, B: Matrix, j: number): number {
  const { data: a, columns } = A
  const { data: b } = B
  let sum = 0
  for (let c = 0, m = i * columns, n = j * B.columns; c < columns; c++) sum += a[m++] * b[n++]
  return sum
}

/** Row i of Y += factor · row j of X. */
export function addScaledRow(Y: Matrix, i: number, factor: number, X: Matrix, j: number): void {
  const { data: y, columns } = Y
  const { data: x } = X
  for (let c = 0, m = i * columns, n = j * X.columns; c < columns; c++) y[m++] += factor * x[n++]
}

/** AB. */
export function product(A: Matrix, B: Matrix): Matrix {
  const C = matrix(A.rows, B.columns)
  for (let i = 0; i < A.rows; i++) {
    for (let k = 0; k < A.columns; k++) addScaledRow(C, i, A.data[i * A.columns + k], B, k)
  }
  return C
}

/** ABᵀ. */
export function productTransposed(A: Matrix, B: Matrix): Matrix {
  const C = matrix(A.rows, B.rows)
  for (let i = 0; i < A.rows; i++) {
    for (let j = 0; j < B.rows; j++) C.data[i * B.rows + j] = innerRows(A, i, B, j)
  }
  return C
}

/** AᵀB. */
export function transposedProduct(A: Matrix, B: Matrix): Matrix {
  const C = matrix(A.columns, B.columns)
  for (let k = 0; k < A.rows; k++) {
    for (let i = 0; i < A.columns; i++) addScaledRow(C, i, A.data[k * A.columns + i], B, k)
  }
  return C
}
