import { CsvError, parse } from 'csv-parse/sync'
import { type Line, LONGEST_LINE, type Row } from '../../doors/internal.ts'
import { inputError } from '../terminal/errors.ts'
import { type Delimiter, REASONS } from './csv.ts'

/** How the cells of a table are parted and quoted. */
export interface Dialect {
  readonly delimiter: Delimiter
  /** No quotes at all where null. */
  readonly quote: '"' | null
  /** What stands before a quote within quotes. */
  readonly escape: '"' | '\\'
}

const QUOTINGS = [
  { quote: '"', escape: '"' },
  { quote: '"', escape: '\\' },
  { quote: null, escape: '"' },
] as const

/** As the command writes its own tables. */
export const QUOTED_TABS: Dialect = { delimiter: '\t', ...QUOTINGS[0] }

/** Rows of a table, line by line: a quoted cell may go on over lines. */
export function rowReader(dialect: Dialect, name: string) {
  const { delimiter, quote, escape: mark } = dialect
  let pending = ''
  let first = 0
  let open = false
  const unreadable = (why: string): Error =>
    inputError(`${name}: line ${first}: ${why}; is it a CSV file, and whole?`)
  /** @throws {CommandError} where a quote is still open */
  const end = () => {
    if (open) throw unreadable(REASONS.CSV_QUOTE_NOT_CLOSED)
  }

  /** Whether a quote is open at the end of a line. */
  const opens = (text: string) => {
    if (quote === null) return false
    let quoted = open
    for (let at = 0; ; at++) {
      if (quoted) at = closing(text, at, mark)
      else if (text[at] === quote) at = closing(text, at + 1, mark)
      if (at < 0) return true
      quoted = false
      at = text.indexOf(delimiter, at)
      if (at < 0) return false
    }
  }

  /**
   * The row that ends with a line, if one does and has anything in it.
   *
   * @throws {CommandError} with the line for quotes that stand where none may
   */
  const add = ({ text, number }: Line): Row | undefined => {
    if (!open) first = number
    pending = open ? `${pending}\n${text}` : text
    open = opens(text)
    if (open && pending.length > LONGEST_LINE) end()
    if (open || !pending.trim()) return undefined
    try {
      const [cells = []] = parse(pending, {
        ...dialect,
        relax_quotes: true,
        relax_column_count: true,
      })
      return { cells, line: first }
    } catch (error) {
      if (!(error instanceof CsvError)) throw error
      throw unreadable(REASONS[error.code] ?? error.message)
    }
  }
  return { add, end }
}

/** One past the quote that closes a cell; −1 where none does. */
function closing(text: string, from: number, mark: Dialect['escape']) {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 1)) {
    if (mark === '\\' && text[at - 1] === '\\') continue
    if (mark === '"' && text[at + 1] === '"') at++
    else return at + 1
  }
  return -1
}

/**
 * Rows of the beginning of a table, as far as they can be read, and whether that is all of them.
 */
export function sampleOf(lines: readonly Line[], dialect: Dialect) {
  const reader = rowReader(dialect, '')
  const rows: (readonly string[])[] = []
  try {
    for (const line of lines) {
      const row = reader.add(line)
      if (row) rows.push(row.cells)
    }
    return { rows, all: true }
  } catch {
    return { rows, all: false }
  }
}

/**
 * The quoting by which all rows of a sample have as many cells, and there are most of them; without
 * any, quotes are doubled.
 */
export function dialectOf(lines: readonly Line[], delimiter: Dialect['delimiter']): Dialect {
  const scores = QUOTINGS.map((quoting) => {
    const { rows, all } = sampleOf(lines, { delimiter, ...quoting })
    return all && rows.every(({ length }) => length === rows[0].length) ? rows.length : 0
  })
  return { delimiter, ...QUOTINGS[scores.indexOf(Math.max(...scores))] }
}

/** A cell in quotes with a doubled quote in it. */
const DOUBLED = /(?:^|\t)"(?:[^"\t]|"")*""(?:[^"\t]|"")*"(?:\t|$)/

/** As dialectOf; with tabs, quotes are as they stand, as in text, unless a quoted cell doubles some. */
export const plainDialectOf = (lines: readonly Line[], delimiter: Delimiter): Dialect =>
  delimiter === '\t' && !lines.some(({ text }) => DOUBLED.test(text))
    ? { delimiter, ...QUOTINGS[2] }
    : dialectOf(lines, delimiter)
