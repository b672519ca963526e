import type { Numbers } from '../../tensor.ts'

/** A matrix within an array: element (r, c) is numbers[first + r · row + c · column]. */
export interface Strided {
  readonly numbers: Numbers
  readonly first?: number
  readonly row: number
  readonly column: number
}

// a tile's sums and factors stay in registers: 2 · 4 sums, 2 + 4 factors
const TILE_ROWS = 2
const TILE_COLUMNS = 4

/**
 * Columns of B that are packed at once: with k around a hundred they stay in the nearest caches.
 */
const PACKED_COLUMNS = 256

/** S (m, n) of a product with sums of k terms, in float64. */
export interface Sums {
  readonly S: Float64Array
  readonly m: number
  readonly n: number
  readonly k: number
}

/** Rows of A and columns of B, a tile's side by side. */
interface Packed {
  readonly a: Float64Array
  readonly b: Float64Array
}

/**
 * S += AB for A (m, k), B (k, n) and S (m, n) in float64: each sum begins at what S holds and goes
 * on in the order of k.
 *
 * Packed copies turn every transposition and type into one, so that the innermost loop is the same
 * for all.
 */
export function addProduct(A: Strided, B: Strided, sums: Sums): void {
  const { m, n, k } = sums
  const a = new Float64Array(TILE_ROWS * k)
  const b = new Float64Array(
    TILE_COLUMNS * Math.ceil(Math.min(n, PACKED_COLUMNS) / TILE_COLUMNS) * k,
  )
  const packed = { a, b }
  for (let from = 0; from < n; from += PACKED_COLUMNS) {
    const to = Math.min(from + PACKED_COLUMNS, n)
    for (let j = from; j < to; j += TILE_COLUMNS)
      packColumns(B, j, Math.min(TILE_COLUMNS, to - j), k, b, (j - from) * k)
    for (let i = 0; i < m; i += TILE_ROWS) {
      const rows = Math.min(TILE_ROWS, m - i)
      packRows(A, i, rows, k, a)
      for (let j = from; j < to; j += TILE_COLUMNS) {
        const columns = Math.min(TILE_COLUMNS, to - j)
        if (rows === TILE_ROWS && columns === TILE_COLUMNS)
          addTile(packed, (j - from) * k, sums, i * n + j)
        else addEdge(packed, (j - from) * k, sums, i * n + j, rows, columns)
      }
    }
  }
}

/** packed[p · TILE_ROWS + r] = A[i + r, p]. */
function packRows(
  { numbers, first = 0, row, column }: Strided,
  i: number,
  rows: number,
  k: number,
  packed: Float64Array,
): void {
  for (let r = 0; r < rows; r++) {
    for (let p = 0, n = first + (i + r) * row; p < k; p++, n += column)
      packed[p * TILE_ROWS + r] = numbers[n]
  }
}

/** packed[at + p · TILE_COLUMNS + c] = B[p, j + c]. */
function packColumns(
  { numbers, first = 0, row, column }: Strided,
  j: number,
  columns: number,
  k: number,
  packed: Float64Array,
  at: number,
): void {
  for (let c = 0; c < columns; c++) {
    for (let p = 0, n = first + (j + c) * column; p < k; p++, n += row)
      packed[at + p * TILE_COLUMNS + c] = numbers[n]
  }
}

/** One whole tile of S, from S[s], with sums in registers. */
function addTile({ a, b }: Packed, at: number, { S, n, k }: Sums, s: number): void {
  const t = s + n
  let s0 = S[s]
  let s1 = S[s + 1]
  let s2 = S[s + 2]
  let s3 = S[s + 3]
  let t0 = S[t]
  let t1 = S[t + 1]
  let t2 = S[t + 2]
  let t3 = S[t + 3]
  for (let p = 0, q = at; p < TILE_ROWS * k; p += TILE_ROWS, q += TILE_COLUMNS) {
    const x = a[p]
    const y = a[p + 1]
    const b0 = b[q]
    const b1 = b[q + 1]
    const b2 = b[q + 2]
    const b3 = b[q + 3]
    s0 += x * b0
    s1 += x * b1
    s2 += x * b2
    s3 += x * b3
    t0 += y * b0
    t1 += y * b1
    t2 += y * b2
    t3 += y * b3
  }
  S[s] = s0
  S[s + 1] = s1
  S[s + 2] = s2
  S[s + 3] = s3
  S[t] = t0
  S[t + 1] = t1
  S[t + 2] = t2
  S[t + 3] = t3
}

/** The rest of S at its right and lower edges, number by number. */
function addEdge(
  { a, b }: Packed,
  at: number,
  { S, n, k }: Sums,
  s: number,
  rows: number,
  columns: number,
): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      let sum = S[s + r * n + c]
      for (let p = 0; p < k; p++) sum += a[p * TILE_ROWS + r] * b[at + p * TILE_COLUMNS + c]
      S[s + r * n + c] = sum
    }
  }
}
