import { exp } from '../../elementary.ts'
import type { Alignment } from '../../mechanism/alignment.ts'
import { dot, scaledDot } from '../../mechanism/alignments.ts'
import { BLOCK_ROWS, type OffsetBias } from '../../mechanism/blocks.ts'
import { softmax } from '../../mechanism/distributions.ts'
import { everything } from '../../mechanism/mask.ts'
import { offsetIndex } from '../../mechanism/position.ts'
import type { Numbers } from '../../tensor.ts'
import type { AttentionSizes } from '../checks.ts'
import type { AttentionCall } from '../device.ts'
import { type Part, readHead, writeHead } from './packed.ts'

/** By what an alignment S = factor · QKᵀ multiplies the queries. */
const factors = new Map<Alignment, (width: number) => number>([
  [dot, () => 1],
  [scaledDot, (width) => 1 / Math.sqrt(width)],
])

/** Numbers of all heads of a call. */
export interface PackedOperands {
  readonly Q: Numbers
  readonly K: Numbers
  readonly V: Numbers
}

/**
 * What the short texts of a call have in common, and room for one head of the longest: rows of `d`
 * keys, `e` values and `n` scores.
 */
export interface ShortTexts extends PackedOperands {
  readonly factor: number
  readonly sizes: AttentionSizes
  readonly room: Readonly<
    Record<'L' | 'K' | 'V' | 'transposed' | 'A' | 'C' | 'dA' | 'dL' | 'dK' | 'dV', Float64Array>
  >
}

/** Tiles have 2 rows and 4 columns: what of them lies beyond a matrix is written and never read. */
const padded = (n: number): number => 4 * Math.ceil(n / 4)

/** Rows of the longest text that is short: a block of `attendHead`. */
const roomRows = ({ longestQuery, longestKey }: AttentionSizes): number =>
  padded(Math.min(BLOCK_ROWS, Math.max(longestQuery, longestKey)))

/** Numbers of the room. */
export function shortTextsScratch(sizes: AttentionSizes): number {
  const rows = roomRows(sizes)
  return rows * (5 * padded(sizes.dQuery) + 4 * padded(sizes.dValue) + 2 * rows)
}

/**
 * For attention that is softmax(factor · QKᵀ + bias) V with every key allowed; undefined for any
 * other.
 *
 * The sums of the loops below have the order of `attendHead`, so that the bits are the same. What
 * they save is the memory and the views that it makes for each head, which cost more than the
 * numbers of a short text.
 */
export function shortTexts(
  call: AttentionCall,
  sizes: AttentionSizes,
  { Q, K, V }: PackedOperands,
): ShortTexts | undefined {
  const factor = factors.get(call.alignment)?.(sizes.dQuery)
  const plain =
    call.distribution === softmax &&
    call.mask === everything &&
    call.position.on !== 'operands' &&
    !call.dropout
  if (factor === undefined || !plain) return undefined
  const rows = roomRows(sizes)
  const [d, e] = [padded(sizes.dQuery), padded(sizes.dValue)]
  const numbers = (columns: number): Float64Array => new Float64Array(rows * columns)
  const room = {
    ...{ L: numbers(d), K: numbers(d), V: numbers(e), transposed: numbers(Math.max(d, e)) },
    ...{ A: numbers(rows), C: numbers(e), dA: numbers(rows) },
    ...{ dL: numbers(d), dK: numbers(d), dV: numbers(e) },
  }
  return { Q, K, V, factor, sizes, room }
}

export const isShort = ({ queries, keys }: Part): boolean =>
  queries[1] - queries[0] <= BLOCK_ROWS && keys[1] - keys[0] <= BLOCK_ROWS

/**
 * C = AV with A = softmax(S), S = LKᵀ + bias, L = factor · Q.
 *
 * @returns false, with nothing written, where a score is not finite
 */
export function attendShort(
  texts: ShortTexts,
  part: Part,
  bias: OffsetBias | undefined,
  context: Numbers,
): boolean {
  const { V, room, sizes } = texts
  const { head, queries, keys } = part
  const [nQuery, nKey, e] = [queries[1] - queries[0], keys[1] - keys[0], padded(sizes.dValue)]
  if (!weigh(texts, part, bias)) return false
  readHead(V, keys, sizes.dValue, head, sizes.heads, room.V, e)
  multiply(room.A, padded(nKey), 1, room.V, room.C, nQuery, e, nKey)
  writeHead(room.C, context, queries, sizes.dValue, head, sizes.heads, e)
  return true
}

/**
 * dV = AᵀdC, dA = dC Vᵀ, dS = A ∘ (dA − ⟨A, dA⟩), dL = dS K, dK = dSᵀL, dQ = factor · dL.
 *
 * @param dBias takes dS, by offset
 * @returns false, with nothing written, where a score is not finite
 */
