import type { Device, Handle, Handles } from '../device/device.ts'
import {
  ANY,
  COUNT,
  checkOptions,
  expectNumber,
  type Integers,
  isIntegers,
  valueText,
} from '../kinds.ts'
import { xavierUniform } from '../random.ts'
import { Tensor } from '../tensor.ts'
import type { ForwardOptions } from './forward-options.ts'
import { Held } from './held.ts'
import { jsonOf, type LayerJSON } from './json.ts'
import { Layer } from './layer.ts'
import { drawParameters, type LayerHost, named } from './parameters.ts'
import { checkGradient, type Pass } from './pass.ts'
import { rowsAt, segmentsAt, uploadPlaces } from './rows.ts'
import { STACK_OPTIONS, Stack, type StackOptions, type StackPass } from './stack.ts'

/** What an encoder is. */
export interface EncoderOptions extends StackOptions {
  /** Number of words that have an embedding. */
  readonly vocabulary: number
}

const OPTIONS = { ...STACK_OPTIONS, vocabulary: COUNT }
const FORWARD = { mask: ANY, step: ANY, want: ANY }

/**
 * Words to contextual embeddings: X = E[words] + positions, then one or more self-attention layers.
 */
export class Encoder extends Layer {
  readonly options: EncoderOptions
  /**
   * `words.E` (vocabulary, D) and, for each layer n, `layers.n.W_Q` and the rest of its names;
   * after its prefix.
   */
  readonly parameters: Handles
  readonly stack: Stack
  /** `words.E`, by its name without a prefix. */
  readonly own: Handles

  /** @throws {RangeError} for sizes that do not fit, {TypeError} for kinds */
  constructor(options: EncoderOptions, host: LayerHost) {
    checkOptions(
      'Encoder',
      options,
      OPTIONS,
      '{ vocabulary: 1000, dModel: 16, layers: [{ dQuery: 8, dKey: 8, dValue: 16 }] }',
    )
    const { vocabulary, ...stackOptions } = options
    const { dModel, initializer = xavierUniform } = stackOptions
    expectNumber('Encoder', 'vocabulary', vocabulary, COUNT)
    super('Encoder', host)
    this.options = options
    const { stack, own } = this.build(() => ({
      stack: new Stack(stackOptions, host),
      own: drawParameters(host, { 'words.E': { shape: [vocabulary, dModel], initializer } }),
    }))
    this.stack = this.take(stack)
    this.own = own
    this.parameters = { ...named(host, this.own), ...this.stack.parameters }
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
   * @param texts for each text the numbers of its words, each from 0 to vocabulary − 1
   */
  forward(
    texts: readonly Integers[],
    options: Pick<ForwardOptions, 'mask' | 'step' | 'want'> = {},
  ): EncoderPass {
    const { device } = this.host
    this.expectHeld('forward')
    checkOptions('Encoder.forward', options, FORWARD, '{ step: 1 }')
    const words = wordsOf(texts, this.options.vocabulary)
    const starts = new Int32Array(texts.length + 1)
    texts.forEach((text, n) => {
      starts[n + 1] = starts[n] + text.length
    })
    const read = () => {
      const X = rowsAt(device, this.own['words.E'], words)
      return new EncoderPass(this, words, starts, X, this.stack.forward(X, { ...options, starts }))
    }
    return Held.made(device, read, ({ stack }) => [stack])
  }
}

/** An encoder's forward under way; it holds memory of the device until it is freed. */
export class EncoderPass extends Held {
  readonly encoder: Encoder
  /** The words of all texts, one after the other. */
  readonly words: Int32Array
  /** Text n has rows starts[n] … starts[n + 1] − 1. */
  readonly starts: Int32Array
  readonly X: Handle
  readonly stack: StackPass

  constructor(
    encoder: Encoder,
    words: Int32Array,
    starts: Int32Array,
    X: Handle,
    stack: StackPass,
  ) {
    super('EncoderPass')
    this.encoder = encoder
    this.words = words
    this.starts = starts
    this.X = X
    this.stack = stack
  }

  /** Contextual embeddings (R, width) on the device. */
  get context(): Handle {
    return this.stack.context
  }

