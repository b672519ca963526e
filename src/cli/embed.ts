import type { Command } from 'commander'
import { embeddingWidth, encodeNpy, type Model, Tensor } from '../doors/internal.ts'
import { decimals, jsonText } from './terminal/decimals.ts'
import { CommandError, EXIT, isMendable, usageError } from './terminal/errors.ts'
import {
  type InputOptions,
  type Passage,
  Passages,
  placesOf,
  typedPlace,
  typedWord,
  withModel,
} from './terminal/input.ts'
import {
  commandOf,
  integerFrom,
  type PlaceOptions,
  type SpeechOptions,
  withColumn,
  withDevice,
  withInput,
  withOutput,
} from './terminal/options.ts'
import {
  checkOutput,
  columnsOf,
  deliver,
  type Format,
  formatOf,
  type OutputOptions,
  rowOf,
  type Written,
} from './terminal/output.ts'
import { reporterOf } from './terminal/progress.ts'
import { MODEL } from './terminal/shipped.ts'
import { together } from './terminal/together.ts'

export interface EmbedOptions extends SpeechOptions, PlaceOptions, InputOptions, OutputOptions {
  readonly word?: string
  readonly at?: number
}

const FORMATS: readonly Format[] = ['table', 'csv', 'tsv', 'jsonl', 'npy']

const EXAMPLES = `  regard embed my.safetensors "Tom a été entarté cet été"
  regard embed my.safetensors "Tom a été entarté cet été" --at 3       the third word alone
  regard embed my.safetensors - --word été -o summers.npy < sentences.txt
  regard embed my.safetensors - --column text -o tickets.npy < tickets.csv
  regard embed my.safetensors --input jsonl --format jsonl < in.jsonl > out.jsonl
`

export function embedCommand(): Command {
  const command = commandOf('embed', 'contextual embeddings of the words of a text', EXAMPLES)
    .argument('<model>', MODEL)
    .argument('[text]', 'a text, or - for lines from stdin')
    .option('--word <word>', 'occurrences of this word alone')
    .option('--at <place>', 'the word at this place alone, counted from 1', integerFrom(1))
  return withDevice(withOutput(withColumn(withInput(command)), FORMATS))
    .addHelpText(
      'after',
      '\nPlaces that are typed or shown in tables count from 1, those in csv, tsv and jsonl from 0.',
    )
    .action(async (model: string, text: string | undefined, options: EmbedOptions) => {
      process.exitCode = await embed(model, text, options)
    })
}

/** A text, the places that were asked for, and the vectors of the words there. */
interface Embedded {
  readonly passage: Passage
  readonly at: readonly number[]
  readonly vectors: readonly Float32Array[]
}

/** Embeds texts and delivers the vectors. Returns the exit code. */
async function embed(
  path: string,
  text: string | undefined,
  options: EmbedOptions,
): Promise<number> {
  if (options.word !== undefined && options.at !== undefined)
    throw usageError('--word and --at exclude each other')
  const format = formatOf(options, FORMATS, options.input === 'jsonl' ? 'jsonl' : 'table')
  await checkOutput(options, format === 'npy')
  return withModel(path, options, async (model) => {
    const reporter = reporterOf('embed', options, process.stderr)
    const passages = new Passages(text, options, model)
    if (options.at !== undefined && !passages.single)
      throw usageError('--at goes with one TEXT; lines of JSON have "at" of their own')
    let found = 0
    async function* counted(): AsyncGenerator<Embedded> {
      for await (const one of embedded(model, passages, placesBy(model, options))) {
        found += one.at.length
        yield one
      }
    }
    try {
      await deliver(WRITERS[format](counted(), model), options)
    } finally {
      // a line that is still waited for holds nobody up
      if (!passages.single) process.stdin.destroy()
    }
    if (format === 'table' && found)
      reporter.note(
        `${SHOWN} of ${widthOf(model)} numbers are shown; --format csv, jsonl or npy gives all`,
      )
    passages.report(reporter)
    // a filter of lines has done its work even where it got none
    if (found || (options.input === 'jsonl' && options.word === undefined)) return EXIT.done
    throw new CommandError(
      EXIT.nothing,
      options.word === undefined ? 'no words found' : `no occurrence of «${options.word}» found`,
    )
  })
}

