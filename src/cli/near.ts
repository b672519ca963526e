import type { Command } from 'commander'
import { type Model, type Neighbour, nearestOccurrences, visible } from '../doors/internal.ts'
import {
  annotationCells,
  annotationFields,
  annotationNames,
  annotationsOf,
  contextOf,
  lineLabel,
} from './senses/concordance.ts'
import { decimalIn, jsonText, shortest } from './terminal/decimals.ts'
import { EXIT, usageError } from './terminal/errors.ts'
import {
  checkFiles,
  type ModelOptions,
  type Source,
  typedPosition,
  withModel,
} from './terminal/input.ts'
import {
  doing,
  integerFrom,
  modelCommand,
  withMetadata,
  withModelOptions,
  withProgress,
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
import { Reading } from './terminal/reading.ts'
import {
  foundText,
  isSearch,
  nothingFound,
  remark,
  type SearchFlags,
  searchOf,
  withSample,
  withSearch,
} from './terminal/searching.ts'
import { blanksFor, terminalOf, widestOf } from './terminal/terminal.ts'
import { TextReader } from './texts/reader.ts'

interface NearOptions extends ModelOptions, SearchFlags {
  /** What stands after --at: a position, a text, and files where they come after it. */
  readonly at?: readonly string[]
  readonly count: number
  readonly sample?: number
  readonly seed: number
}

const EXAMPLES = `  regard near my.safetensors stories.txt --at 3 "Tom a été entarté cet été"
  regard near my.safetensors stories.txt --at 6 "Tom a été entarté cet été" --word été
  regard near my.safetensors stories.txt --word été --count 20
  regard near my.safetensors stories.txt --word "tour à tour" --ignore-case
  regard near my.safetensors tagged.conllu --at 3 "Tom a été entarté cet été" --pos NOUN
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
    .option('--count <number>', 'how many', integerFrom(1), 10)
    .addHelpText(
      'after',
      '\nWithout --at: near to the --word by itself. Positions that are typed count from 1, those in csv, tsv and jsonl from 0.',
    )
  const searching = withSample(withSearch(command, 'occurrences of this word alone'))
  return doing(withProgress(withModelOptions(withMetadata(searching), FORMATS)), near)
}

/** A neighbour and the line that it stands in. */
interface Found extends Neighbour, Source {}

async function near(
  path: string,
  before: readonly string[],
  options: NearOptions,
): Promise<number> {
  const { at, word = [], count, sample, seed } = options
  const [position, text, ...after] = at ?? []
  if (at === undefined && !isSearch(options))
    throw usageError('needs --word WORD or --at PLACE TEXT')
  if (at && text === undefined)
    throw usageError('--at needs a position and a text: --at 3 "Tom a été entarté cet été"')
  const [alone, ...others] = word.length ? word : (options.lemma ?? [])
  if (at === undefined && (!alone || others.length || /(?<!\\)[*?]/.test(alone)))
    throw usageError(
      'needs --at PLACE TEXT, to which occurrences are near; one --word or --lemma without * and ? may stand for it',
    )
  const search = searchOf(options)
  const files = [...before, ...after]
  if (files.length === 0) throw usageError('needs a file to look in, or - for stdin')
  const format = formatOf(options, FORMATS, 'table')
  await checkOutput(options)
  const reader = new TextReader(options)
  const paths = await reader.files(files)
  await checkFiles(paths)
  const reporter = reporterOf('near', options)
  return withModel(path, options, async (model) => {
    const query =
      text === undefined
        ? { text: model.tokenize(alone.replace(/\\([*?])/g, '$1')), at: 0 }
        : { text, at: positionTyped(position, text, model) }
    if (query.text.length === 0)
      throw usageError(`--${word.length ? 'word' : 'lemma'} takes a word, got none`)
    const input = new Reading(paths, reader, reporter)
    try {
      const { neighbours, search: searched } = await nearestOccurrences(
        model,
        query,
        input.texts(model, options),
        {
          ...{ ...search, ...input.options, count, seed },
          ...(sample === undefined ? {} : { sample }),
        },
      )
      const code = input.report()
      const { result, searcher } = searched
      if (neighbours.length === 0 && code === EXIT.done)
        throw nothingFound(options, { ...result, seen: searcher.seen, itself: searched.left > 0 })
      reporter.note(foundText(options, result, input.files, sample))
      const found = neighbours.map((one) => ({ ...one, ...input.sourceOf(one.text) }))
      const written =
        format === 'json'
          ? `${jsonText({ neighbours: recordsOf(found) })}\n`
          : printed([found], format, layoutOf(found))
      await deliver(written, options)
      remark(result, reporter)
      return code
    } finally {
      input.end()
    }
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

/** The words around an occurrence, and where it stands among them. */
function shownOf(found: Found) {
  const { left, word, right } = contextOf(found.line, found)
  return { text: left + word + right, span: [left.length, left.length + word.length] }
}

const recordsOf = (found: readonly Found[]): object[] =>
  found.map((one) => ({
    ...{ file: one.file, line: one.line.number, at: one.at },
    ...annotationFields(one),
    ...{ token: one.token, similarity: shortest(Math.fround(one.similarity)) },
    ...shownOf(one),
  }))

const HEAD = ['file', 'line', 'at', 'token', 'similarity', 'text']

function layoutOf(all: readonly Found[]): Layout<readonly Found[]> {
  const columns = annotationsOf(all)
  return {
    table,
    head: [...HEAD.slice(0, 3), ...annotationNames(columns, HEAD), ...HEAD.slice(3)],
    rows: (found) =>
      found.map((one) => [
        ...[one.file, one.line.number, one.at],
        ...annotationCells(one, columns),
        ...[one.token, decimalIn(Float32Array.of(one.similarity), 0), shownOf(one).text],
      ]),
    records: recordsOf,
  }
}

/** Concordance lines: the similarity, where, and the word amid its sentence. */
function table(found: readonly Found[]): string[] {
  const { columns } = terminalOf()
  const shown = found.map((one) => contextOf(one.line, one))
  const similarities = found.map((one) => one.similarity.toFixed(2))
  const labels = found.map((one) => shortened(lineLabel(one), -Math.floor(columns / 3)))
  const words = shown.map(({ word }) => visible(word))
  const taken = widestOf(similarities) + widestOf(labels) + widestOf(words)
  const room = Math.max(4, Math.floor((columns - taken - 6) / 2))
  const rows = shown.map(({ left, right }, n) => {
    const before = shortened(left, -room)
    const text = `${blanksFor(before, room)}${before}«${words[n]}»${shortened(right, room)}`
    return [similarities[n], labels[n], text]
  })
  return columnsOf(rows, [0])
}
