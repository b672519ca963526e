/**
 * How work is cut into blocks: by its sizes alone, so that any number of threads computes the same.
 *
 * A block takes some microseconds; lines of the cache are not shared between blocks of numbers.
 */

/** Numbers of a block. */
export const BLOCK_NUMBERS = 8192

/**
 * With fewer numbers one thread is done before another has woken: for kernels of a few instructions
 * per number, and for those of tens.
 */
export const FEW_LIGHT = 2 ** 18
export const FEW_HEAVY = 2 ** 15

/** Rows of a block. */
export const rowsInBlock = (columns: number): number =>
  Math.max(1, Math.floor(BLOCK_NUMBERS / Math.max(1, columns)))
