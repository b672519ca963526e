import { edgeMask, storeEdge } from './edge'
import { madd } from './vector'
import { fold, high, low, narrow } from './wide'

/** Rows with mean 0 and variance 1, then gain and bias, and the backward. Sums along a row are in float64. */

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
    const scale = scaleOf(x, job.columns, mean, job.epsilon)
    writeRow(x, job.gain, job.bias, job.Y + <usize>r * row, job.columns, mean, f32x4.splat(<f32>scale))
  }
}

/** The mean is kept as a float32 and what that leaves out, so that x − mean is exact to the last place where the mean is large. */
function writeRow(x: usize, gain: usize, bias: usize, y: usize, columns: i32, mean: f64, scale: v128): void {
  const near = f32x4.splat(<f32>mean)
  const rest = f32x4.splat(<f32>(mean - <f64>(<f32>mean)))
  for (let left = columns; left > 0; left -= 4) {
    const difference = f32x4.sub(f32x4.sub(v128.load(x), near), rest)
    const normal = madd(v128.load(gain), f32x4.mul(difference, scale), v128.load(bias))
    if (left >= 4) v128.store(y, normal)
    else storeEdge(y, normal, left)
    x += 16
    gain += 16
    bias += 16
    y += 16
  }
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
function scaleOf(x: usize, columns: i32, mean: f64, epsilon: f32): f64 {
  const means = f64x2.splat(mean)
  let a = f64x2.splat(0)
  let b = a
  let c = a
  let d = a
  let left = columns
  for (; left >= 8; left -= 8) {
    const first = v128.load(x)
    const second = v128.load(x, 16)
    a = addSquare(a, f64x2.sub(low(first), means))
    b = addSquare(b, f64x2.sub(high(first), means))
    c = addSquare(c, f64x2.sub(low(second), means))
    d = addSquare(d, f64x2.sub(high(second), means))
    x += 32
  }
  for (; left > 0; left -= 4) {
    const mask = edgeMask(left)
    const some = v128.load(x)
    a = addSquare(a, v128.and(f64x2.sub(low(some), means), v128.shuffle<u32>(mask, mask, 0, 0, 1, 1)))
    b = addSquare(b, v128.and(f64x2.sub(high(some), means), v128.shuffle<u32>(mask, mask, 2, 2, 3, 3)))
    x += 16
  }
  return 1 / Math.sqrt(fold(a, b, c, d) / <f64>columns + <f64>epsilon)
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
    const scale = scaleOf(x, columns, mean, job.epsilon)
    addRow(dy, x, dGain, dBias, columns, mean, scale)
    const gMean = sumOfGradients(dy, job.gain, columns) / <f64>columns
    const gxMean = sumAlong(dy, x, job.gain, columns, mean, scale) / <f64>columns
    writeRowBackward(dy, x, job.gain, job.dX + <usize>r * row, columns, mean, scale, gMean, gxMean)
  }
}

/** x̂ = (x − mean) · scale of two numbers. */
function normalOf(x: v128, mean: v128, scale: v128): v128 {
  return f64x2.mul(f64x2.sub(x, mean), scale)
}

/** dGain += dy ∘ x̂, dBias += dy. */
function addRow(dy: usize, x: usize, dGain: usize, dBias: usize, columns: i32, mean: f64, scale: f64): void {
  const means = f64x2.splat(mean)
  const scales = f64x2.splat(scale)
  for (let left = columns; left > 0; left -= 4) {
    const d = v128.load(dy)
    const some = v128.load(x)
    const normal = narrow(normalOf(low(some), means, scales), normalOf(high(some), means, scales))
    const gain = madd(d, normal, v128.load(dGain))
    const bias = f32x4.add(d, v128.load(dBias))
    if (left >= 4) {
      v128.store(dGain, gain)
      v128.store(dBias, bias)
    } else {
      storeEdge(dGain, gain, left)
      storeEdge(dBias, bias, left)
    }
    dy += 16
    x += 16
    dGain += 16
    dBias += 16
  }
}

/** Σ g. */
function sumOfGradients(dy: usize, gain: usize, columns: i32): f64 {
  let a = f64x2.splat(0)
  let b = a
  for (let left = columns; left > 0; left -= 4) {
    const mask = edgeMask(left)
    const d = v128.and(v128.load(dy), mask)
    const by = v128.and(v128.load(gain), mask)
    a = f64x2.add(a, f64x2.mul(low(by), low(d)))
    b = f64x2.add(b, f64x2.mul(high(by), high(d)))
    dy += 16
    gain += 16
  }
  return fold(a, b, f64x2.splat(0), f64x2.splat(0))
}

/** Σ g ∘ x̂. */
function sumAlong(dy: usize, x: usize, gain: usize, columns: i32, mean: f64, scale: f64): f64 {
  const means = f64x2.splat(mean)
  const scales = f64x2.splat(scale)
  let a = f64x2.splat(0)
  let b = a
  for (let left = columns; left > 0; left -= 4) {
    const mask = edgeMask(left)
    const d = v128.load(dy)
    const by = v128.load(gain)
    const some = v128.load(x)
    const first = f64x2.mul(f64x2.mul(low(by), low(d)), normalOf(low(some), means, scales))
    const second = f64x2.mul(f64x2.mul(high(by), high(d)), normalOf(high(some), means, scales))
    a = f64x2.add(a, v128.and(first, v128.shuffle<u32>(mask, mask, 0, 0, 1, 1)))
    b = f64x2.add(b, v128.and(second, v128.shuffle<u32>(mask, mask, 2, 2, 3, 3)))
    dy += 16
    x += 16
    gain += 16
  }
  return fold(a, b, f64x2.splat(0), f64x2.splat(0))
}

/** dx = (g − mean(g) − x̂ mean(g ∘ x̂)) · scale, in float64: in narrow rows little is left of the difference. */
function writeRowBackward(dy: usize, x: usize, gain: usize, dx: usize, columns: i32, mean: f64, scale: f64, gMean: f64, gxMean: f64): void {
  const means = f64x2.splat(mean)
  const scales = f64x2.splat(scale)
  const gMeans = f64x2.splat(gMean)
  const gxMeans = f64x2.splat(gxMean)
  for (let left = columns; left > 0; left -= 4) {
    const d = v128.load(dy)
    const by = v128.load(gain)
    const some = v128.load(x)
    const g0 = f64x2.sub(f64x2.mul(low(by), low(d)), gMeans)
    const g1 = f64x2.sub(f64x2.mul(high(by), high(d)), gMeans)
    const d0 = f64x2.sub(g0, f64x2.mul(normalOf(low(some), means, scales), gxMeans))
    const d1 = f64x2.sub(g1, f64x2.mul(normalOf(high(some), means, scales), gxMeans))
    const all = narrow(f64x2.mul(d0, scales), f64x2.mul(d1, scales))
    if (left >= 4) v128.store(dx, all)
    else storeEdge(dx, all, left)
    dy += 16
    x += 16
    gain += 16
    dx += 16
  }
}
