import type { Device, Handle, Handles } from '../device/device.ts'
import { expectKnown, expectOptions, valueText } from '../kinds.ts'
import type { Alignment } from '../mechanism/alignment.ts'
import { type Initializer, xavierUniform } from '../random.ts'
import { Tensor } from '../tensor.ts'
import type { SelfAttentionOptions } from './options.ts'
import { checkContext, drawParameter, type LayerContext } from './parameters.ts'
import { checkGradient, Pass } from './pass.ts'
import { type ForwardOptions, SelfAttention } from './self-attention.ts'
import {
  countOf,
  FeedForward,
  type FeedForwardOptions,
  type Normalization,
  type Sublayer,
  type SublayerPass,
  Surrounded,
  SurroundedPass,
} from './sublayer.ts'
import { segmentsByPlace } from './texts.ts'

/** One layer of an encoder; its dModel follows from what stands before it. */
export type EncoderLayer = Omit<SelfAttentionOptions<number, number, Alignment>, 'dModel'>

/** What an encoder is. */
export interface EncoderOptions {
  /** Number of words that have an embedding. */
  readonly vocabulary: number
  /** D, the width of the embeddings. */
  readonly dModel: number
  /** One or more layers; positions that act on embeddings belong to the first. */
  readonly layers: readonly EncoderLayer[]
  /** Y = X + F(X); false unless told. */
  readonly residual?: boolean
  /** Layer normalisation before or after each layer; none unless told. */
  readonly normalization?: Normalization
  /** After each layer f(XW_1 + b_1)W_2 + b_2; none unless told. */
  readonly feedForward?: FeedForwardOptions
  /** How E begins; xavierUniform unless told. */
  readonly initializer?: Initializer
}

/** Words to contextual embeddings: X = E[words] + positions, then one or more self-attention layers. */
export class Encoder {
  readonly setting: LayerContext
  readonly options: EncoderOptions
  /** `words.E` (vocabulary, D) and, for each layer n, `layers.n.W_Q` and the rest of its names. */
  readonly parameters: Handles
  /** Width of the contextual embeddings. */
  readonly width: number
  readonly stages: readonly { readonly prefix: string; readonly sublayer: Sublayer }[]

  /** @throws {RangeError} for sizes that do not fit, {TypeError} for kinds */
  constructor(options: EncoderOptions, context: LayerContext) {
    expectOptions('Encoder', options, '{ vocabulary: 1000, dModel: 16, layers: [{ dQuery: 8, dKey: 8, dValue: 16 }] }')
    expectKnown('Encoder', options, ['vocabulary', 'dModel', 'layers', 'residual', 'normalization', 'feedForward', 'initializer'])
    checkContext('Encoder', context)
    const { vocabulary, dModel, initializer = xavierUniform } = options
    if (!Number.isInteger(vocabulary) || vocabulary < 1)
      throw new RangeError(`Encoder: vocabulary must be an integer ≥ 1, got ${valueText(vocabulary)}`)
    if (!Array.isArray(options.layers) || options.layers.length === 0) {
      throw new RangeError('Encoder: layers must hold one or more layers, such as [{ dQuery: 8, dKey: 8, dValue: 16 }]')
    }
    if (options.normalization !== undefined && !['before', 'after'].includes(options.normalization)) {
      throw new RangeError(`Encoder: normalization must be 'before' or 'after', got ${JSON.stringify(options.normalization)}`)
    }
    this.setting = context
    this.options = options
    this.stages = stagesOf(options, context)
    this.width = this.stages[this.stages.length - 1].sublayer.width
    const E = drawParameter(context, 'words.E', { shape: [vocabulary, dModel], initializer })
    this.parameters = { 'words.E': E, ...prefixed(this.stages.map(({ prefix, sublayer }) => [prefix, sublayer.parameters])) }
  }

  /** Trained numbers, all together. */
  get parameterCount(): number {
    return countOf(this.parameters)
  }

  /**
   * Contextual embeddings of texts, as packed rows; enqueued.
   *
   * @param texts for each text the numbers of its words, each from 0 to vocabulary − 1
   */
  forward(texts: readonly (readonly number[])[], options: Pick<ForwardOptions, 'mask' | 'step' | 'want'> = {}): EncoderPass {
    const { device } = this.setting
    const words = wordsOf(texts, this.options.vocabulary)
    const starts = new Int32Array(texts.length + 1)
    texts.forEach((text, n) => {
      starts[n + 1] = starts[n] + text.length
    })
    return device.scope(() => {
      const X = device.allocate([words.length, this.options.dModel])
      device.gather(this.parameters['words.E'], device.upload(new Tensor([words.length], words)), X)
      const passes: SublayerPass[] = []
      for (const { sublayer } of this.stages) passes.push(sublayer.forward(passes.at(-1)?.context ?? X, { ...options, starts }))
      return new EncoderPass(this, words, starts, X, passes)
    })
  }
}

/** An encoder's forward under way. */
export class EncoderPass {
  readonly encoder: Encoder
  /** The words of all texts, one after the other. */
  readonly words: Int32Array
  /** Text n has rows starts[n] … starts[n + 1] − 1. */
  readonly starts: Int32Array
  readonly X: Handle
  readonly passes: readonly SublayerPass[]
  /** Contextual embeddings (R, width) on the device. */
  readonly context: Handle

