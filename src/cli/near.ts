import type { Command } from 'commander'
import { type Model, type Neighbour, visible } from '../doors/internal.ts'
import { decimalIn, jsonText, shortest } from './terminal/decimals.ts'
import { CommandError, EXIT, usageError } from './terminal/errors.ts'
import {
  checkFiles,
  type ModelOptions,
  notedLines,
  type Source,
  sentencesIn,
  typedPosition,
  typedWord,
  withModel,
} from './terminal/input.ts'
import {
  doing,
  integerFrom,
  modelCommand,
  withMetadata,
  withModelOptions,
} from './terminal/options.ts'
import {
  checkOutput,
  columnsOf,
  deliver,
  FORMATS,
  formatOf,
  type Layout,
  printed,
  shortened,
} from './terminal/output.ts'
import { reporterOf } from './terminal/progress.ts'
import { terminalOf } from './terminal/terminal.ts'
import { TextReader } from './texts/reader.ts'

interface NearOptions extends ModelOptions {
  readonly word?: string
  /** What stands after --at: a position, a text, and files where they come after it. */
  readonly at?: readonly string[]
  readonly count: number
}

const EXAMPLES = `  regard near my.safetensors stories.txt --at 3 "Tom a été entarté cet été"
  regard near my.safetensors stories.txt --at 6 "Tom a été entarté cet été" --word été
  regard near my.safetensors stories.txt --word été --count 20
`

export function nearCommand(): Command {
  const command = modelCommand(
    'near',
    'nearest occurrences in a text, by contextual embedding',
    EXAMPLES,
  )
    .argument('[files...]', 'texts to look in, or folders of them; - is stdin')
    .option(
      '--at <position-and-text...>',
      'near to the word at this position, counted from 1, of this text: --at 3 TEXT',
    )
    .option(
      '--word <word>',
      'occurrences of this word alone; without --at, near to the word by itself',
    )
    .option('--count <number>', 'how many', integerFrom(1), 10)
    .addHelpText(
      'after',
      '\nPositions that are typed count from 1, those in csv, tsv and jsonl from 0.',
    )
  return doing(withModelOptions(withMetadata(command), FORMATS), near)
}

/** A neighbour and the line that it stands in. */
interface Found extends Neighbour, Source {}

async function near(
  path: string,
  before: readonly string[],
  options: NearOptions,
): Promise<undefined> {
  const { at, word, count } = options
  if (at === undefined && word === undefined)
    throw usageError('needs --word WORD or --at PLACE TEXT')
  const [position, text, ...after] = at ?? []
  if (at && text === undefined)
    throw usageError('--at needs a position and a text: --at 3 "Tom a été entarté cet été"')
  const files = [...before, ...after]
  if (files.length === 0) throw usageError('needs a file to look in, or - for stdin')
  const format = formatOf(options, FORMATS, 'table')
  await checkOutput(options)
  const reader = new TextReader(options)
  const paths = await reader.files(files)
  await checkFiles(paths)
  await withModel(path, options, async (model) => {
    const wanted = word === undefined ? {} : { word: typedWord(word, model) }
    const query =
      text === undefined
        ? { text: [wanted.word as string], at: 0 }
        : { text, at: positionTyped(position, text, model) }
    const lines: Source[] = []
    const texts = notedLines(paths, reader, lines, (read) => sentencesIn(read, options, model))
    const neighbours = await model.near(query, texts, { count, ...wanted })
    reader.report(reporterOf('near', options))
    if (neighbours.length === 0)
      throw new CommandError(
        EXIT.nothing,
        wanted.word ? `no occurrence of «${wanted.word}» found` : 'no words found',
      )
    const found = neighbours.map((neighbour) => ({ ...neighbour, ...lines[neighbour.text] }))
    const written =
      format === 'json'
        ? `${jsonText({ neighbours: recordsOf(found) })}\n`
        : printed([found], format, LAYOUT)
    await deliver(written, options)
  })
}

function positionTyped(position: string, text: string, model: Model) {
  if (!/^\d{1,9}$/.test(position))
    throw usageError(
      `--at needs a position, counted from 1, and a text, got ${JSON.stringify(position)}`,
    )
  const tokens = model.tokenize(text)
  if (tokens.length === 0) throw usageError('--at needs a text with words')
  return typedPosition(Number(position), tokens)
}

const recordsOf = (found: readonly Found[]): object[] =>
  found.map(({ file, line, at, token, similarity, tokens }) => ({
    ...{ file, line: line.number, at, token, similarity: shortest(Math.fround(similarity)) },
    ...{ text: line.text, span: [tokens[at].start, tokens[at].end] },
  }))

const LAYOUT: Layout<readonly Found[]> = {
  /** Concordance lines: the similarity, where, and the word amid its sentence. */
  table(found) {
    const { columns } = terminalOf()
    const heads = columnsOf(
      found.map(({ similarity, file, line }) => [similarity.toFixed(2), `${file}:${line.number}`]),
      [0],
    )
    const widest = Math.max(...heads.map(({ length }) => length))
    const room = Math.max(10, Math.floor((columns - widest - 10) / 2))
    return found.map(({ at, tokens, line: { text } }, n) => {
      const { start, end } = tokens[at]
      const left = shortened(text.slice(0, start), -room).padStart(room)
      const right = shortened(text.slice(end), room)
      return `${heads[n].padEnd(widest)}  ${left}«${visible(text.slice(start, end))}»${right}`.trimEnd()
    })
  },
  head: ['file', 'line', 'at', 'token', 'similarity', 'text'],
  rows: (found) =>
    found.map(({ file, line, at, token, similarity }) => [
      ...[file, line.number, at, token],
      ...[decimalIn(Float32Array.of(similarity), 0), line.text],
    ]),
  records: recordsOf,
}
