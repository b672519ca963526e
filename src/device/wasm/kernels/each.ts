import { exp4, log4, sigmoid4, tanh4 } from './elementary'
import { storeFirst } from './lanes'
import { FUNCTION_EXP, FUNCTION_LOG, FUNCTION_SIGMOID, FUNCTION_TANH } from './numbers'

/** Numbers in one block of ELEMENTARY. */
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
  if (count & 3) storeFirst(to + whole, applied(job.which, v128.load(from + whole)), count & 3)
}

/** The function in four lanes. */
function applied(which: i32, x: v128): v128 {
  switch (which) {
    case FUNCTION_TANH:
      return tanh4(x)
    case FUNCTION_SIGMOID:
      return sigmoid4(x)
    case FUNCTION_LOG:
      return log4(x)
    case FUNCTION_EXP:
      return exp4(x)
    default:
      return x
  }
}
