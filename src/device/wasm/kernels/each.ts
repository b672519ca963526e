import { bell4, exp4, log4, normalBelow4, sigmoid4, tanh4 } from './elementary'
import { bytesOf, storeFirst } from './lanes'
import {
  FUNCTION_FLOORED_LOG,
  FUNCTION_GELU,
  FUNCTION_GELU_ERF,
  FUNCTION_LOG,
  FUNCTION_RELU,
  FUNCTION_SIGMOID,
  FUNCTION_SILU,
  FUNCTION_TANH,
} from './numbers'
import { madd } from './vector'

/** Functions of one number and their slopes. */

/** Numbers in one block. */
export const BLOCK_NUMBERS: i32 = 4096

/** A function of one number, by its number, for each of an array: to may be from. */
@unmanaged
class Elementary {
  which: i32 = 0
  from: usize = 0
  to: usize = 0
  count: i32 = 0
}

/**
 * Computes numbers 4096·block … of the array: a loop for each function, so that its constants stay
 * in registers.
 */
export function elementary(operands: usize, block: i32): void {
  const job = changetype<Elementary>(operands)
  const first = block * BLOCK_NUMBERS
  const from = job.from + bytesOf(first)
  const to = job.to + bytesOf(first)
  const count = min(BLOCK_NUMBERS, job.count - first)
  if (job.which === FUNCTION_RELU) values<Relu>(from, to, count)
  else if (job.which === FUNCTION_TANH) values<Tanh>(from, to, count)
  else if (job.which === FUNCTION_SIGMOID) values<Sigmoid>(from, to, count)
  else if (job.which === FUNCTION_SILU) values<Silu>(from, to, count)
  else if (job.which === FUNCTION_GELU) values<Gelu>(from, to, count)
  else if (job.which === FUNCTION_GELU_ERF) values<GeluErf>(from, to, count)
  else if (job.which === FUNCTION_LOG) values<Log>(from, to, count)
  else if (job.which === FUNCTION_FLOORED_LOG) values<FlooredLog>(from, to, count)
  else values<Exp>(from, to, count)
}

function values<F>(from: usize, to: usize, count: i32): void {
  const f = changetype<F>(<usize>0)
  let at: usize = 0
  for (let left = count; left > 0; left -= 4, at += 16)
    storeFirst(to + at, f.value(v128.load(from + at)), left)
}

/** What each number that comes back is multiplied with the slope at: to may be dY or from. */
@unmanaged
class Slopes {
  which: i32 = 0
  dY: usize = 0
  from: usize = 0
  to: usize = 0
  count: i32 = 0
}

/** to = dY ∘ f′(from), for numbers 4096·block … */
export function slopes(operands: usize, block: i32): void {
  const job = changetype<Slopes>(operands)
  const first = block * BLOCK_NUMBERS
  const at = bytesOf(first)
  const count = min(BLOCK_NUMBERS, job.count - first)
  if (job.which === FUNCTION_RELU) slopesOf<Relu>(job, at, count)
  else if (job.which === FUNCTION_TANH) slopesOf<Tanh>(job, at, count)
  else if (job.which === FUNCTION_SIGMOID) slopesOf<Sigmoid>(job, at, count)
  else if (job.which === FUNCTION_SILU) slopesOf<Silu>(job, at, count)
  else if (job.which === FUNCTION_GELU) slopesOf<Gelu>(job, at, count)
  else if (job.which === FUNCTION_GELU_ERF) slopesOf<GeluErf>(job, at, count)
  else slopesOf<FlooredLog>(job, at, count)
}

function slopesOf<F>(job: Slopes, at: usize, count: i32): void {
  const f = changetype<F>(<usize>0)
  const dY = job.dY
  const from = job.from
  const to = job.to
  for (let left = count; left > 0; left -= 4, at += 16)
    storeFirst(to + at, f32x4.mul(v128.load(dY + at), f.slope(v128.load(from + at))), left)
}

