import { expectOptions } from '../kinds.ts'
import type { TextSource } from '../text/corpus.ts'
import { linesOf } from '../text/decode.ts'
import { type Tokenization, tokenize } from '../text/tokens.ts'
import type { Question } from './questions.ts'

const COLUMNS = ['sentence', 'question', 'start', 'end'] as const

/**
 * Questions from a table: tab-separated columns under a header with `sentence`, `question`, `start`
 * and `end`; other columns are ignored.
 *
 * A sentence is tokens with spaces between, which are never split again; positions count tokens
 * from 0, `end` is one past the answer. Rows with the same sentence and question are one question
 * with several right answers.
 *
 * @param tokens how questions are cut into words, by the rule of the model
 * @param languages of the model, by codes such as `fr`
 * @throws {RangeError} with the name and line of an invalid row
 */
export async function readQuestions(
  source: TextSource,
  tokens: Tokenization = 'unicode',
  languages: readonly string[] = [],
): Promise<Question[]> {
  expectOptions('readQuestions', source, "{ name: 'questions.tsv', stream }")
  const { name, stream } = source
  const found = new Map<string, Question>()
  const cut = (text: string): string[] =>
    tokenize(text, tokens, languages).map(({ token }) => token)
  let columns: readonly number[] | undefined
  for await (const { text, number } of linesOf(stream, name)) {
    if (!text.trim()) continue
    const fields = text.split('\t')
    if (!columns) columns = columnsOf(fields, name)
    else note(found, questionOf(fields, columns, `${name}: line ${number}`, cut))
  }
  if (!columns)
    throw new RangeError(
      `${name}: is empty; its first line must name the columns ${COLUMNS.join(', ')}, with tabs between them`,
    )
  if (found.size === 0)
    throw new RangeError(`${name}: has no questions below its header; give some`)
  return [...found.values()]
}

/** Adds a question, or another answer to a known one. */
function note(found: Map<string, Question>, question: Question): void {
  const name = JSON.stringify([question.words, question.question])
  const known = found.get(name)
  const { start, end } = question
  found.set(name, known ? { ...known, others: [...(known.others ?? []), [start, end]] } : question)
}

function columnsOf(fields: readonly string[], name: string): number[] {
  return COLUMNS.map((column) => {
    const index = fields.findIndex((field) => field.trim() === column)
    if (index < 0)
      throw new RangeError(
        `${name}: line 1 must name the columns ${COLUMNS.join(', ')}, with tabs between them; ${column} is missing`,
      )
    return index
  })
}

function questionOf(
  fields: readonly string[],
  columns: readonly number[],
  where: string,
  cut: (text: string) => string[],
): Question {
  const [sentence, question, start, end] = columns.map((index) => fields[index] ?? '')
  const words = tokenize(sentence, 'space').map(({ token }) => token)
  const [from, to] = [start, end].map((text, n) => positionOf(text, `${where}: ${COLUMNS[n + 2]}`))
  if (words.length === 0)
    throw new RangeError(
      `${where}: the sentence is empty; give its tokens with spaces between them`,
    )
  if (!(from < to && to <= words.length)) {
    throw new RangeError(
      `${where}: start and end must name words of the sentence, 0 ≤ start < end ≤ ${words.length}, got ${from} and ${to}`,
    )
  }
  const questionTokens = cut(question)
  if (questionTokens.length === 0) throw new RangeError(`${where}: the question is empty; give one`)
  return { words, question: questionTokens, start: from, end: to }
}

function positionOf(text: string, where: string): number {
  if (!/^\s*\d+\s*$/.test(text))
    throw new RangeError(
      `${where} must be a whole number, got ${JSON.stringify(text)}; fields are separated by tabs`,
    )
  return Number(text)
}
