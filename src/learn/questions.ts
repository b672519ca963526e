import type { Device, Handle } from '../device/device.ts'
import { ARRAY, checkOptions, expectKind, FUNCTION, SHARE, valueText } from '../kinds.ts'
import type { WordFeatures } from '../layer/embeddings.ts'
import { type LayerHost, seedOf } from '../layer/parameters.ts'
import { type PartialGradient, rowsAt } from '../layer/rows.ts'
import { activate } from '../layer/steps/dense.ts'
import { Tape } from '../layer/steps/tape.ts'
import { streamOf, uniformAt } from '../random.ts'
import { Tensor } from '../tensor.ts'
import type { Asking } from './asking.ts'
import type { Lexicon } from './lexicon.ts'
import { prefixOf } from './names.ts'
import type { Objective, PartialGradients } from './objective.ts'
import type { TextRows } from './row-map.ts'

/** A question about a text: the words at positions start … end − 1 answer it. */
export interface Question {
  /** The tokens of the text. */
  readonly words: readonly string[]
  /** The tokens of the question. */
  readonly question: readonly string[]
  readonly start: number
  readonly end: number
  /** Other right answers, as start and end. */
  readonly others?: readonly (readonly [number, number])[]
}

const isWords = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === 'string')

/**
 * @throws {TypeError} for anything but a question with its answer, {RangeError} for an answer
 *   outside its text
 */
export function checkQuestions(where: string, given: readonly Question[]): void {
  if (!Array.isArray(given))
    throw new TypeError(
      `${where}: questions must be a table as text, { name, stream }, or an array, got ${valueText(given)}`,
    )
  given.forEach((one: Partial<Question> | null, n) => {
    const { words, question, start, end, others = [] } = one ?? {}
    if (!isWords(words) || !isWords(question))
      throw new TypeError(
        `${where}: question ${n} must be such as { words: ['Tom', 'slept'], question: ['Who', 'slept'], start: 0, end: 1 }`,
      )
    const length = (words as readonly string[]).length
    for (const [from, to] of [[start, end] as const, ...others])
      if (!isPosition(from, length) || !isPosition(to, length) || from >= to)
        throw new RangeError(
          `${where}: the answer of question ${n} must be positions 0 ≤ start < end ≤ ${length}, got ${valueText(from)} and ${valueText(to)}`,
        )
  })
}

const isPosition = (position: unknown, length: number): position is number =>
  Number.isInteger(position) && (position as number) >= 0 && (position as number) <= length

/** For each word of the text, whether it lies in an answer. */
const inAnswer = ({ words, start, end, others = [] }: Question): boolean[] =>
  words.map((_, position) =>
    [[start, end], ...others].some(([from, to]) => position >= from && position < to),
  )

/** Options of learning from questions. */
export interface QuestionsOptions {
  /** Questions of a step; those about one sentence together, so that it is read once. */
  readonly sample: (step: number) => readonly (readonly Question[])[]
  /**
   * Share of the sentence's rare words that are reduced to their shape, so that no answer is
   * memorised, in [0, 1]; default .7.
   */
  readonly identityDrop?: number
  /** How often each word of the vocabulary occurs. */
  readonly counts: readonly number[]
}

const OPTIONS = { sample: FUNCTION, identityDrop: SHARE, counts: ARRAY }

/** Words that occur more often are frequent: they show the context of an answer. */
const RARE = 20
/**
 * Drop rates of a frequent word of a sentence, and of a rare one of a question, relative to a rare
 * word of a sentence.
 */
const FREQUENT_SHARE = 1 / 7
const QUESTION_SHARE = 5 / 7

/**
 * Trains the attention of a question over a sentence to fall on the answer: the loss is −log Σ α
 * over the answer's words.
 */
