import type { Quiz, QuizResult, Response } from './quiz.ts'
import { itemsOf } from './quiz.ts'
import { readDefined } from './read.ts'
import { isAnswered } from './score.ts'

/**
 * A result from the text of its JSON file.
 *
 * @param name name of the file in errors
 * @throws {RangeError} in one line: path and line of the fault, and the remedy
 */
export const readResult = (text: string, name = 'result'): QuizResult =>
  readDefined('result', text, name) as QuizResult

/** Columns of every table of results; the items follow, each by its id. */
export const RESULT_COLUMNS: readonly string[] =
  'name points of quiz title language mode seed started finished'.split(' ')

/**
 * Results of one quiz as a table: a heading, then a row for each; letters of options stand with a
 * blank between.
 */
export const resultRows = (quiz: Quiz, results: readonly QuizResult[]): string[][] => {
  const ids = itemsOf(quiz).map(({ id }) => id)
  return [[...RESULT_COLUMNS, ...ids], ...results.map((result) => rowOf(result, ids))]
}

function rowOf({ quiz, answers, score, ...result }: QuizResult, ids: readonly string[]): string[] {
  const { id, title } = quiz
  const cells: Readonly<Record<string, unknown>> = { ...result, ...score, quiz: id, title }
  return [
    ...RESULT_COLUMNS.map((column) => String(cells[column] ?? '')),
    ...ids.map((one) => (Object.hasOwn(answers, one) ? responseText(answers[one]) : '')),
  ]
}

/** A response as a cell of a table. */
export const responseText = (response: Response): string =>
  isAnswered(response) ? (typeof response === 'number' ? String(response) : response.join(' ')) : ''
