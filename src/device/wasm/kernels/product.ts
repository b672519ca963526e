import { PANEL_COLUMNS } from './numbers'
import { packRows, packTransposed, panelBytes } from './panels'
import { ASIDE_BYTES, addProduct } from './tile'

/** Most terms of a sum, and most columns of C, in one job. */
export const MOST_DEPTH: i32 = 512
export const MOST_COLUMNS: i32 = 1024
/** Scratch of one thread. */
export const THREAD_BYTES: usize = ASIDE_BYTES
/** Scratch of a job: all of its panels. */
export const PANEL_BYTES: usize = 4 * 512 * 1024
/** Panels that are packed in one block. */
export const PACKED_PANELS: i32 = 8

/**
 * Addresses, and bytes from one row or column to the next. The host writes the fields in this
 * order.
 */
@unmanaged
class Product {
  m: i32 = 0
  n: i32 = 0
  k: i32 = 0
  /** 1 where C begins at zero. */
  fresh: i32 = 0
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
  /** Rows of C in one block of work. */
  blockRows: i32 = 0
}

/** Copies some columns of B, from PACKED_PANELS · block panels on, into their panels. */
export function packPanels(operands: usize, block: i32): void {
  const job = changetype<Product>(operands)
  const first = block * PACKED_PANELS * PANEL_COLUMNS
  const columns = min(PACKED_PANELS * PANEL_COLUMNS, job.n - first)
  const to = job.panels + <usize>(block * PACKED_PANELS) * panelBytes(job.k)
  const from = job.b + <usize>first * job.bColumn
  if (job.bColumn === 4) packRows(from, job.bRow, job.k, columns, to, panelBytes(job.k), 0)
  else packTransposed(from, job.bColumn, columns, job.k, to)
}

/** Computes the rows of one block of C from A and the panels. */
export function productRows(operands: usize, block: i32, thread: i32): void {
  const job = changetype<Product>(operands)
  const first = block * job.blockRows
  addProduct(
    job.a + <usize>first * job.aRow,
    job.aRow,
    job.aColumn,
    job.panels,
    panelBytes(job.k),
    job.c + <usize>first * job.cRow,
    job.cRow,
    min(job.blockRows, job.m - first),
    job.n,
    job.k,
    job.fresh !== 0,
    false,
    job.threads + <usize>thread * THREAD_BYTES,
  )
}