  /**
   * The pass of each self-attention layer, in their order: what was wanted of them is read there.
   */
  get layers(): readonly Pass[] {
    return this.stack.layers
  }

  /** Contextual embeddings, (R, width). */
  async read(): Promise<Tensor> {
    this.expectHeld('read')
    return this.encoder.host.device.read(this.context)
  }

  /**
   * Gradients of every parameter; those of E for the words that occur alone. They are freed with
   * this pass.
   */
  backward(dContext: Tensor | Handle): EncoderGradients {
    const { encoder } = this
    const { device } = encoder.host
    this.expectHeld('backward')
    checkGradient('EncoderPass.backward', dContext, this.context)
    return this.adopt(device, () => {
      const { dX, dParameters } = this.stack.backward(
        dContext instanceof Tensor ? device.upload(dContext) : dContext,
      )
      const { touched, rows, dE } = embeddingGradients(device, this.words, dX)
      const of = <Value>(value: Value) => named(encoder.host, { 'words.E': value })
      return new EncoderGradients(device, { ...of(dE), ...dParameters }, of(touched), of(rows))
    })
  }
}

/**
 * Gradients on the device, of tables for some rows alone: freed by themselves, or with the pass
 * that they belong to.
 */
export class EncoderGradients extends Held {
  readonly device: Device
  readonly dParameters: Handles
  /**
   * Of parameters whose gradient has some rows alone: which rows of the parameter they are (int32).
   */
  readonly touched: Handles

  /** The same rows as numbers. */
  readonly rows: Readonly<Record<string, readonly number[]>>

  constructor(
    device: Device,
    dParameters: Handles,
    touched: Handles,
    rows: EncoderGradients['rows'],
  ) {
    super('EncoderGradients')
    this.rows = rows
    this.device = device
    this.dParameters = dParameters
    this.touched = touched
  }

  /** The numbers of every gradient, and the rows that they are of. */
  async read(): Promise<{
    readonly dParameters: Readonly<Record<string, Tensor>>
    readonly touched: Readonly<Record<string, Tensor>>
  }> {
    this.expectHeld('read')
    const read = async (handles: Handles): Promise<Record<string, Tensor>> => {
      const tensors: Record<string, Tensor> = {}
      for (const [name, handle] of Object.entries(handles))
        tensors[name] = await this.device.read(handle)
      return tensors
    }
    return { dParameters: await read(this.dParameters), touched: await read(this.touched) }
  }
}

/**
 * The words of all texts, one after the other.
 *
 * @throws {RangeError} for a word outside of the vocabulary, {TypeError} for kinds
 */
function wordsOf(texts: readonly Integers[], vocabulary: number): Int32Array {
  const given: readonly unknown[] = Array.isArray(texts) ? [...texts] : [undefined]
  if (!given.every(isIntegers)) {
    const found = Array.isArray(texts) ? given.find((text) => !isIntegers(text)) : texts
    throw new TypeError(
      `Encoder.forward: texts must be an array of arrays such as [[3, 1, 4], [1, 5]], got ${valueText(found)}`,
    )
  }
  const words = texts.flatMap((text) => Array.from(text))
  const wrong = words.findIndex(
    (word) => !(Number.isInteger(word) && word >= 0 && word < vocabulary),
  )
  if (wrong >= 0)
    throw new RangeError(
      `Encoder.forward: every word must be an integer from 0 to ${vocabulary - 1}, got ${valueText(words[wrong])}`,
    )
  return Int32Array.from(words)
}

/**
 * dE of the words that occur, in rising order: row n is the sum over the occurrences of word
 * rows[n].
 */
function embeddingGradients(
  device: Device,
  words: Int32Array,
  dX: Handle,
): { touched: Handle; rows: number[]; dE: Handle } {
  const distinct = Int32Array.from(new Set(words)).sort()
  const rank = new Map(Array.from(distinct, (word, n) => [word, n]))
  const segments = segmentsAt(
    device,
    words.map((word) => rank.get(word) ?? 0),
    distinct.length,
  )
  const dE = device.allocate([distinct.length, dX.shape[dX.shape.length - 1]])
  device.sumRows(dX, segments, dE)
  return { touched: uploadPlaces(device, distinct), rows: [...distinct], dE }
}
