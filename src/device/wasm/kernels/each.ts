import { exp4, log4, sigmoid4, tanh4 } from './elementary'
import { storeFirst } from './lanes'
import {
  FUNCTION_FLOORED_LOG,
  FUNCTION_GELU,
  FUNCTION_LOG,
  FUNCTION_RELU,
  FUNCTION_SIGMOID,
  FUNCTION_SILU,
  FUNCTION_TANH,
} from './numbers'
import { madd } from './vector'

/** Functions of one number and their slopes. */

/** Numbers in one block of ELEMENTARY and of SLOPES. */
export const BLOCK_NUMBERS: i32 = 4096

/**
 * A function of one number, by its number, for each of an array: to may be from. The host writes
 * the fields in this order.
 */
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
  const from = job.from + <usize>(4 * first)
  const to = job.to + <usize>(4 * first)
  let left = min(BLOCK_NUMBERS, job.count - first)
  let at: usize = 0
  switch (job.which) {
    case FUNCTION_RELU:
      for (; left > 0; left -= 4, at += 16)
        storeFirst(to + at, f32x4.max(v128.load(from + at), f32x4.splat(0)), left)
      break
    case FUNCTION_TANH:
      for (; left > 0; left -= 4, at += 16) storeFirst(to + at, tanh4(v128.load(from + at)), left)
      break
    case FUNCTION_SIGMOID:
      for (; left > 0; left -= 4, at += 16)
        storeFirst(to + at, sigmoid4(v128.load(from + at)), left)
      break
    case FUNCTION_SILU:
      for (; left > 0; left -= 4, at += 16) storeFirst(to + at, silu4(v128.load(from + at)), left)
      break
    case FUNCTION_GELU:
      for (; left > 0; left -= 4, at += 16) storeFirst(to + at, gelu4(v128.load(from + at)), left)
      break
    case FUNCTION_LOG:
      for (; left > 0; left -= 4, at += 16) storeFirst(to + at, log4(v128.load(from + at)), left)
      break
    case FUNCTION_FLOORED_LOG:
      for (; left > 0; left -= 4, at += 16)
        storeFirst(to + at, log4(f32x4.max(v128.load(from + at), f32x4.splat(LEAST))), left)
      break
    default:
      for (; left > 0; left -= 4, at += 16) storeFirst(to + at, exp4(v128.load(from + at)), left)
  }
}

function silu4(x: v128): v128 {
  return f32x4.mul(x, sigmoid4(x))
}

/** x σ(u), which is ½x(1 + tanh ½u). @see geluAngle */
function gelu4(x: v128): v128 {
  return f32x4.mul(x, sigmoid4(geluAngle(x)))
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
  const dY = job.dY + <usize>(4 * first)
  const from = job.from + <usize>(4 * first)
  const to = job.to + <usize>(4 * first)
  let left = min(BLOCK_NUMBERS, job.count - first)
  let at: usize = 0
  switch (job.which) {
    case FUNCTION_RELU:
      for (; left > 0; left -= 4, at += 16)
        storeFirst(
          to + at,
          f32x4.mul(
            v128.load(dY + at),
            v128.and(f32x4.gt(v128.load(from + at), f32x4.splat(0)), f32x4.splat(1)),
          ),
          left,
        )
      break
    case FUNCTION_TANH:
      for (; left > 0; left -= 4, at += 16)
        storeFirst(to + at, f32x4.mul(v128.load(dY + at), tanhSlope(v128.load(from + at))), left)
      break
    case FUNCTION_SIGMOID:
      for (; left > 0; left -= 4, at += 16)
        storeFirst(to + at, f32x4.mul(v128.load(dY + at), sigmoidSlope(v128.load(from + at))), left)
      break
    case FUNCTION_SILU:
      for (; left > 0; left -= 4, at += 16)
        storeFirst(to + at, f32x4.mul(v128.load(dY + at), siluSlope(v128.load(from + at))), left)
      break
    case FUNCTION_GELU:
      for (; left > 0; left -= 4, at += 16)
        storeFirst(to + at, f32x4.mul(v128.load(dY + at), geluSlope(v128.load(from + at))), left)
      break
    default:
      for (; left > 0; left -= 4, at += 16)
        storeFirst(
          to + at,
          f32x4.mul(v128.load(dY + at), flooredLogSlope(v128.load(from + at))),
          left,
        )
  }
}

// Slopes. Where 1 − σ(x) is needed, it is σ(−x), which no subtraction spoils.

/** σ(x)σ(−x). */
function sigmoidSlope(x: v128): v128 {
  return f32x4.mul(sigmoid4(x), sigmoid4(f32x4.neg(x)))
}

function tanhSlope(x: v128): v128 {
  return f32x4.mul(f32x4.splat(4), sigmoidSlope(f32x4.add(x, x)))
}

function siluSlope(x: v128): v128 {
  return f32x4.mul(sigmoid4(x), madd(x, sigmoid4(f32x4.neg(x)), f32x4.splat(1)))
}

function geluSlope(x: v128): v128 {
  const angle = geluAngle(x)
  return madd(f32x4.mul(x, sigmoidSlope(angle)), geluAngleSlope(x), sigmoid4(angle))
}

function flooredLogSlope(x: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.max(x, f32x4.splat(LEAST)))
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