// Functions in four lanes, with their slopes. Where 1 − σ(x) is needed, it is σ(−x), which no
// subtraction spoils.

@unmanaged
class Relu {
  value(x: v128): v128 {
    return f32x4.max(x, f32x4.splat(0))
  }
  slope(x: v128): v128 {
    return v128.and(f32x4.gt(x, f32x4.splat(0)), f32x4.splat(1))
  }
}

@unmanaged
class Tanh {
  value(x: v128): v128 {
    return tanh4(x)
  }
  slope(x: v128): v128 {
    return f32x4.mul(f32x4.splat(4), sigmoidSlope(f32x4.add(x, x)))
  }
}

@unmanaged
class Sigmoid {
  value(x: v128): v128 {
    return sigmoid4(x)
  }
  slope(x: v128): v128 {
    return sigmoidSlope(x)
  }
}

/** σ(x)σ(−x). */
function sigmoidSlope(x: v128): v128 {
  return f32x4.mul(sigmoid4(x), sigmoid4(f32x4.neg(x)))
}

@unmanaged
class Silu {
  value(x: v128): v128 {
    return f32x4.mul(x, sigmoid4(x))
  }
  slope(x: v128): v128 {
    return f32x4.mul(sigmoid4(x), madd(x, sigmoid4(f32x4.neg(x)), f32x4.splat(1)))
  }
}

/** x σ(u), which is ½x(1 + tanh ½u). @see geluAngle */
@unmanaged
class Gelu {
  value(x: v128): v128 {
    return f32x4.mul(x, sigmoid4(geluAngle(x)))
  }
  slope(x: v128): v128 {
    const angle = geluAngle(x)
    return madd(f32x4.mul(x, sigmoidSlope(angle)), geluAngleSlope(x), sigmoid4(angle))
  }
}

/** x Φ(x), Φ the normal distribution. */
@unmanaged
class GeluErf {
  value(x: v128): v128 {
    return f32x4.mul(x, normalBelow4(x, bell4(x)))
  }
  slope(x: v128): v128 {
    const bell = bell4(x)
    const density = f32x4.mul(f32x4.splat(INVERSE_SQRT_2_PI), bell)
    return madd(x, density, normalBelow4(x, bell))
  }
}
const INVERSE_SQRT_2_PI: f32 = 0.3989422804014327

@unmanaged
class Log {
  value(x: v128): v128 {
    return log4(x)
  }
}

@unmanaged
class FlooredLog {
  value(x: v128): v128 {
    return log4(f32x4.max(x, f32x4.splat(LEAST)))
  }
  slope(x: v128): v128 {
    return f32x4.div(f32x4.splat(1), f32x4.max(x, f32x4.splat(LEAST)))
  }
}

@unmanaged
class Exp {
  value(x: v128): v128 {
    return exp4(x)
  }
}

/** Below it a logarithm stays. */
const LEAST: f32 = 1e-30

const SQRT_8_OVER_PI: f32 = 1.5957691216057308
const CUBIC: f32 = 0.044715
// beyond it σ is 0 or 1, and squares are finite below it
const LARGEST: f32 = 1e4

function bounded(x: v128): v128 {
  return f32x4.min(f32x4.max(x, f32x4.splat(-LARGEST)), f32x4.splat(LARGEST))
}

/** u with ½(1 + tanh ½u) = σ(u): √(8/π)(x + 0.044715 x³), so that gelu is x σ(u). */
function geluAngle(x: v128): v128 {
  const y = bounded(x)
  const square = f32x4.mul(y, y)
  return f32x4.mul(
    f32x4.mul(f32x4.splat(SQRT_8_OVER_PI), y),
    madd(f32x4.splat(CUBIC), square, f32x4.splat(1)),
  )
}

function geluAngleSlope(x: v128): v128 {
  const y = bounded(x)
  const square = f32x4.mul(y, y)
  return f32x4.mul(
    f32x4.splat(SQRT_8_OVER_PI),
    madd(f32x4.splat(3 * CUBIC), square, f32x4.splat(1)),
  )
}
