import type { Device, Handle } from '../device/device.ts'
import { DEVICE_OPTIONS, type DeviceOptions, openDevice } from '../device/open.ts'
import { writeWhole } from '../io/files.ts'
import { type FilePath, pathOf } from '../io/path.ts'
import type { TensorFile } from '../io/safetensors.ts'
import { ANY, ARRAY, checkOptions, DEVICE, expectOnly, type Kind } from '../kinds.ts'
import { Held } from '../layer/held.ts'
import type { Tensor } from '../tensor.ts'
import type { Token } from '../text/tokens.ts'
import type { Vocabulary } from '../text/vocabulary.ts'
import { type Answer, answer } from './ask.ts'
import type { ModelConfig } from './config.ts'
import { type EmbeddedToken, embedTexts } from './embed.ts'
import {
  checkTensors,
  decodeModel,
  encodeModel,
  type LearnedRecord,
  learnedQuestions,
  type ModelRecord,
} from './file.ts'
import {
  expectTexts,
  type ModelModules,
  modulesOf,
  type Reader,
  type TextInput,
  tokensOf,
} from './modules.ts'
import { NEAR_OPTIONS, type NearOptions, type NearQuery, type Neighbour, nearest } from './near.ts'
import { type ModelSource, modelBytes } from './source.ts'
import { isAsking } from './store.ts'

/** Attention weights of one text. */
export interface AttendedText {
  readonly tokens: readonly Token[]
  /** (h, T, T), of the last layer: row i of a head is what word i looks at. */
  readonly weights: Tensor
}

/**
 * A model learned from text: contextual embeddings, attention weights, answers. It holds memory of
 * its device until it is freed or closed.
 */
export class Model extends Held implements Reader {
  readonly record: ModelRecord
  readonly device: Device
  readonly modules: ModelModules
  #closing: Promise<void> | undefined

  constructor(record: ModelRecord, modules: ModelModules, device: Device, ownsDevice: boolean) {
    super('Model')
    this.record = record
    this.modules = this.attach(modules)
    this.device = device
    const close = (): void => {
      this.#closing = device.close()
    }
    if (ownsDevice) this.attach({ free: close })
  }

  /** Its configuration: widths, heads, layers, names. */
  get config(): ModelConfig {
    return this.record.config
  }

  /** The words with a vector of their own, in lower case. */
  get vocabulary(): Vocabulary {
    return this.record.vocabulary
  }

  /** A record of each training, oldest first. */
  get learned(): readonly LearnedRecord[] {
    return this.record.learned
  }

  /** Whether it learned to answer questions. */
  get knowsQuestions(): boolean {
    return learnedQuestions(this.record)
  }

  /**
   * The words of a text with their offsets; those of given tokens are offsets in the tokens joined
   * by spaces.
   */
  tokenize(text: TextInput): Token[] {
    return tokensOf('Model', text, this.config)
  }

  /**
   * Contextual embeddings of words: one list for each text.
   *
   * @param texts a string, or an array of texts: strings, or arrays of tokens
   * @param options `at`: positions of words in each text, from 0; default every word
   * @throws {RangeError} for an invalid position
   */
  async embed(
    texts: string | readonly TextInput[],
    options: { readonly at?: readonly (readonly number[])[] } = {},
  ): Promise<EmbeddedToken[][]> {
    this.expectHeld('embed')
    checkOptions('Model.embed', options, { at: POSITIONS }, '{ at: [[0, 5]] }')
    const all = typeof texts === 'string' ? [texts] : texts
    ARRAY('Model.embed', 'texts', all)
    return embedTexts(this, all, options.at)
  }

  /** Attention weights between the words of a text. */
  async attend(text: TextInput): Promise<AttendedText> {
    this.expectHeld('attend')
    const tokens = this.tokenize(text)
    const { device } = this
    this.modules.lexicon.forget()
    const features = tokens.map(({ token }) => this.modules.lexicon.featuresOf(token))
    const { into } = device.scope(() => {
      const { layers } = this.modules.encoder.forward([features], { want: { weights: true } })
      return layers[layers.length - 1].wanted.weights as { into: Handle }
    })
    const weights = await device.read(into)
    device.free(into)
    return { tokens, weights: weights.slice(0) }
  }

