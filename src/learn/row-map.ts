import type { Handle, Handles } from '../device/device.ts'
import { drawParameter, type LayerHost } from '../layer/parameters.ts'
import { activate, affine } from '../layer/steps/dense.ts'
import type { Tape } from '../layer/steps/tape.ts'
import { xavierUniform, zeros } from '../random.ts'
import { prefixOf } from './names.ts'

/**
 * Contextual (R, width) and static (R, D) embeddings of some texts, text n in rows starts[n] …
 * starts[n + 1] − 1.
 */
export interface TextRows {
  readonly C: Handle
  readonly X: Handle
  /** Clues (R, clues), for a map that reads them. */
  readonly F?: Handle | undefined
  readonly starts: Int32Array
}

/** Gradients with respect to rows, with their shapes: (R, width) and (R, D). */
export interface RowGradients {
  readonly dC: Handle
  readonly dX: Handle
}

/** The inputs of a map: both embeddings of a word, or one. */
export type Keys = 'both' | 'contextual' | 'static'

/** Sizes of a map. */
export interface RowMapOptions {
  /** Width of the contextual embeddings. */
  readonly width: number
  /** D, the width of the static embeddings. */
  readonly dModel: number
  /** d, the width of Y. */
  readonly output: number
  /** m, the width of the hidden layer; 0 for none. */
  readonly hidden: number
  readonly reads: Keys
  /** Number of features per row in addition to embeddings; 0 for none. */
  readonly clues?: number
}

/**
 * Y = C W + X U + F V + relu(Z) M with Z = C W_H + X U_H + F V_H + b; F are clues, if they are
 * read.
 *
 * The hidden layer combines position and word.
 */
export class RowMap {
  /**
   * `W` (width, d), `U` (D, d), `V` (clues, d), `W_H` (width, m), `U_H` (D, m), `V_H` (clues, m),
   * `b` (m,), `M` (m, d), those that are used, after the host's prefix and its own.
   */
  readonly parameters: Handles
  readonly #prefix: string

  constructor(
    prefix: string,
    { width, dModel, output, hidden, reads, clues = 0 }: RowMapOptions,
    host: LayerHost,
  ) {
    this.#prefix = prefixOf(host) + prefix
    const shapes: Record<string, readonly number[]> = {}
    for (const [mark, columns] of [
      ['', output] as const,
      ...(hidden > 0 ? [['_H', hidden] as const] : []),
    ]) {
      if (reads !== 'static') shapes[`W${mark}`] = [width, columns]
      if (reads !== 'contextual') shapes[`U${mark}`] = [dModel, columns]
      if (clues > 0) shapes[`V${mark}`] = [clues, columns]
    }
    if (hidden > 0) Object.assign(shapes, { b: [hidden], M: [hidden, output] })
    this.parameters = Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => {
        const initializer = name === 'b' ? zeros : xavierUniform
        return [this.#prefix + name, drawParameter(host, prefix + name, { shape, initializer })]
      }),
    )
  }

  #own(name: string): Handle | undefined {
    return this.parameters[this.#prefix + name]
  }

  /** Y (R, d), a row for each row. */
  forward(tape: Tape, rows: TextRows): Handle {
    const [b, M] = [this.#own('b'), this.#own('M')]
    if (!b || !M) return this.#linear(tape, '', rows)
    // the hidden layer first, for gradients of rows are added in the opposite order
    const H = activate(tape, 'relu', this.#linear(tape, '_H', rows, b))
    return affine(tape, H, M, undefined, this.#linear(tape, '', rows))
  }

  /** C W + X U + F V + b. */
  #linear(tape: Tape, mark: string, { C, X, F }: TextRows, b?: Handle): Handle {
    if (F) tape.constant(F)
    const terms = [
      [C, this.#own(`W${mark}`)],
      [X, this.#own(`U${mark}`)],
      [F, this.#own(`V${mark}`)],
    ].filter((term): term is [Handle, Handle] => term.every(Boolean))
    return terms.reduce<Handle | undefined>(
      (Y, [from, W], n) => affine(tape, from, W, n === terms.length - 1 ? b : undefined, Y),
      undefined,
    ) as Handle
  }
}
