import type { Device, Handle, Handles } from '../device/device.ts'
import type { Tensor } from '../tensor.ts'
import type { Form } from './forms.ts'

/** Something to learn: it draws exercises, and judges what the layers made of them. */
export interface Objective {
  /** What its loss is called; each objective of one training has a name of its own. */
  readonly name: string
  /**
   * Its own parameters, by their names in the model file; two objectives may have one of the same
   * name only where it is the same handle.
   */
  readonly parameters: Handles
  /** What one step reads: the same for the same step, whatever was drawn before. */
  draw(step: number): Exercise
}

/** A place in a text of an exercise. */
export interface Place {
  readonly text: number
  readonly place: number
}

/** Texts to read, and the loss on their contextual embeddings. */
export interface Exercise {
  /** Each text as the forms of its words, or as rows of numbers (T, D). */
  readonly texts: readonly (readonly Form[] | Tensor)[]
  /** Forms whose static vectors the loss needs beside those of the texts. */
  readonly forms?: readonly Form[]
  /** The places whose contextual embeddings the loss needs; all of its texts unless told. */
  readonly asked?: readonly Place[]
  /** Enqueued; called once, after the layers' forward. */
  judge(reading: Reading): Judgement
}

/** What the layers made of the texts of a step; an exercise finds its own in them. */
export interface Reading {
  readonly device: Device
  /** Whether the judgement's backward follows: then it may be what writes the losses. */
  readonly learning: boolean
  /** Contextual embeddings (rows, width) of all rows of the step that are asked about. */
  readonly C: Handle
  /** Row of C that belongs to a row of the step: the row itself where all are asked about. */
  inContext(row: number): number
  /**
   * Static vectors (R, D) of all rows of the step, with sinusoidal positions where the layer has
   * those.
   */
  readonly X: Handle
  /** Row of the step where each text of this exercise begins, and one past the last. */
  readonly starts: readonly number[]
  /** The static vectors of all forms of the step, each once. */
  readonly vectors: Handle
  /** Row of a form in `vectors`. */
  rowOf(form: Form): number
}

/** Losses of one exercise, and their gradients. */
export interface Judgement {
  /** (predictions,) in nats. */
  readonly losses: Handle
  /** Gradients of Σ factor · losses. */
  backward(factor: number): Shares
}

/**
 * Gradients with respect to some rows of what was read: row n of `gradient` belongs to row rows[n];
 * rows are distinct.
 */
export interface Share {
  readonly rows: readonly number[]
  readonly gradient: Handle
}

/** Where the gradients of a judgement go: rows of C, of X and of `vectors`. */
export interface Shares {
  readonly dC: readonly Share[]
  readonly dX: readonly Share[]
  readonly dVectors: readonly Share[]
  /**
   * Of its own parameters, or of any that the network or another objective has: those of one
   * parameter are added.
   */
  readonly dParameters: Handles
  /**
   * Where a gradient is of some rows of its parameter alone: which, distinct; the others then
   * neither move nor decay, unless another objective has a gradient of them.
   */
  readonly rows?: Readonly<Record<string, readonly number[]>>
}
