import type { Line } from '../../doors/internal.ts'
import { DELIMITERS, type Delimiter } from './csv.ts'
import { dialectOf, sampleOf } from './dialect.ts'

/** A table, as the beginning of its file shows it. */
export interface Table {
  readonly kind: 'CSV' | 'TSV' | 'lines of JSON' | 'JSON'
  /** Its columns; their numbers from 1 where the first line names none. */
  readonly columns: readonly string[]
  readonly named: boolean
  /** The column that holds the text, by its name or by the length of its cells. */
  readonly likely: string
  /** Between its cells, in CSV and TSV. */
  readonly delimiter?: Delimiter
}

/** Lines of JSON that are looked at. */
const JSON_LINES = 20
/** An object with a field, alone or in an array, or an array of texts. */
const JSON_BEGINS = /^\s*(?:\[?\s*\{\s*"[^"\\\n]+"\s*:|\[\s*(?:\[\s*)?"(?:[^"\\\n]|\\.)*"\s*[,\]])/
/** What Excel takes as the delimiter of the lines below. */
const SEPARATOR = /^sep=.?$/i

/**
 * What table a text is, if it is one.
 *
 * Prose has blanks behind its commas and as many on one line as it likes; a table has the same
 * number of cells in every row, with no blank before them, below a line of names or beside a column
 * of codes.
 *
 * @param lines the first of the text
 */
export function tableIn(lines: readonly Line[]): Table | undefined {
  const json = jsonTable(lines)
  if (json) return json
  const below = lines.filter((line) => !isSeparator(line))
  for (const delimiter of DELIMITERS) {
    const rows = rowsIn(below, delimiter)
    if (rows && (isTable(rows, delimiter) || areQuoted(below, delimiter)))
      return described(rows, delimiter)
  }
  return undefined
}

/** Whether a line names the delimiter and is no row, as Excel has it. */
export const isSeparator = ({ text, number }: Line): boolean =>
  number === 1 && SEPARATOR.test(text.trim())

function jsonTable(lines: readonly Line[]): Table | undefined {
  const first = lines
    .map(({ text }) => text)
    .filter((text) => text.trim())
    .slice(0, JSON_LINES)
  const records = first.map((text) => objectIn(text) ?? {})
  if (records.length && Object.values(records[0]).some((value) => typeof value !== 'object')) {
    const columns = [...new Set(records.flatMap(Object.keys))]
    const likely = textColumn(columns, (name) => records.map((record) => record[name]))
    return { kind: 'lines of JSON', columns, named: true, likely }
  }
  if (!JSON_BEGINS.test(first.join('\n'))) return undefined
  return { kind: 'JSON', columns: [], named: false, likely: '' }
}

/** The object that a line of JSON is. */
export function objectIn(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.trimStart().startsWith('{')) return undefined
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** Rows by a delimiter; undefined where there are no two, or the first has no two cells. */
function rowsIn(lines: readonly Line[], delimiter: Delimiter) {
  if (!lines.find(({ text }) => text.trim())?.text.includes(delimiter)) return undefined
  const dialect = dialectOf(lines, delimiter)
  const { rows } = sampleOf(lines, dialect)
  if (rows.length === 1) {
    // a book in quotes may go on beyond what is looked at
    const closed = sampleOf([...lines, { text: '"', number: 0 }], dialect).rows[1]
    if (closed) rows.push(rows[0].map((_, c) => closed[c] ?? ''))
  }
  return rows.length > 1 && rows[0].length > 1 ? rows : undefined
}

const IDENTIFIER = /^\p{L}[\p{L}\p{M}\p{N}_-]*$|^_\w+$/u
const NAME = /^[\p{L}_#][\p{L}\p{M}\p{N}_ ./%#-]{0,39}(?: \([^()]{1,20}\))?$/u
/** A number, a date, an identifier: a digit in it and no blank, but before the time of a day. */
const CODE = /^(?=\S*\d)\S{1,60}(?: \d{1,2}:\d{2}(?::\d{2}\S{0,9})?(?: [AP]M)?)?$/i
/** What a first column of numbers is called where nobody named it. */
const INDEX = /^(?:Unnamed: 0)?$/
const WORDS = /^\P{N}*\p{L}{2}/u

type Rows = readonly (readonly string[])[]

/** Share of some that have something. */
export const share = <T>(all: readonly T[], has: (one: T) => boolean) =>
  all.filter(has).length / Math.max(1, all.length)

/** With one digit instead of each number. */
const numbered = (cell: string) => cell.trim().replace(/\d+/g, '0')

/** Whether the first column numbers the rows, below no name of its own. */
const isIndexed = ([head = [], ...body]: Rows) =>
  INDEX.test(head[0]?.trim() ?? '-') &&
  body.length > 0 &&
  body.every(([first = '']) => /^\d+$/.test(first.trim()))

/**
 * Whether a first row is names: each another, and short and none of them again in its own column,
 * or words above codes.
 */
export function isHeader(rows: Rows): boolean {
  const [head = [], ...body] = rows
  const names = head.map((cell) => cell.trim())
  const isName = (name: string, c: number) =>
    (c === 0 && isIndexed(rows)) ||
    areWordsAboveCodes(rows) ||
    (NAME.test(name) &&
      name.split(' ').length <= 5 &&
      // s-1 above s-2 is an identifier, v1 above .25 a name
      !(
        /\d/.test(name) &&
        body.length &&
        body.every((row) => numbered(row[c] ?? '') === numbered(name))
      ) &&
      body.every((row) => row[c]?.trim() !== name))
  return new Set(names).size === names.length && names.every(isName)
}

/** Whether a row without codes stands above two rows or more of which a column has codes alone. */
function areWordsAboveCodes([head, ...body]: Rows) {
  return (
    body.length > 1 &&
    head.every((cell) => cell.trim() && !CODE.test(cell.trim())) &&
    head.some((_, c) => body.every((row) => CODE.test(row[c]?.trim() ?? '')))
  )
}

/** Whether two lines or more are cells in quotes, and nothing else. */
function areQuoted(lines: readonly Line[], delimiter: Delimiter) {
  const row = new RegExp(`^"(?:[^"]|"")*"(?:${delimiter}"(?:[^"]|"")*")+$`)
  const full = lines.filter(({ text }) => text.trim())
  return full.length > 1 && full.every(({ text }) => row.test(text))
}

/**
 * Whether rows are those of a table, and not of verses, lists, dialogue or code with as many commas
 * on each line.
 */
function isTable(rows: Rows, delimiter: Delimiter) {
  const [head, ...body] = rows
  const n = head.length
  const named = isHeader(rows)
  const isTight = (some: Rows) =>
    delimiter === '\t' || share(some.flat(), (cell) => !/^\s/.test(cell)) >= 0.9
  // a first line such as id,text,label is no sentence, though commas in the rows below be unquoted
  if (
    named &&
    head.every((name, c) => IDENTIFIER.test(name) || (c === 0 && isIndexed(rows))) &&
    share(body, ({ length }) => length >= n) >= 0.8
  )
    return true
  if (!body.every(({ length }) => length === n)) return false
  if (named) return isTight(rows) || (n > 2 && hasCodes(body))
  if (body.length < 2 || !isTight(rows)) return false
  if (delimiter === '\t' && n > 2) return rows.every((row) => row.every((cell) => cell.trim()))
  return (
    hasCodes(rows) ||
    rows.some((row) => row.some((cell) => cell.includes(delimiter) || cell.includes('\n')))
  )
}

/** Whether a column of codes stands beside one of words. */
function hasCodes(rows: Rows) {
  const columnsWhere = (test: RegExp) =>
    rows[0].flatMap((_, c) => (share(rows, (row) => test.test(row[c].trim())) >= 0.9 ? [c] : []))
  return columnsWhere(CODE).length > 0 && columnsWhere(WORDS).length > 0
}

function described(rows: Rows, delimiter: Delimiter): Table {
  const named = isHeader(rows)
  const columns = rows[0].map((cell, c) => (named ? cell.trim() : String(c + 1)))
  const body = named ? rows.slice(1) : rows
  const likely = textColumn(columns, (_, c) => body.map((row) => row[c]))
  return { kind: delimiter === '\t' ? 'TSV' : 'CSV', columns, named, likely, delimiter }
}

/** What a column of texts is called, as a rule. */
const TEXT =
  /^(?:text|texte|sentence|phrase|body|content|contenu|message|comment|commentaire|review|tweet)s?$/i

/** The column that is named as texts are, or has the most letters in its cells. */
function textColumn(
  columns: readonly string[],
  cellsOf: (name: string, c: number) => readonly unknown[],
) {
  const named = columns.find((name) => TEXT.test(name))
  if (named) return named
  const letters = columns.map((name, c) => {
    const cells = cellsOf(name, c).filter((cell) => typeof cell === 'string')
    return cells.join('').match(/\p{L}/gu)?.length ?? 0
  })
  return columns[letters.indexOf(Math.max(...letters))] ?? ''
}
