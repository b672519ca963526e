import type { ParameterShape, Parameters } from './alignment.ts'

/** Gradients of one row. */
export interface DistributionGradients {
  readonly dScores: Float64Array
  readonly dParameters?: Parameters
}

/**
 * Distribution function p: one row of scores to one row of attention weights.
 *
 * It sees the allowed scores of one query, in the order of the keys: at least one, none NaN, none
 * −∞. Any object of this type is a distribution, a user's own too.
 *
 * `into` has as many numbers as scores; a result may be written there and returned instead of a new array.
 */
export interface Distribution {
  /** Name with its arguments, such as `entmax:1.3`. */
  readonly name: string
  /** True when every row of weights sums to one. */
  readonly sumsToOne: boolean
  /** True when a weight can be exactly zero. */
  readonly exactZeros: boolean
  /** True when adding one number to every score of a row changes nothing. */
  readonly shiftInvariant: boolean
  /** Own parameters of one head; none when absent. */
  readonly parameters?: Readonly<Record<string, ParameterShape>>
  /** Weights of one row, as many as scores. */
  weights(scores: Float64Array, parameters: Parameters, into?: Float64Array): Float64Array
  /**
   * Gradient with respect to the scores (and own parameters), given that with respect to the
   * weights.
   */
  backward(
    dWeights: Float64Array,
    weights: Float64Array,
    scores: Float64Array,
    parameters: Parameters,
    into?: Float64Array,
  ): DistributionGradients
}
