import {
  itemsOf,
  type Quiz,
  type QuizItem,
  type QuizResult,
  type QuizText,
  type Response,
} from './quiz.ts'

/** What was answered, by the id of the item. */
export type Answers = QuizResult['answers']

/** The answer to an item; null where there is none. */
export const answerTo = (answers: Answers, { id }: QuizItem): Response =>
  Object.hasOwn(answers, id) ? answers[id] : null

/** Whether there is an answer; an empty list of options is none. */
export const isAnswered = (response: Response): response is readonly string[] | number =>
  response !== null && !(Array.isArray(response) && response.length === 0)

/**
 * The options of a choice that are right, or the number: what an item's key says; undefined where
 * it has none.
 */
export function keyOf(item: QuizItem): readonly string[] | number | undefined {
  if (item.kind === 'numeric') return item.answer?.value
  const right = item.options.filter((option) => option.right).map(({ id }) => id)
  return right.length > 0 ? right : undefined
}

/**
 * Whether a response is right: exactly the right options, or a number within the tolerance;
 * undefined where the item has no key.
 */
export function isRight(item: QuizItem, response: Response): boolean | undefined {
  const key = keyOf(item)
  if (key === undefined) return undefined
  if (!isAnswered(response)) return false
  if (item.kind === 'numeric')
    return typeof response === 'number' && withinTolerance(item.answer, response)
  const chosen = Array.isArray(response) ? new Set<string>(response) : new Set()
  return Array.isArray(key) && chosen.size === key.length && key.every((id) => chosen.has(id))
}

/** Feedback on a response: on each chosen option, or on the number. */
export function feedbackTo(item: QuizItem, response: Response): QuizText[] {
  const texts =
    item.kind === 'numeric'
      ? [isRight(item, response) ? item.feedback?.right : item.feedback?.wrong]
      : item.options
          .filter(({ id }) => Array.isArray(response) && response.includes(id))
          .map(({ feedback }) => feedback)
  return texts.filter((text) => text !== undefined)
}

/** Slack for rounding of the difference, relative to the numbers: 0.3 is within .1 of .2. */
const ROUNDING = 1e-12

/** Whether a number differs from the answer by at most its tolerance. */
export function withinTolerance(
  answer: { readonly value: number; readonly tolerance?: number } | undefined,
  given: number,
): boolean {
  if (!answer) return false
  const { value, tolerance = 0 } = answer
  return (
    Math.abs(given - value) <= tolerance + ROUNDING * Math.max(Math.abs(given), Math.abs(value))
  )
}

/** Points of an item, where it is answered right. */
export const pointsOf = ({ points = 1 }: QuizItem): number => points

/**
 * Points for the right answers, all or nothing for each item; undefined where the quiz has no key.
 */
export function scoreOf(
  quiz: Quiz,
  answers: Answers,
): { readonly points: number; readonly of: number } | undefined {
  const items = itemsOf(quiz)
  if (items.some((item) => keyOf(item) === undefined)) return undefined
  const right = items.filter((item) => isRight(item, answerTo(answers, item)))
  return { points: sumOf(right), of: sumOf(items) }
}

/** A sum rounded to nine decimals, so that .1 + .2 is .3. */
const sumOf = (items: readonly QuizItem[]): number =>
  Number(items.reduce((sum, item) => sum + pointsOf(item), 0).toFixed(9))
