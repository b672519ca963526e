import type { Command } from 'commander'
import {
  embeddingWidth,
  encodeNpy,
  type Model,
  needsDictionary,
  Tensor,
  UNDIVIDED,
} from '../doors/internal.ts'
import { decimals } from './terminal/decimals.ts'
import { CommandError, EXIT, isMendable, usageError } from './terminal/errors.ts'
import {
  idOf,
  type ModelOptions,
  type Passage,
  type Passages,
  passagesOf,
  positionsOf,
  typedPosition,
  typedWord,
  withModel,
} from './terminal/input.ts'
import {
  doing,
  integerFrom,
  modelCommand,
  withInput,
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
  type Written,
} from './terminal/output.ts'
import { reporterOf } from './terminal/progress.ts'
import { together } from './terminal/together.ts'

interface EmbedOptions extends ModelOptions {
  readonly word?: string
  readonly at?: number
}

const EVERY = [...FORMATS, 'npy'] as const

const EXAMPLES = `  regard embed my.safetensors "Tom a été entarté cet été"
  regard embed my.safetensors "Tom a été entarté cet été" --at 3       the third word alone
  regard embed my.safetensors - --word été -o summers.npy < sentences.txt
  regard embed my.safetensors - --column text -o tickets.npy < tickets.csv
  regard embed my.safetensors --input jsonl --format jsonl < in.jsonl > out.jsonl
`

export function embedCommand(): Command {
  const command = modelCommand('embed', 'contextual embeddings of the words of a text', EXAMPLES)
    .argument('[text]', 'a text, or - for lines from stdin')
    .option('--word <word>', 'occurrences of this word alone')
    .option('--at <position>', 'the word at this position alone, counted from 1', integerFrom(1))
    .addHelpText(
      'after',
      '\nPositions that are typed or shown in tables count from 1, those in csv, tsv and jsonl from 0.',
    )
  return doing(withModelOptions(withInput(command), EVERY), embed)
}

/** A text, the positions that were asked for, and the vectors of the words there. */
interface Embedded {
  readonly passage: Passage
  readonly at: readonly number[]
  readonly vectors: readonly Float32Array[]
}

/** Embeds texts and delivers the vectors. */
async function embed(
  path: string,
  text: string | undefined,
  options: EmbedOptions,
): Promise<undefined> {
  const { word, at, input } = options
  if (word !== undefined && at !== undefined) throw usageError('--word and --at exclude each other')
  const format = formatOf(options, EVERY, input === 'jsonl' ? 'jsonl' : 'table')
  await checkOutput(options, format === 'npy')
  await withModel(path, options, async (model) => {
    const reporter = reporterOf('embed', options)
    const passages = passagesOf(text, options, model)
    if (at !== undefined && !passages.single)
      throw usageError('--at goes with one TEXT; lines of JSON have "at" of their own')
    const width = embeddingWidth(model.config)
    const placed = passages.each(wantedPositions(model, options))
    let found = 0
    let undivided = false
    async function* counted(): AsyncGenerator<Embedded> {
      for await (const pending of together(placed, AT_ONCE)) {
        for await (const one of embeddedPassages(model, passages, pending)) {
          found += one.at.length
          undivided ||= isUndivided(one.passage, model)
          yield one
        }
      }
    }
    try {
      const written =
        format === 'npy' ? npy(counted(), width) : printed(counted(), format, layoutOf(width))
      await deliver(written, options)
    } finally {
      // a line that is still waited for holds nobody up
      if (!passages.single) process.stdin.destroy()
    }
    if (format === 'table' && found)
      reporter.note(`${SHOWN} of ${width} numbers are shown; --format csv, jsonl or npy gives all`)
    if (undivided) reporter.warn(UNDIVIDED)
    passages.report(reporter)
    // a filter of lines has done its work even where it got none
    if (found || (input === 'jsonl' && word === undefined)) return
    throw new CommandError(
      EXIT.nothing,
      word === undefined ? 'no words found' : `no occurrence of «${word}» found`,
    )
  })
}

/** Whether the words of a text are whole runs of letters, for want of a dictionary. */
const isUndivided = ({ text }: Passage, { config }: Model): boolean =>
  config.tokens === 'unicode' && typeof text === 'string' && needsDictionary(text)

/** The positions that are asked for in a text. */
function wantedPositions(
  model: Model,
  { word, at }: EmbedOptions,
): (passage: Passage) => Pick<Embedded, 'at'> {
  const wanted = word === undefined ? undefined : typedWord(word, model)
  return (passage) => {
    const { tokens } = passage
    if (at !== undefined) return { at: [typedPosition(at, tokens)] }
    const positions = positionsOf(passage, 'at') ?? tokens.map((_, n) => n)
    if (wanted === undefined) return { at: positions }
    return { at: positions.filter((position) => tokens[position].token === wanted) }
  }
}

/** Texts that are read at once, which fills the device better. */
const AT_ONCE = 64

/** Embeds some texts at once, or each by itself where one of them cannot be. */
async function* embeddedPassages(
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
    else for (const one of pending) yield* embeddedPassages(model, passages, [one])
  }
}

/** Numbers of a vector that a table shows. */
const SHOWN = 6
/** The columns of a table that have numbers. */
const NUMERIC = [0, ...Array.from({ length: SHOWN }, (_, c) => c + 2)]

const layoutOf = (width: number): Layout<Embedded> => ({
  table({ passage, at, vectors }) {
    const rows = vectors.map((vector, n) => [
      ...[String(at[n] + 1), passage.tokens[at[n]].token],
      ...Array.from(vector.subarray(0, SHOWN), (x) => x.toFixed(3)),
      '…',
    ])
    return columnsOf(rows, NUMERIC)
  },
  head: ['id', 'at', 'token', 'start', 'end', ...Array.from({ length: width }, (_, c) => `v${c}`)],
  *rows({ passage, at, vectors }) {
    for (const [n, vector] of vectors.entries()) {
      const { token, start, end } = passage.tokens[at[n]]
      yield [idOf(passage), at[n], token, start, end, ...decimals(vector)]
    }
  },
  records: ({ passage: { id, text, tokens }, at, vectors }) => [
    {
      ...{ id, tokens: tokens.map(({ token }) => token) },
      spans: typeof text === 'string' ? tokens.map(({ start, end }) => [start, end]) : undefined,
      ...{ at, vectors },
    },
  ],
})

/** All vectors one below the other, (words, width). */
async function* npy(found: AsyncIterable<Embedded>, width: number): Written {
  const gathered: Float32Array[] = []
  for await (const { vectors } of found) gathered.push(...vectors)
  const all = new Float32Array(gathered.length * width)
  for (const [n, vector] of gathered.entries()) all.set(vector, n * width)
  yield encodeNpy(new Tensor([gathered.length, width], all))
}
