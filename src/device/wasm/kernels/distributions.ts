import { entmax, entmaxBackward, learnedEntmaxBackward, learnedSlope } from './entmax'
import {
  DISTRIBUTION_ENTMAX,
  DISTRIBUTION_ENTMAX_LEARNED,
  DISTRIBUTION_ENTMAX15,
  DISTRIBUTION_SIGMOID,
  DISTRIBUTION_SPARSEMAX,
  DISTRIBUTION_TOP_K,
} from './numbers'
import { sigmoid, sigmoidBackward, softmax, softmaxBackward } from './softmax'
import { entmax15, entmax15Backward, sparsemax, sparsemaxBackward } from './sparsemax'
import { topK } from './top-k'

/** Floats of scratch that a row of n scores needs. */
export function distributionRoom(n: i32): i32 {
  return 2 * n + 64
}

/**
 * A row of n ≥ 1 scores becomes its attention weights, in place.
 *
 * @param kind DISTRIBUTION_… of numbers.ts
 * @param argument α of entmax, the parameter a of learned entmax, k of top k
 * @param room scratch of this thread, `distributionRoom(n)` floats
 */
export function distribute(kind: i32, row: usize, n: i32, argument: f32, room: usize): void {
  switch (kind) {
    case DISTRIBUTION_SIGMOID:
      sigmoid(row, n)
      break
    case DISTRIBUTION_SPARSEMAX:
      sparsemax(row, n, room)
      break
    case DISTRIBUTION_ENTMAX15:
      entmax15(row, n, room)
      break
    case DISTRIBUTION_ENTMAX:
      entmax(row, n, argument - 1, room)
      break
    case DISTRIBUTION_ENTMAX_LEARNED:
      entmax(row, n, learnedSlope(argument), room)
      break
    case DISTRIBUTION_TOP_K:
      topK(row, n, argument)
      break
    default:
      softmax(row, n)
  }
}

/**
 * The gradient with respect to a row's weights becomes that with respect to its scores, in place.
 *
 * @param dParameter where the gradient with respect to learned entmax's parameter is added to a
 *   float32; 0 where it is not wanted
 */
export function distributeBackward(
  kind: i32,
  dA: usize,
  A: usize,
  n: i32,
  argument: f32,
  room: usize,
  dParameter: usize,
): void {
  switch (kind) {
    case DISTRIBUTION_SIGMOID:
      sigmoidBackward(dA, A, n)
      break
    case DISTRIBUTION_SPARSEMAX:
      sparsemaxBackward(dA, A, n)
      break
    case DISTRIBUTION_ENTMAX15:
      entmax15Backward(dA, A, n)
      break
    case DISTRIBUTION_ENTMAX:
      entmaxBackward(dA, A, n, argument - 1, room)
      break
    case DISTRIBUTION_ENTMAX_LEARNED:
      if (dParameter)
        store<f32>(dParameter, load<f32>(dParameter) + learnedEntmaxBackward(dA, A, n, argument))
      entmaxBackward(dA, A, n, learnedSlope(argument), room)
      break
    default:
      softmaxBackward(dA, A, n)
  }
}
