import { type Line, linesOf, nearest, type Row, type TextStream } from '../../doors/internal.ts'
import { inputError } from '../terminal/errors.ts'
import { shellWord } from '../terminal/options.ts'
import type { Beginning } from './bytes.ts'
import { type Delimiter, delimiterOf } from './csv.ts'
import { type Dialect, dialectOf, plainDialectOf, rowReader, sampleOf } from './dialect.ts'
import { isHeader, isSeparator, objectIn, type Table, tableIn } from './tables.ts'

/** Columns that an error names. */
const MOST_NAMED = 20

/** A table that was found in a text, or that it is said to be. */
export interface TableOptions {
  /** By name or by number from 1. */
  readonly columns: readonly string[]
  readonly kind?: 'csv' | 'tsv' | 'jsonl' | undefined
}

/**
 * The cells of some columns of a table, with the line that each row begins in.
 *
 * @throws {CommandError} with the line for what is no row; for a column that there is not
 */
export function columnsOf(
  beginning: Beginning,
  name: string,
  { columns, kind }: TableOptions,
): AsyncGenerator<Line> {
  const first = beginning.lines.find(({ text }) => text.trim())?.text ?? ''
  if (tableIn(beginning.lines)?.kind === 'JSON')
    throw inputError(
      `${name}: JSON over several lines; --column reads lines of JSON, with one object on each`,
    )
  if (kind === 'jsonl' || (!kind && objectIn(first)))
    return fieldsOf(beginning.stream, name, columns)
  return cellsOf(beginning, name, columns, kind)
}

/** What a table is called, with its columns. */
function what({ kind, columns, named }: Table) {
  const [one, several] =
    kind === 'lines of JSON' ? [kind, 'fields'] : [`a table in ${kind}`, 'columns']
  return named
    ? `${one} with the ${several} ${listed(columns)}`
    : `${one} with ${columns.length} ${several} without names`
}

const listed = (columns: readonly string[]) =>
  columns.slice(0, MOST_NAMED).join(', ') +
  (columns.length > MOST_NAMED ? `, … (${columns.length})` : '')

/** What is said of a table where no column was asked for. */
export const refusal = (table: Table, way: (column: string) => string): string =>
  table.kind === 'JSON'
    ? 'JSON, not plain text; make lines of JSON of it, an object on each, and name the field of the text with --column'
    : `${what(table)}, not plain text; ${way(shellWord(table.likely))}`

/**
 * Cells of rows parted by commas, semicolons or tabs.
 *
 * @throws {CommandError} with the line for a row of another length than the first
 */
async function* cellsOf(
  { lines, stream }: Beginning,
  name: string,
  columns: readonly string[],
  kind: TableOptions['kind'],
): AsyncGenerator<Line> {
  const below = lines.filter((line) => !isSeparator(line))
  const dialect = dialectOf(below, delimiterIn(below, kind))
  const named = isHeader(sampleOf(below, dialect).rows) || !columns.every(isNumber)
  let head: { readonly cells: readonly string[]; readonly line: number } | undefined
  let indices: readonly number[] = []
  for await (const row of rowsIn(stream, name, dialect)) {
    const { cells, line: number } = row
    if (!head) {
      head = row
      const names = named ? cells.map((cell) => cell.trim()) : cells.map((_, c) => String(c + 1))
      indices = columns.map((column) => indexOf(column, names, name))
      if (named) continue
    }
    if (cells.length !== head.cells.length)
      throw inputError(
        `${name}: line ${number}: ${counted(cells.length)} where line ${head.line} has ${head.cells.length}; a cell that holds the delimiter stands in quotes`,
      )
    for (const index of indices) yield { text: cells[index], number }
  }
}

/** The delimiter that a table is said to have, or looks to have. */
function delimiterIn(lines: readonly Line[], kind: TableOptions['kind']): Delimiter {
  const found = tableIn(lines)?.delimiter ?? delimiterOf(lines.map(({ text }) => text).join('\n'))
  if (kind === 'tsv') return '\t'
  return kind === 'csv' && found === '\t' ? ',' : found
}

/** Every row that has anything in it. */
async function* rowsIn(stream: TextStream, name: string, dialect: Dialect): AsyncGenerator<Row> {
  const reader = rowReader(dialect, name)
  for await (const line of linesOf(stream, name)) {
    const row = isSeparator(line) ? undefined : reader.add(line)
    if (row) yield row
  }
  reader.end()
}

/**
 * The rows of a table whose columns are fixed, such as one of labels.
 *
 * @param dialect where its lines do not tell
 */
export function rowsOf(
  { lines, stream }: Beginning,
  name: string,
  dialect?: Dialect,
): AsyncGenerator<Row> {
  const below = lines.filter((line) => !isSeparator(line) && line.text.trim())
  const found = dialect ?? plainDialectOf(below, delimiterOf(below[0]?.text ?? ''))
  return rowsIn(stream, name, found)
}

export const counted = (n: number): string => `${n} ${n === 1 ? 'cell' : 'cells'}`
const isNumber = (column: string) => /^[1-9]\d{0,8}$/.test(column)

/**
 * Fields of lines of JSON.
 *
 * @throws {CommandError} with the line for what is no object, or no text; where no line has a field
 */
async function* fieldsOf(
  stream: TextStream,
  name: string,
  columns: readonly string[],
): AsyncGenerator<Line> {
  const seen = new Set<string>()
  let fields: readonly string[] | undefined
  for await (const { text: line, number } of linesOf(stream, name)) {
    if (!line.trim()) continue
    const record = objectIn(line)
    if (!record)
      throw inputError(
        `${name}: line ${number}: not an object of JSON such as {"text": "…"}, as the first line has`,
      )
    const names = Object.keys(record)
    for (const field of names) if (seen.size < MOST_NAMED) seen.add(field)
    fields ??= columns.map((column) =>
      names.includes(column) || !isNumber(column) ? column : names[indexOf(column, names, name)],
    )
    for (const field of fields) {
      const value = record[field] ?? ''
      if (typeof value === 'object')
        throw inputError(
          `${name}: line ${number}: field ${JSON.stringify(field)} must be a string, got ${JSON.stringify(value).slice(0, 40)}`,
        )
      if (Object.hasOwn(record, field)) seen.add(field)
      yield { text: String(value), number }
    }
  }
  const missing = fields?.find((field) => !seen.has(field))
  if (missing !== undefined) indexOf(missing, [...seen], name)
}

/**
 * Place of a column by its name or its number from 1.
 *
 * @throws {CommandError} that lists the columns there are
 */
export function indexOf(column: string, names: readonly string[], file: string): number {
  const exact = names.indexOf(column)
  if (exact >= 0) return exact
  if (isNumber(column) && Number(column) <= names.length) return Number(column) - 1
  const near = isNumber(column) ? undefined : nearest(column, names)
  throw inputError(
    `${file}: no column «${column}»${near ? ` (did you mean ${near}?)` : ''}; there ${names.length === 1 ? 'is' : 'are'} ${listed(names)}`,
  )
}
