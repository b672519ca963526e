import type { Device } from '../device/device.ts'
import { type ByteSource, bytesFrom, holdsBytes } from '../io/bytes.ts'
import { Sha256 } from '../io/sha256.ts'
import { valueText } from '../kinds.ts'
import { adamW } from '../learn/optimizer.ts'
import type { Question } from '../learn/questions.ts'
import { Corpus, type TextSource } from '../text/corpus.ts'
import type { TextStream } from '../text/decode.ts'
import { readCorpus } from '../text/reading.ts'
import type { CheckpointSource, Resumed } from './checkpoint.ts'
import { type Dataset, datasetOf } from './dataset.ts'
import { CHECKPOINT_FORMAT, type ModelRecord } from './file.ts'
import { type LearnConfig, learnConfigFor } from './learn-config.ts'
import type { LearnOptions } from './learn-options.ts'

/**
 * Texts to learn from: one as a string, bytes or a stream; several as an array of strings, or with
 * their names.
 */
export type LearnText = string | readonly string[] | ByteSource | TextStream | readonly TextSource[]

/** Texts with their names. @throws {TypeError} for anything but texts */
export function sourcesOf(text: LearnText): readonly TextSource[] {
  if (typeof text === 'string') return [{ name: 'the text', stream: [text] }]
  if (holdsBytes(text)) return [{ name: 'the text', stream: streamed(text) }]
  if (Array.isArray(text) && text.length > 0 && text.every((one) => typeof one === 'string'))
    return [{ name: 'the text', stream: text.map((one) => `${one}\n`) }]
  if (
    Array.isArray(text) &&
    text.every((source) => typeof source === 'object' && source !== null && 'stream' in source)
  )
    return text
  if (
    typeof text === 'object' &&
    text !== null &&
    (Symbol.asyncIterator in text || Symbol.iterator in text)
  )
    return [{ name: 'the text', stream: text as TextStream }]
  throw new TypeError(
    `learn: needs a text: a string, a stream, or an array of { name, stream }, got ${valueText(text)}`,
  )
}

async function* streamed(text: ByteSource): AsyncGenerator<Uint8Array> {
  yield bytesFrom('learn', text)
}

const NEW_LINE = Uint8Array.of(10)
const encoder = new TextEncoder()

/**
 * The same texts, hashed as they are read, each with a final line end: for one file, the result of
 * sha256sum.
 */
export const hashed = (sources: readonly TextSource[], hash: Sha256): TextSource[] =>
  sources.map(({ name, stream }) => ({ name, stream: hashedStream(stream, hash) }))

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

/** Reads a text, and chooses the defaults for its size. @throws {RangeError} if it has no words */
export async function readDataset(
  text: LearnText,
  config: LearnConfig,
  options: LearnOptions,
  hash: Sha256 | undefined,
) {
  const { spool } = options
  const rules = { tokens: config.model.tokens, sentences: config.sentences }
  const sources = sourcesOf(text)
  const room = { words: config.wordsInMemory, ...(spool ? { spool } : {}) }
  const corpus = await readCorpus(hash ? hashed(sources, hash) : sources, rules, room)
  if (corpus.size === 0)
    throw new RangeError('learn: the text has no words; give a text with sentences')
  const sized = learnConfigFor(options, corpus.size)
  return { dataset: datasetOf(corpus, sized), config: sized, inMemory: corpus instanceof Corpus }
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
