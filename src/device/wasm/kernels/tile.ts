import { madd } from './vector'

/**
 * C += AB, float32: every cell is ((C + a₀b₀) + a₁b₁) + …, k rising, by `madd`.
 *
 * That order holds wherever the cell lies; tiles at the edge are computed whole, aside. So equal rows of A give equal
 * rows of C, and a product cut along k, or among threads, has the bits of the whole one.
 *
 * B lies in panels: 8 columns side by side, row after row. A lies in rows (its columns 4 bytes apart) or transposed
 * (its rows 4 bytes apart).
 */

/** Columns of B in one panel: two vectors. */
export const PANEL_COLUMNS: i32 = 8
/** Bytes of one row of a panel. */
export const PANEL_ROW: usize = 32
/** Bytes for a tile at the edge. */
export const TILE_BYTES: usize = 4 * 8 * 4

const TILE_ROWS: i32 = 4
/** Rows of a panel that stay in the nearest cache while rows of A pass by. */
const DEEPEST: i32 = 512

/**
 * C (rows, columns) = or += A (rows, k) · B in panels, a run of k after the other.
 *
 * @param aRow bytes from one row of A to the next; 4 where A is transposed
 * @param aColumn bytes from one column of A to the next; 4 where it is not
 * @param panelBytes from one panel to the next
 * @param wide whether C has room for whole panels
 * @param aside TILE_BYTES of this thread
 */
export function addProduct(
  a: usize,
  aRow: usize,
  aColumn: usize,
  panels: usize,
  panelBytes: usize,
  c: usize,
  cRow: usize,
  rows: i32,
  columns: i32,
  k: i32,
  fresh: bool,
  wide: bool,
  aside: usize,
): void {
  if (k === 0 && fresh) {
    for (let i = 0; i < rows; i++) memory.fill(c + <usize>i * cRow, 0, <usize>(columns * 4))
  }
  for (let p = 0; p < k; p += DEEPEST) {
    const depth = min(DEEPEST, k - p)
    let panel = panels + <usize>p * PANEL_ROW
    for (let j = 0; j < columns; j += PANEL_COLUMNS) {
      const width = wide ? PANEL_COLUMNS : min(PANEL_COLUMNS, columns - j)
      addPanel(a + <usize>p * aColumn, aRow, aColumn, panel, c + <usize>(j * 4), cRow, rows, width, depth, fresh && p === 0, aside)
      panel += panelBytes
    }
  }
}

/** One panel: all rows of A, tile by tile. */
function addPanel(
  a: usize,
  aRow: usize,
  aColumn: usize,
  panel: usize,
  c: usize,
  cRow: usize,
  rows: i32,
  width: i32,
  depth: i32,
  fresh: bool,
  aside: usize,
): void {
  const end = panel + <usize>depth * PANEL_ROW
  const whole = width === PANEL_COLUMNS ? rows - (rows & 3) : 0
  let i = 0
  if (aColumn === 4) {
    for (; i < whole; i += TILE_ROWS, a += aRow << 2, c += cRow << 2) {
      tileOfRows(a, a + aRow, a + 2 * aRow, a + 3 * aRow, panel, end, c, cRow, fresh)
    }
  } else {
    for (; i < whole; i += TILE_ROWS, a += 16, c += cRow << 2) tileOfColumns(a, aColumn, panel, end, c, cRow, fresh)
  }
  for (; i < rows; i += TILE_ROWS, a += aRow << 2, c += cRow << 2) {
    const height = min(TILE_ROWS, rows - i)
    if (!fresh) copyTile(c, cRow, aside, PANEL_ROW, height, width)
    if (aColumn === 4) {
      const a1 = a + <usize>min(1, height - 1) * aRow
      const a2 = a + <usize>min(2, height - 1) * aRow
      tileOfRows(a, a1, a2, a + <usize>(height - 1) * aRow, panel, end, aside, PANEL_ROW, fresh)
    } else {
      tileOfColumns(a, aColumn, panel, end, aside, PANEL_ROW, fresh)
    }
    copyTile(aside, PANEL_ROW, c, cRow, height, width)
  }
}

