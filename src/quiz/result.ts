import type { Quiz, QuizResult, Response } from './quiz.ts'
import { itemsOf } from './quiz.ts'
import { readDefined } from './read.ts'
import { isAnswered } from './score.ts'

/**
 * A result from the text of its JSON file.
 *
 * @param name what the file is called in errors
 * @throws {RangeError} in one line with the place, by path and line, and how to mend it
 */
export const readResult = (text: string, name = 'result'): QuizResult => readDefined('result', text, name) as QuizResult

/** Columns of every table of results; the items follow, each by its id. */
export const RESULT_COLUMNS = ['name', 'points', 'of', 'quiz', 'title', 'language', 'mode', 'seed', 'started', 'finished'] as const

/** Results of one quiz as a table: a heading, then a row for each; letters of options stand with a blank between. */
export const resultRows = (quiz: Quiz, results: readonly QuizResult[]): string[][] => {
  const ids = itemsOf(quiz).map(({ id }) => id)
  return [[...RESULT_COLUMNS, ...ids], ...results.map((result) => rowOf(result, ids))]
}

function rowOf({ quiz, name, language, mode, seed, started, finished, answers, score }: QuizResult, ids: readonly string[]): string[] {
  const cell = (id: string): string => (Object.hasOwn(answers, id) ? responseText(answers[id]) : '')
  const points = score ? [String(score.points), String(score.of)] : ['', '']
  return [name, ...points, quiz.id, quiz.title, language, mode, String(seed), started, finished, ...ids.map(cell)]
}

/** A response as a cell of a table. */
export const responseText = (response: Response): string =>
  isAnswered(response) ? (typeof response === 'number' ? String(response) : response.join(' ')) : ''

/**
 * Results from a table that `resultRows` made.
 *
 * @param quiz tells which items have numbers for answers
 * @param name what the table is called in errors
 * @throws {RangeError} in one line with the row, from 1, and how to mend it
 */
export function resultsOfRows(quiz: Quiz, [heading = [], ...rows]: readonly (readonly string[])[], name = 'results'): QuizResult[] {
  const wrong = RESULT_COLUMNS.find((column, n) => heading[n] !== column)
  if (wrong) throw new RangeError(`${name}: row 1: the columns must begin with ${RESULT_COLUMNS.join(', ')}; ${wrong} is missing`)
  const ids = heading.slice(RESULT_COLUMNS.length)
  const numeric = new Set(itemsOf(quiz).flatMap(({ id, kind }) => (kind === 'numeric' ? [id] : [])))
  return rows.map((row, n) => {
    const where = `${name}: row ${n + 2}`
    if (row.length !== heading.length)
      throw new RangeError(`${where}: has ${row.length} cells, and the heading ${heading.length}; mend the row`)
    return resultOf(row, ids, numeric, where)
  })
}

function resultOf(row: readonly string[], ids: readonly string[], numeric: ReadonlySet<string>, where: string): QuizResult {
  const [name, points, of, id, title, language, mode, seed, started, finished, ...cells] = row
  const answers = Object.fromEntries(ids.map((item, n) => [item, responseOf(cells[n], numeric.has(item), `${where}: ${item}`)]))
  const score = points === '' && of === '' ? {} : { score: { points: numberOf(points, where), of: numberOf(of, where) } }
  const result = {
    ...{ regardQuizResult: 1, quiz: { id, title }, name, language, mode, seed: numberOf(seed, where), started, finished },
    answers,
    ...score,
  }
  // what a cell holds is held to the form of a result
  return readResult(JSON.stringify(result), where)
}

function responseOf(cell: string, numeric: boolean, where: string): Response {
  if (cell.trim() === '') return null
  return numeric ? numberOf(cell, where) : cell.trim().split(/\s+/)
}

function numberOf(cell: string, where: string): number {
  const value = Number(cell)
  if (cell.trim() === '' || !Number.isFinite(value)) throw new RangeError(`${where}: must be a number, got ${JSON.stringify(cell)}`)
  return value
}
