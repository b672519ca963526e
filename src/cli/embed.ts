import type { Command } from 'commander'
import {
  embeddingWidth,
  embedMatches,
  encodeNpy,
  type Model,
  spelled,
  Tensor,
  type WordMatch,
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
import {
  isSearch,
  nothingFound,
  remark,
  type SearchFlags,
  searcherOf,
  withSearch,
} from './terminal/searching.ts'
import { together } from './terminal/together.ts'

interface EmbedOptions extends ModelOptions, SearchFlags {
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
    .option('--at <position>', 'the word at this position alone, counted from 1', integerFrom(1))
    .addHelpText(
      'after',
      '\nPositions that are typed or shown in tables count from 1, those in csv, tsv and jsonl from 0.',
    )
  const searching = withSearch(command, 'occurrences of this word alone')
  return doing(withModelOptions(withInput(searching), EVERY), embed)
}

/** A text, the words and phrases that were asked for, and their vectors. */
interface Embedded {
  readonly passage: Passage
  readonly matches: readonly WordMatch[]
  readonly vectors: readonly Float32Array[]
}

/** Embeds texts and delivers the vectors. */
async function embed(
  path: string,
  text: string | undefined,
  options: EmbedOptions,
): Promise<undefined> {
  const { at, input } = options
  if (isSearch(options) && at !== undefined)
    throw usageError('--word, --lemma and --pos go without --at')
  const format = formatOf(options, EVERY, input === 'jsonl' ? 'jsonl' : 'table')
  await checkOutput(options, format === 'npy')
  await withModel(path, options, async (model) => {
    const reporter = reporterOf('embed', options)
    const passages = passagesOf(text, options, model)
    if (at !== undefined && !passages.single)
      throw usageError('--at goes with one TEXT; lines of JSON have "at" of their own')
    const width = embeddingWidth(model.config)
    const searcher = isSearch(options) ? searcherOf('Model.embed', model, options) : undefined
    const placed = passages.each((passage) => ({ matches: matchesIn(passage, at, searcher) }))
    let found = 0
    async function* counted(): AsyncGenerator<Embedded> {
      for await (const pending of together(placed, AT_ONCE)) {
        for await (const one of embeddedPassages(model, passages, pending)) {
          found += one.matches.length
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
    passages.report(reporter)
    searcher?.expectAnnotated()
    if (found && searcher) remark(searcher, reporter)
    // a filter of lines has done its work even where it got none
    if (found || (input === 'jsonl' && !searcher)) return
    throw searcher
      ? nothingFound(options, searcher)
      : new CommandError(EXIT.nothing, 'no words found')
  })
}

/** The words that are asked for in a text: all, one, or those that are searched for. */
function matchesIn(
  passage: Passage,
  at: number | undefined,
  searcher: ReturnType<typeof searcherOf> | undefined,
): readonly WordMatch[] {
  const { tokens } = passage
  if (at !== undefined) return [{ at: typedPosition(at, tokens), length: 1 }]
  const positions = positionsOf(passage, 'at')
  if (!searcher)
    return (positions ?? tokens.map((_, n) => n)).map((position) => ({ at: position, length: 1 }))
  const matches = searcher.matches(tokens)
  return positions ? matches.filter((match) => positions.includes(match.at)) : matches
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
    const all = pending.flatMap(({ passage: { tokens }, matches }) =>
      matches.map((match) => ({ ...match, tokens })),
    )
    const vectors = await embedMatches(model, all)
    let next = 0
    for (const one of pending) {
      yield { ...one, vectors: vectors.slice(next, next + one.matches.length) }
      next += one.matches.length
    }
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
  table({ passage: { tokens }, matches, vectors }) {
    const rows = vectors.map((vector, n) => [
      ...[String(matches[n].at + 1), spelled({ tokens, ...matches[n] })],
      ...Array.from(vector.subarray(0, SHOWN), (x) => x.toFixed(3)),
      '…',
    ])
    return columnsOf(rows, NUMERIC)
  },
  head: ['id', 'at', 'token', 'start', 'end', ...Array.from({ length: width }, (_, c) => `v${c}`)],
  *rows({ passage, matches, vectors }) {
    const { tokens } = passage
    for (const [n, vector] of vectors.entries()) {
      const { at, length } = matches[n]
      const [{ start }, { end }] = [tokens[at], tokens[at + length - 1]]
      const token = spelled({ tokens, at, length })
      yield [idOf(passage), at, token, start, end, ...decimals(vector)]
    }
  },
  records: ({ passage: { id, text, tokens }, matches, vectors }) => [
    {
      ...{ id, tokens: tokens.map(({ token }) => token) },
      spans: typeof text === 'string' ? tokens.map(({ start, end }) => [start, end]) : undefined,
      at: matches.map(({ at }) => at),
      lengths: matches.some(({ length }) => length > 1)
        ? matches.map(({ length }) => length)
        : undefined,
      vectors,
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
