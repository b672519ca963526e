import type { ProductOptions } from '../calls.ts'
import type { Engine } from './engine.ts'
import { kernels } from './jobs.generated.ts'
import { PANEL_COLUMNS } from './kernels/numbers.ts'

// below so many multiplications, or numbers to pack, one thread is done before another has woken
const SMALL_PRODUCT = 2 ** 21
const SMALL_PANELS = 2 ** 18
/** Rows that tiles of any height divide into. */
const TILE_ROWS = 12
/** Most rows of C in one block of work. */
const MOST_ROWS = 48
/** Blocks that each thread should find. */
const BLOCKS_PER_THREAD = 4

/**
 * Where the numbers of a matrix lie: an address, and bytes from one row and one column to the next.
 */
export interface StridedMatrix {
  readonly at: number
  readonly row: number
  readonly column: number
}

/** C (m, n) = A (m, k) B (k, n). */
export interface ProductSizes {
  readonly m: number
  readonly n: number
  readonly k: number
}

/** C = AB or C += AB, with matrices as they lie in memory. */
export function product(
  engine: Engine,
  sizes: ProductSizes,
  at: { readonly a: number; readonly b: number; readonly c: number },
  { transposeA = false, transposeB = false, accumulate = false }: ProductOptions,
): void {
  const { m, n, k } = sizes
  const A = transposeA ? { at: at.a, row: 4, column: 4 * m } : { at: at.a, row: 4 * k, column: 4 }
  const B = transposeB ? { at: at.b, row: 4, column: 4 * k } : { at: at.b, row: 4 * n, column: 4 }
  productOf(engine, sizes, { A, B, C: { at: at.c, row: 4 * n } }, accumulate)
}

/**
 * C = AB or C += AB, cut into jobs whose panels fit the scratch: first along k, then along the
 * columns.
 *
 * A later job goes on from the sums that an earlier one left in C, so the cuts change no bit.
 */
export function productOf(
  engine: Engine,
  { m, n, k }: ProductSizes,
  {
    A,
    B,
    C,
  }: {
    readonly A: StridedMatrix
    readonly B: StridedMatrix
    readonly C: Omit<StridedMatrix, 'column'>
  },
  accumulate = false,
): void {
  const { MOST_DEPTH, MOST_COLUMNS, PACKED_PANELS } = engine.constants
  const blockRows = rowsOfBlock(m, engine.threads)
  for (let p = 0; p === 0 || p < k; p += MOST_DEPTH) {
    for (let j = 0; j < n; j += MOST_COLUMNS) {
      const columns = Math.min(MOST_COLUMNS, n - j)
      const depth = Math.min(MOST_DEPTH, k - p)
      const job = {
        m,
        n: columns,
        k: depth,
        fresh: p === 0 && !accumulate ? 1 : 0,
        a: A.at + p * A.column,
        aRow: A.row,
        aColumn: A.column,
        b: B.at + p * B.row + j * B.column,
        bRow: B.row,
        bColumn: B.column,
        c: C.at + 4 * j,
        cRow: C.row,
        panels: engine.panels,
        threads: engine.scratch,
        blockRows,
      }
      engine.run(
        kernels.packPanels,
        job,
        Math.ceil(columns / (PACKED_PANELS * PANEL_COLUMNS)),
        columns * depth < SMALL_PANELS,
      )
      engine.run(
        kernels.productRows,
        job,
        Math.ceil(m / blockRows),
        m * columns * depth < SMALL_PRODUCT,
      )
    }
  }
}

/** Rows of a block: whole tiles, few enough that every thread finds some. */
function rowsOfBlock(m: number, threads: number): number {
  const tiles = Math.ceil(m / (threads * BLOCKS_PER_THREAD) / TILE_ROWS)
  return Math.max(TILE_ROWS, Math.min(MOST_ROWS, tiles * TILE_ROWS))
}
