import { distribute, distributeBackward, distributionRoom } from './distributions'
import { bytesOf } from './lanes'

/**
 * Scores of rows that become weights, or gradients with respect to weights that become those with
 * respect to scores, one row to a block.
 */
@unmanaged
class Rows {
  /** DISTRIBUTION_… of numbers.ts. */
  kind: i32 = 0
  backward: i32 = 0
  n: i32 = 0
  argument: f32 = 0
  /** Scores, or dA. */
  rows: usize = 0
  /** Weights, for the backward. */
  weights: usize = 0
  /** The parameter's gradient for each row, or 0. */
  dParameter: usize = 0
  /** Scratch of all threads. */
  room: usize = 0
}

/** Computes row number block, in place. */
export function distributeRows(operands: usize, block: i32, thread: i32): void {
  const job = changetype<Rows>(operands)
  const at = <usize>block * bytesOf(job.n)
  const room = job.room + <usize>thread * bytesOf(distributionRoom(job.n))
  if (job.backward) {
    const dParameter = job.dParameter ? job.dParameter + bytesOf(block) : 0
    distributeBackward(
      job.kind,
      job.rows + at,
      job.weights + at,
      job.n,
      job.argument,
      room,
      dParameter,
    )
  } else {
    distribute(job.kind, job.rows + at, job.n, job.argument, room)
  }
}
