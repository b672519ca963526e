import type { ProductOptions } from '../device.ts'
import type { Engine } from './engine.ts'
import { PACK_PANEL, PRODUCT_ROWS } from './kernels/numbers.ts'

// below so many multiplications, or numbers to pack, one thread is done before another has woken
const SMALL_PRODUCT = 2 ** 19
const SMALL_PANELS = 2 ** 16

/** Addresses of the operands, in bytes. */
export interface ProductAddresses {
  readonly a: number
  readonly b: number
  readonly c: number
}

/**
 * C = AB or C += AB, cut into jobs whose panels fit the scratch: first along k, then along the columns.
 *
 * A later job goes on from the sums that an earlier one left in C, so the cuts change no bit.
 */
export function product(engine: Engine, sizes: { m: number; n: number; k: number }, at: ProductAddresses, options: ProductOptions): void {
  const { m, n, k } = sizes
  const { transposeA = false, transposeB = false, accumulate = false } = options
  const { MOST_DEPTH, MOST_COLUMNS } = engine.constants
  const [aRow, aColumn] = transposeA ? [4, 4 * m] : [4 * k, 4]
  const [bRow, bColumn] = transposeB ? [4, 4 * k] : [4 * n, 4]
  for (let p = 0; p === 0 || p < k; p += MOST_DEPTH) {
    for (let j = 0; j < n; j += MOST_COLUMNS) {
      const columns = Math.min(MOST_COLUMNS, n - j)
      const depth = Math.min(MOST_DEPTH, k - p)
      const clear = p === 0 && !accumulate ? 1 : 0
      const A = [at.a + p * aColumn, aRow, aColumn]
      const B = [at.b + p * bRow + j * bColumn, bRow, bColumn]
      const C = [at.c + 4 * j, 4 * n]
      runJob(engine, m, columns, depth, [m, columns, depth, clear, ...A, ...B, ...C, engine.panels, engine.scratch])
    }
  }
}

function runJob(engine: Engine, m: number, n: number, k: number, operands: readonly number[]): void {
  const { PANEL_COLUMNS, BLOCK_ROWS } = engine.constants
  engine.run(PACK_PANEL, operands, Math.ceil(n / PANEL_COLUMNS), n * k < SMALL_PANELS)
  engine.run(PRODUCT_ROWS, operands, Math.ceil(m / BLOCK_ROWS), m * n * k < SMALL_PRODUCT)
}
