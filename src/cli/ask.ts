import type { Command } from 'commander'
import type { Answer, Model } from '../doors/internal.ts'
import { brief, decimalIn, jsonText, shortest } from './terminal/decimals.ts'
import { EXIT, usageError } from './terminal/errors.ts'
import {
  type InputOptions,
  type Passage,
  Passages,
  placeOf,
  stringOf,
  typedPlace,
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
import { type Reporter, reporterOf } from './terminal/progress.ts'
import { MODEL } from './terminal/shipped.ts'

export interface AskOptions extends SpeechOptions, PlaceOptions, InputOptions, OutputOptions {
  readonly at?: number
}

const FORMATS: readonly Format[] = ['table', 'csv', 'tsv', 'jsonl']

const EXAMPLES = `  regard ask my.safetensors "Tom a été entarté cet été" "Qu’est-il arrivé à Tom ?"
  regard ask my.safetensors "Tom a été entarté cet été" "When does that happen ?" --at 3
  regard ask my.safetensors --input jsonl --format jsonl < in.jsonl > out.jsonl
`

export function askCommand(): Command {
  const command = commandOf('ask', 'which word answers a question? by attention weight', EXAMPLES)
    .argument('<model>', MODEL)
    .argument('[text]', 'a text, or - for lines from stdin')
    .argument('[question]', 'a question about it')
    .option(
      '--at <place>',
      'the question as the query of the word at this place, counted from 1: --at 3 is q³',
      integerFrom(1),
    )
  return withDevice(withOutput(withColumn(withInput(command)), FORMATS))
    .addHelpText(
      'after',
      '\nPlaces that are typed or shown in tables count from 1, those in csv, tsv and jsonl from 0.',
    )
    .action(
      async (
        model: string,
        text: string | undefined,
        question: string | undefined,
        options: AskOptions,
      ) => {
        process.exitCode = await ask(model, text, question, options)
      },
    )
}

interface Answered {
  readonly passage: Passage
  readonly answer: Answer
}

async function ask(
  path: string,
  text: string | undefined,
  question: string | undefined,
  options: AskOptions,
): Promise<number> {
  const json = options.input === 'jsonl'
  if (!json && question === undefined)
    throw usageError('needs a text and a question; lines of JSON have "question" of their own')
  if (json && question !== undefined)
    throw usageError('lines of JSON have "question" of their own; leave QUESTION out')
  if (json && options.at !== undefined)
    throw usageError('lines of JSON have "place" of their own; leave --at out')
  const format = formatOf(options, FORMATS, json ? 'jsonl' : 'table')
  await checkOutput(options)
  return withModel(path, options, async (model) => {
    const reporter = reporterOf('ask', options, process.stderr)
    const passages = new Passages(text, options, model)
    await deliver(
      WRITERS[format](answered(model, passages, { question, at: options.at }, reporter)),
      options,
    )
    passages.report(reporter)
    return EXIT.done
  })
}

/**
 * A question and a place from 1 that were typed; without them, the lines of JSON have their own.
 */
interface Typed {
  readonly question: string | undefined
  readonly at: number | undefined
}

async function* answered(
  model: Model,
  passages: Passages,
  typed: Typed,
  reporter: Reporter,
): AsyncGenerator<Answered> {
  const warned = new Set<string>()
  for await (const passage of passages) {
    let answer: Answer
    let at: number | undefined
    try {
      at = typed.at === undefined ? placeOf(passage, 'place') : typedPlace(typed.at, passage.tokens)
      answer = await model.ask(
        passage.text,
        typed.question ?? stringOf(passage, 'question'),
        at === undefined ? {} : { at },
      )
    } catch (error) {
      passages.refuse(passage.where, error)
      continue
    }
    const message = warningOf(answer, at)
    if (message && !warned.has(message)) reporter.warn(message)
    warned.add(message)
    yield { passage, answer }
  }
}

function warningOf({ warning }: Answer, at: number | undefined): string {
  if (warning) return `${warning}, as learn --questions does`
  return at === undefined ? '' : 'the model learned from questions: they ask alike from every place'
}

const WRITERS: Readonly<Record<Format | 'json', (found: AsyncIterable<Answered>) => Written>> = {
  table: tables,
  csv: (found) => rows(found, 'csv'),
  tsv: (found) => rows(found, 'tsv'),
  jsonl: lines,
  json: lines,
  npy: tables,
}

/** Blocks of a bar for a weight of 1. */
const BAR = 14

const subscript = (n: number): string =>
  String(n).replace(/\d/g, (digit) => String.fromCharCode(0x2080 + Number(digit)))

async function* tables(found: AsyncIterable<Answered>): Written {
  let before = ''
  for await (const { answer } of found) {
    const table = answer.tokens.map(({ token }, n) => {
      const weight = answer.weights[n]
      const mark =
        n === answer.at
          ? ` ← ${answer.warning ? 'most weight, not a learned answer' : 'answer'}`
          : ''
      return [
        `α${subscript(n + 1)}`,
        token,
        brief(weight),
        '█'.repeat(Math.round(BAR * weight)) + mark,
      ]
    })
    yield `${before}${columnsOf(table).join('\n')}\n`
    before = '\n'
  }
}

async function* rows(found: AsyncIterable<Answered>, format: 'csv' | 'tsv'): Written {
  yield rowOf(['id', 'at', 'token', 'weight', 'answer'], format)
  for await (const { passage, answer } of found) {
    const id = typeof passage.id === 'string' ? passage.id : jsonText(passage.id)
    const { tokens, weights, at } = answer
    yield tokens
      .map(({ token }, n) => rowOf([id, n, token, decimalIn(weights, n), n === at ? 1 : 0], format))
      .join('')
  }
}

async function* lines(found: AsyncIterable<Answered>): Written {
  for await (const { passage, answer } of found) {
    const { tokens, weights, at, token, weight, warning } = answer
    const given = { at, token, weight: shortest(weight) }
    yield `${jsonText({ id: passage.id, tokens: tokens.map((one) => one.token), weights, answer: given, warning })}\n`
  }
}