function copyTile(from: usize, fromRow: usize, to: usize, toRow: usize, rows: i32, columns: i32): void {
  for (let i = 0; i < rows; i++) memory.copy(to + <usize>i * toRow, from + <usize>i * fromRow, <usize>(columns * 4))
}

/** A tile from four rows of A. */
function tileOfRows(a0: usize, a1: usize, a2: usize, a3: usize, b: usize, end: usize, c: usize, cRow: usize, fresh: bool): void {
  const c1 = c + cRow
  const c2 = c1 + cRow
  const c3 = c2 + cRow
  let s00 = f32x4.splat(0)
  let s01 = s00
  let s10 = s00
  let s11 = s00
  let s20 = s00
  let s21 = s00
  let s30 = s00
  let s31 = s00
  if (!fresh) {
    s00 = v128.load(c)
    s01 = v128.load(c, 16)
    s10 = v128.load(c1)
    s11 = v128.load(c1, 16)
    s20 = v128.load(c2)
    s21 = v128.load(c2, 16)
    s30 = v128.load(c3)
    s31 = v128.load(c3, 16)
  }
  while (b < end) {
    const b0 = v128.load(b)
    const b1 = v128.load(b, 16)
    const x0 = v128.load_splat<f32>(a0)
    s00 = madd(x0, b0, s00)
    s01 = madd(x0, b1, s01)
    const x1 = v128.load_splat<f32>(a1)
    s10 = madd(x1, b0, s10)
    s11 = madd(x1, b1, s11)
    const x2 = v128.load_splat<f32>(a2)
    s20 = madd(x2, b0, s20)
    s21 = madd(x2, b1, s21)
    const x3 = v128.load_splat<f32>(a3)
    s30 = madd(x3, b0, s30)
    s31 = madd(x3, b1, s31)
    b += PANEL_ROW
    a0 += 4
    a1 += 4
    a2 += 4
    a3 += 4
  }
  v128.store(c, s00)
  v128.store(c, s01, 16)
  v128.store(c1, s10)
  v128.store(c1, s11, 16)
  v128.store(c2, s20)
  v128.store(c2, s21, 16)
  v128.store(c3, s30)
  v128.store(c3, s31, 16)
}

/** A tile from four rows of a transposed A, which lie side by side. */
function tileOfColumns(a: usize, aColumn: usize, b: usize, end: usize, c: usize, cRow: usize, fresh: bool): void {
  const c1 = c + cRow
  const c2 = c1 + cRow
  const c3 = c2 + cRow
  let s00 = f32x4.splat(0)
  let s01 = s00
  let s10 = s00
  let s11 = s00
  let s20 = s00
  let s21 = s00
  let s30 = s00
  let s31 = s00
  if (!fresh) {
    s00 = v128.load(c)
    s01 = v128.load(c, 16)
    s10 = v128.load(c1)
    s11 = v128.load(c1, 16)
    s20 = v128.load(c2)
    s21 = v128.load(c2, 16)
    s30 = v128.load(c3)
    s31 = v128.load(c3, 16)
  }
  while (b < end) {
    const b0 = v128.load(b)
    const b1 = v128.load(b, 16)
    const x0 = v128.load_splat<f32>(a)
    s00 = madd(x0, b0, s00)
    s01 = madd(x0, b1, s01)
    const x1 = v128.load_splat<f32>(a, 4)
    s10 = madd(x1, b0, s10)
    s11 = madd(x1, b1, s11)
    const x2 = v128.load_splat<f32>(a, 8)
    s20 = madd(x2, b0, s20)
    s21 = madd(x2, b1, s21)
    const x3 = v128.load_splat<f32>(a, 12)
    s30 = madd(x3, b0, s30)
    s31 = madd(x3, b1, s31)
    b += PANEL_ROW
    a += aColumn
  }
  v128.store(c, s00)
  v128.store(c, s01, 16)
  v128.store(c1, s10)
  v128.store(c1, s11, 16)
  v128.store(c2, s20)
  v128.store(c2, s21, 16)
  v128.store(c3, s30)
  v128.store(c3, s31, 16)
}
