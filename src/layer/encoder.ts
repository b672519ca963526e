import type { Device, Handle, Handles } from '../device/device.ts'
import {
  ANY,
  ARRAY,
  checkOptions,
  expectNumber,
  having,
  integersFrom,
  type NumberRange,
} from '../kinds.ts'
import { sinusoidal } from '../mechanism/position.ts'
import { type Initializer, xavierUniform } from '../random.ts'
import type { Tensor } from '../tensor.ts'
import {
  type EmbeddingOptions,
  type EmbeddingPartials,
  Embeddings,
  type EmbeddingsPass,
  type EncoderText,
  type TableGradients,
  type Word,
} from './embeddings.ts'
import type { ForwardOptions } from './forward-options.ts'
import { Held } from './held.ts'
import { jsonOf, type LayerJSON } from './json.ts'
import { Layer } from './layer.ts'
import type { LayerHost } from './parameters.ts'
import { checkGradient, type Pass } from './pass.ts'
import { Positions } from './positions.ts'
import { inverseOf, rowsAt } from './rows.ts'
import { STACK_OPTIONS, Stack, type StackOptions, type StackPass } from './stack.ts'

/** Options of an encoder: embeddings, and the layers of a stack. */
export interface EncoderOptions extends StackOptions, EmbeddingOptions {
  /** How `words.E` and `letters.E` begin; default `initializer`. */
  readonly embeddingInitializer?: Initializer
}

/** Options of one forward of an encoder. */
export interface EncoderForwardOptions
  extends Pick<ForwardOptions, 'mask' | 'step' | 'want' | 'queryRows'> {
  /** Words whose static vectors are computed in addition to those of the texts. */
  readonly words?: readonly Word[]
}

const ROWS: NumberRange = integersFrom(0)
const OPTIONS = {
  ...STACK_OPTIONS,
  vocabulary: ROWS,
  letters: ROWS,
  embeddingInitializer: having(['draw'], 'xavierUniform'),
}
const PARTIALS = { dX: ARRAY, dVectors: ARRAY }
const FORWARD = { mask: ANY, step: ANY, want: ANY, queryRows: ANY, words: ARRAY }

/**
 * Words to contextual embeddings: X = E[words] + letters + positions, then one or more
 * self-attention layers.
 */
export class Encoder extends Layer {
  readonly options: EncoderOptions
  /**
   * `words.E` (vocabulary, D), with letters `letters.E` (letters, D), and, for each layer n,
   * `layers.n.W_Q` and the rest of its names; after its prefix.
   */
  readonly parameters: Handles
  readonly embeddings: Embeddings
  readonly stack: Stack

  /** @throws {RangeError} for sizes that do not fit, {TypeError} for wrong types */
  constructor(options: EncoderOptions, host: LayerHost) {
    checkOptions(
      'Encoder',
      options,
      OPTIONS,
      '{ vocabulary: 1000, dModel: 16, layers: [{ dQuery: 8, dKey: 8, dValue: 16 }] }',
    )
    const { vocabulary, letters = 0, embeddingInitializer, ...stackOptions } = options
    const { dModel, initializer = xavierUniform } = stackOptions
    expectNumber('Encoder', 'vocabulary', vocabulary, ROWS)
    super('Encoder', host)
    this.options = options
    const { stack, embeddings } = this.build(() => ({
      stack: new Stack(stackOptions, host, 'Encoder'),
      embeddings: new Embeddings(
        { vocabulary, letters },
        dModel,
        embeddingInitializer ?? initializer,
        host,
      ),
    }))
    this.stack = this.attach(stack)
    this.embeddings = this.attach(embeddings)
    this.parameters = { ...embeddings.parameters, ...stack.parameters }
  }

  /** Its options, with names in place of values: what JSON.stringify writes. */
  toJSON(): LayerJSON {
    return jsonOf(this.options)
  }

  /** Width of the contextual embeddings. */
  get width(): number {
    return this.stack.width
  }

  /**
   * Contextual embeddings of texts, as packed rows; enqueued.
   *
   * What does not depend on context is computed once for each word.
   *
   * @param texts for each text the numbers of its words, each from 0 to vocabulary − 1, or their
   *   features, or rows of numbers (T, D)
   * @throws {RangeError} for word numbers outside the vocabulary and rows of another width,
   *   {TypeError} for wrong types
   */
  forward(texts: readonly EncoderText[], options: EncoderForwardOptions = {}): EncoderPass {
    this.expectHeld('forward')
    checkOptions('Encoder.forward', options, FORWARD, '{ step: 1 }')
    const { words, ...given } = options
    const read = () => {
      const embeddings = this.embeddings.forward(texts, words)
      const { X, starts, indices } = embeddings
      const stack = this.stack.forward(X, { ...given, starts, indices })
      return new EncoderPass(this, embeddings, stack, given.queryRows)
    }
    return Held.made(this.host.device, read, ({ embeddings, stack }) => [embeddings, stack])
  }
}

