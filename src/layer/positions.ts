import type { Handle, Handles } from '../device/device.ts'
import { matrix } from '../mechanism/matrix.ts'
import { type LearnedPosition, type SinusoidalPosition, sinusoidal } from '../mechanism/position.ts'
import { type Initializer, xavierUniform } from '../random.ts'
import { sizeOf, Tensor } from '../tensor.ts'
import type { ForwardOptions } from './forward-options.ts'
import { Held } from './held.ts'
import { Layer } from './layer.ts'
import { eachText } from './offsets.ts'
import { drawParameters, type LayerHost, withPrefix } from './parameters.ts'
import { StepsPass } from './pass.ts'
import { addPositions } from './steps/positions.ts'
import { takeRows } from './steps/rows.ts'
import { Tape } from './steps/tape.ts'
import type { Sublayer } from './sublayer.ts'
import { positionsOf, type Texts, textsOf } from './texts.ts'

/** Positions that act on embeddings. */
export type EmbeddingPosition = SinusoidalPosition | LearnedPosition

const WHERE = 'SelfAttention.forward'

/** Adds positions to embeddings: Y = X + P[t]. */
export class PositionAdder {
  readonly #position: EmbeddingPosition
  readonly #dModel: number
  readonly #host: LayerHost
  #table = matrix(0, 0)

  constructor(position: EmbeddingPosition, dModel: number, host: LayerHost) {
    this.#position = position
    this.#dModel = dModel
    this.#host = host
  }

  /**
   * A step of a tape, whose parameter `position.P` has the learned rows.
   *
   * @param first the position of the first row of each text
   * @throws {RangeError} for a text longer than the table
   */
  add(tape: Tape, X: Handle, texts: Texts, first: Int32Array): Handle {
    const positions = positionsOf(texts, first)
    const longest = positions.reduce((most, position) => Math.max(most, position + 1), 0)
    if ('longest' in this.#position && longest > this.#position.longest) {
      throw new RangeError(
        `${WHERE}: ${this.#position.name} has positions for ${this.#position.longest} words, got a text of ${longest}; use a longer table, or relative or rotary positions`,
      )
    }
    const learned = tape.parameters['position.P']
    const P = learned ?? this.#sinusoids(longest)
    return addPositions(tape, X, positions, { P, learned: learned !== undefined })
  }

  /** The rows of sinusoidal positions, computed once for the longest text so far. */
  #sinusoids(longest: number): Handle {
    const { device } = this.#host
    const shape = [longest, this.#dModel]
    if (device.rehearsing) return device.allocate(shape)
    // a text that grows row by row needs one more each time
    if (this.#table.rows < longest)
      this.#table = sinusoidal.table(Math.max(longest, 2 * this.#table.rows), this.#dModel)
    return device.upload(new Tensor(shape, this.#table.data.subarray(0, sizeOf(shape))))
  }
}

/**
 * Y = X + P[t] before the layers of a stack, so that residual connections carry positions on.
 *
 * @see Vaswani et al. 2017, §3.5; Devlin et al. 2019, §3 (learned)
 */
export class Positions extends Layer implements Sublayer {
  readonly position: EmbeddingPosition
  /** `position.P` (longest, D) of learned positions; after its prefix. */
  readonly parameters: Handles
  /** The same, by its name without a prefix. */
  readonly own: Handles
  readonly width: number
  readonly #adder: PositionAdder

  constructor(
    position: EmbeddingPosition,
    dModel: number,
    host: LayerHost,
    initializer: Initializer = xavierUniform,
  ) {
    super('Positions', host)
    this.position = position
    this.width = dModel
    this.#adder = new PositionAdder(position, dModel, host)
    const learned =
      'longest' in position
        ? { 'position.P': { shape: [position.longest, dModel], initializer } }
        : {}
    this.own = this.build(() => drawParameters(host, learned))
    this.parameters = withPrefix(host, this.own)
  }

  forward(X: Handle, options: ForwardOptions): StepsPass {
    const { device } = this.host
    const { indices } = options
    return Held.made(device, () => {
      const tape = new Tape(device, this.own)
      const shape = indices ? [indices.length, this.width] : X.shape
      const texts = textsOf(WHERE, shape, options, device)
      const first = eachText('offset', options.offset ?? 0, texts)
      const Y = this.#adder.add(tape, takeRows(tape, X, indices), texts, first)
      return new StepsPass(this.host, X, tape, Y)
    })
  }
}
