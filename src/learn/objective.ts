import type { Device, Handle, Handles } from '../device/device.ts'
import type { EmbeddingPartials, EncoderText, Word } from '../layer/embeddings.ts'
import type { PartialGradient } from '../layer/rows.ts'

/** Something to learn: it draws batches, and gives the loss of what the layers made of them. */
export interface Objective {
  /** What its loss is called; each objective of one training has a name of its own. */
  readonly name: string
  /**
   * Its own parameters, by their names in the model file; two objectives may have one of the same
   * name only where it is the same handle.
   */
  readonly parameters: Handles
  /** What one step reads: the same for the same step, whatever was drawn before. */
  draw(step: number): Batch
}

/** A position in a text of a batch. */
export interface TextPosition {
  readonly text: number
  readonly position: number
}

/** Texts to read, and the loss on their contextual embeddings. */
export interface Batch {
  /** Each text as its words, or as rows of numbers (T, D). */
  readonly texts: readonly EncoderText[]
  /** Words whose static vectors the loss needs beside those of the texts. */
  readonly forms?: readonly Word[]
  /** The positions whose contextual embeddings the loss needs; default all of its texts. */
  readonly positions?: readonly TextPosition[]
  /** Enqueued; called once, after the layers' forward. */
  loss(outputs: Outputs): Loss
}

/** What the layers made of the texts of a step; a batch finds its own in them. */
export interface Outputs {
  readonly device: Device
  /** Whether the loss's backward follows: then it may be what writes the losses. */
  readonly learning: boolean
  /** Contextual embeddings (rows, width) of the rows of the step that a loss needs. */
  readonly C: Handle
  /** Row of C that belongs to a row of the step: the row itself where all are needed. */
  inContext(row: number): number
  /**
   * Static vectors (R, D) of all rows of the step, with sinusoidal positions where the layer has
   * those.
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

/** Where the gradients of a loss go: rows of C, of X and of `vectors`. */
export interface PartialGradients extends EmbeddingPartials {
  readonly dC: readonly PartialGradient[]
  /**
   * Of its own parameters, or of any that the encoder or another objective has: those of one
   * parameter are added.
   */
  readonly dParameters: Handles
  /**
   * Where a gradient is of some rows of its parameter alone: which, distinct; the others then
   * neither move nor decay, unless another objective has a gradient of them.
   */
  readonly rows?: Readonly<Record<string, readonly number[]>>
}