  /**
   * Which word answers a question? The one with the highest attention weight.
   *
   * A model that learned from questions attends with the question's query over keys of its words'
   * embeddings. One that did not uses the mean query of the question's words in its own layer.
   *
   * @param options `at`: the position, from 0, whose query the question's replaces
   */
  async ask(
    text: TextInput,
    question: TextInput,
    options: { readonly at?: number } = {},
  ): Promise<Answer> {
    this.expectHeld('ask')
    checkOptions('Model.ask', options, { at: ANY }, '{ at: 2 }')
    return answer(this, text, question, options)
  }

  /** Nearest occurrences of words in some texts, by the cosine of contextual embeddings. */
  async near(
    query: NearQuery,
    texts: Iterable<TextInput> | AsyncIterable<TextInput>,
    options: NearOptions = {},
  ): Promise<Neighbour[]> {
    this.expectHeld('near')
    checkOptions('Model.near', options, NEAR_OPTIONS, '{ count: 10 }')
    expectOnly('Model.near: the query', query, QUERY, "{ text: 'the river bank', at: 2 }")
    expectTexts('Model.near', texts)
    return (await nearest(this, query, texts, options)).neighbours
  }

  /** The bytes of the model's file, one .safetensors. */
  async bytes(): Promise<Uint8Array> {
    this.expectHeld('bytes')
    return encodeModel(this.record, this.modules.parameters, this.device)
  }

  /** Writes the model's file atomically; an existing file is replaced. */
  async save(file: FilePath): Promise<void> {
    const path = pathOf('Model.save', file, 'give a path, or send the bytes (Model.bytes)')
    await writeWhole(path, await this.bytes())
  }

  /**
   * Frees its parameters, as `free` does, and waits until the device is closed, if it was opened
   * for the model.
   */
  async close(): Promise<void> {
    this.free()
    await this.#closing
  }
}

const QUERY = ['text', 'at', 'vector']

/** Positions of words, for each text. */
const POSITIONS: Kind = (where, name, value) => {
  ARRAY(where, name, value)
  for (const [n, positions] of (value as unknown[]).entries())
    ARRAY(where, `${name}[${n}]`, positions)
}

/**
 * Opens a model.
 *
 * @param file a path, a file's address (`file:///…` or a `URL`), its bytes (`Uint8Array`,
 *   `ArrayBuffer`), a `Response` or a `Blob`; in Node, Deno and Bun also `fr` or `en`, which ship
 *   with the package, unless a file of that name exists
 * @throws {RangeError} for anything but a model, and for an unknown version; with the position
 */
export async function load(
  file: ModelSource,
  options: DeviceOptions & { readonly on?: Device } = {},
): Promise<Model> {
  checkOptions('load', options, { ...DEVICE_OPTIONS, on: DEVICE }, "{ device: 'wasm' }")
  const { on, ...open } = options
  const { bytes, name } = await modelBytes(file)
  const { record, tensors } = inFile(name, () => decodeModel(bytes))
  const device = on ?? (await openDevice(open))
  try {
    const modules = inFile(name, () => modulesRead(record, tensors, device))
    return new Model(record, modules, device, !on)
  } catch (error) {
    if (!on) await device.close()
    throw error
  }
}

/** Runs a body; its RangeErrors name the file. */
function inFile<Made>(name: string, body: () => Made): Made {
  try {
    return body()
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new RangeError(`${name}: ${cause.message.replace(/^file: /, '')}`, { cause })
  }
}

/**
 * A model's modules with the numbers of its file; parameters of questions are drawn if the file has
 * none.
 */
function modulesRead(
  record: ModelRecord,
  tensors: TensorFile['tensors'],
  device: Device,
): ModelModules {
  const { config, vocabulary, counts, seed, format } = record
  const rehearsed = modulesOf(config, vocabulary, counts, {
    ...{ seed, format, blank: 'all', device: device.rehearsal() },
  })
  checkTensors(tensors, rehearsed.parameters, record)
  const blank = Object.keys(tensors).some(isAsking) ? 'all' : 'all but questions'
  const modules = modulesOf(config, vocabulary, counts, { seed, format, blank, device })
  for (const [name, tensor] of Object.entries(tensors))
    device.write(modules.parameters[name], tensor)
  return modules
}
