import { bytesOf } from './lanes'
import { PANEL_COLUMNS, PANEL_ROW, TILE_HEIGHT } from './numbers'
import { tileOfFourRows, tileOfSixRows, tileOfStrip } from './unrolled.generated'

/**
 * C += AB, float32: every cell is ((C + a₀b₀) + a₁b₁) + …, k rising, by `madd`.
 *
 * That order holds wherever the cell lies and in tiles of any height; tiles at the edge are
 * computed whole, aside. So equal rows of A give equal rows of C, and a product cut along k, or
 * among threads, has the bits of the whole one.
 *
 * B lies in panels: 8 columns side by side, row after row. A lies in rows (its columns 4 bytes
 * apart) or transposed (its rows 4 bytes apart).
 */

/** Bytes for a tile at an edge, and behind it a block of A in strips (k, 4). */
export const ASIDE_BYTES: usize = 128 + 24 * 1024

const EDGE_BYTES: usize = 128
const STRIP_ROWS: i32 = 4
/**
 * Rows and columns of A that stay in the nearest cache, with a panel, while one panel after the
 * other passes by.
 */
const BLOCK_ROWS: i32 = 12
const BLOCK_COLUMNS: i32 = 256
/**
 * A transposed A is copied so many rows and columns at a time: its columns lie far apart, where a
 * cache has few places for them.
 */
const COPIED_ROWS: i32 = 24
const COPIED_COLUMNS: i32 = 256

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
  const inRows = aColumn === 4
  const deepest = inRows ? BLOCK_COLUMNS : COPIED_COLUMNS
  const most = inRows ? BLOCK_ROWS : COPIED_ROWS
  for (let p = 0; p < k; p += deepest) {
    const depth = min(deepest, k - p)
    for (let i = 0; i < rows; i += most) {
      const count = min(most, rows - i)
      let from = a + <usize>p * aColumn + <usize>i * aRow
      if (!inRows) from = copyStrips(from, aColumn, count, depth, aside + EDGE_BYTES)
      let panel = panels + <usize>p * PANEL_ROW
      for (let j = 0; j < columns; j += PANEL_COLUMNS) {
        const width = wide ? PANEL_COLUMNS : min(PANEL_COLUMNS, columns - j)
        const at = c + <usize>i * cRow + <usize>(j * 4)
        if (inRows)
          addRows(from, aRow, panel, depth, at, cRow, count, width, fresh && p === 0, aside)
        else addStrips(from, panel, depth, at, cRow, count, width, fresh && p === 0, aside)
        panel += panelBytes
      }
    }
  }
}

/** Rows of a transposed A, four to a strip (k, 4). @returns where they begin */
function copyStrips(a: usize, aColumn: usize, rows: i32, depth: i32, strips: usize): usize {
  let to = strips
  for (let i = 0; i < rows; i += STRIP_ROWS) {
    let from = a + <usize>(i * 4)
    for (let p = 0; p < depth; p++) {
      v128.store(to, v128.load(from))
      from += aColumn
      to += 16
    }
  }
  return strips
}

/** One panel and rows of A. */
function addRows(
  a: usize,
  aRow: usize,
  panel: usize,
  depth: i32,
  c: usize,
  cRow: usize,
  rows: i32,
  width: i32,
  fresh: bool,
  aside: usize,
): void {
  const end = panel + <usize>depth * PANEL_ROW
  const whole = width === PANEL_COLUMNS ? rows : 0
  let i = 0
  if (load<i32>(TILE_HEIGHT) === 6) {
    for (; i + 6 <= whole; i += 6, a += 6 * aRow, c += 6 * cRow)
      tileOfSixRows(a, aRow, panel, end, c, cRow, fresh)
  }
  for (; i + 4 <= whole; i += 4, a += 4 * aRow, c += 4 * cRow)
    tileOfFourRows(a, aRow, panel, end, c, cRow, fresh)
  for (; i < rows; i += 4, a += 4 * aRow, c += 4 * cRow) {
    const height = min(4, rows - i)
    const strip = aside + EDGE_BYTES
    for (let r = 0; r < height; r++) copyRow(a + <usize>r * aRow, depth, strip + bytesOf(r))
    addEdge(strip, panel, end, c, cRow, height, width, fresh, aside)
  }
}

/** One panel and strips of A. */
function addStrips(
  strip: usize,
  panel: usize,
  depth: i32,
  c: usize,
  cRow: usize,
  rows: i32,
  width: i32,
  fresh: bool,
  aside: usize,
): void {
  const end = panel + <usize>depth * PANEL_ROW
  for (let i = 0; i < rows; i += STRIP_ROWS) {
    if (i + 4 <= rows && width === PANEL_COLUMNS) tileOfStrip(strip, panel, end, c, cRow, fresh)
    else addEdge(strip, panel, end, c, cRow, min(4, rows - i), width, fresh, aside)
    strip += (<usize>depth) << 4
    c += 4 * cRow
  }
}

/** A tile of fewer rows or columns: computed whole, aside, of which the cells of C are copied. */
function addEdge(
  strip: usize,
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
  tileOfStrip(strip, panel, end, aside, PANEL_ROW, fresh)
  copyTile(aside, PANEL_ROW, c, cRow, height, width)
}

function copyTile(
  from: usize,
  fromRow: usize,
  to: usize,
  toRow: usize,
  rows: i32,
  columns: i32,
): void {
  for (let i = 0; i < rows; i++)
    memory.copy(to + <usize>i * toRow, from + <usize>i * fromRow, <usize>(columns * 4))
}

/** One row of A, as one of the four of a strip. */
function copyRow(from: usize, depth: i32, to: usize): void {
  for (let p = 0; p < depth; p++, from += 4, to += 16) store<f32>(to, load<f32>(from))
}
