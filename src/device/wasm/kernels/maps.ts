import { bytesOf, numberAt, wordAt } from './lanes'
import { MAP_DIVIDED, MAP_SCALED, ROWS_OF_MAP } from './numbers'

/**
 * Rows of queries or keys, (rows, heads · width), mapped head by head. Addresses; rows lie side by
 * side.
 */
@unmanaged
class RowMap {
  map: i32 = 0
  rows: i32 = 0
  heads: i32 = 0
  width: i32 = 0
  x: usize = 0
  y: usize = 0
  dY: usize = 0
  dX: usize = 0
  /** One number for each head, or 0 where it is `factor` for all. */
  parameters: usize = 0
  factor: f32 = 0
  /** Sums for the parameter, (blocks, heads), or 0. */
  partials: usize = 0
}

function parameterOf(job: RowMap, head: i32): f32 {
  return job.parameters ? numberAt(job.parameters, head) : job.factor
}

/** Y = factor · X; X/σ; or factor · x/‖x‖, a zero row staying zero. */
export function mapRows(operands: usize, block: i32): void {
  const job = changetype<RowMap>(operands)
  const first = block * ROWS_OF_MAP
  const end = min(first + ROWS_OF_MAP, job.rows)
  for (let n = first * job.heads; n < end * job.heads; n++) {
    const at = bytesOf(n * job.width)
    const parameter = parameterOf(job, n % job.heads)
    if (job.map === MAP_SCALED) scaleRow(job.x + at, parameter, job.y + at, job.width)
    else if (job.map === MAP_DIVIDED) divideRow(job.x + at, parameter, job.y + at, job.width)
    else scaleRow(job.x + at, unitFactor(job.x + at, job.width, parameter), job.y + at, job.width)
  }
}

/**
 * dX from dY, which may be the same numbers; what the parameter gets is added to the block's sums.
 */
export function mapRowsBackward(operands: usize, block: i32): void {
  const job = changetype<RowMap>(operands)
  const first = block * ROWS_OF_MAP
  const end = min(first + ROWS_OF_MAP, job.rows)
  const sums = job.partials ? job.partials + bytesOf(block * job.heads) : 0
  if (sums) memory.fill(sums, 0, bytesOf(job.heads))
  for (let n = first * job.heads; n < end * job.heads; n++) {
    const at = bytesOf(n * job.width)
    const head = n % job.heads
    const parameter = parameterOf(job, head)
    let sum: f32 = 0
    if (job.map === MAP_SCALED) scaleRow(job.dY + at, parameter, job.dX + at, job.width)
    else if (job.map === MAP_DIVIDED) {
      // forward was: y = x/σ
      sum = <f32>(-inner(job.dY + at, job.x + at, job.width) / (<f64>parameter * <f64>parameter))
      divideRow(job.dY + at, parameter, job.dX + at, job.width)
    } else sum = unitRowBackward(job.x + at, job.dY + at, parameter, job.dX + at, job.width)
    if (sums) store<f32>(sums + bytesOf(head), numberAt(sums, head) + sum)
  }
}

function scaleRow(x: usize, factor: f32, y: usize, width: i32): void {
  const end = x + bytesOf(width)
  for (; x + 16 <= end; x += 16, y += 16)
    v128.store(y, f32x4.mul(v128.load(x), f32x4.splat(factor)))
  for (; x < end; x += 4, y += 4) store<f32>(y, load<f32>(x) * factor)
}

function divideRow(x: usize, divisor: f32, y: usize, width: i32): void {
  const end = x + bytesOf(width)
  for (; x + 16 <= end; x += 16, y += 16)
    v128.store(y, f32x4.div(v128.load(x), f32x4.splat(divisor)))
  for (; x < end; x += 4, y += 4) store<f32>(y, load<f32>(x) / divisor)
}

/** x · y, in float64: squares of float32 numbers neither overflow nor vanish. */
function inner(x: usize, y: usize, width: i32): f64 {
  let sum: f64 = 0
  for (let c = 0; c < width; c++) sum += <f64>numberAt(x, c) * <f64>numberAt(y, c)
  return sum
}

/** factor/‖x‖, 0 for a zero row. */
function unitFactor(x: usize, width: i32, factor: f32): f32 {
  const norm = Math.sqrt(inner(x, x, width))
  return norm === 0 ? 0 : <f32>(<f64>factor / norm)
}

/**
 * Forward was: y = s u with u = x/‖x‖, so dx = s (dy − u ⟨u, dy⟩)/‖x‖ and ds = ⟨u, dy⟩.
 *
 * @returns ds
 */
function unitRowBackward(x: usize, dY: usize, s: f32, dX: usize, width: i32): f32 {
  const norm = Math.sqrt(inner(x, x, width))
  if (norm === 0) {
    memory.fill(dX, 0, bytesOf(width))
    return 0
  }
  const along = inner(x, dY, width) / norm
  const factor = <f64>s / norm
  const back = along / norm
  for (let c = 0; c < width; c++) {
    const at = bytesOf(c)
    store<f32>(dX + at, <f32>(factor * (<f64>load<f32>(dY + at) - back * <f64>load<f32>(x + at))))
  }
  return <f32>along
}

/**
 * Rows turned by their positions: pairs of columns, of each head, times a table (positions, pairs)
 * of cosine and sine.
 */
@unmanaged
class Rotation {
  rows: i32 = 0
  heads: i32 = 0
  width: i32 = 0
  x: usize = 0
  y: usize = 0
  /** int32 (rows,): the position of each row, a row of the table. */
  positions: usize = 0
  /** Cosine and sine side by side. */
  table: usize = 0
  /** 1, or −1 to turn back. */
  direction: f32 = 0
}

/** Columns (2c, 2c + 1) become (x cos − y sin, x sin + y cos); an odd last column stays. */
export function rotateRows(operands: usize, block: i32): void {
  const job = changetype<Rotation>(operands)
  const pairs = job.width >> 1
  const first = block * ROWS_OF_MAP
  const end = min(first + ROWS_OF_MAP, job.rows)
  for (let r = first; r < end; r++) {
    const turns = job.table + ((<usize>(wordAt(job.positions, r) * pairs)) << 3)
    for (let head = 0; head < job.heads; head++) {
      const at = bytesOf((r * job.heads + head) * job.width)
      rotateRow(job, job.x + at, job.y + at, turns, pairs)
    }
  }
}

function rotateRow(job: Rotation, x: usize, y: usize, turns: usize, pairs: i32): void {
  for (let c = 0; c < pairs; c++) {
    const at = <usize>(c << 3)
    const cosine = load<f32>(turns + at)
    const sine = job.direction * load<f32>(turns + at, 4)
    const even = load<f32>(x + at)
    const odd = load<f32>(x + at, 4)
    store<f32>(y + at, even * cosine - odd * sine)
    store<f32>(y + at, even * sine + odd * cosine, 4)
  }
  if (job.width & 1) store<f32>(y + <usize>(pairs << 3), load<f32>(x + <usize>(pairs << 3)))
}
