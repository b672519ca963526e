import { edgeMask, storeEdge } from './edge'
import { madd } from './vector'
import { fold, high, low } from './wide'

/**
 * Rows with mean 0 and variance 1, then gain and bias, and the backward.
 *
 * Sums along a row are in float64. Its mean is kept as float32 and what that leaves out, so that x − mean is exact
 * to the last place also where the mean is large.
 */

@unmanaged
class Normalize {
  X: usize = 0
  gain: usize = 0
  bias: usize = 0
  Y: usize = 0
  epsilon: f32 = 0
  rows: i32 = 0
  columns: i32 = 0
  perBlock: i32 = 0
}

/** Y = gain ∘ (X − mean)/√(variance + ε) + bias in rows perBlock · block … */
export function normalize(operands: usize, block: i32): void {
  const job = changetype<Normalize>(operands)
  const first = block * job.perBlock
  const end = min(first + job.perBlock, job.rows)
  const row = (<usize>job.columns) << 2
  for (let r = first; r < end; r++) {
    const x = job.X + <usize>r * row
    const mean = sumOf(x, job.columns) / <f64>job.columns
    const near = f32x4.splat(<f32>mean)
    const rest = f32x4.splat(<f32>(mean - <f64>(<f32>mean)))
    const scale = f32x4.splat(scaleOf(x, job.columns, near, rest, job.epsilon))
    writeRow(x, job.gain, job.bias, job.Y + <usize>r * row, job.columns, near, rest, scale)
  }
}

function writeRow(x: usize, gain: usize, bias: usize, y: usize, columns: i32, near: v128, rest: v128, scale: v128): void {
  let left = columns
  for (; left >= 4; left -= 4) {
    v128.store(y, madd(v128.load(gain), f32x4.mul(difference(x, near, rest), scale), v128.load(bias)))
    x += 16
    gain += 16
    bias += 16
    y += 16
  }
  if (left) storeEdge(y, madd(v128.load(gain), f32x4.mul(difference(x, near, rest), scale), v128.load(bias)), left)
}

/** x − mean. */
function difference(x: usize, near: v128, rest: v128): v128 {
  return f32x4.sub(f32x4.sub(v128.load(x), near), rest)
}

/** Σ x over a row: lane n has numbers n, n + 8, … */
function sumOf(x: usize, columns: i32): f64 {
  let a = f64x2.splat(0)
  let b = a
  let c = a
  let d = a
  let left = columns
  for (; left >= 8; left -= 8) {
    const first = v128.load(x)
    const second = v128.load(x, 16)
    a = f64x2.add(a, low(first))
    b = f64x2.add(b, high(first))
    c = f64x2.add(c, low(second))
    d = f64x2.add(d, high(second))
    x += 32
  }
  for (; left > 0; left -= 4) {
    const some = left >= 4 ? v128.load(x) : v128.and(v128.load(x), edgeMask(left))
    a = f64x2.add(a, low(some))
    b = f64x2.add(b, high(some))
    x += 16
  }
  return fold(a, b, c, d)
}

/** 1/√(variance + ε) of a row. */
function scaleOf(x: usize, columns: i32, near: v128, rest: v128, epsilon: f32): f32 {
  let a = f64x2.splat(0)
  let b = a
  let c = a
  let d = a
  let left = columns
  for (; left >= 8; left -= 8) {
    const first = difference(x, near, rest)
    const second = difference(x + 16, near, rest)
    a = addSquare(a, low(first))
    b = addSquare(b, high(first))
    c = addSquare(c, low(second))
    d = addSquare(d, high(second))
    x += 32
  }
  for (; left > 0; left -= 4) {
    const all = difference(x, near, rest)
    const some = left >= 4 ? all : v128.and(all, edgeMask(left))
    a = addSquare(a, low(some))
    b = addSquare(b, high(some))
    x += 16
  }
  return <f32>(1 / Math.sqrt(fold(a, b, c, d) / <f64>columns + <f64>epsilon))
}

function addSquare(sum: v128, x: v128): v128 {
  return f64x2.add(sum, f64x2.mul(x, x))
}

@unmanaged
class NormalizeBackward {
  dY: usize = 0
  X: usize = 0
  gain: usize = 0
  dX: usize = 0
  /** (blocks, columns) each: sums of the rows of one block. */
  dGains: usize = 0
  dBiases: usize = 0
  epsilon: f32 = 0
  rows: i32 = 0
  columns: i32 = 0
  perBlock: i32 = 0
}