/** The pass of an encoder's forward; it holds memory of the device until it is freed. */
export class EncoderPass extends Held {
  readonly encoder: Encoder
  readonly embeddings: EmbeddingsPass
  readonly stack: StackPass
  readonly #inContext: Int32Array | undefined

  constructor(
    encoder: Encoder,
    embeddings: EmbeddingsPass,
    stack: StackPass,
    queryRows: Int32Array | undefined,
  ) {
    super('EncoderPass')
    this.encoder = encoder
    this.embeddings = embeddings
    this.stack = stack
    this.#inContext = queryRows && inverseOf(queryRows, embeddings.rows.length)
  }

  /** Contextual embeddings (R, width) on the device, or of the rows that were chosen. */
  get context(): Handle {
    return this.stack.context
  }

  /** Text n has rows starts[n] … starts[n + 1] − 1. */
  get starts(): readonly number[] {
    return this.embeddings.starts
  }

  /** The pass of each self-attention layer, in order, with its weights and statistics if wanted. */
  get layers(): readonly Pass[] {
    return this.stack.layers
  }

  /** Contextual embeddings, (R, width). */
  async read(): Promise<Tensor> {
    this.expectHeld('read')
    return this.encoder.host.device.read(this.context)
  }

  /**
   * Static embeddings of every position (R, D), including positions if those are sinusoidal and
   * added before the layers.
   */
  embedded(): Handle {
    const [{ sublayer }] = this.encoder.stack.stages
    if (sublayer instanceof Positions && sublayer.position.name === sinusoidal.name)
      return this.stack.passes[0].context
    const { X, indices } = this.embeddings
    return rowsAt(this.encoder.host.device, X, indices)
  }

  /**
   * Row of the context for a row of the texts.
   *
   * @throws {RangeError} for a row that was not chosen
   */
  inContext(row: number): number {
    const found = this.#inContext ? this.#inContext[row] : row
    if (!(found >= 0))
      throw new RangeError(
        `EncoderPass.inContext: the context of row ${row} was not computed; list its position in the batch, or its row in queryRows`,
      )
    return found
  }

  /**
   * Gradients of every parameter; those of tables only for the rows that occur. They are freed with
   * this pass.
   *
   * @param dContext as the context
   * @param partials further gradients with respect to static embeddings, which are added
   */
  backward(dContext: Tensor | Handle, partials: EmbeddingPartials = {}): EncoderGradients {
    const { device } = this.encoder.host
    this.expectHeld('backward')
    checkGradient('EncoderPass.backward', dContext, this.context)
    checkOptions('EncoderPass.backward', partials, PARTIALS, '{ dX: [{ rows, gradient }] }')
    return this.adopt(device, () => {
      const { dX, dParameters } = this.stack.backward(dContext)
      const tables = this.embeddings.backward(dX, partials)
      return new EncoderGradients(device, {
        ...tables,
        dParameters: { ...tables.dParameters, ...dParameters },
      })
    })
  }
}

/**
 * Gradients on the device, of tables only for some rows: freed by themselves, or with their pass.
 */
export class EncoderGradients extends Held implements TableGradients {
  readonly device: Device
  readonly dParameters: Handles
  /** For parameters whose gradient has only some rows: which rows of the parameter they are. */
  readonly rows: TableGradients['rows']

  constructor(device: Device, { dParameters, rows }: TableGradients) {
    super('EncoderGradients')
    this.rows = rows
    this.device = device
    this.dParameters = dParameters
  }

  /** The numbers of every gradient, and the rows of sparse ones. */
  async read(): Promise<{
    readonly dParameters: Readonly<Record<string, Tensor>>
    readonly rows: TableGradients['rows']
  }> {
    this.expectHeld('read')
    const read = async (handles: Handles): Promise<Record<string, Tensor>> => {
      const tensors: Record<string, Tensor> = {}
      for (const [name, handle] of Object.entries(handles))
        tensors[name] = await this.device.read(handle)
      return tensors
    }
    return { dParameters: await read(this.dParameters), rows: this.rows }
  }
}
