import type { Device } from '../device/device.ts'
import { type ByteSource, bytesFrom, holdsBytes } from '../io/bytes.ts'
import { Sha256 } from '../io/sha256.ts'
import { valueText } from '../kinds.ts'
import { adamW } from '../learn/optimizer.ts'
import type { Question } from '../learn/questions.ts'
import { beginningsOf } from '../text/beginnings.ts'
import { Corpus, type LineSource, type TextSource } from '../text/corpus.ts'
import type { Line, TextStream } from '../text/decode.ts'
import { languagesIn } from '../text/language.ts'
import { readCorpus } from '../text/reading.ts'
import type { CheckpointSource, Resumed } from './checkpoint.ts'
import { usesLanguages } from './config.ts'
import { type Dataset, datasetOf } from './dataset.ts'
import { CHECKPOINT_FORMAT, type ModelRecord } from './file.ts'
import { type LearnConfig, learnConfigFor } from './learn-config.ts'
import type { LearnOptions } from './learn-options.ts'

/**
 * Texts to learn from: one as a string, bytes or a stream; several as an array of strings, or with
 * their names, as streams or in lines that may be cut into words.
 */
export type LearnText =
  | string
  | readonly string[]
  | ByteSource
  | TextStream
  | readonly (TextSource | LineSource)[]

/** Texts with their names. @throws {TypeError} for anything but texts */
export function sourcesOf(text: LearnText): readonly (TextSource | LineSource)[] {
  if (typeof text === 'string') return [{ name: 'the text', stream: [text] }]
  if (holdsBytes(text)) return [{ name: 'the text', stream: streamed(text) }]
  if (Array.isArray(text) && text.length > 0 && text.every((one) => typeof one === 'string'))
    return [{ name: 'the text', stream: text.map((one) => `${one}\n`) }]
  if (
    Array.isArray(text) &&
    text.every(
      (source) =>
        typeof source === 'object' && source !== null && ('stream' in source || 'lines' in source),
    )
  )
    return text
  if (
    typeof text === 'object' &&
    text !== null &&
    (Symbol.asyncIterator in text || Symbol.iterator in text) &&
    (!Array.isArray(text) || text.every(isPiece))
  )
    return [{ name: 'the text', stream: text as TextStream }]
  throw new TypeError(
    `learn: needs a text: a string, a stream, or an array of { name, stream } or { name, lines }, got ${valueText(text)}`,
  )
}

const isPiece = (piece: unknown): boolean =>
  typeof piece === 'string' || piece instanceof Uint8Array

async function* streamed(text: ByteSource): AsyncGenerator<Uint8Array> {
  yield bytesFrom('learn', text)
}

const NEW_LINE = Uint8Array.of(10)
const encoder = new TextEncoder()

/**
 * The same texts, hashed as they are read, each with a final line end: for one file, the result of
 * sha256sum. Of lines, their text, and their words where they have some.
 */
export const hashed = (
  sources: readonly (TextSource | LineSource)[],
  hash: Sha256,
): (TextSource | LineSource)[] =>
  sources.map((source) =>
    'lines' in source
      ? { ...source, lines: hashedLines(source.lines, hash) }
      : { ...source, stream: hashedStream(source.stream, hash) },
  )

async function* hashedLines(lines: LineSource['lines'], hash: Sha256): AsyncGenerator<Line> {
  for await (const line of lines) {
    const words = line.words?.map(({ token }) => token)
    hash.update(encoder.encode(`${words ? JSON.stringify(words) : line.text}\n`))
    yield line
  }
}

async function* hashedStream(stream: TextStream, hash: Sha256): AsyncGenerator<Uint8Array> {
  let last: number | undefined
  for await (const piece of stream) {
    const bytes = typeof piece === 'string' ? encoder.encode(piece) : piece
    hash.update(bytes)
    last = bytes.at(-1) ?? last
    yield bytes
  }
  if (last !== undefined && last !== NEW_LINE[0]) hash.update(NEW_LINE)
}

/** The hash of questions and answers; undefined if there are none. */
export function hashOf(questions: readonly Question[]): string | undefined {
  if (questions.length === 0) return undefined
  const hash = new Sha256()
  for (const { words, question, start, end, others = [] } of questions)
    hash.update(encoder.encode(`${JSON.stringify([words, question, start, end, ...others])}\n`))
  return hash.digest()
}

/**
 * Reads a text, and chooses the defaults for its languages and its size.
 *
 * @throws {RangeError} if it has no words
 */
export async function readDataset(
  text: LearnText,
  { model: { tokens }, sentences, wordsInMemory }: LearnConfig,
  options: LearnOptions,
  hash: Sha256 | undefined,
) {
  const { spool, from } = options
  const known = options.languages ?? from?.config.languages
  const begun =
    known === undefined && (usesLanguages({ tokens }) || sentences === 'auto')
      ? await beginningsOf(sourcesOf(text))
      : undefined
  try {
    const sources = begun?.sources ?? sourcesOf(text)
    const languages = known ?? languagesIn(begun?.lines ?? [])
    const corpus = await readCorpus(
      hash ? hashed(sources, hash) : sources,
      { tokens, sentences, languages },
      { words: wordsInMemory, ...(spool ? { spool } : {}) },
    )
    if (corpus.size === 0)
      throw new RangeError('learn: the text has no words; give a text with sentences')
    const config = learnConfigFor(from ? options : { ...options, languages }, corpus.size)
    return { dataset: datasetOf(corpus, config), config, inMemory: corpus instanceof Corpus }
  } finally {
    await begun?.close()
  }
}

/** Everything that a training runs on. */
export interface LearningRun {
  readonly config: LearnConfig
  readonly options: LearnOptions
  readonly dataset: Dataset
  readonly inMemory: boolean
  readonly questions: readonly Question[]
  readonly device: Device
  /** Options of writing or resuming checkpoints. */
  readonly hashes: { readonly text: string; readonly questions: string | undefined } | undefined
  readonly resumed: Resumed | undefined
}

/**
 * The source of a checkpoint; undefined if none is written or resumed.
 *
 * @throws {RangeError} for an optimizer without `state`
 */
export function checkpointSource(
  { config, options, hashes }: LearningRun,
  model: ModelRecord,
  steps: number,
): CheckpointSource | undefined {
  if (!hashes) return undefined
  const { model: _, seed: _seed, store: _store, ...numbers } = config
  const { vocabulary, store, optimizer = adamW() } = options
  if (!optimizer.state)
    throw new RangeError(
      `learn: the optimizer ${optimizer.name} has no method state, so no checkpoint can hold what it remembers; give it one`,
    )
  return {
    ...{ format: CHECKPOINT_FORMAT, model, text: hashes.text },
    ...(hashes.questions === undefined ? {} : { questions: hashes.questions }),
    options: {
      steps,
      ...numbers,
      optimizer: optimizer.name,
      ...(vocabulary === undefined ? {} : { vocabulary }),
      ...(store ? { store } : {}),
    },
  }
}
