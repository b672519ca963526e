import {
  type Line,
  linesOf,
  nearest,
  type TextSource,
  type TextStream,
} from '../../doors/internal.ts'
import { inputError } from '../terminal/errors.ts'
import { shellWord } from '../terminal/options.ts'
import { delimiterOf } from './csv.ts'
import { dialectOf, rowReader, sampleOf } from './dialect.ts'
import { isHeader, isSeparator, objectIn, type Table, tableIn } from './tables.ts'

/**
 * Which columns of a table are texts: by name or by number from 1; false for none, all that a file
 * holds being text.
 */
export interface ColumnOptions {
  readonly column?: readonly string[] | false
}

/** Bytes of a file that show whether it is a table. */
const LOOKED_AT = 2 ** 16
/** Columns that an error names. */
const MOST_NAMED = 20

/** Reads texts: plain ones as they are, of tables the columns that were asked for. */
export class TextReader {
  readonly #columns: readonly string[] | false | undefined
  #texts = 0
  #empty = 0

  constructor({ column }: ColumnOptions) {
    this.#columns = column
  }

  /**
   * The text as a stream of its bytes or, of a table, of its cells, a line each.
   *
   * @throws {CommandError} for a table of which no column was asked for
   */
  async *stream(source: TextSource): AsyncGenerator<Uint8Array | string> {
    if (!this.#columns) yield* await this.#plain(source, LOOKED_AT)
    else for await (const { text } of this.lines(source)) yield `${text}\n`
  }

  /**
   * The lines of the text or, of a table, its cells with the line that each row begins in.
   *
   * @param once whether a table is known by what comes first, so that nobody waits for more
   */
  async *lines(source: TextSource, once = false): AsyncGenerator<Line> {
    const bytes = once ? 1 : LOOKED_AT
    if (this.#columns) yield* this.#cells(source, this.#columns, bytes)
    else yield* linesOf(await this.#plain(source, bytes), source.name)
  }

  /** Says how many cells were empty, if any. */
  report({ warn }: { warn(message: string): void }): void {
    if (this.#empty === 0) return
    const were = this.#empty === 1 ? 'was' : 'were'
    warn(`${this.#empty} of ${counted(this.#texts + this.#empty)} ${were} empty and left out`)
  }

  async #plain({ name, stream }: TextSource, bytes: number): Promise<TextStream> {
    const beginning = await beginningOf(stream, bytes)
    const table = this.#columns === false ? undefined : tableIn(beginning.lines)
    if (!table) return beginning.stream
    await beginning.close()
    throw inputError(`${name}: ${refusal(table, OPTIONS)}`)
  }

  async *#cells(
    { name, stream }: TextSource,
    columns: readonly string[],
    bytes: number,
  ): AsyncGenerator<Line> {
    const beginning = await beginningOf(stream, bytes)
    const first = beginning.lines.find(({ text }) => text.trim())?.text ?? ''
    if (tableIn(beginning.lines)?.kind === 'JSON') {
      await beginning.close()
      throw inputError(
        `${name}: JSON over several lines; --column reads lines of JSON, with one object on each`,
      )
    }
    const cells = objectIn(first) ? fieldsOf : cellsOf
    for await (const { text, number } of cells(beginning, name, columns)) {
      // a cell is one text, however many lines it has
      const plain = text.replace(/\s*[\r\n\u2028\u2029]\s*/g, ' ').trim()
      if (plain) this.#texts++
      else this.#empty++
      if (plain) yield { text: plain, number }
    }
  }
}

/**
 * @throws {CommandError} where a whole text is a table.
 * @param command that would learn from a column of it
 */
export function expectPlain(
  bytes: Uint8Array,
  name: string,
  command: (column: string) => string,
): void {
  const table = tableIn(linesIn(bytes.subarray(0, LOOKED_AT), bytes.length <= LOOKED_AT))
  if (table)
    throw inputError(`${name}: ${refusal(table, (column) => `${command(column)} reads one`)}`)
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

const OPTIONS = (column: string) => `--column ${column} reads one, --no-column all as it stands`

const refusal = (table: Table, way: (column: string) => string) =>
  table.kind === 'JSON'
    ? 'JSON, not plain text; make lines of JSON of it, an object on each, and name the field of the text with --column'
    : `${what(table)}, not plain text; ${way(shellWord(table.likely))}`

/** The first lines of a stream, and the whole of it. */
interface Beginning {
  readonly lines: readonly Line[]
  readonly stream: TextStream
  /** Lets go of a stream that is not read any more. */
  close(): Promise<void>
}

/** Looks at the first bytes of a stream, so many or a piece more. */
async function beginningOf(stream: TextStream, bytes: number): Promise<Beginning> {
  const iterator = (
    Symbol.asyncIterator in stream ? stream[Symbol.asyncIterator]() : stream[Symbol.iterator]()
  ) as AsyncIterator<Uint8Array | string>
  const seen: Uint8Array[] = []
  let ended = false
  for (let size = 0; size < bytes; ) {
    const next = await iterator.next()
    ended = next.done === true
    if (next.done) break
    const piece = Buffer.from(next.value)
    seen.push(piece)
    size += piece.length
  }
  const close = async () => {
    await iterator.return?.()
  }
  async function* all() {
    try {
      yield* seen
      for (let next = await iterator.next(); !next.done; next = await iterator.next())
        yield next.value
    } finally {
      await close()
    }
  }
  return { close, lines: linesIn(Buffer.concat(seen), ended), stream: all() }
}

/** Lines of the beginning of a text; without the last one, where that may not be whole. */
function linesIn(bytes: Uint8Array, whole: boolean): Line[] {
  const lines = new TextDecoder().decode(bytes).split(/\r\n|\n|\r/)
  if (!whole && lines.length > 1) lines.pop()
  return lines.map((text, n) => ({ text, number: n + 1 }))
}

/**
 * Cells of rows parted by commas, semicolons or tabs.
 *
 * @throws {CommandError} with the line for a row of another length than the first
 */
async function* cellsOf(
  { lines, stream }: Beginning,
  name: string,
  columns: readonly string[],
): AsyncGenerator<Line> {
  const below = lines.filter((line) => !isSeparator(line))
  const dialect = dialectOf(
    below,
    tableIn(below)?.delimiter ?? delimiterOf(below.map(({ text }) => text).join('\n')),
  )
  const reader = rowReader(dialect, name)
  const named = isHeader(sampleOf(below, dialect).rows) || !columns.every(isNumber)
  let head: { readonly cells: readonly string[]; readonly line: number } | undefined
  let indices: readonly number[] = []
  for await (const line of linesOf(stream, name)) {
    if (isSeparator(line)) continue
    const row = reader.add(line)
    if (!row) continue
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
  reader.end()
}

const counted = (n: number) => `${n} ${n === 1 ? 'cell' : 'cells'}`
const isNumber = (column: string) => /^[1-9]\d{0,8}$/.test(column)

/**
 * Fields of lines of JSON.
 *
 * @throws {CommandError} with the line for what is no object, or no text; where no line has a field
 */
async function* fieldsOf(
  { stream }: Beginning,
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
function indexOf(column: string, names: readonly string[], file: string) {
  const exact = names.indexOf(column)
  if (exact >= 0) return exact
  if (isNumber(column) && Number(column) <= names.length) return Number(column) - 1
  const near = isNumber(column) ? undefined : nearest(column, names)
  throw inputError(
    `${file}: no column «${column}»${near ? ` (did you mean ${near}?)` : ''}; there ${names.length === 1 ? 'is' : 'are'} ${listed(names)}`,
  )
}
