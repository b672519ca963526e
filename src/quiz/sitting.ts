import { checkOptions, OBJECT, SEED, TEXT } from '../kinds.ts'
import {
  itemsOf,
  type Quiz,
  type QuizItem,
  type QuizResult,
  type Response,
  textIn,
} from './quiz.ts'
import { answerTo, isAnswered, scoreOf } from './score.ts'

/** How a quiz is taken. */
export interface SittingStart {
  /** In the order in which it is shown. */
  readonly quiz: Quiz
  readonly name: string
  readonly language: string
  readonly mode: QuizResult['mode']
  readonly seed: number
  /** ISO 8601, in UTC. */
  readonly started: string
  readonly answers?: QuizResult['answers']
}

const START = {
  quiz: OBJECT,
  name: TEXT,
  language: TEXT,
  mode: TEXT,
  seed: SEED,
  started: TEXT,
  answers: OBJECT,
}

/** One person taking one quiz: the answers so far, and the current item. */
export class Sitting {
  readonly start: SittingStart
  readonly items: readonly QuizItem[]
  readonly #answers = new Map<string, Response>()
  /** Place of the item from 0; as many as there are items after the last. */
  at = 0

  constructor(start: SittingStart) {
    checkOptions('Sitting', start, START, '{ quiz, name, language, mode, seed, started }')
    this.start = start
    this.items = itemsOf(start.quiz)
    const given = start.answers ?? {}
    for (const item of this.items) this.#answers.set(item.id, answerTo(given, item))
  }

  answer({ id }: QuizItem, response: Response): void {
    this.#answers.set(id, isAnswered(response) ? response : null)
  }

  answerTo({ id }: QuizItem): Response {
    return this.#answers.get(id) ?? null
  }

  get answeredCount(): number {
    return this.items.filter((item) => isAnswered(this.answerTo(item))).length
  }

  /** Places, from 0, of items that need an answer and have none. */
  get missing(): number[] {
    return this.items.flatMap((item, n) =>
      (item.required ?? true) && !isAnswered(this.answerTo(item)) ? [n] : [],
    )
  }

  /** What was answered, as it is written to a file. */
  result(finished: string): QuizResult {
    const { quiz, name, language, mode, seed, started } = this.start
    const answers = Object.fromEntries(this.#answers)
    const score = scoreOf(quiz, answers)
    const title = textIn(quiz.title, language, quiz)
    return {
      ...{
        regardQuizResult: 1,
        quiz: { id: quiz.id, title },
        name,
        language,
        mode,
        seed,
        started,
        finished,
        answers,
      },
      ...(score ? { score } : {}),
    }
  }
}

/** Longest name, in signs. */
const LONGEST_NAME = 200

/** A name without signs that no name has. */
export const plainName = (text: string): string =>
  [
    ...text
      .normalize('NFC')
      .replace(/\p{Cc}/gu, ' ')
      .trim(),
  ]
    .slice(0, LONGEST_NAME)
    .join('')
