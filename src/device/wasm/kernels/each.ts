import { storeEdge } from './edge'
import { exp4, log4, sigmoid4, tanh4 } from './elementary'
import {
  FUNCTION_EXP,
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

/** A function of one number, by its number, for each of an array: to may be from. The host writes the fields in this order. */
@unmanaged
class Elementary {
  which: i32 = 0
  from: usize = 0
  to: usize = 0
  count: i32 = 0
}

/** Computes numbers 4096·block … of the array. */
export function elementary(operands: usize, block: i32): void {
  const job = changetype<Elementary>(operands)
  const first = block * BLOCK_NUMBERS
  const count = min(BLOCK_NUMBERS, job.count - first)
  const from = job.from + <usize>(4 * first)
  const to = job.to + <usize>(4 * first)
  const whole = <usize>(4 * (count & ~3))
  for (let at: usize = 0; at < whole; at += 16) v128.store(to + at, applied(job.which, v128.load(from + at)))
  if (count & 3) storeEdge(to + whole, applied(job.which, v128.load(from + whole)), count & 3)
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
  const count = min(BLOCK_NUMBERS, job.count - first)
  const dY = job.dY + <usize>(4 * first)
  const from = job.from + <usize>(4 * first)
  const to = job.to + <usize>(4 * first)
  const whole = <usize>(4 * (count & ~3))
  for (let at: usize = 0; at < whole; at += 16) {
    v128.store(to + at, f32x4.mul(v128.load(dY + at), slope(job.which, v128.load(from + at))))
  }
  if (count & 3) storeEdge(to + whole, f32x4.mul(v128.load(dY + whole), slope(job.which, v128.load(from + whole))), count & 3)
}

/** The function in four lanes. */
function applied(which: i32, x: v128): v128 {
  switch (which) {
    case FUNCTION_RELU:
      return f32x4.max(x, f32x4.splat(0))
    case FUNCTION_TANH:
      return tanh4(x)
    case FUNCTION_SIGMOID:
      return sigmoid4(x)
    case FUNCTION_SILU:
      return f32x4.mul(x, sigmoid4(x))
    case FUNCTION_GELU:
      return f32x4.mul(x, sigmoid4(geluAngle(x)))
    case FUNCTION_LOG:
      return log4(x)
    case FUNCTION_FLOORED_LOG:
      return log4(f32x4.max(x, f32x4.splat(LEAST)))
    case FUNCTION_EXP:
      return exp4(x)
    default:
      return x
  }
}

/** f′(x) in four lanes. Where 1 − σ(x) is needed, it is σ(−x), which no subtraction spoils. */
function slope(which: i32, x: v128): v128 {
  const one = f32x4.splat(1)
  switch (which) {
    case FUNCTION_RELU:
      return v128.and(f32x4.gt(x, f32x4.splat(0)), one)
    case FUNCTION_TANH:
      return f32x4.mul(f32x4.splat(4), sigmoidSlope(f32x4.add(x, x)))
    case FUNCTION_SIGMOID:
      return sigmoidSlope(x)
    case FUNCTION_SILU:
      return f32x4.mul(sigmoid4(x), madd(x, sigmoid4(f32x4.neg(x)), one))
    case FUNCTION_GELU: {
      const angle = geluAngle(x)
      return madd(f32x4.mul(x, sigmoidSlope(angle)), geluAngleSlope(x), sigmoid4(angle))
    }
    case FUNCTION_FLOORED_LOG:
      return f32x4.div(one, f32x4.max(x, f32x4.splat(LEAST)))
    default:
      return exp4(x)
  }
}

/** σ(x)σ(−x). */
function sigmoidSlope(x: v128): v128 {
  return f32x4.mul(sigmoid4(x), sigmoid4(f32x4.neg(x)))
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
  return f32x4.mul(f32x4.mul(f32x4.splat(SQRT_8_OVER_PI), y), madd(f32x4.splat(CUBIC), square, f32x4.splat(1)))
}

function geluAngleSlope(x: v128): v128 {
  const y = bounded(x)
  const square = f32x4.mul(y, y)
  return f32x4.mul(f32x4.splat(SQRT_8_OVER_PI), madd(f32x4.splat(3 * CUBIC), square, f32x4.splat(1)))
}
