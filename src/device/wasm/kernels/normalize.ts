import { bytesOf, fold, highHalf, loadFirst, lowHalf, rounded, storeFirst } from './lanes'
import { Deviation, Itself, sumOf } from './sums'
import { madd } from './vector'

/**
 * Rows with mean 0 and variance 1, then gain and bias, and the backward. Sums along a row are in
 * float64.
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
  const row = bytesOf(job.columns)
  for (let r = first; r < end; r++) {
    const x = job.X + <usize>r * row
    const mean = sumOf<Itself>(x, job.columns, 0) / <f64>job.columns
    const scale = scaleOf(x, job.columns, mean, job.epsilon)
    writeRow(
      x,
      job.gain,
      job.bias,
      job.Y + <usize>r * row,
      job.columns,
      mean,
      f32x4.splat(<f32>scale),
    )
  }
}

/**
 * The mean is kept as a float32 and what that leaves out, so that x − mean is exact to the last
 * place where the mean is large.
 */
function writeRow(
  x: usize,
  gain: usize,
  bias: usize,
  y: usize,
  columns: i32,
  mean: f64,
  scale: v128,
): void {
  const near = f32x4.splat(<f32>mean)
  const rest = f32x4.splat(<f32>(mean - <f64>(<f32>mean)))
  for (let left = columns; left > 0; left -= 4) {
    const difference = f32x4.sub(f32x4.sub(v128.load(x), near), rest)
    const normal = madd(v128.load(gain), f32x4.mul(difference, scale), v128.load(bias))
    storeFirst(y, normal, left)
    x += 16
    gain += 16
    bias += 16
    y += 16
  }
}

/** 1/√(variance + ε) of a row. */
function scaleOf(x: usize, columns: i32, mean: f64, epsilon: f32): f64 {
  return 1 / Math.sqrt(sumOf<Deviation>(x, columns, mean) / <f64>columns + <f64>epsilon)
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
 * With x̂ the normalised row and g = gain ∘ dy: dx = (g − mean(g) − x̂ mean(g ∘ x̂))/√(variance +
 * ε).
 *
 * Each block leaves its own sums Σ dy ∘ x̂ and Σ dy, which are added afterwards in the order of the
 * blocks.
 */
export function normalizeBackward(operands: usize, block: i32): void {
  const job = changetype<NormalizeBackward>(operands)
  const columns = job.columns
  const row = bytesOf(columns)
  const dGain = job.dGains + <usize>block * row
  const dBias = job.dBiases + <usize>block * row
  memory.fill(dGain, 0, row)
  memory.fill(dBias, 0, row)
  const first = block * job.perBlock
  const end = min(first + job.perBlock, job.rows)
  for (let r = first; r < end; r++) {
    const x = job.X + <usize>r * row
    const dy = job.dY + <usize>r * row
    const mean = sumOf<Itself>(x, columns, 0) / <f64>columns
    const scale = scaleOf(x, columns, mean, job.epsilon)
    addAndWriteRow(dy, x, job.gain, job.dX + <usize>r * row, dGain, dBias, columns, mean, scale)
  }
}

/** x̂ = (x − mean) · scale of two numbers. */
function normalOf(x: v128, mean: v128, scale: v128): v128 {
  return f64x2.mul(f64x2.sub(x, mean), scale)
}

/**
 * dGain += dy ∘ x̂, dBias += dy, and dx in float64: in narrow rows little is left of its
 * difference.
 */
function addAndWriteRow(
  dy: usize,
  x: usize,
  gain: usize,
  dx: usize,
  dGain: usize,
  dBias: usize,
  columns: i32,
  mean: f64,
  scale: f64,
): void {
  const means = f64x2.splat(mean)
  const scales = f64x2.splat(scale)
  // Σ g and Σ g ∘ x̂
  let g0 = f64x2.splat(0)
  let g1 = g0
  let along0 = g0
  let along1 = g0
  let at: usize = 0
  for (let left = columns; left > 0; left -= 4) {
    const d = loadFirst(dy + at, left)
    const by = loadFirst(gain + at, left)
    const some = loadFirst(x + at, left)
    const normal0 = normalOf(lowHalf(some), means, scales)
    const normal1 = normalOf(highHalf(some), means, scales)
    const first = f64x2.mul(lowHalf(by), lowHalf(d))
    const second = f64x2.mul(highHalf(by), highHalf(d))
    g0 = f64x2.add(g0, first)
    g1 = f64x2.add(g1, second)
    along0 = f64x2.add(along0, f64x2.mul(first, normal0))
    along1 = f64x2.add(along1, f64x2.mul(second, normal1))
    storeFirst(dGain + at, madd(d, rounded(normal0, normal1), v128.load(dGain + at)), left)
    storeFirst(dBias + at, f32x4.add(d, v128.load(dBias + at)), left)
    at += 16
  }
  const none = f64x2.splat(0)
  const gMean = f64x2.splat(fold(g0, g1, none, none) / <f64>columns)
  const alongMean = f64x2.splat(fold(along0, along1, none, none) / <f64>columns)
  at = 0
  for (let left = columns; left > 0; left -= 4) {
    const d = v128.load(dy + at)
    const by = v128.load(gain + at)
    const some = v128.load(x + at)
    const first = f64x2.sub(f64x2.mul(lowHalf(by), lowHalf(d)), gMean)
    const second = f64x2.sub(f64x2.mul(highHalf(by), highHalf(d)), gMean)
    const d0 = f64x2.sub(first, f64x2.mul(normalOf(lowHalf(some), means, scales), alongMean))
    const d1 = f64x2.sub(second, f64x2.mul(normalOf(highHalf(some), means, scales), alongMean))
    storeFirst(dx + at, rounded(f64x2.mul(d0, scales), f64x2.mul(d1, scales)), left)
    at += 16
  }
}
