import { readdir, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import {
  type AnswerSheet,
  itemsOf,
  type Quiz,
  type QuizItem,
  type Response,
  type Responses,
  readResponses,
  readResult,
  type Unread,
  wholeText,
} from '../../doors/internal.ts'
import { explanationOf, inputError } from '../terminal/errors.ts'
import { bytesOf } from './file.ts'

/**
 * Answers from files: tables in CSV, results in JSON, folders of them. Files of a folder that hold
 * neither are left out and named.
 *
 * @throws {Error} with one line for a file that was named and cannot be read, and where there are
 *   no answers at all
 */
export async function answersIn(quiz: Quiz, paths: readonly string[]): Promise<Responses> {
  const sheets: AnswerSheet[] = []
  const unread: Unread[] = []
  for (const path of paths) {
    for (const { file, lenient } of await filesOf(path, unread)) {
      const found = await readFile(quiz, file).catch((error: unknown) => {
        if (!lenient) throw error
        const why = explanationOf(error).message.replace(`${file}: `, '')
        return { sheets: [], unread: [{ file, text: `left out: ${why}` }] }
      })
      sheets.push(...found.sheets)
      unread.push(...found.unread)
    }
  }
  if (sheets.length === 0)
    throw inputError(
      `${paths.join(', ')}: there are no answers to ${quiz.id} in it${unread[0] ? ` (${unread[0].file}: ${unread[0].text})` : ''}`,
    )
  return { sheets, unread }
}

/** The files of a folder that may hold answers, in the order of their names; a file itself. */
async function filesOf(path: string, unread: Unread[]) {
  const found = path === '-' ? undefined : await stat(path).catch(() => undefined)
  if (!found?.isDirectory()) return [{ file: path, lenient: false }]
  const names = (await readdir(path)).filter((name) => !name.startsWith('.')).sort()
  for (const name of names.filter((other) => !isAnswers(other)))
    unread.push({ file: join(path, name), text: 'left out: neither .json nor .csv' })
  return names.filter(isAnswers).map((name) => ({ file: join(path, name), lenient: true }))
}

const isAnswers = (name: string) => ['.json', '.csv'].includes(extname(name).toLowerCase())

async function readFile(quiz: Quiz, path: string): Promise<Responses> {
  const file = path === '-' ? 'stdin' : path
  const text = wholeText(await bytesOf(path), file)
  if (/^\s*\{/.test(text)) return answersOfResult(quiz, text, file)
  // the parser is loaded where there is a table
  const { csvRows } = await import('../texts/csv.ts')
  return readResponses(quiz, csvRows(text, file), file)
}

/** The answers of a result file; those to items or with options that the quiz has not are named. */
function answersOfResult(quiz: Quiz, text: string, file: string): Responses {
  const { name, quiz: of, answers } = readResult(text, file)
  if (of.id !== quiz.id)
    throw inputError(
      `${file}: it answers the quiz ${JSON.stringify(of.id)}, and not ${JSON.stringify(quiz.id)}; grade it with that`,
    )
  const items = new Map(itemsOf(quiz).map((item) => [item.id, item]))
  const unread: Unread[] = []
  const kept = Object.entries(answers).filter(([id, response]) => {
    const item = items.get(id)
    const fault = item ? faultOf(item, response) : 'the quiz has no such item'
    if (fault) unread.push({ file, text: `item ${id}: ${fault}; it counts as no answer` })
    return !fault
  })
  return { sheets: [{ name, file, answers: Object.fromEntries(kept) }], unread }
}

function faultOf(item: QuizItem, response: Response) {
  if (response === null) return undefined
  if (item.kind === 'numeric')
    return typeof response === 'number' ? undefined : 'its answer must be a number'
  if (typeof response === 'number') return 'its answer must be letters of options'
  const other = response.find((id) => !item.options.some((option) => option.id === id))
  return other === undefined ? undefined : `it has no option ${JSON.stringify(other)}`
}
