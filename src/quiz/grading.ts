import { itemsOf, type Quiz, type QuizItem, type Response } from './quiz.ts'
import { type Answers, answerTo, isAnswered, isRight, pointsOf } from './score.ts'

/** What somebody answered, and where it was read. */
export interface AnswerSheet {
  readonly name: string
  readonly file: string
  /** Number of the line in the file, from 1, where a file holds several sheets. */
  readonly line?: number
  readonly answers: Answers
}

/** What was not understood of a file of answers, or is left out. */
export interface Unread {
  readonly file: string
  readonly line?: number
  readonly text: string
  /** The whole of an answer that was not understood. */
  readonly given?: string
}

export interface GradedPerson extends AnswerSheet {
  readonly points: number
  /** Points by the id of the item. */
  readonly earned: Readonly<Record<string, number>>
}

export interface GradedItem {
  readonly id: string
  /** How many had it right, and how many gave no answer. */
  readonly right: number
  readonly blank: number
  /** Share of all who had it right: 1 is easy; undefined without anybody. */
  readonly difficulty: number | null
  /**
   * Point-biserial correlation of having it right with the points of the other items; null where
   * all had it right or wrong, or all have the same points elsewhere.
   */
  readonly discrimination: number | null
  /** What was chosen most among what is wrong; the first of those chosen as often. */
  readonly wrong: { readonly answer: string; readonly count: number } | null
}

export interface Grades {
  /** Points of a sheet that is all right. */
  readonly of: number
  readonly people: readonly GradedPerson[]
  readonly items: readonly GradedItem[]
}

/**
 * Points of everybody, and for each item how hard it was, how well it tells those who know from
 * those who do not, and what was mistaken for right.
 *
 * @throws {RangeError} for a quiz without its key
 */
export function grade(quiz: Quiz, sheets: readonly AnswerSheet[]): Grades {
  const items = itemsOf(quiz)
  const open = items.find((item) => isRight(item, null) === undefined)
  if (open)
    throw new RangeError(
      `quiz ${quiz.id}: item ${open.id} has no key; grade with the quiz that has it`,
    )
  const people = sheets.map((sheet) => personOf(sheet, items))
  return {
    of: sumOf(items.map(pointsOf)),
    people,
    items: items.map((item) => gradedItem(item, people)),
  }
}

function personOf(sheet: AnswerSheet, items: readonly QuizItem[]): GradedPerson {
  const earned = Object.fromEntries(
    items.map((item) => [
      item.id,
      isRight(item, answerTo(sheet.answers, item)) ? pointsOf(item) : 0,
    ]),
  )
  return {
    ...sheet,
    earned,
    points: sumOf(Object.values(earned)),
  }
}

function gradedItem(item: QuizItem, people: readonly GradedPerson[]): GradedItem {
  const right = people.map(({ earned }) => Number(earned[item.id] > 0))
  const others = people.map(({ points, earned }) => points - earned[item.id])
  const count = sumOf(right)
  return {
    id: item.id,
    right: count,
    blank: people.filter(({ answers }) => !isAnswered(answerTo(answers, item))).length,
    difficulty: people.length > 0 ? count / people.length : null,
    discrimination: correlation(right, others),
    wrong: commonestWrong(item, people),
  }
}

/** Pearson's correlation; null if one of the two does not vary. */
function correlation(x: readonly number[], y: readonly number[]): number | null {
  const [dx, dy] = [x, y].map((values) => {
    const mean = sumOf(values) / values.length
    return values.map((value) => value - mean)
  })
  const product = (a: readonly number[], b: readonly number[]): number =>
    sumOf(a.map((value, n) => value * b[n]))
  const [xx, yy] = [product(dx, dx), product(dy, dy)]
  // a rest of rounding is no spread
  return xx > 1e-9 && yy > 1e-9 ? product(dx, dy) / Math.sqrt(xx * yy) : null
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

function commonestWrong(item: QuizItem, people: readonly GradedPerson[]): GradedItem['wrong'] {
  const counts = new Map<string, number>()
  for (const answer of people.flatMap(({ answers }) => wrongOf(item, answerTo(answers, item))))
    counts.set(answer, (counts.get(answer) ?? 0) + 1)
  const most = Math.max(0, ...counts.values())
  const order = item.kind === 'numeric' ? [...counts.keys()] : item.options.map(({ id }) => id)
  const answer = order.find((one) => counts.get(one) === most)
  return answer === undefined || most === 0 ? null : { answer, count: most }
}

/** The options that were chosen and are wrong, or the number. */
function wrongOf(item: QuizItem, response: Response): readonly string[] {
  if (!isAnswered(response)) return []
  if (item.kind === 'numeric') return isRight(item, response) ? [] : [String(response)]
  const wrong = item.options.filter(({ right }) => !right).map(({ id }) => id)
  return Array.isArray(response) ? wrong.filter((id) => response.includes(id)) : []
}
