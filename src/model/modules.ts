import type { Device, Handles } from '../device/device.ts'
import { expectKind, valueText } from '../kinds.ts'
import { Encoder } from '../layer/encoder.ts'
import { Held } from '../layer/held.ts'
import { Asking } from '../learn/asking.ts'
import { Lexicon } from '../learn/lexicon.ts'
import { WordPrediction } from '../learn/words.ts'
import { normal } from '../random.ts'
import { type Token, tokenize } from '../text/tokens.ts'
import type { Vocabulary } from '../text/vocabulary.ts'
import { contextWidth, formatOf, type ModelConfig, stackOptions } from './config.ts'

/** Words drawn in a step, in addition to the targets, if the vocabulary is larger. */
export const CANDIDATES = 512

/** The modules of a model that have parameters. */
export class ModelModules extends Held {
  readonly lexicon: Lexicon
  readonly encoder: Encoder
  readonly prediction: WordPrediction
  readonly asking: Asking
  /** All parameters, by their names in the file. */
  readonly parameters: Handles

  /** Runs a body; its memory belongs to the result. */
  static on(device: Device, build: () => ModelModules): ModelModules {
    return Held.made(device, build, ({ encoder, prediction, asking }) => [
      encoder,
      prediction,
      asking,
    ])
  }

  constructor({
    lexicon,
    encoder,
    prediction,
    asking,
  }: Pick<ModelModules, 'lexicon' | 'encoder' | 'prediction' | 'asking'>) {
    super('ModelModules')
    this.lexicon = lexicon
    this.encoder = encoder
    this.prediction = prediction
    this.asking = asking
    this.parameters = { ...encoder.parameters, ...prediction.parameters, ...asking.parameters }
  }
}

/**
 * A text: a string, cut by the model's own rule, or tokens that are never split again, which may have
 * offsets of their own.
 */
export type TextInput = string | readonly string[] | readonly Token[]

/**
 * The words of a text and their offsets in it; given tokens keep theirs, those of strings are in the
 * strings joined by spaces.
 *
 * @throws {TypeError} for anything but a string, or an array of strings or of tokens
 * @throws {RangeError} for offsets that no token can have
 */
export function tokensOf(
  where: string,
  text: TextInput,
  { tokens, languages }: Pick<ModelConfig, 'tokens' | 'languages'>,
): Token[] {
  if (typeof text === 'string') return tokenize(text, tokens, languages)
  if (!Array.isArray(text)) throw noText(where, text)
  let next = 0
  return text.map((given: unknown) => {
    const token =
      typeof given === 'string' ? { token: given, start: next, end: next + given.length } : given
    if (!isToken(token)) throw noText(where, text)
    const { start, end } = token
    if (![start, end].every(Number.isSafeInteger) || start < 0 || end < start)
      throw new RangeError(
        `${where}: a token has offsets 0 ≤ start ≤ end, got ${start} and ${end} of ${valueText(token.token)}`,
      )
    next = end + 1
    return { ...token, token: token.token.normalize('NFC') }
  })
}

function isToken(value: unknown): value is Token {
  const { token, start, end } = Object(value) as Partial<Token>
  return typeof token === 'string' && typeof start === 'number' && typeof end === 'number'
}

const noText = (where: string, text: unknown): TypeError =>
  new TypeError(`${where}: a text must be a string or an array of tokens, got ${valueText(text)}`)

/** The part of a model that reads texts. */
export interface Reader {
  readonly device: Device
  readonly config: ModelConfig
  readonly modules: ModelModules
  /** Whether it learned to answer questions. */
  readonly knowsQuestions: boolean
  tokenize(text: TextInput): Token[]
}

/** Which parameters stay zero, to be read from a file: all, or all but those of questions. */
export type Blank = 'all' | 'all but questions'

/**
 * Builds a model's modules on a device; parameters are drawn from the seed, or stay zero if they
 * are read from a file.
 */
export function modulesOf(
  config: ModelConfig,
  vocabulary: Vocabulary,
  counts: readonly number[],
  {
    blank,
    dropout = 0,
    format = formatOf(config),
    ...given
  }: {
    readonly device: Device
    readonly seed: number
    readonly blank?: Blank
    readonly dropout?: number
    readonly format?: number
  },
): ModelModules {
  const context = { ...given, blank: blank !== undefined }
  const lexicon = new Lexicon(vocabulary, config.buckets)
  const sizes = { width: contextWidth(config), dModel: config.width }
  const rarity = config.clues === 'overlap' ? lexicon.rarity(counts) : undefined
  const build = (): ModelModules =>
    new ModelModules({
      lexicon,
      encoder: new Encoder(
        {
          ...stackOptions(config, { dropout, format }),
          vocabulary: vocabulary.size,
          letters: lexicon.letterRows,
          // so that a vector has a length of about 1, half of it from the letters
          embeddingInitializer: normal(Math.sqrt(0.5 / config.width)),
        },
        context,
      ),
      prediction: new WordPrediction(sizes, lexicon, { counts, candidates: CANDIDATES }, context),
      asking: new Asking(
        { ...sizes, dKey: config.asking, hidden: config.askingHidden, keys: config.keys, rarity },
        { ...given, blank: blank === 'all' },
      ),
    })
  return ModelModules.on(given.device, build)
}

/** @throws {TypeError} unless it is a model */
export const expectModel = (where: string, model: Reader): void =>
  expectKind(where, 'model', model, ['tokenize', 'embed'], "await load('fr')")

/** @throws {TypeError} unless texts can be read one by one */
export function expectTexts(where: string, texts: unknown): void {
  const { [Symbol.iterator]: each, [Symbol.asyncIterator]: later } = Object(texts)
  if (typeof texts !== 'string' && (each || later)) return
  const found = typeof texts === 'string' ? 'one string; put it in an array' : valueText(texts)
  throw new TypeError(`${where}: texts must be an array or a stream of texts, got ${found}`)
}

/** @throws {RangeError} unless `at` is the position of a token, from 0 */
export function checkPosition(where: string, at: number, tokens: readonly Token[]): void {
  if (Number.isInteger(at) && at >= 0 && at < tokens.length) return
  const words = tokens.map(({ token }, n) => `${n} ${token}`).join(', ')
  throw new RangeError(
    `${where}: at must be the position of a word, from 0 to ${tokens.length - 1}, got ${valueText(at)}; the words are ${words}`,
  )
}
