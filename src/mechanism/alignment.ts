import type { Matrix } from './matrix.ts'
import type { Rotation } from './position.ts'

/**
 * Shape of a parameter, without the leading axis of heads, and its initial value: a number, or by
 * the layer's initializer.
 */
export interface ParameterShape {
  readonly shape: readonly number[]
  readonly initial: number | 'initializer'
}

/** Numbers of one head's own parameters, by name; gradients have the same type. */
export type Parameters = Readonly<Record<string, Float64Array>>

/** The input of an alignment: a block of query rows and a run of keys, of one head of one text. */
export interface AlignmentBlock {
  /** Queries, (rows, d_q). */
  readonly Q: Matrix
  /** Keys, (keys, d_k). */
  readonly K: Matrix
  /** Position of the first query row in its text, from 0. */
  readonly firstQuery: number
  /** Position of the first key in its text, from 0. */
  readonly firstKey: number
  readonly parameters: Parameters
  /**
   * Rotary positions for the operands of a product; only alignments with `rotates` ever get one.
   */
  readonly rotation?: Rotation | undefined
}

/** Gradients of one block with respect to the alignment's inputs. */
export interface AlignmentGradients {
  readonly dQ: Matrix
  readonly dK: Matrix
  readonly dParameters: Parameters
}

/**
 * Alignment function a(q, k): how well a query and a key fit, as one score.
 *
 * Any object of this type is an alignment, a user's own too; it works in the mechanism and on every
 * device.
 */
export interface Alignment {
  /** Name with its arguments, such as `additive:64`. */
  readonly name: string
  /** `equal` if the score needs d_q = d_k, `free` if any two widths will do. */
  readonly widths: 'equal' | 'free'
  /** True when the score is made of two operands that rotary positions can turn. */
  readonly rotates?: boolean
  /** Own parameters of one head; none when absent. */
  parameters?(dQuery: number, dKey: number): Readonly<Record<string, ParameterShape>>
  /**
   * Scratch in numbers while it scores or differentiates a block, without the scores; none when
   * absent.
   */
  scratch?(rows: number, keys: number): number
  /** Scores of the block, (rows, keys). −∞ counts as masked. */
  scores(block: AlignmentBlock): Matrix
  /**
   * Gradients from dS, (rows, keys), which is 0 wherever a mask hid the score; S is what `scores`
   * returned.
   */
  backward(dS: Matrix, S: Matrix, block: AlignmentBlock): AlignmentGradients
}
