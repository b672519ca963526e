import { PANEL_ROW } from './numbers'
import { madd } from './vector'

// Tiles of C in registers: so many rows, two vectors of columns. Each takes one number of A after
// the other with one row of a panel. Engines give out registers differently, so that the best
// height differs from one to the next by half: a measurement chooses.

/** A tile from four rows of A. */
export function tileOfFourRows(
  a0: usize,
  aRow: usize,
  b: usize,
  end: usize,
  c: usize,
  cRow: usize,
  fresh: bool,
): void {
  let a1 = a0 + aRow
  let a2 = a1 + aRow
  let a3 = a2 + aRow
  const c1 = c + cRow
  const c2 = c1 + cRow
  const c3 = c2 + cRow
  let s00 = f32x4.splat(0)
  let s01 = s00
  let s10 = s00
  let s11 = s00
  let s20 = s00
  let s21 = s00
  let s30 = s00
  let s31 = s00
  if (!fresh) {
    s00 = v128.load(c)
    s01 = v128.load(c, 16)
    s10 = v128.load(c1)
    s11 = v128.load(c1, 16)
    s20 = v128.load(c2)
    s21 = v128.load(c2, 16)
    s30 = v128.load(c3)
    s31 = v128.load(c3, 16)
  }
  while (b < end) {
    const b0 = v128.load(b)
    const b1 = v128.load(b, 16)
    const x0 = v128.load_splat<f32>(a0)
    s00 = madd(x0, b0, s00)
    s01 = madd(x0, b1, s01)
    const x1 = v128.load_splat<f32>(a1)
    s10 = madd(x1, b0, s10)
    s11 = madd(x1, b1, s11)
    const x2 = v128.load_splat<f32>(a2)
    s20 = madd(x2, b0, s20)
    s21 = madd(x2, b1, s21)
    const x3 = v128.load_splat<f32>(a3)
    s30 = madd(x3, b0, s30)
    s31 = madd(x3, b1, s31)
    b += PANEL_ROW
    a0 += 4
    a1 += 4
    a2 += 4
    a3 += 4
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

/** A tile from six rows of A. */
export function tileOfSixRows(
  a0: usize,
  aRow: usize,
  b: usize,
  end: usize,
  c: usize,
  cRow: usize,
  fresh: bool,
): void {
  let a1 = a0 + aRow
  let a2 = a1 + aRow
  let a3 = a2 + aRow
  let a4 = a3 + aRow
  let a5 = a4 + aRow
  const c1 = c + cRow
  const c2 = c1 + cRow
  const c3 = c2 + cRow
  const c4 = c3 + cRow
  const c5 = c4 + cRow
  let s00 = f32x4.splat(0)
  let s01 = s00
  let s10 = s00
  let s11 = s00
  let s20 = s00
  let s21 = s00
  let s30 = s00
  let s31 = s00
  let s40 = s00
  let s41 = s00
  let s50 = s00
  let s51 = s00
  if (!fresh) {
    s00 = v128.load(c)
    s01 = v128.load(c, 16)
    s10 = v128.load(c1)
    s11 = v128.load(c1, 16)
    s20 = v128.load(c2)
    s21 = v128.load(c2, 16)
    s30 = v128.load(c3)
    s31 = v128.load(c3, 16)
    s40 = v128.load(c4)
    s41 = v128.load(c4, 16)
    s50 = v128.load(c5)
    s51 = v128.load(c5, 16)
  }
  while (b < end) {
    const b0 = v128.load(b)
    const b1 = v128.load(b, 16)
    const x0 = v128.load_splat<f32>(a0)
    s00 = madd(x0, b0, s00)
    s01 = madd(x0, b1, s01)
    const x1 = v128.load_splat<f32>(a1)
    s10 = madd(x1, b0, s10)
    s11 = madd(x1, b1, s11)
    const x2 = v128.load_splat<f32>(a2)
    s20 = madd(x2, b0, s20)
    s21 = madd(x2, b1, s21)
    const x3 = v128.load_splat<f32>(a3)
    s30 = madd(x3, b0, s30)
    s31 = madd(x3, b1, s31)
    const x4 = v128.load_splat<f32>(a4)
    s40 = madd(x4, b0, s40)
    s41 = madd(x4, b1, s41)
    const x5 = v128.load_splat<f32>(a5)
    s50 = madd(x5, b0, s50)
    s51 = madd(x5, b1, s51)
    b += PANEL_ROW
    a0 += 4
    a1 += 4
    a2 += 4
    a3 += 4
    a4 += 4
    a5 += 4
  }
  v128.store(c, s00)
  v128.store(c, s01, 16)
  v128.store(c1, s10)
  v128.store(c1, s11, 16)
  v128.store(c2, s20)
  v128.store(c2, s21, 16)
  v128.store(c3, s30)
  v128.store(c3, s31, 16)
  v128.store(c4, s40)
  v128.store(c4, s41, 16)
  v128.store(c5, s50)
  v128.store(c5, s51, 16)
}

/** A tile from a strip of A: four rows, (k, 4). */
export function tileOfStrip(
  a: usize,
  b: usize,
  end: usize,
  c: usize,
  cRow: usize,
  fresh: bool,
): void {
  const c1 = c + cRow
  const c2 = c1 + cRow
  const c3 = c2 + cRow
  let s00 = f32x4.splat(0)
  let s01 = s00
  let s10 = s00
  let s11 = s00
  let s20 = s00
  let s21 = s00
  let s30 = s00
  let s31 = s00
  if (!fresh) {
    s00 = v128.load(c)
    s01 = v128.load(c, 16)
    s10 = v128.load(c1)
    s11 = v128.load(c1, 16)
    s20 = v128.load(c2)
    s21 = v128.load(c2, 16)
    s30 = v128.load(c3)
    s31 = v128.load(c3, 16)
  }
  while (b < end) {
    const b0 = v128.load(b)
    const b1 = v128.load(b, 16)
    const x0 = v128.load_splat<f32>(a)
    s00 = madd(x0, b0, s00)
    s01 = madd(x0, b1, s01)
    const x1 = v128.load_splat<f32>(a, 4)
    s10 = madd(x1, b0, s10)
    s11 = madd(x1, b1, s11)
    const x2 = v128.load_splat<f32>(a, 8)
    s20 = madd(x2, b0, s20)
    s21 = madd(x2, b1, s21)
    const x3 = v128.load_splat<f32>(a, 12)
    s30 = madd(x3, b0, s30)
    s31 = madd(x3, b1, s31)
    b += PANEL_ROW
    a += 16
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
