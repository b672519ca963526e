import { bytesOf } from './lanes'
import { PANEL_COLUMNS, PANEL_ROW } from './numbers'

/** Bytes of a panel with so many rows. */
export function panelBytes(rows: i32): usize {
  return <usize>rows * PANEL_ROW
}

/** Panels for so many columns. */
export function panelCount(columns: i32): i32 {
  return (columns + PANEL_COLUMNS - 1) / PANEL_COLUMNS
}

/**
 * Columns of X (rows, columns) as panels, zeros beyond the last: row r of each panel is row r of X.
 *
 * @param first row of the panels where row 0 of X goes
 * @param bytes from one panel to the next
 * @returns 0 · Σ of the numbers: 0 where all are finite, else NaN
 */
export function packRows(
  x: usize,
  xRow: usize,
  rows: i32,
  columns: i32,
  panels: usize,
  bytes: usize,
  first: i32,
): v128 {
  let check = f32x4.splat(0)
  let to = panels + <usize>first * PANEL_ROW
  let j = 0
  for (; j + PANEL_COLUMNS <= columns; j += PANEL_COLUMNS, to += bytes) {
    check = f32x4.add(check, packWhole(x + bytesOf(j), xRow, rows, to))
  }
  if (j < columns) check = f32x4.add(check, packEdge(x + bytesOf(j), xRow, rows, columns - j, to))
  return check
}

function packWhole(x: usize, xRow: usize, rows: i32, to: usize): v128 {
  const zero = f32x4.splat(0)
  let low = zero
  let high = zero
  for (let r = 0; r < rows; r++) {
    const left = v128.load(x)
    const right = v128.load(x, 16)
    v128.store(to, left)
    v128.store(to, right, 16)
    low = f32x4.add(low, f32x4.mul(left, zero))
    high = f32x4.add(high, f32x4.mul(right, zero))
    x += xRow
    to += PANEL_ROW
  }
  return f32x4.add(low, high)
}

function packEdge(x: usize, xRow: usize, rows: i32, width: i32, to: usize): v128 {
  const zero = f32x4.splat(0)
  let check = zero
  for (let r = 0; r < rows; r++) {
    const left = columnsOf(x, width)
    const right = columnsOf(x + 16, width - 4)
    v128.store(to, left)
    v128.store(to, right, 16)
    check = f32x4.add(check, f32x4.add(f32x4.mul(left, zero), f32x4.mul(right, zero)))
    x += xRow
    to += PANEL_ROW
  }
  return check
}

/** Four numbers, zeros from `count` on. */
function columnsOf(from: usize, count: i32): v128 {
  if (count >= 4) return v128.load(from)
  let x = f32x4.splat(0)
  if (count > 0) x = v128.load32_zero(from)
  if (count > 1) x = v128.load_lane<f32>(from + 4, x, 1)
  if (count > 2) x = v128.load_lane<f32>(from + 8, x, 2)
  return x
}

/**
 * Rows of X (rows, columns) as panels of Xᵀ, zeros beyond the last: row c of each panel is column c
 * of 8 rows of X.
 *
 * @returns 0 · Σ of the numbers: 0 where all are finite, else NaN
 */
export function packTransposed(
  x: usize,
  xRow: usize,
  rows: i32,
  columns: i32,
  panels: usize,
): v128 {
  let check = f32x4.splat(0)
  for (let r = 0; r < rows; r += PANEL_COLUMNS) {
    check = f32x4.add(check, packFourRows(x, xRow, rows - r, columns, panels))
    check = f32x4.add(
      check,
      packFourRows(x + (xRow << 2), xRow, rows - r - 4, columns, panels + 16),
    )
    x += xRow << 3
    panels += panelBytes(columns)
  }
  return check
}

/** Half a panel, from at most four rows of X; `rows` are those that are left, maybe none. */
function packFourRows(x: usize, xRow: usize, rows: i32, columns: i32, to: usize): v128 {
  const zero = f32x4.splat(0)
  let check = zero
  const x1 = x + xRow
  const x2 = x1 + xRow
  const x3 = x2 + xRow
  let c = 0
  for (; c + 4 <= columns; c += 4) {
    const at = <usize>(c * 4)
    const r0 = rows > 0 ? v128.load(x + at) : zero
    const r1 = rows > 1 ? v128.load(x1 + at) : zero
    const r2 = rows > 2 ? v128.load(x2 + at) : zero
    const r3 = rows > 3 ? v128.load(x3 + at) : zero
    check = f32x4.add(check, f32x4.mul(f32x4.add(f32x4.mul(r0, zero), f32x4.mul(r1, zero)), zero))
    check = f32x4.add(check, f32x4.add(f32x4.mul(r2, zero), f32x4.mul(r3, zero)))
    const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5)
    const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5)
    const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7)
    const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7)
    v128.store(to, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5))
    v128.store(to, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), 32)
    v128.store(to, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), 64)
    v128.store(to, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), 96)
    to += 4 * PANEL_ROW
  }
  for (; c < columns; c++) {
    const at = <usize>(c * 4)
    let column = zero
    if (rows > 0) column = v128.load32_zero(x + at)
    if (rows > 1) column = v128.load_lane<f32>(x1 + at, column, 1)
    if (rows > 2) column = v128.load_lane<f32>(x2 + at, column, 2)
    if (rows > 3) column = v128.load_lane<f32>(x3 + at, column, 3)
    check = f32x4.add(check, f32x4.mul(column, zero))
    v128.store(to, column)
    to += PANEL_ROW
  }
  return check
}
