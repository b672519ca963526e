import { PANEL_COLUMNS, PANEL_ROW, TILE_HEIGHTS } from './numbers'
import { tileOfFourColumns, tileOfSixColumns } from './tiles-of-columns'
import { tileOfFourRows, tileOfSixRows } from './tiles-of-rows'

/**
 * C += AB, float32: every cell is ((C + a₀b₀) + a₁b₁) + …, k rising, by `madd`.
 *
 * That order holds wherever the cell lies and in tiles of any height; tiles at the edge are computed whole, aside. So equal rows
 * of A give equal rows of C, and a product cut along k, or among threads, has the bits of the whole one.
 *
 * B lies in panels: 8 columns side by side, row after row. A lies in rows (its columns 4 bytes apart) or transposed
 * (its rows 4 bytes apart).
 */

/** Bytes for the tile at an edge: its cells, and, of an A in rows, a strip of four. */
export const ASIDE_BYTES: usize = 4 * 8 * 4 + 4 * 4 * 512

const EDGE_ROWS: i32 = 4
/** Rows of a panel that stay in the nearest cache while rows of A pass by. */
const DEEPEST: i32 = 512

/**
 * C (rows, columns) = or += A (rows, k) · B in panels, a run of k after the other.
 *
 * @param aRow bytes from one row of A to the next; 4 where A is transposed
 * @param aColumn bytes from one column of A to the next; 4 where it is not
 * @param panelBytes from one panel to the next
 * @param wide whether C has room for whole panels
 * @param aside ASIDE_BYTES of this thread
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
  const whole = width === PANEL_COLUMNS ? rows : 0
  const inRows = aColumn === 4
  const tallest = load<i32>(inRows ? TILE_HEIGHTS : TILE_HEIGHTS + 4)
  let i = 0
  if (tallest === 6) {
    for (; i + 6 <= whole; i += 6, a += 6 * aRow, c += 6 * cRow) {
      if (inRows) tileOfSixRows(a, aRow, panel, end, c, cRow, fresh)
      else tileOfSixColumns(a, aColumn, panel, end, c, cRow, fresh)
    }
  }
  for (; i + 4 <= whole; i += 4, a += 4 * aRow, c += 4 * cRow) {
    if (inRows) tileOfFourRows(a, aRow, panel, end, c, cRow, fresh)
    else tileOfFourColumns(a, aColumn, panel, end, c, cRow, fresh)
  }
  for (; i < rows; i += EDGE_ROWS, a += EDGE_ROWS * aRow, c += EDGE_ROWS * cRow) {
    addEdge(a, aRow, aColumn, panel, end, c, cRow, min(EDGE_ROWS, rows - i), width, fresh, aside)
  }
}

/** A tile of fewer rows or columns: computed whole, aside, of which the cells of C are copied. */
function addEdge(
  a: usize,
  aRow: usize,
  aColumn: usize,
  panel: usize,
  end: usize,
  c: usize,
  cRow: usize,
  height: i32,
  width: i32,
  fresh: bool,
  aside: usize,
): void {
  if (!fresh) copyTile(c, cRow, aside, PANEL_ROW, height, width)
  if (aColumn === 4) tileOfFewRows(a, aRow, height, panel, end, aside, fresh)
  else tileOfFourColumns(a, aColumn, panel, end, aside, PANEL_ROW, fresh)
  copyTile(aside, PANEL_ROW, c, cRow, height, width)
}

function copyTile(from: usize, fromRow: usize, to: usize, toRow: usize, rows: i32, columns: i32): void {
  for (let i = 0; i < rows; i++) memory.copy(to + <usize>i * toRow, from + <usize>i * fromRow, <usize>(columns * 4))
}

/** Rows that there are not are left out of a strip (k, 4), which is then a transposed A. */
function tileOfFewRows(a: usize, aRow: usize, height: i32, panel: usize, end: usize, aside: usize, fresh: bool): void {
  const strip = aside + 4 * 8 * 4
  const bytes = (end - panel) >> 3
  for (let r = 0; r < height; r++) {
    const from = a + <usize>r * aRow
    for (let p: usize = 0; p < bytes; p += 4) store<f32>(strip + (p << 2) + <usize>(r << 2), load<f32>(from + p))
  }
  tileOfFourColumns(strip, 16, panel, end, aside, PANEL_ROW, fresh)
}
