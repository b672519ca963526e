import type { Command } from 'commander'
import type { Answer } from '../doors/internal.ts'
import { brief, decimalIn, shortest } from './terminal/decimals.ts'
import { usageError } from './terminal/errors.ts'
import {
  idOf,
  type ModelOptions,
  type Passage,
  passagesOf,
  positionOf,
  stringOf,
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
} from './terminal/output.ts'
import { reporterOf } from './terminal/progress.ts'
import { subscript } from './terminal/terminal.ts'

const EXAMPLES = `  regard ask my.safetensors "Tom a été entarté cet été" "Qu’est-il arrivé à Tom ?"
  regard ask my.safetensors "Tom a été entarté cet été" "When does that happen ?" --at 3
  regard ask my.safetensors --input jsonl --format jsonl < in.jsonl > out.jsonl
`

export function askCommand(): Command {
  const command = modelCommand(
    'ask',
    'which word answers a question? by attention weight',
    EXAMPLES,
  )
    .argument('[text]', 'a text, or - for lines from stdin')
    .argument('[question]', 'a question about it')
    .option(
      '--at <position>',
      'the question as the query of the word at this position, counted from 1: --at 3 is q³',
      integerFrom(1),
    )
    .addHelpText(
      'after',
      '\nPositions that are typed or shown in tables count from 1, those in csv, tsv and jsonl from 0.',
    )
  return doing(withModelOptions(withInput(command), FORMATS), ask)
}

async function ask(
  path: string,
  text: string | undefined,
  question: string | undefined,
  options: ModelOptions & { readonly at?: number },
): Promise<undefined> {
  const json = options.input === 'jsonl'
  if (!json && question === undefined)
    throw usageError('needs a text and a question; lines of JSON have "question" of their own')
  if (json && question !== undefined)
    throw usageError('lines of JSON have "question" of their own; leave QUESTION out')
  if (json && options.at !== undefined)
    throw usageError('lines of JSON have "place" of their own; leave --at out')
  const format = formatOf(options, FORMATS, json ? 'jsonl' : 'table')
  await checkOutput(options)
  await withModel(path, options, async (model) => {
    const reporter = reporterOf('ask', options)
    const passages = passagesOf(text, options, model)
    const warned = new Set<string>()
    const answered = passages.each(async (passage) => {
      const at =
        options.at === undefined
          ? positionOf(passage, 'place')
          : typedPosition(options.at, passage.tokens)
      const asking = question ?? stringOf(passage, 'question')
      const answer = await model.ask(passage.text, asking, at === undefined ? {} : { at })
      const message = warningOf(answer, at)
      if (message && !warned.has(message)) reporter.warn(message)
      warned.add(message)
      return { answer }
    })
    await deliver(printed(answered, format, LAYOUT), options)
    passages.report(reporter)
  })
}

function warningOf({ warning }: Answer, at: number | undefined) {
  if (warning) return `${warning}, as learn --questions does`
  return at === undefined
    ? ''
    : 'the model learned from questions: they ask alike from every position'
}

/** Blocks of a bar for a weight of 1. */
const BAR = 14

const LAYOUT: Layout<{ readonly passage: Passage; readonly answer: Answer }> = {
  table({ answer: { tokens, weights, at, warning } }) {
    const mark = ` ← ${warning ? 'most weight, not a learned answer' : 'answer'}`
    const rows = tokens.map(({ token }, n) => {
      const bar = '█'.repeat(Math.round(BAR * weights[n]))
      return [`α${subscript(n + 1)}`, token, brief(weights[n]), n === at ? bar + mark : bar]
    })
    return columnsOf(rows)
  },
  head: ['id', 'at', 'token', 'weight', 'answer'],
  rows: ({ passage, answer: { tokens, weights, at } }) =>
    tokens.map(({ token }, n) => [
      ...[idOf(passage), n, token],
      ...[decimalIn(weights, n), Number(n === at)],
    ]),
  records: ({ passage: { id }, answer: { tokens, weights, at, token, weight, warning } }) => [
    {
      ...{ id, tokens: tokens.map((one) => one.token), weights },
      ...{ answer: { at, token, weight: shortest(weight) }, warning },
    },
  ],
}
