import type { Engine } from './engine.ts'
import { TILE_HEIGHT } from './kernels/numbers.ts'
import { productOf } from './product.ts'

const SIZE = { m: 48, n: 64, k: 192 }
/**
 * Measured in turn: the first time warms them, for engines compile well only what has run, and four
 * rows come last.
 */
const HEIGHTS = [4, 6, 4, 6, 4] as const
/** For one measurement: all of them stay below 20. */
const MILLISECONDS = 3.5
/**
 * Products in which a clock must move, by a millisecond or less: that of a hosted worker stands
 * still while it computes.
 */
const PATIENCE = 64
/** Six rows are taken where they take at most this share of the time: measurements are noisy. */
const CLEARLY = 0.75

const chosen = new Map<string, number>()

/**
 * Rows of the tile that is fastest here, measured once for a process and an arithmetic.
 *
 * Tiles differ in speed alone: every height has the same bits.
 */
export function calibrateTile(engine: Engine, arithmetic: string): number {
  const height = chosen.get(arithmetic) ?? fastest(engine)
  chosen.set(arithmetic, height)
  setHeight(engine, height)
  return height
}

function fastest(engine: Engine): number {
  const { m, n, k } = SIZE
  const at = engine.room(4 * (m * k + k * n + m * n))
  const A = { at, row: 4 * k, column: 4 }
  const B = { at: at + 4 * m * k, row: 4 * n, column: 4 }
  const C = { at: B.at + 4 * k * n, row: 4 * n }
  const least: Record<number, number> = {}
  for (const height of HEIGHTS) {
    setHeight(engine, height)
    least[height] = leastTime(() => productOf(engine, SIZE, { A, B, C }))
    if (least[height] === 0) return 4
  }
  return least[6] < CLEARLY * least[4] ? 6 : 4
}

function setHeight(engine: Engine, height: number): void {
  new Int32Array(engine.arena.memory.buffer, TILE_HEIGHT, 1)[0] = height
}

/** Milliseconds of the fastest time, 0 where the clock is too coarse to tell. */
function leastTime(work: () => void): number {
  let least = Number.POSITIVE_INFINITY
  let still = 0
  const end = performance.now() + MILLISECONDS
  for (let began = performance.now(); began < end && still < PATIENCE; ) {
    work()
    const now = performance.now()
    still = now === began ? still + 1 : 0
    least = Math.min(least, now - began)
    began = now
  }
  return least
}