/** The places that are asked for in a text. */
function placesBy(
  model: Model,
  { word, at }: EmbedOptions,
): (passage: Passage) => readonly number[] {
  const wanted = word === undefined ? undefined : typedWord(word, model)
  return (passage) => {
    const { tokens } = passage
    if (at !== undefined) return [typedPlace(at, tokens)]
    const places = placesOf(passage, 'at') ?? tokens.map((_, n) => n)
    return wanted === undefined ? places : places.filter((place) => tokens[place].token === wanted)
  }
}

/** Texts that are read at once, which fills the device better. */
const AT_ONCE = 64

async function* embedded(
  model: Model,
  passages: Passages,
  placesOf: (passage: Passage) => readonly number[],
): AsyncGenerator<Embedded> {
  async function* placed(): AsyncGenerator<Omit<Embedded, 'vectors'>> {
    for await (const passage of passages) {
      try {
        yield { passage, at: placesOf(passage) }
      } catch (error) {
        passages.refuse(passage.where, error)
      }
    }
  }
  for await (const pending of together(placed(), AT_ONCE))
    yield* embedPending(model, passages, pending)
}

/** Embeds some texts at once, or each by itself where one of them cannot be. */
async function* embedPending(
  model: Model,
  passages: Passages,
  pending: readonly Omit<Embedded, 'vectors'>[],
): AsyncGenerator<Embedded> {
  try {
    // as they were cut already
    const texts = pending.map(({ passage }) => passage.tokens.map(({ token }) => token))
    const all = await model.embed(texts, { at: pending.map(({ at }) => at) })
    yield* all.map((words, n) => ({ ...pending[n], vectors: words.map(({ vector }) => vector) }))
  } catch (error) {
    if (!isMendable(error)) throw error
    if (pending.length === 1) passages.refuse(pending[0].passage.where, error)
    else for (const one of pending) yield* embedPending(model, passages, [one])
  }
}

const widthOf = (model: Model): number => embeddingWidth(model.form)

/** Numbers of a vector that a table shows. */
const SHOWN = 6

type Writer = (found: AsyncIterable<Embedded>, model: Model) => Written

const WRITERS: Readonly<Record<Format | 'json', Writer>> = {
  table: tables,
  csv: (found, model) => rows(found, model, 'csv'),
  tsv: (found, model) => rows(found, model, 'tsv'),
  jsonl: lines,
  json: lines,
  npy,
}

async function* tables(found: AsyncIterable<Embedded>): Written {
  let before = ''
  for await (const { passage, at, vectors } of found) {
    const table = vectors.map((vector, n) => [
      String(at[n] + 1),
      passage.tokens[at[n]].token,
      ...Array.from(vector.subarray(0, SHOWN), (x) => x.toFixed(3)),
      '…',
    ])
    const numeric = Array.from({ length: SHOWN }, (_, c) => c + 2)
    if (table.length) yield `${before}${columnsOf(table, [0, ...numeric]).join('\n')}\n`
    before = '\n'
  }
}

async function* rows(found: AsyncIterable<Embedded>, model: Model, format: 'csv' | 'tsv'): Written {
  yield rowOf(
    [
      'id',
      'at',
      'token',
      'start',
      'end',
      ...Array.from({ length: widthOf(model) }, (_, c) => `v${c}`),
    ],
    format,
  )
  for await (const { passage, at, vectors } of found) {
    const id = typeof passage.id === 'string' ? passage.id : jsonText(passage.id)
    const row = (vector: Float32Array, n: number): string => {
      const { token, start, end } = passage.tokens[at[n]]
      return rowOf([id, at[n], token, start, end, ...decimals(vector)], format)
    }
    yield vectors.map(row).join('')
  }
}

async function* lines(found: AsyncIterable<Embedded>): Written {
  for await (const { passage, at, vectors } of found) {
    const { tokens } = passage
    const spans =
      typeof passage.text === 'string' ? tokens.map(({ start, end }) => [start, end]) : undefined
    yield `${jsonText({ id: passage.id, tokens: tokens.map(({ token }) => token), spans, at, vectors })}\n`
  }
}

/** All vectors one below the other, (words, width). */
async function* npy(found: AsyncIterable<Embedded>, model: Model): Written {
  const gathered: Float32Array[] = []
  for await (const { vectors } of found) gathered.push(...vectors)
  const width = widthOf(model)
  const all = new Float32Array(gathered.length * width)
  gathered.forEach((vector, n) => {
    all.set(vector, n * width)
  })
  yield encodeNpy(new Tensor([gathered.length, width], all))
}
