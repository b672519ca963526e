import { stat } from 'node:fs/promises'
import {
  isUndivided,
  type Line,
  load,
  type Model,
  otherDictionaries,
  readPieces,
  type Sentences,
  sentenceLines,
  type TextInput,
  type Token,
  UNDIVIDED,
} from '../../doors/internal.ts'
import { type ReadingOptions, TextReader } from '../texts/reader.ts'
import { jsonText } from './decimals.ts'
import { EXIT, explanationOf, inputError, usageError } from './errors.ts'
import { type DeviceFlags, deviceOf, type SpeechOptions } from './options.ts'
import type { Format, OutputOptions } from './output.ts'
import { type Reporter, reporterOf } from './progress.ts'
import { modelAt } from './shipped.ts'

/** Options of reading texts. */
interface InputOptions extends ReadingOptions {
  readonly sentences?: Sentences
  readonly skipBad?: boolean
}

/** Options of the commands that read texts with a model and print what they find. */
export interface ModelOptions<Known extends string = Format>
  extends SpeechOptions,
    DeviceFlags,
    OutputOptions<Known>,
    InputOptions {}

/** A text to process, with the fields of its line. */
export interface Passage {
  /** As in the line of JSON; default: the number of the text from 0. */
  readonly id: unknown
  readonly text: TextInput
  readonly tokens: readonly Token[]
  /** Its name in errors; empty for a text on the command line. */
  readonly where: string
  /** The line of JSON, empty without one. */
  readonly record: Readonly<Record<string, unknown>>
}

/**
 * Fails early if a file is missing.
 *
 * @throws {Error} with one line for the first that cannot be read
 */
export async function checkFiles(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const found = path === '-' ? undefined : await stat(path).catch(() => undefined)
    // a pipe can be read only once
    if (path === '-' || (found && !found.isFile() && !found.isDirectory())) continue
    for await (const _ of readPieces(path)) break
  }
}

/** Opens a model and closes it after its use. */
export async function withModel<T>(
  path: string,
  options: DeviceFlags & SpeechOptions,
  use: (model: Model) => Promise<T>,
): Promise<T> {
  const model = await load(await modelAt(path), deviceOf(options))
  try {
    const warning = otherDictionaries(model.record)
    if (warning) reporterOf('', options).warn(`${path}: ${warning}`)
    return await use(model)
  } finally {
    await model.close()
  }
}

export type Passages = ReturnType<typeof passagesOf>

/**
 * Texts one after the other: one from the command line, or lines of text or JSON from stdin.
 *
 * @throws {CommandError} if neither a text nor --input is given
 */
export function passagesOf(argument: string | undefined, options: InputOptions, model: Model) {
  const jsonl = options.input === 'jsonl'
  if (argument === undefined && !options.input)
    throw usageError('needs a text, or - for lines from stdin')
  if (jsonl && options.column !== undefined)
    throw usageError(
      '--input jsonl reads "text" or "tokens" of each line; leave it out, or leave --column out',
    )
  const given = argument === '-' ? undefined : argument
  const single = given !== undefined && !jsonl
  if (single && options.column)
    throw usageError('--column goes with lines of a table from stdin, not with TEXT')
  if ((single || jsonl) && options.sentences === 'auto')
    throw usageError('--sentences goes with texts from stdin, not with TEXT or lines of JSON')
  if (single && options.input && options.input !== 'text')
    throw usageError(`--input ${options.input} goes with stdin, not with TEXT`)
  const reader = new TextReader(jsonl ? { input: 'text' } : options)
  const undivided = undividedBy(model)
  let skipped = 0

  /**
   * Counts a bad line, if bad lines are skipped.
   *
   * @throws {CommandError} if they are not, naming the line
   */
  function refuse(where: string, error: unknown) {
    const { exitCode, message } = explanationOf(error)
    if (exitCode !== EXIT.input) throw error
    if (single || !options.skipBad) throw inputError(where + message)
    skipped++
  }

  function lines(): AsyncIterable<Line> | Iterable<Line> {
    if (single) return [{ text: given, number: 1 }]
    // the sender of a line may wait for its answer
    return sentencesIn(reader.lines({ name, stream: stream() }, true), options, model)
  }
  const name = given === undefined ? 'stdin' : 'TEXT'
  const stream = () => (given === undefined ? process.stdin : [given])

  /** Maps each text, without the bad lines. */
  async function* each<Made extends object>(
    make: (passage: Passage) => Made | Promise<Made>,
  ): AsyncGenerator<Made & { readonly passage: Passage }> {
    let id = 0
    for await (const line of lines()) {
      if (!single && !line.text.trim()) continue
      const where = single ? '' : `${name}: line ${line.number}: `
      try {
        const record = jsonl ? recordOf(line.text) : { id, text: line.text }
        id++
        const text = jsonl ? textOf(record) : inputOf(line)
        const tokens = model.tokenize(text)
        undivided.note(text)
        if (tokens.length === 0) throw inputError('the text has no words; give at least one')
        const passage = { id: record.id, text, tokens, where, record }
        yield { passage, ...(await make(passage)) }
      } catch (error) {
        refuse(where, error)
      }
    }
  }

  return {
    /** Whether it is one text, from the command line. */
    single,
    each,
    refuse,
    /** Says what texts were taken for, what was left out, and what was not cut into words. */
    report(reporter: Pick<Reporter, 'note' | 'warn'>) {
      reader.report(reporter)
      undivided.report(reporter)
      const were = skipped === 1 ? 'line was' : 'lines were'
      if (skipped) reporter.warn(`${skipped} bad ${were} left out`)
    },
  }
}

