import type { Handle, Handles } from '../device/device.ts'
import { drawParameter, type LayerHost } from '../layer/parameters.ts'
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
  readonly host: LayerHost
  /**
   * `W` (width, d), `U` (D, d), `V` (clues, d), `W_H` (width, m), `U_H` (D, m), `V_H` (clues, m),
   * `b` (m,), `M` (m, d), those that are used, after the host's prefix and its own.
   */
  readonly parameters: Handles
  readonly #prefix: string
  readonly #output: number
  readonly #hidden: number

  constructor(
    prefix: string,
    { width, dModel, output, hidden, reads, clues = 0 }: RowMapOptions,
    host: LayerHost,
  ) {
    this.host = host
    this.#prefix = prefixOf(host) + prefix
    this.#output = output
    this.#hidden = hidden
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

  /** Enqueues Y (R, d). */
  forward(rows: TextRows): RowMapPass {
    const { device } = this.host
    const Y = this.#linear('', this.#output, rows)
    const [b, M] = [this.#own('b'), this.#own('M')]
    if (!b || !M)
      return {
        Y,
        saved: [],
        backward: (dY, gradients, into) => this.#linearBackward('', dY, rows, gradients, into),
      }
    const Z = this.#linear('_H', this.#hidden, rows)
    device.addBias(Z, b, Z)
    const H = device.allocate(Z.shape)
    device.activate('relu', Z, H)
    device.product(H, M, Y, { accumulate: true })
    return {
      Y,
      saved: [Z, H],
      backward: (dY, gradients, into) => {
        this.#linearBackward('', dY, rows, gradients, into)
        // forward was: Y += H M
        const dM = device.allocate(M.shape)
        device.product(H, dY, dM, { transposeA: true })
        const dH = device.allocate(H.shape)
        device.product(dY, M, dH, { transposeB: true })
        // forward was: H = relu(Z), Z = C W_H + X U_H + b
        const dZ = device.allocate(Z.shape)
        device.activateBackward('relu', dH, Z, dZ)
        const db = device.allocate(b.shape)
        device.addBiasBackward(dZ, db)
        Object.assign(into, { [`${this.#prefix}M`]: dM, [`${this.#prefix}b`]: db })
        this.#linearBackward('_H', dZ, rows, gradients, into)
      },
    }
  }

  /** C W + X U + F V. */
  #linear(mark: string, columns: number, { C, X, F }: TextRows): Handle {
    const { device } = this.host
    const Y = device.allocate([C.shape[0], columns])
    const [W, U, V] = [this.#own(`W${mark}`), this.#own(`U${mark}`), this.#own(`V${mark}`)]
    if (W) device.product(C, W, Y)
    if (U) device.product(X, U, Y, { accumulate: W !== undefined })
    if (V && F) device.product(F, V, Y, { accumulate: true })
    return Y
  }

  /** dC += dY Wᵀ, dX += dY Uᵀ; dW = Cᵀ dY, dU = Xᵀ dY, dV = Fᵀ dY. */
  #linearBackward(
    mark: string,
    dY: Handle,
    { C, X, F }: TextRows,
    { dC, dX }: RowGradients,
    into: Record<string, Handle>,
  ): void {
    const { device } = this.host
    for (const [name, from, dFrom] of [
      [`W${mark}`, C, dC],
      [`U${mark}`, X, dX],
      [`V${mark}`, F, undefined],
    ] as const) {
      const W = this.#own(name)
      if (!W || !from) continue
      const dW = device.allocate(W.shape)
      device.product(from, dY, dW, { transposeA: true })
      if (dFrom) device.product(dY, W, dFrom, { transposeB: true, accumulate: true })
      into[this.#prefix + name] = dW
    }
  }
}

/** The forward of a map. */
export interface RowMapPass {
  /** (R, d) */
  readonly Y: Handle
  /** Saved for its backward, in addition to its rows. */
  readonly saved: readonly Handle[]
  /** Adds to the rows' gradients, and puts those of its parameters into `into`. */
  backward(dY: Handle, gradients: RowGradients, into: Record<string, Handle>): void
}