/**
 * With x̂ the normalised row and g = gain ∘ dy: dx = (g − mean(g) − x̂ mean(g ∘ x̂))/√(variance + ε).
 *
 * Each block leaves its own sums Σ dy ∘ x̂ and Σ dy, which are added afterwards in the order of the blocks.
 */
export function normalizeBackward(operands: usize, block: i32): void {
  const job = changetype<NormalizeBackward>(operands)
  const columns = job.columns
  const row = (<usize>columns) << 2
  const dGain = job.dGains + <usize>block * row
  const dBias = job.dBiases + <usize>block * row
  memory.fill(dGain, 0, row)
  memory.fill(dBias, 0, row)
  const first = block * job.perBlock
  const end = min(first + job.perBlock, job.rows)
  for (let r = first; r < end; r++) {
    const x = job.X + <usize>r * row
    const dy = job.dY + <usize>r * row
    const mean = sumOf(x, columns) / <f64>columns
    const near = f32x4.splat(<f32>mean)
    const rest = f32x4.splat(<f32>(mean - <f64>(<f32>mean)))
    const scale = f32x4.splat(scaleOf(x, columns, near, rest, job.epsilon))
    addRow(dy, x, dGain, dBias, columns, near, rest, scale)
    const gMean = f32x4.splat(<f32>(sumOfGradients(dy, job.gain, columns) / <f64>columns))
    const gxMean = f32x4.splat(<f32>(sumAlong(dy, x, job.gain, columns, near, rest, scale) / <f64>columns))
    writeRowBackward(dy, x, job.gain, job.dX + <usize>r * row, columns, near, rest, scale, gMean, gxMean)
  }
}

/** dGain += dy ∘ x̂, dBias += dy. */
function addRow(dy: usize, x: usize, dGain: usize, dBias: usize, columns: i32, near: v128, rest: v128, scale: v128): void {
  let left = columns
  for (; left >= 4; left -= 4) {
    const d = v128.load(dy)
    v128.store(dGain, madd(d, f32x4.mul(difference(x, near, rest), scale), v128.load(dGain)))
    v128.store(dBias, f32x4.add(d, v128.load(dBias)))
    dy += 16
    x += 16
    dGain += 16
    dBias += 16
  }
  if (left) {
    const d = v128.load(dy)
    storeEdge(dGain, madd(d, f32x4.mul(difference(x, near, rest), scale), v128.load(dGain)), left)
    storeEdge(dBias, f32x4.add(d, v128.load(dBias)), left)
  }
}

/** Σ g. */
function sumOfGradients(dy: usize, gain: usize, columns: i32): f64 {
  let a = f64x2.splat(0)
  let b = a
  for (let left = columns; left > 0; left -= 4) {
    const all = f32x4.mul(v128.load(gain), v128.load(dy))
    const g = left >= 4 ? all : v128.and(all, edgeMask(left))
    a = f64x2.add(a, low(g))
    b = f64x2.add(b, high(g))
    dy += 16
    gain += 16
  }
  return fold(a, b, f64x2.splat(0), f64x2.splat(0))
}

/** Σ g ∘ x̂. */
function sumAlong(dy: usize, x: usize, gain: usize, columns: i32, near: v128, rest: v128, scale: v128): f64 {
  let a = f64x2.splat(0)
  let b = a
  for (let left = columns; left > 0; left -= 4) {
    const g = f32x4.mul(v128.load(gain), v128.load(dy))
    const all = f32x4.mul(g, f32x4.mul(difference(x, near, rest), scale))
    const some = left >= 4 ? all : v128.and(all, edgeMask(left))
    a = f64x2.add(a, low(some))
    b = f64x2.add(b, high(some))
    dy += 16
    x += 16
    gain += 16
  }
  return fold(a, b, f64x2.splat(0), f64x2.splat(0))
}

function writeRowBackward(
  dy: usize,
  x: usize,
  gain: usize,
  dx: usize,
  columns: i32,
  near: v128,
  rest: v128,
  scale: v128,
  gMean: v128,
  gxMean: v128,
): void {
  for (let left = columns; left > 0; left -= 4) {
    const normal = f32x4.mul(difference(x, near, rest), scale)
    const along = madd(v128.load(gain), v128.load(dy), f32x4.neg(gMean))
    const d = f32x4.mul(madd(f32x4.neg(normal), gxMean, along), scale)
    if (left >= 4) v128.store(dx, d)
    else storeEdge(dx, d, left)
    dy += 16
    x += 16
    gain += 16
    dx += 16
  }
}