/** The id of a text in a row. */
export const idOf = ({ id }: Passage): string => (typeof id === 'string' ? id : jsonText(id))

/** Where a text stands. */
export interface Source {
  readonly file: string
  readonly line: Line
}

/** The lines of a text, or its sentences, as a model's languages end them. */
export const sentencesIn = (
  lines: AsyncIterable<Line>,
  { sentences }: Pick<InputOptions, 'sentences'>,
  { config }: Model,
): AsyncIterable<Line> => sentenceLines(lines, sentences, config.languages)

/** Notes whether texts have words that only dictionaries find, for one warning. */
export function undividedBy({ config }: Model) {
  let found = false
  return {
    note(text: TextInput) {
      found ||= typeof text === 'string' && isUndivided(text, config.tokens)
    },
    report(reporter: Pick<Reporter, 'warn'>) {
      if (found) reporter.warn(UNDIVIDED)
    },
  }
}

/** What a model reads of a line: its words, where they are cut already. */
export const inputOf = ({ text, words }: Line): TextInput => words ?? text

const bad = (field: string, why: string) => new RangeError(`field ${JSON.stringify(field)}: ${why}`)

function recordOf(line: string): Readonly<Record<string, unknown>> {
  let record: unknown
  try {
    record = JSON.parse(line)
  } catch (error) {
    throw new RangeError(
      `not JSON (${(error as Error).message}); each line must be an object such as {"id": 1, "text": "…"}`,
    )
  }
  if (typeof record !== 'object' || record === null || Array.isArray(record)) {
    throw new RangeError('must be an object such as {"id": 1, "text": "…"}')
  }
  const { id } = record as { id?: unknown }
  if (id === undefined) throw bad('id', 'is missing; give any value, it comes back with the answer')
  if (Number.isInteger(id) && !Number.isSafeInteger(id))
    throw bad('id', 'is an integer beyond 2^53 and would lose digits; put it in quotes')
  return record as Record<string, unknown>
}

function textOf({ text, tokens }: Readonly<Record<string, unknown>>): TextInput {
  if ((text === undefined) === (tokens === undefined))
    throw bad('text', 'give either "text" or "tokens"')
  if (tokens === undefined) {
    if (typeof text !== 'string') throw bad('text', 'must be a string')
    return text
  }
  if (Array.isArray(tokens) && tokens.every((token) => typeof token === 'string' && token))
    return tokens
  throw bad('tokens', 'must be a list of strings that are not empty')
}

/** A string of a line. */
export function stringOf({ record }: Passage, field: string): string {
  const value = record[field]
  if (typeof value !== 'string')
    throw bad(field, value === undefined ? 'is missing' : 'must be a string')
  return value
}

/** A position of a line, from 0; undefined where it has none. */
export function positionOf({ record, tokens }: Passage, field: string): number | undefined {
  return record[field] === undefined
    ? undefined
    : checkedPosition(record[field], field, tokens.length)
}

/** Positions of a line, from 0; undefined where it has none. */
export function positionsOf(
  { record, tokens }: Passage,
  field: string,
): readonly number[] | undefined {
  const value = record[field]
  if (value === undefined) return undefined
  if (!Array.isArray(value)) throw bad(field, 'must be a list of positions from 0')
  return value.map((position) => checkedPosition(position, field, tokens.length))
}

function checkedPosition(position: unknown, field: string, count: number) {
  if (Number.isInteger(position) && (position as number) >= 0 && (position as number) < count)
    return position as number
  throw bad(field, `positions go from 0 to ${count - 1}, got ${JSON.stringify(position)}`)
}

/**
 * The position from 0 of a typed position from 1.
 *
 * @throws {CommandError} that names the words with their numbers
 */
export function typedPosition(at: number, tokens: readonly Token[]): number {
  if (at >= 1 && at <= tokens.length) return at - 1
  const shown = tokens.slice(0, 20).map(({ token }, n) => `${n + 1} ${token}`)
  throw usageError(
    `--at ${at}: the words are ${shown.join(', ')}${tokens.length > shown.length ? `, … ${tokens.length}` : ''}`,
  )
}
