import { madd } from './vector'

/**
 * C += AB, float32: every cell is ((C + a₀b₀) + a₁b₁) + …, each product and each sum rounded once, k rising.
 *
 * That order holds wherever the cell lies; tiles at the edge are computed whole, aside. So equal rows of A give equal
 * rows of C, and a product cut along k, or among threads, has the bits of the whole one.
 */

/** Rows and columns of C in one tile of registers; columns are two vectors. */
const TILE_ROWS: i32 = 4
const TILE_COLUMNS: i32 = 8
const TILE_BYTES: usize = 4 * 4 * 8
/** Rows of C in one block of work. */
export const BLOCK_ROWS: i32 = 32
/** Columns of B in one panel, where they lie as (k, 8). */
export const PANEL_COLUMNS: i32 = TILE_COLUMNS
/** Most terms of a sum, and most columns of C, in one job. */
export const MOST_DEPTH: i32 = 512
export const MOST_COLUMNS: i32 = 1024
/** Scratch of one thread: a tile, and a block of A as strips (k, 4). */
export const THREAD_BYTES: usize = TILE_BYTES + 4 * 32 * 512
/** Scratch of a job: all of its panels. */
export const PANEL_BYTES: usize = 4 * 512 * 1024

/** Addresses, and bytes from one row or column to the next. The host writes the fields in this order. */
@unmanaged
class Product {
  m: i32 = 0
  n: i32 = 0
  k: i32 = 0
  /** 1 where C begins at zero. */
  clear: i32 = 0
  a: usize = 0
  aRow: usize = 0
  aColumn: usize = 0
  b: usize = 0
  bRow: usize = 0
  bColumn: usize = 0
  c: usize = 0
  cRow: usize = 0
  panels: usize = 0
  threads: usize = 0
}

/** Copies columns 8·block … of B into their panel, with zeros beyond the last. */
export function packPanel(operands: usize, block: i32): void {
  const job = changetype<Product>(operands)
  const columns = min(PANEL_COLUMNS, job.n - block * PANEL_COLUMNS)
  const whole = columns === PANEL_COLUMNS && job.bColumn === 4
  let from = job.b + <usize>(block * PANEL_COLUMNS) * job.bColumn
  let to = job.panels + <usize>(block * job.k * PANEL_COLUMNS * 4)
  for (let p = 0; p < job.k; p++) {
    if (whole) {
      v128.store(to, v128.load(from))
      v128.store(to, v128.load(from, 16), 16)
    } else {
      for (let j = 0; j < PANEL_COLUMNS; j++) {
        store<f32>(to + <usize>(j * 4), j < columns ? load<f32>(from + <usize>j * job.bColumn) : 0)
      }
    }
    from += job.bRow
    to += PANEL_COLUMNS * 4
  }
}

/** Computes rows 32·block … of C from A and the panels. */
export function productRows(operands: usize, block: i32, thread: i32): void {
  const job = changetype<Product>(operands)
  const first = block * BLOCK_ROWS
  const rows = min(BLOCK_ROWS, job.m - first)
  const a = job.a + <usize>first * job.aRow
  const c = job.c + <usize>first * job.cRow
  const tile = job.threads + <usize>thread * THREAD_BYTES
  const strips = tile + TILE_BYTES
  // columns of A that lie apart are gathered once, so that tiles read neighbours
  const direct = job.aColumn === 4
  if (!direct) packStrips(job, a, rows, strips)
  if (job.clear) for (let i = 0; i < rows; i++) memory.fill(c + <usize>i * job.cRow, 0, <usize>(job.n * 4))
  for (let j = 0; j < job.n; j += TILE_COLUMNS) {
    const panel = job.panels + <usize>(j * job.k * 4)
    for (let i = 0; i < rows; i += TILE_ROWS) {
      const last = min(TILE_ROWS, rows - i) - 1
      const a0 = direct ? a + <usize>i * job.aRow : strips + <usize>(i * job.k * 4)
      const aRow = direct ? job.aRow : 4
      const step: usize = direct ? 4 : TILE_ROWS * 4
      const a1 = a0 + <usize>min(1, last) * aRow
      const a2 = a0 + <usize>min(2, last) * aRow
      const a3 = a0 + <usize>min(3, last) * aRow
      const cell = c + <usize>i * job.cRow + <usize>(j * 4)
      const columns = min(TILE_COLUMNS, job.n - j)
      if (last === TILE_ROWS - 1 && columns === TILE_COLUMNS) {
        computeTile(a0, a1, a2, a3, step, panel, job.k, cell, job.cRow)
      } else {
        copyTile(cell, job.cRow, tile, TILE_COLUMNS * 4, last + 1, columns)
        computeTile(a0, a1, a2, a3, step, panel, job.k, tile, TILE_COLUMNS * 4)
        copyTile(tile, TILE_COLUMNS * 4, cell, job.cRow, last + 1, columns)
      }
    }
  }
}

/** Rows of A, four to a strip (k, 4), from columns that are rows in memory. */
function packStrips(job: Product, a: usize, rows: i32, strips: usize): void {
  let to = strips
  for (let i = 0; i < rows; i += TILE_ROWS) {
    const height = min(TILE_ROWS, rows - i)
    let from = a + <usize>i * job.aRow
    for (let p = 0; p < job.k; p++) {
      for (let r = 0; r < height; r++) store<f32>(to + <usize>(r * 4), load<f32>(from + <usize>r * job.aRow))
      from += job.aColumn
      to += TILE_ROWS * 4
    }
  }
}

function copyTile(from: usize, fromRow: usize, to: usize, toRow: usize, rows: i32, columns: i32): void {
  for (let i = 0; i < rows; i++) memory.copy(to + <usize>i * toRow, from + <usize>i * fromRow, <usize>(columns * 4))
}

/** A tile of C += four rows of A times one panel of B. */
function computeTile(a0: usize, a1: usize, a2: usize, a3: usize, step: usize, panel: usize, k: i32, c: usize, cRow: usize): void {
  const c1 = c + cRow
  const c2 = c1 + cRow
  const c3 = c2 + cRow
  let s00 = v128.load(c)
  let s01 = v128.load(c, 16)
  let s10 = v128.load(c1)
  let s11 = v128.load(c1, 16)
  let s20 = v128.load(c2)
  let s21 = v128.load(c2, 16)
  let s30 = v128.load(c3)
  let s31 = v128.load(c3, 16)
  const end = panel + <usize>(k * PANEL_COLUMNS * 4)
  for (let b = panel; b < end; b += PANEL_COLUMNS * 4) {
    const b0 = v128.load(b)
    const b1 = v128.load(b, 16)
    let x = v128.load_splat<f32>(a0)
    s00 = madd(x, b0, s00)
    s01 = madd(x, b1, s01)
    x = v128.load_splat<f32>(a1)
    s10 = madd(x, b0, s10)
    s11 = madd(x, b1, s11)
    x = v128.load_splat<f32>(a2)
    s20 = madd(x, b0, s20)
    s21 = madd(x, b1, s21)
    x = v128.load_splat<f32>(a3)
    s30 = madd(x, b0, s30)
    s31 = madd(x, b1, s31)
    a0 += step
    a1 += step
    a2 += step
    a3 += step
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