  constructor(encoder: Encoder, words: Int32Array, starts: Int32Array, X: Handle, passes: readonly SublayerPass[]) {
    this.encoder = encoder
    this.words = words
    this.starts = starts
    this.X = X
    this.passes = passes
    this.context = passes[passes.length - 1].context
  }

  /** The pass of each self-attention layer, in their order: what was wanted of them is read there. */
  get layers(): readonly Pass[] {
    return this.passes.flatMap((pass) => (pass instanceof SurroundedPass && pass.inner instanceof Pass ? [pass.inner] : []))
  }

  /** Contextual embeddings, (R, width). */
  read(): Promise<Tensor> {
    return this.encoder.setting.device.read(this.context)
  }

  /** Gradients of every parameter; those of E for the words that occur alone. */
  backward(dContext: Tensor | Handle): EncoderGradients {
    const { encoder } = this
    const { device } = encoder.setting
    checkGradient('EncoderPass.backward', dContext, this.context)
    return device.scope(() => {
      let dY = dContext instanceof Tensor ? device.upload(dContext) : dContext
      const named: [string, Handles][] = []
      for (let n = this.passes.length - 1; n >= 0; n--) {
        const { dX, dParameters } = this.passes[n].backward(dY)
        named.unshift([encoder.stages[n].prefix, dParameters])
        dY = dX
      }
      const { rows, dE } = embeddingGradients(device, this.words, dY)
      return new EncoderGradients(device, { 'words.E': dE, ...prefixed(named) }, { 'words.E': rows })
    })
  }
}

/** Gradients of an encoder on its device. */
export class EncoderGradients {
  readonly device: Device
  readonly dParameters: Handles
  /** Of parameters whose gradient has some rows alone: which rows of the parameter they are (int32). */
  readonly touched: Handles

  constructor(device: Device, dParameters: Handles, touched: Handles) {
    this.device = device
    this.dParameters = dParameters
    this.touched = touched
  }

  /** The numbers of every gradient, and the rows that they are of. */
  async read(): Promise<{ readonly dParameters: Readonly<Record<string, Tensor>>; readonly touched: Readonly<Record<string, Tensor>> }> {
    const read = async (handles: Handles): Promise<Record<string, Tensor>> => {
      const tensors: Record<string, Tensor> = {}
      for (const [name, handle] of Object.entries(handles)) tensors[name] = await this.device.read(handle)
      return tensors
    }
    return { dParameters: await read(this.dParameters), touched: await read(this.touched) }
  }
}

/** Names with the prefixes of their parts. */
const prefixed = (parts: readonly (readonly [string, Handles])[]): Record<string, Handle> =>
  Object.fromEntries(parts.flatMap(([prefix, handles]) => Object.entries(handles).map(([name, handle]) => [prefix + name, handle])))

function stagesOf({ dModel, layers, residual = false, normalization, feedForward, initializer }: EncoderOptions, context: LayerContext) {
  const surroundings = { residual, normalization }
  let width = dModel
  return layers.flatMap((layer, n) => {
    const around = (prefix: string, before: number, build: (own: LayerContext) => Sublayer) => {
      const own = { ...context, prefix: `${context.prefix ?? ''}${prefix}` }
      return { prefix, sublayer: new Surrounded(build(own), before, surroundings, own) }
    }
    if (n > 0 && layer.position?.on === 'embeddings') {
      throw new RangeError(
        `Encoder: ${layer.position.name} positions act on embeddings and belong to the first layer, got them in layer ${n}`,
      )
    }
    const attention = around(`layers.${n}.`, width, (own) => new SelfAttention<number, number, Alignment>({ ...layer, dModel: width }, own))
    width = attention.sublayer.width
    if (!feedForward) return [attention]
    return [attention, around(`layers.${n}.feedForward.`, width, (own) => new FeedForward(width, feedForward, own, initializer))]
  })
}

/** The words of all texts, one after the other. @throws {RangeError} for a word outside of the vocabulary, {TypeError} for kinds */
function wordsOf(texts: readonly (readonly number[])[], vocabulary: number): Int32Array {
  if (!Array.isArray(texts) || !texts.every(Array.isArray)) {
    const found = Array.isArray(texts) ? texts.find((text) => !Array.isArray(text)) : texts
    throw new TypeError(`Encoder.forward: texts must be an array of arrays such as [[3, 1, 4], [1, 5]], got ${valueText(found)}`)
  }
  const words = texts.flat()
  const wrong = words.findIndex((word) => !(Number.isInteger(word) && word >= 0 && word < vocabulary))
  if (wrong >= 0)
    throw new RangeError(`Encoder.forward: every word must be an integer from 0 to ${vocabulary - 1}, got ${valueText(words[wrong])}`)
  return Int32Array.from(words)
}

/** dE of the words that occur, in rising order: row n is the sum over the occurrences of word rows[n]. */
function embeddingGradients(device: Device, words: Int32Array, dX: Handle): { rows: Handle; dE: Handle } {
  const distinct = Int32Array.from(new Set(words)).sort()
  const rank = new Map(Array.from(distinct, (word, n) => [word, n]))
  const { starts, occurrences } = segmentsByPlace(
    words.map((word) => rank.get(word) ?? 0),
    distinct.length,
  )
  const upload = (places: Int32Array): Handle => device.upload(new Tensor([places.length], places))
  const dE = device.allocate([distinct.length, dX.shape[dX.shape.length - 1]])
  device.sumRows(dX, { starts: upload(starts), occurrences: upload(occurrences) }, dE)
  return { rows: upload(distinct), dE }
}
