import { eightSums, tenSums } from './unrolled.generated'

/** Sums of products of numbers in memory, for the clock alone. */
@unmanaged
class Peak {
  /** 8 or 10 sums in registers: engines differ in how they spread them. */
  sums: i32 = 0
  rounds: i32 = 0
  /** VECTORS_OF_ROUND vectors to multiply, then where the sums go. */
  at: usize = 0
}

/** Vectors that one round reads, and products that it adds to their sums. */
export const VECTORS_OF_ROUND: i32 = 40
export const PRODUCTS_OF_ROUND: i32 = 80

/** Adds PRODUCTS_OF_ROUND products of four lanes each to independent sums, round after round. */
export function peak(operands: usize): void {
  const job = changetype<Peak>(operands)
  const to = job.at + <usize>(16 * VECTORS_OF_ROUND)
  if (job.sums === 8) eightSums(job.at, to, job.rounds)
  else tenSums(job.at, to, job.rounds)
}
