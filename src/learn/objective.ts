import type { Device, Handle, Handles } from '../device/device.ts'
import type { EmbeddingPartials, EncoderText, Word } from '../layer/embeddings.ts'
import type { PartialGradient } from '../layer/rows.ts'

/** A training objective: it draws batches, and computes the loss on the encoder's outputs. */
export interface Objective {
  /** Name of its loss, unique within one training. */
  readonly name: string
  /**
   * Its own parameters, by their names in the model file; two objectives may share a name only for
   * the same handle.
   */
  readonly parameters: Handles
  /** The batch of a step: the same for the same step, whatever was drawn before. */
  draw(step: number): Batch
}

/** A position in a text of a batch. */
export interface TextPosition {
  readonly text: number
  readonly position: number
}

/** Texts, and the loss on their contextual embeddings. */
export interface Batch {
  /** Each text as its words, or as rows of numbers (T, D). */
  readonly texts: readonly EncoderText[]
  /** Words whose static vectors the loss needs in addition to those of the texts. */
  readonly words?: readonly Word[]
  /** The positions whose contextual embeddings the loss needs; default all of its texts. */
  readonly positions?: readonly TextPosition[]
  /** Enqueued; called once, after the layers' forward. */
  loss(outputs: Outputs): Loss
}

/** The encoder's outputs for the texts of a step, with what finds a batch's own rows. */
export interface Outputs {
  readonly device: Device
  /** Whether the loss's backward follows; then the backward may write the losses. */
  readonly learning: boolean
  /** Contextual embeddings (rows, width) of the rows of the step that a loss needs. */
  readonly C: Handle
  /** Row of C for a row of the step: the row itself if all are needed. */
  inContext(row: number): number
  /**
   * Static vectors (R, D) of all rows of the step, including sinusoidal positions if the encoder
   * has them.
   */
  readonly X: Handle
  /** Row of the step where each text of this batch begins, and one past the last. */
  readonly starts: readonly number[]
  /** The static vectors of all words of the step, each once. */
  readonly vectors: Handle
  /** Row of a word in `vectors`. */
  rowOf(word: Word): number
}

/** Losses of one batch, and their gradients. */
export interface Loss {
  /** (predictions,) in nats. */
  readonly losses: Handle
  /** Gradients of Σ factor · losses. */
  backward(factor: number): PartialGradients
}

/** Gradients of a loss: with respect to rows of C, of X and of `vectors`. */
export interface PartialGradients extends EmbeddingPartials {
  readonly dC: readonly PartialGradient[]
  /**
   * With respect to its own parameters, or any of the encoder or of another objective: those of one
   * parameter are added.
   */
  readonly dParameters: Handles
  /**
   * For sparse gradients, the rows of the parameter, distinct; other rows neither move nor decay,
   * unless another objective has a gradient of them.
   */
  readonly rows?: Readonly<Record<string, readonly number[]>>
}