export function attendShortBackward(
  texts: ShortTexts,
  part: Part,
  bias: OffsetBias | undefined,
  dContext: Numbers,
  { dQ, dK, dV }: { readonly dQ: Numbers; readonly dK: Numbers; readonly dV: Numbers },
  dBias: Float64Array,
): boolean {
  const { V, room, sizes, factor } = texts
  const { dQuery, dValue, heads } = sizes
  const { head, queries, keys } = part
  const [nQuery, nKey] = [queries[1] - queries[0], keys[1] - keys[0]]
  const [n, d, e] = [padded(nKey), padded(dQuery), padded(dValue)]
  if (!weigh(texts, part, bias)) return false
  readHead(V, keys, dValue, head, heads, room.V, e)
  readHead(dContext, queries, dValue, head, heads, room.C, e)
  // forward was: C = AV
  multiply(room.A, 1, n, room.C, room.dV, nKey, e, nQuery)
  transpose(room.V, nKey, dValue, e, room.transposed, n)
  multiply(room.C, e, 1, room.transposed, room.dA, nQuery, n, dValue)
  // forward was: A = softmax(S), S = LKᵀ + bias
  for (let i = 0; i < nQuery; i++) {
    softmaxRowBackward(room.A, room.dA, i * n, i * n + nKey)
    if (bias) addBiasBackward(room.dA, i * n, i, nKey, bias, dBias)
  }
  multiply(room.dA, n, 1, room.K, room.dL, nQuery, d, nKey)
  multiply(room.dA, 1, n, room.L, room.dK, nKey, d, nQuery)
  // forward was: L = factor · Q
  writeHead(room.dL, dQ, queries, dQuery, head, heads, d, factor)
  writeHead(room.dK, dK, keys, dQuery, head, heads, d)
  writeHead(room.dV, dV, keys, dValue, head, heads, e)
  return true
}

/**
 * A = softmax(LKᵀ + bias), L = factor · Q.
 *
 * @returns whether all scores are finite; where not, `attendHead` knows more
 */
function weigh(
  { Q, K, room, factor, sizes }: ShortTexts,
  { head, queries, keys }: Part,
  bias: OffsetBias | undefined,
): boolean {
  const { dQuery, heads } = sizes
  const [nQuery, nKey] = [queries[1] - queries[0], keys[1] - keys[0]]
  const [n, d] = [padded(nKey), padded(dQuery)]
  readHead(Q, queries, dQuery, head, heads, room.L, d, factor)
  readHead(K, keys, dQuery, head, heads, room.K, d)
  transpose(room.K, nKey, dQuery, d, room.transposed, n)
  multiply(room.L, d, 1, room.transposed, room.A, nQuery, n, dQuery)
  for (let i = 0; i < nQuery; i++) {
    if (bias) addBias(room.A, i * n, i, nKey, bias)
    if (!softmaxRow(room.A, i * n, i * n + nKey)) return false
  }
  return true
}

function addBias(
  S: Float64Array,
  at: number,
  i: number,
  nKey: number,
  { values, clip, shift }: OffsetBias,
): void {
  for (let j = 0; j < nKey; j++) S[at + j] += values[offsetIndex(j - i - shift, clip)]
}

function addBiasBackward(
  dS: Float64Array,
  at: number,
  i: number,
  nKey: number,
  { clip, shift }: OffsetBias,
  dBias: Float64Array,
): void {
  for (let j = 0; j < nKey; j++) dBias[offsetIndex(j - i - shift, clip)] += dS[at + j]
}

/**
 * A = e^{S − m} / Σ e^{S − m} with m the largest score, in place of S.
 *
 * @returns false where a score is not finite
 */
function softmaxRow(S: Float64Array, from: number, to: number): boolean {
  let m = -Infinity
  for (let j = from; j < to; j++) {
    if (!Number.isFinite(S[j])) return false
    if (S[j] > m) m = S[j]
  }
  let sum = 0
  for (let j = from; j < to; j++) {
    S[j] = exp(S[j] - m)
    sum += S[j]
  }
  for (let j = from; j < to; j++) S[j] /= sum
  return true
}

/** dS = A ∘ (dA − ⟨A, dA⟩), in place of dA. */
function softmaxRowBackward(A: Float64Array, dA: Float64Array, from: number, to: number): void {
  let mean = 0
  for (let j = from; j < to; j++) mean += A[j] * dA[j]
  for (let j = from; j < to; j++) dA[j] = A[j] * (dA[j] - mean)
}

/** Y = Xᵀ: rows of X have `width` numbers, those of Y n. */
function transpose(
  X: Float64Array,
  rows: number,
  columns: number,
  width: number,
  Y: Float64Array,
  n: number,
): void {
  for (let c = 0; c < columns; c++) for (let r = 0; r < rows; r++) Y[c * n + r] = X[r * width + c]
}

/**
 * C = AB for C (m, n), B (k, n) and A[i, p] = A[i · row + p · column], in tiles; each sum begins at
 * 0 and has the order of p.
 */
function multiply(
  A: Float64Array,
  row: number,
  column: number,
  B: Float64Array,
  C: Float64Array,
  m: number,
  n: number,
  k: number,
): void {
  for (let i = 0; i < m; i += 2) {
    for (let j = 0; j < n; j += 4) tile(A, i * row, row, column, B, j, C, i * n + j, n, k)
  }
}

/** Two rows and four columns of a product, from C[c], with sums in registers. */
function tile(
  A: Float64Array,
  a: number,
  row: number,
  column: number,
  B: Float64Array,
  b: number,
  C: Float64Array,
  c: number,
  n: number,
  k: number,
): void {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  let t0 = 0
  let t1 = 0
  let t2 = 0
  let t3 = 0
  for (let p = 0, x = a, y = a + row, q = b; p < k; p++, x += column, y += column, q += n) {
    const above = A[x]
    const below = A[y]
    const b0 = B[q]
    const b1 = B[q + 1]
    const b2 = B[q + 2]
    const b3 = B[q + 3]
    s0 += above * b0
    s1 += above * b1
    s2 += above * b2
    s3 += above * b3
    t0 += below * b0
    t1 += below * b1
    t2 += below * b2
    t3 += below * b3
  }
  C[c] = s0
  C[c + 1] = s1
  C[c + 2] = s2
  C[c + 3] = s3
  C[c + n] = t0
  C[c + n + 1] = t1
  C[c + n + 2] = t2
  C[c + n + 3] = t3
}
