import type { Command } from 'commander'
import type { AttendedText } from '../doors/internal.ts'
import { brief, decimalIn } from './terminal/decimals.ts'
import { usageError } from './terminal/errors.ts'
import { idOf, type ModelOptions, type Passage, passagesOf, withModel } from './terminal/input.ts'
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
} from './terminal/output.ts'
import { reporterOf } from './terminal/progress.ts'
import { terminalOf, widestOf, widthOf } from './terminal/terminal.ts'

const EXAMPLES = `  regard attend my.safetensors "Tom a été entarté cet été"
  regard attend my.safetensors "Tom a été entarté cet été" --head 2 --format csv
`

export function attendCommand(): Command {
  const command = modelCommand('attend', 'attention weights: who looks at whom', EXAMPLES)
    .argument('[text]', 'a text, or - for lines from stdin')
    .option('--head <number>', 'this head alone, counted from 1', integerFrom(1))
    .addHelpText(
      'after',
      '\nPositions and heads that are typed or shown in tables count from 1, those in csv, tsv and jsonl from 0.',
    )
  return doing(withModelOptions(withInput(command), FORMATS), attend)
}

async function attend(
  path: string,
  text: string | undefined,
  options: ModelOptions & { readonly head?: number },
): Promise<undefined> {
  const format = formatOf(options, FORMATS, 'table')
  await checkOutput(options)
  await withModel(path, options, async (model) => {
    const { heads } = model.config
    const { head } = options
    const passages = passagesOf(text, options, model)
    if (head !== undefined && head > heads)
      throw usageError(`--head ${head}: the model has ${heads} heads, counted from 1`)
    const chosen = head === undefined ? Array.from({ length: heads }, (_, h) => h) : [head - 1]
    const looks = passages.each(async ({ text }) => ({
      heads: chosen,
      ...(await model.attend(text)),
    }))
    const records = format === 'json' ? documents : LAYOUT.records
    await deliver(printed(looks, format, { ...LAYOUT, records }), options)
    passages.report(reporterOf('attend', options))
  })
}

/** A text with the attention weights of the heads that were asked for. */
interface Looks extends AttendedText {
  readonly passage: Passage
  readonly heads: readonly number[]
}

/** Rows of a head: what each word looks at. */
const weightsOf = ({ weights, tokens: { length } }: Looks, head: number): Float32Array[] =>
  Array.from({ length }, (_, i) => {
    const from = (head * length + i) * length
    return Float32Array.from(weights.data.subarray(from, from + length))
  })

const tokensOf = ({ tokens }: Looks) => tokens.map(({ token }) => token)

const LAYOUT: Layout<Looks> = {
  table(looking) {
    const words = tokensOf(looking)
    // beyond the widest matrix, each word's three strongest
    const width = words.reduce(
      (sum, word) => sum + Math.max(3, widthOf(word)) + 2,
      widestOf(words) + 3,
    )
    const shown = width <= terminalOf().columns ? matrixOf : strongestOf
    return looking.heads.flatMap((head, n) => [
      ...(n ? [''] : []),
      `head ${head + 1} of ${looking.weights.shape[0]}: each word looks at`,
      ...shown(words, weightsOf(looking, head)),
    ])
  },
  head: ['id', 'head', 'query', 'queryToken', 'key', 'keyToken', 'weight'],
  *rows(looking) {
    const words = tokensOf(looking)
    const id = idOf(looking.passage)
    for (const head of looking.heads)
      for (const [i, weights] of weightsOf(looking, head).entries())
        for (const [j, key] of words.entries())
          yield [id, head, i, words[i], j, key, decimalIn(weights, j)]
  },
  *records(looking) {
    const { id } = looking.passage
    for (const head of looking.heads)
      yield { id, head, tokens: tokensOf(looking), weights: weightsOf(looking, head) }
  },
}

const matrixOf = (words: readonly string[], rows: readonly Float32Array[]) =>
  columnsOf(
    [['', ...words], ...words.map((word, i) => [word, ...Array.from(rows[i], brief)])],
    words.map((_, j) => j + 1),
  )

const strongestOf = (words: readonly string[], rows: readonly Float32Array[]) =>
  columnsOf(
    words.map((word, i) => {
      const weights = rows[i]
      const order = [...weights.keys()].sort((a, b) => weights[b] - weights[a]).slice(0, 3)
      return [String(i + 1), word, ...order.map((j) => `${brief(weights[j])} ${j + 1} ${words[j]}`)]
    }),
    [0],
  )

/** All heads of a text at once. */
const documents = (looking: Looks): object[] => [
  {
    ...{ id: looking.passage.id, tokens: tokensOf(looking) },
    spans: looking.tokens.map(({ start, end }) => [start, end]),
    heads: looking.heads.map((head) => ({ head, weights: weightsOf(looking, head) })),
  },
]
