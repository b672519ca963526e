import type { Engine } from './engine.ts'
import { TILE_HEIGHTS } from './kernels/numbers.ts'
import { productOf, type Strided } from './product.ts'

const SIZE = { m: 48, n: 64, k: 192 }
/** Measured in turn, so that the engine has compiled both well before the last. */
const HEIGHTS = [4, 6, 4, 6] as const
/** For one measurement: all of them stay below 20. */
const MILLISECONDS = 2
/** Six rows are taken where they take at most this share of the time: measurements are noisy. */
const CLEARLY = 0.95

/** Rows of a tile from rows of A, and from a transposed A. */
export interface TileHeights {
  readonly rows: number
  readonly columns: number
}

const chosen = new Map<string, TileHeights>()

/**
 * The tiles that are fastest here, measured once for a process and an arithmetic.
 *
 * They differ in speed alone: every height has the same bits.
 */
export function calibrateTiles(engine: Engine, arithmetic: string): TileHeights {
  const { m, n, k } = SIZE
  const at = engine.room(4 * (m * k + k * n + m * n))
  const B = { at: at + 4 * m * k, row: 4 * n, column: 4 }
  const C = { at: B.at + 4 * k * n, row: 4 * n }
  const fastest = (A: Strided, word: number): number => {
    const least: Record<number, number> = {}
    for (const height of HEIGHTS) {
      new Int32Array(engine.arena.memory.buffer, TILE_HEIGHTS, 2)[word] = height
      least[height] = leastTime(() => productOf(engine, m, n, k, A, B, C, false))
    }
    return least[6] < CLEARLY * least[4] ? 6 : 4
  }
  const heights = chosen.get(arithmetic) ?? {
    rows: fastest({ at, row: 4 * k, column: 4 }, 0),
    columns: fastest({ at, row: 4, column: 4 * m }, 1),
  }
  chosen.set(arithmetic, heights)
  new Int32Array(engine.arena.memory.buffer, TILE_HEIGHTS, 2).set([heights.rows, heights.columns])
  return heights
}

function leastTime(work: () => void): number {
  let least = Number.POSITIVE_INFINITY
  const end = performance.now() + MILLISECONDS
  for (let began = performance.now(); began < end; ) {
    work()
    const now = performance.now()
    least = Math.min(least, now - began)
    began = now
  }
  return least
}
