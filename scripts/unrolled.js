// Kernels' innermost loops, written out so that every sum stays in a register: tiles of a product, and
// the sums by which the peak is measured. Engines give out registers differently, so that the best
// height of a tile differs from one to the next by half: a measurement chooses.

const lines = (count, text) => Array.from({ length: count }, (_, n) => text(n)).join('\n')

/** Vectors of a tile: two for each of its rows. */
const vectors = (rows, text) => lines(rows, (r) => lines(2, (v) => text(r, v)))

const offset = (bytes) => (bytes ? `, ${bytes}` : '')
const rowOf = (letter, r) => (r ? `${letter}${r}` : letter)

/**
 * A tile of C, so many rows and two vectors of columns: it takes one number of each row of A after
 * the other with one row of a panel. Rows of A lie `aRow` bytes apart, or, in a strip (k, rows), side by side.
 */
const tile = (name, says, rows, strip) => `
/** ${says} */
export function ${name}(${strip ? 'a: usize' : 'a0: usize, aRow: usize'}, b: usize, end: usize, c: usize, cRow: usize, fresh: bool): void {
${strip ? '' : lines(rows - 1, (r) => `  let a${r + 1} = a${r} + aRow`)}
${lines(rows - 1, (r) => `  const c${r + 1} = ${rowOf('c', r)} + cRow`)}
${vectors(rows, (r, v) => `  let s${r}${v} = ${r || v ? 's00' : 'f32x4.splat(0)'}`)}
  if (!fresh) {
${vectors(rows, (r, v) => `    s${r}${v} = v128.load(${rowOf('c', r)}${offset(16 * v)})`)}
  }
  while (b < end) {
    const b0 = v128.load(b)
    const b1 = v128.load(b, 16)
${lines(
  rows,
  (r) => `    const x${r} = v128.load_splat<f32>(${strip ? `a${offset(4 * r)}` : `a${r}`})
    s${r}0 = madd(x${r}, b0, s${r}0)
    s${r}1 = madd(x${r}, b1, s${r}1)`,
)}
    b += PANEL_ROW
${strip ? `    a += ${4 * rows}` : lines(rows, (r) => `    a${r} += 4`)}
  }
${vectors(rows, (r, v) => `  v128.store(${rowOf('c', r)}, s${r}${v}${offset(16 * v)})`)}
}
`

/** Sums in registers, two for each vector that is read: each adds products with one of two factors. */
const sums = (name, count) => `
/** ${count / 2} vectors at a time, each with two factors. */
export function ${name}(from: usize, to: usize, rounds: i32): void {
  const x = v128.load(from)
  const y = v128.load(from, 16)
${lines(count, (n) => `  let s${n} = ${n ? 's0' : 'f32x4.splat(0)'}`)}
  for (let round = 0; round < rounds; round++) {
    for (let at = from; at < to; at += ${8 * count}) {
${lines(
  count / 2,
  (n) => `      const p${n} = v128.load(at${offset(16 * n)})
      s${2 * n} = madd(p${n}, x, s${2 * n})
      s${2 * n + 1} = madd(p${n}, y, s${2 * n + 1})`,
)}
    }
  }
${lines(count - 1, (n) => `  s0 = f32x4.add(s0, s${n + 1})`)}
  v128.store(to, s0)
}
`

/** AssemblyScript of all of them. */
export const unrolled = `// by scripts/unrolled.js
import { PANEL_ROW } from './numbers'
import { madd } from './vector'
${tile('tileOfFourRows', 'A tile from four rows of A.', 4, false)}${tile('tileOfSixRows', 'A tile from six rows of A.', 6, false)}${tile('tileOfStrip', 'A tile from a strip of A: four rows, (k, 4).', 4, true)}${sums('eightSums', 8)}${sums('tenSums', 10)}`