export function questions(asking: Asking, lexicon: Lexicon, options: QuestionsOptions): Objective {
  expectKind('questions', 'asking', asking, ['forward'], 'new Asking(…)')
  checkOptions('questions', options, OPTIONS, '{ sample, counts }')
  const { sample, counts, identityDrop = 0.7 } = options
  FUNCTION('questions', 'sample', sample)
  ARRAY('questions', 'counts', counts)
  return {
    name: `${prefixOf(asking.host)}question`,
    parameters: asking.parameters,
    draw(step) {
      const groups = sample(step)
      const drawn = groups.flat()
      const of = groups.flatMap((group, sentence) => group.map(() => sentence))
      const features = featuresFor(lexicon, asking.host, step, counts)
      const sentences = groups.map(([{ words }], sentence) => {
        const rate = features.rateOf(sentence, identityDrop)
        return words.map((word) => features.features(word, rate, FREQUENT_SHARE * identityDrop))
      })
      const questionTexts = drawn.map(({ question }) =>
        question.map((word) => features.features(word, QUESTION_SHARE * identityDrop, 0)),
      )
      const N = drawn.length
      const answers = drawn.flatMap((one) => inAnswer(one).map(Number))
      return {
        texts: [...sentences, ...questionTexts],
        loss: (outputs) => {
          const { device, C, X, starts } = outputs
          const rowsIn = (some: readonly number[]) =>
            rowsOf(device, C, X, some, (row) => outputs.inContext(row))
          const sentence = rowsIn(starts.slice(0, groups.length + 1))
          const question = rowsIn(starts.slice(groups.length))
          const V = device.upload(new Tensor([answers.length, 1], Float64Array.from(answers)))
          const pass = asking.forward({ question, sentence, of, tokens: drawn }, V)
          const tape = new Tape(device, {})
          const logs = activate(tape, 'log', pass.answer)
          const losses = device.allocate([N, 1])
          device.combine(-1, logs, 0, logs, losses)
          return {
            losses,
            backward(factor): PartialGradients {
              // forward was: losses = −log of the answer's weight
              const dLogs = device.upload(new Tensor([N, 1], new Float64Array(N).fill(-factor)))
              const back = pass.backward(tape.backward(logs, dLogs).of(pass.answer))
              const partials = (
                of: 'rows' | 'contextRows',
                which: 'dC' | 'dX',
              ): PartialGradient[] => [
                { rows: sentence[of], gradient: back.sentence[which] },
                { rows: question[of], gradient: back.question[which] },
              ]
              return {
                dC: partials('contextRows', 'dC'),
                dX: partials('rows', 'dX'),
                dParameters: back.dParameters,
              }
            },
          }
        },
      }
    },
  }
}

/** Words by their features, or by their shapes only: the same for the same seed and step. */
function featuresFor(lexicon: Lexicon, host: LayerHost, step: number, counts: readonly number[]) {
  const seed = seedOf('questions', host)
  const prefix = prefixOf(host)
  let counter = 0
  return {
    /** Each sentence has a rate of its own around the mean. */
    rateOf(sentence: number, mean: number): number {
      const width = Math.min(mean, 1 - mean)
      return (
        mean +
        width *
          (2 * uniformAt(seed, streamOf(`${prefix}identity of a sentence`), step, sentence) - 1)
      )
    },
    features(word: string, rare: number, frequent: number): WordFeatures {
      const features = lexicon.queryFeaturesOf(word)
      const rate = features.word >= 0 && counts[features.word] > RARE ? frequent : rare
      return uniformAt(seed, streamOf(`${prefix}identity`), step, counter++) < rate
        ? lexicon.shapeOf(word)
        : features
    },
  }
}

/** Rows of texts, and the rows of their contextual embeddings. */
interface RowsOfTexts extends TextRows {
  readonly rows: readonly number[]
  readonly contextRows: readonly number[]
}

/** The rows of consecutive texts. */
function rowsOf(
  device: Device,
  C: Handle,
  X: Handle,
  starts: readonly number[],
  inContext: (row: number) => number,
): RowsOfTexts {
  const [first] = starts
  const rows = Array.from({ length: starts[starts.length - 1] - first }, (_, n) => first + n)
  const contextRows = rows.map(inContext)
  const own = Int32Array.from(starts, (start) => start - first)
  return {
    C: rowsAt(device, C, contextRows),
    X: rowsAt(device, X, rows),
    starts: own,
    rows,
    contextRows,
  }
}
