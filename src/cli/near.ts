import type { Command } from 'commander'
import type { Line, Model, Neighbour } from '../doors/internal.ts'
import { type ColumnOptions, TextReader } from './tables/columns.ts'
import { decimalIn, jsonText, shortest } from './terminal/decimals.ts'
import { CommandError, EXIT, usageError } from './terminal/errors.ts'
import { checkFiles, sourceOf, typedPlace, typedWord, withModel } from './terminal/input.ts'
import {
  commandOf,
  integerFrom,
  type PlaceOptions,
  type SpeechOptions,
  withColumn,
  withDevice,
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
  shortened,
  type Written,
} from './terminal/output.ts'
import { reporterOf } from './terminal/progress.ts'
import { MODEL } from './terminal/shipped.ts'
import { terminalOf } from './terminal/terminal.ts'

export interface NearArguments extends SpeechOptions, PlaceOptions, OutputOptions, ColumnOptions {
  readonly word?: string
  /** What stands after --at: a place, a text, and files where they come after it. */
  readonly at?: readonly string[]
  readonly count: number
}

const FORMATS: readonly Format[] = ['table', 'csv', 'tsv', 'jsonl']

const EXAMPLES = `  regard near my.safetensors stories.txt --at 3 "Tom a été entarté cet été"
  regard near my.safetensors stories.txt --at 6 "Tom a été entarté cet été" --word été
  regard near my.safetensors stories.txt --word été --count 20
`

export function nearCommand(): Command {
  const command = commandOf(
    'near',
    'nearest occurrences in a text, by contextual embedding',
    EXAMPLES,
  )
    .argument('<model>', MODEL)
    .argument('[files...]', 'texts to look in, a sentence on each line; - is stdin')
    .option(
      '--at <place-and-text...>',
      'near to the word at this place, counted from 1, of this text: --at 3 TEXT',
    )
    .option(
      '--word <word>',
      'occurrences of this word alone; without --at, near to the word by itself',
    )
    .option('--count <number>', 'how many', integerFrom(1), 10)
  return withDevice(withOutput(withColumn(command), FORMATS))
    .addHelpText(
      'after',
      '\nPlaces that are typed count from 1, those in csv, tsv and jsonl from 0.',
    )
    .action(async (model: string, files: string[], options: NearArguments) => {
      process.exitCode = await near(model, files, options)
    })
}

/** A neighbour and the line that it stands in. */
interface Found extends Neighbour {
  readonly file: string
  readonly line: Line
}

async function near(
  path: string,
  before: readonly string[],
  options: NearArguments,
): Promise<number> {
  const { at = [], word, count } = options
  if (options.at === undefined && word === undefined)
    throw usageError('needs --word WORD or --at PLACE TEXT')
  const [place, text, ...after] = at
  if (options.at && text === undefined)
    throw usageError('--at needs a place and a text: --at 3 "Tom a été entarté cet été"')
  const files = [...before, ...after]
  if (files.length === 0) throw usageError('needs a file to look in, or - for stdin')
  const format = formatOf(options, FORMATS, 'table')
  await checkOutput(options)
  await checkFiles(files)
  return withModel(path, options, async (model) => {
    const wanted = word === undefined ? undefined : typedWord(word, model)
    const query =
      text === undefined
        ? { text: [wanted as string], at: 0 }
        : { text, at: placeTyped(place, text, model) }
    const lines: Omit<Found, keyof Neighbour>[] = []
    const reader = new TextReader(options)
    const found = await model.near(query, textsOf(files, reader, lines), {
      count,
      ...(wanted === undefined ? {} : { word: wanted }),
    })
    reader.report(reporterOf('near', options, process.stderr))
    if (found.length === 0)
      throw new CommandError(
        EXIT.nothing,
        wanted ? `no occurrence of «${wanted}» found` : 'no words found',
      )
    await deliver(
      WRITERS[format](found.map((neighbour) => ({ ...neighbour, ...lines[neighbour.text] }))),
      options,
    )
    return EXIT.done
  })
}

function placeTyped(place: string, text: string, model: Model): number {
  if (!/^\d{1,9}$/.test(place))
    throw usageError(`--at needs a place, counted from 1, and a text, got ${JSON.stringify(place)}`)
  const tokens = model.tokenize(text)
  if (tokens.length === 0) throw usageError('--at needs a text with words')
  return typedPlace(Number(place), tokens)
}

/** Every line with words, noted as it is read. */
async function* textsOf(
  files: readonly string[],
  reader: TextReader,
  noted: Omit<Found, keyof Neighbour>[],
): AsyncGenerator<string> {
  for (const path of files) {
    const source = sourceOf(path)
    for await (const line of reader.lines(source)) {
      if (!line.text.trim()) continue
      noted.push({ file: source.name, line })
      yield line.text
    }
  }
}

const WRITERS: Readonly<Record<Format | 'json', (found: readonly Found[]) => Written>> = {
  table,
  csv: (found) => rows(found, 'csv'),
  tsv: (found) => rows(found, 'tsv'),
  jsonl: lines,
  json: document,
  npy: table,
}

/** Concordance lines: the similarity, where, and the word amid its sentence. */
async function* table(found: readonly Found[]): Written {
  const { columns } = terminalOf(process.stdout)
  const heads = columnsOf(
    found.map(({ similarity, file, line }) => [similarity.toFixed(2), `${file}:${line.number}`]),
    [0],
  )
  const widest = Math.max(...heads.map(({ length }) => length))
  const room = Math.max(10, Math.floor((columns - widest - 10) / 2))
  for (const [n, { at, tokens, line }] of found.entries()) {
    const { start, end } = tokens[at]
    const left = shortened(line.text.slice(0, start), -room).padStart(room)
    const right = shortened(line.text.slice(end), room)
    yield `${heads[n].padEnd(widest)}  ${left}«${line.text.slice(start, end)}»${right}`.trimEnd()
    yield '\n'
  }
}

async function* rows(found: readonly Found[], format: 'csv' | 'tsv'): Written {
  yield rowOf(['file', 'line', 'at', 'token', 'similarity', 'text'], format)
  for (const { file, line, at, token, similarity } of found) {
    yield rowOf(
      [file, line.number, at, token, decimalIn(Float32Array.of(similarity), 0), line.text],
      format,
    )
  }
}

const recordOf = ({ file, line, at, token, similarity, tokens }: Found): object => ({
  ...{ file, line: line.number, at, token, similarity: shortest(Math.fround(similarity)) },
  ...{ text: line.text, span: [tokens[at].start, tokens[at].end] },
})

async function* lines(found: readonly Found[]): Written {
  for (const one of found) yield `${jsonText(recordOf(one))}\n`
}

async function* document(found: readonly Found[]): Written {
  yield `${jsonText({ neighbours: found.map(recordOf) })}\n`
}
