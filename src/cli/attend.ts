import type { Command } from 'commander'
import type { AttendedText, Model } from '../doors/internal.ts'
import type { ColumnOptions } from './tables/columns.ts'
import { brief, decimalIn, jsonText } from './terminal/decimals.ts'
import { EXIT, usageError } from './terminal/errors.ts'
import { type Passage, Passages, withModel } from './terminal/input.ts'
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
  type Written,
  widthOf,
} from './terminal/output.ts'
import { reporterOf } from './terminal/progress.ts'
import { MODEL } from './terminal/shipped.ts'
import { terminalOf } from './terminal/terminal.ts'

export interface AttendOptions extends SpeechOptions, PlaceOptions, OutputOptions, ColumnOptions {
  readonly head?: number
}

const FORMATS: readonly Format[] = ['table', 'csv', 'tsv', 'jsonl']

const EXAMPLES = `  regard attend my.safetensors "Tom a été entarté cet été"
  regard attend my.safetensors "Tom a été entarté cet été" --head 2 --format csv
`

export function attendCommand(): Command {
  const command = commandOf('attend', 'attention weights: who looks at whom', EXAMPLES)
    .argument('<model>', MODEL)
    .argument('<text>', 'a text, or - for lines from stdin')
    .option('--head <number>', 'this head alone, counted from 1', integerFrom(1))
  return withDevice(withOutput(withColumn(command), FORMATS))
    .addHelpText(
      'after',
      '\nPlaces and heads that are typed or shown in tables count from 1, those in csv, tsv and jsonl from 0.',
    )
    .action(async (model: string, text: string, options: AttendOptions) => {
      process.exitCode = await attend(model, text, options)
    })
}

/** A text with the attention weights of the heads that were asked for. */
interface Looks extends AttendedText {
  readonly passage: Passage
  readonly heads: readonly number[]
}

async function attend(path: string, text: string, options: AttendOptions): Promise<number> {
  const format = formatOf(options, FORMATS, 'table')
  await checkOutput(options)
  return withModel(path, options, async (model) => {
    const passages = new Passages(text, options, model)
    await deliver(WRITERS[format](looks(model, passages, options)), options)
    passages.report(reporterOf('attend', options, process.stderr))
    return EXIT.done
  })
}

async function* looks(
  model: Model,
  passages: Passages,
  { head }: AttendOptions,
): AsyncGenerator<Looks> {
  const { heads } = model.form
  if (head !== undefined && head > heads)
    throw usageError(`--head ${head}: the model has ${heads} heads, counted from 1`)
  const chosen = head === undefined ? Array.from({ length: heads }, (_, h) => h) : [head - 1]
  for await (const passage of passages) {
    try {
      yield { passage, heads: chosen, ...(await model.attend(passage.text)) }
    } catch (error) {
      passages.refuse(passage.where, error)
    }
  }
}

const WRITERS: Readonly<Record<Format | 'json', (found: AsyncIterable<Looks>) => Written>> = {
  table: tables,
  csv: (found) => rows(found, 'csv'),
  tsv: (found) => rows(found, 'tsv'),
  jsonl: lines,
  json: documents,
  npy: tables,
}

/** Row i of a head: what word i looks at. */
function rowAt({ weights, tokens }: Looks, head: number, i: number): Float32Array {
  const T = tokens.length
  const from = (head * T + i) * T
  return Float32Array.from(weights.data.subarray(from, from + T))
}

const tokensOf = ({ tokens }: Looks): string[] => tokens.map(({ token }) => token)

/** Widest matrix; beyond it, each word's three strongest. */
async function* tables(found: AsyncIterable<Looks>): Written {
  const { columns } = terminalOf(process.stdout)
  let before = ''
  for await (const looking of found) {
    for (const head of looking.heads) {
      const words = tokensOf(looking)
      yield `${before}head ${head + 1} of ${looking.weights.shape[0]}: each word looks at\n`
      const width = words.reduce(
        (sum, word) => sum + Math.max(3, widthOf(word)) + 2,
        Math.max(...words.map(widthOf)) + 3,
      )
      yield `${(width <= columns ? matrixOf(looking, head) : strongestOf(looking, head)).join('\n')}\n`
      before = '\n'
    }
  }
}

function matrixOf(looking: Looks, head: number): string[] {
  const words = tokensOf(looking)
  const right = words.map((_, j) => j + 1)
  return columnsOf(
    [
      ['', ...words],
      ...words.map((word, i) => [word, ...Array.from(rowAt(looking, head, i), brief)]),
    ],
    right,
  )
}

function strongestOf(looking: Looks, head: number): string[] {
  const words = tokensOf(looking)
  return columnsOf(
    words.map((word, i) => {
      const weights = rowAt(looking, head, i)
      const order = [...weights.keys()].sort((a, b) => weights[b] - weights[a]).slice(0, 3)
      return [String(i + 1), word, ...order.map((j) => `${brief(weights[j])} ${j + 1} ${words[j]}`)]
    }),
    [0],
  )
}

async function* rows(found: AsyncIterable<Looks>, format: 'csv' | 'tsv'): Written {
  yield rowOf(['id', 'head', 'query', 'queryToken', 'key', 'keyToken', 'weight'], format)
  for await (const looking of found) {
    const words = tokensOf(looking)
    for (const head of looking.heads) {
      for (const [i, word] of words.entries()) {
        const weights = rowAt(looking, head, i)
        yield words
          .map((key, j) =>
            rowOf(
              [String(looking.passage.id), head, i, word, j, key, decimalIn(weights, j)],
              format,
            ),
          )
          .join('')
      }
    }
  }
}

const weightsOf = (looking: Looks, head: number): Float32Array[] =>
  looking.tokens.map((_, i) => rowAt(looking, head, i))

async function* lines(found: AsyncIterable<Looks>): Written {
  for await (const looking of found) {
    for (const head of looking.heads) {
      yield `${jsonText({ id: looking.passage.id, head, tokens: tokensOf(looking), weights: weightsOf(looking, head) })}\n`
    }
  }
}

async function* documents(found: AsyncIterable<Looks>): Written {
  for await (const looking of found) {
    const spans = looking.tokens.map(({ start, end }) => [start, end])
    const heads = looking.heads.map((head) => ({ head, weights: weightsOf(looking, head) }))
    yield `${jsonText({ id: looking.passage.id, tokens: tokensOf(looking), spans, heads })}\n`
  }
}
