import { madd } from './vector'

/**
 * Sums of products of numbers in memory, for the clock alone. The host writes the fields in this
 * order.
 */
@unmanaged
class Peak {
  /** 8 or 10 sums in registers: engines differ in how they spread them. */
  sums: i32 = 0
  rounds: i32 = 0
  /** VECTORS_OF_ROUND vectors to multiply, then where the sums go. */
  at: usize = 0
}

/** Vectors that one round reads, and products that it adds to their sums. */
export const VECTORS_OF_ROUND: i32 = 40
export const PRODUCTS_OF_ROUND: i32 = 80

/** Adds PRODUCTS_OF_ROUND products of four lanes each to independent sums, round after round. */
export function peak(operands: usize): void {
  const job = changetype<Peak>(operands)
  const to = job.at + <usize>(16 * VECTORS_OF_ROUND)
  if (job.sums === 8) eightSums(job.at, to, job.rounds)
  else tenSums(job.at, to, job.rounds)
}

/** Four vectors at a time, each with two factors. */
function eightSums(from: usize, to: usize, rounds: i32): void {
  const x = v128.load(from)
  const y = v128.load(from, 16)
  let a = f32x4.splat(0)
  let b = a
  let c = a
  let d = a
  let e = a
  let f = a
  let g = a
  let h = a
  for (let round = 0; round < rounds; round++) {
    for (let at = from; at < to; at += 64) {
      const p = v128.load(at)
      a = madd(p, x, a)
      b = madd(p, y, b)
      const q = v128.load(at, 16)
      c = madd(q, x, c)
      d = madd(q, y, d)
      const r = v128.load(at, 32)
      e = madd(r, x, e)
      f = madd(r, y, f)
      const s = v128.load(at, 48)
      g = madd(s, x, g)
      h = madd(s, y, h)
    }
  }
  v128.store(
    to,
    f32x4.add(
      f32x4.add(f32x4.add(a, b), f32x4.add(c, d)),
      f32x4.add(f32x4.add(e, f), f32x4.add(g, h)),
    ),
  )
}

/** Five vectors at a time, each with two factors. */
function tenSums(from: usize, to: usize, rounds: i32): void {
  const x = v128.load(from)
  const y = v128.load(from, 16)
  let a = f32x4.splat(0)
  let b = a
  let c = a
  let d = a
  let e = a
  let f = a
  let g = a
  let h = a
  let i = a
  let j = a
  for (let round = 0; round < rounds; round++) {
    for (let at = from; at < to; at += 80) {
      const p = v128.load(at)
      a = madd(p, x, a)
      b = madd(p, y, b)
      const q = v128.load(at, 16)
      c = madd(q, x, c)
      d = madd(q, y, d)
      const r = v128.load(at, 32)
      e = madd(r, x, e)
      f = madd(r, y, f)
      const s = v128.load(at, 48)
      g = madd(s, x, g)
      h = madd(s, y, h)
      const t = v128.load(at, 64)
      i = madd(t, x, i)
      j = madd(t, y, j)
    }
  }
  const first = f32x4.add(f32x4.add(a, b), f32x4.add(c, d))
  const second = f32x4.add(f32x4.add(e, f), f32x4.add(g, h))
  v128.store(to, f32x4.add(f32x4.add(first, second), f32x4.add(i, j)))
}
