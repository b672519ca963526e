import { resolve } from 'node:path'
import {
  type Line,
  linesOf,
  type Row,
  readPieces,
  type Sentences,
  sentenceLines,
  type TextSource,
} from '../../doors/internal.ts'
import { inputError, usageError } from '../terminal/errors.ts'
import { shellWord } from '../terminal/options.ts'
import type { Reporter } from '../terminal/progress.ts'
import { type Beginning, beginningOf } from './bytes.ts'
import { columnsOf, counted, refusal, rowsOf, type TableOptions } from './columns.ts'
import type { Dialect } from './dialect.ts'
import { filesBelow } from './folders.ts'
import { FORMATS } from './formats/formats.ts'
import { listed, type Metadata, metadataFor } from './metadata.ts'
import { type Foreign, foreignMarkup } from './signatures.ts'
import { tableIn } from './tables.ts'

/** What texts are; without anything, as their content says. */
export interface ReadingOptions {
  /**
   * Columns of a table: by name or by number from 1; false where a text is plain, whatever it looks
   * like.
   */
  readonly column?: readonly string[] | false
  /** Whether sentences are looked for in all lines, by whoever takes them. */
  readonly sentences?: Sentences
  /** `text`, `csv`, `tsv`, `jsonl`, or the name of a format. */
  readonly input?: string
  /** A table with a column `file`; its other columns are the metadata of each line of that file. */
  readonly metadata?: string
}

const TABLES = ['csv', 'tsv', 'jsonl']

/** Bytes of a file, or of stdin for `-`. */
export const sourceOf = (path: string): TextSource =>
  path === '-' ? { name: 'stdin', stream: process.stdin } : { name: path, stream: readPieces(path) }

/** Reads texts: whatever a text comes in, sentence by sentence or line by line. */
export class TextReader {
  readonly #options: ReadingOptions
  readonly #way: (column: string) => string
  readonly #inFolders = new Set<string>()
  readonly #kinds = new Map<string, string[]>()
  /** Of folders: what each is that is no plain text, and what reads each that is a table. */
  readonly #leftOut = new Map<string, string>()
  readonly #tables = new Map<string, string>()
  /** Of texts that were read, by their format. */
  readonly #partsOut = new Map<string, Map<string, number>>()
  #metadata: Metadata | undefined
  #hidden = 0
  #texts = 0
  #empty = 0

  /**
   * @param way of reading a column of a table, as an error says it
   * @throws {CommandError} for a column of what is no table, and for a table without one
   */
  constructor(options: ReadingOptions, way = COLUMN) {
    const { input, column } = options
    const isTable = TABLES.includes(input ?? '')
    if (input !== undefined && isTable !== Array.isArray(column))
      throw usageError(
        isTable
          ? `--input ${input} needs --column: a column of the table, by its name or its number from 1`
          : `--column reads a table, and --input ${input} is none; leave one of them out`,
      )
    this.#options = options
    this.#way = way
  }

  /**
   * The files that some paths lead to: those of folders one by one.
   *
   * @param others what is read besides
   * @throws {CommandError} for a folder without files, and for stdin twice
   */
  async files(
    paths: readonly string[],
    ...others: readonly (string | undefined)[]
  ): Promise<string[]> {
    const { metadata } = this.#options
    if ([...paths, ...others, metadata].filter((path) => path === '-').length > 1)
      throw usageError('- is stdin, which can be read once; name a file instead of the other')
    const found: string[] = []
    for (const path of paths) {
      const below = path === '-' ? undefined : await filesBelow(path)
      const inside = below?.files.filter(
        (file) => metadata === undefined || !isSame(file, metadata),
      )
      for (const file of inside ?? []) this.#inFolders.add(file)
      found.push(...(inside ?? [path]))
      this.#hidden += below?.hidden ?? 0
    }
    if (metadata !== undefined) {
      const names = found.map((path) => (path === '-' ? 'stdin' : path))
      this.#metadata = await metadataFor(names, metadata, tableRows(metadata))
    }
    return found
  }

  /**
   * The lines of a text or, of a table, its cells with the line that each row begins in.
   *
   * @param once whether a text is known by its first line, so that nobody waits for more
   * @throws {CommandError} for what is no text, and for a table of which no column was asked for
   */
  async *lines({ name, stream }: TextSource, once = false): AsyncGenerator<Line> {
    const beginning = await beginningOf(name, stream, once)
    const row = this.#metadata?.rows.get(name)
    try {
      const lines = this.#linesOf(beginning, name)
      if (!lines) return
      if (!row) return yield* lines
      for await (const line of lines)
        yield { ...line, metadata: line.metadata ? { ...line.metadata, ...row } : row }
    } finally {
      await beginning.close()
    }
  }

  #linesOf(beginning: Beginning, name: string): AsyncIterable<Line> | undefined {
    const { column: columns, input } = this.#options
    const { encoding, lines, stream } = beginning
    const plain = columns === false || input === 'text'
    const format = FORMATS.find((one) =>
      input ? one.name === input : !plain && !columns && one.recognises(lines),
    )
    const isOpen = !plain && !columns && !format
    const foreign = beginning.foreign ?? (isOpen ? foreignMarkup(lines) : undefined)
    if (foreign) {
      if (!this.#inFolders.has(name)) throw refused(name, foreign)
      this.#leftOut.set(name, foreign.title.replace(/^an? /, ''))
      return undefined
    }
    if (encoding) this.#note(encoding.toUpperCase(), name)
    if (columns) {
      const kind = input as TableOptions['kind']
      return this.#cells(columnsOf(beginning, name, { columns, kind }))
    }
    if (format) {
      if (!input) this.#note(format.title, name)
      const parts = this.#partsOut.get(format.title) ?? new Map<string, number>()
      this.#partsOut.set(format.title, parts)
      const count = (what: string, n: number) => void parts.set(what, (parts.get(what) ?? 0) + n)
      const found = apart(format.read(stream, name, count))
      // whoever looks for sentences everywhere knows the languages of the text
      const cut = format.paragraphs && this.#options.sentences !== 'auto'
      return cut ? sentenceLines(found, 'auto') : found
    }
    const table = plain ? undefined : tableIn(lines)
    if (table && this.#inFolders.has(name)) {
      this.#tables.set(name, `--column ${shellWord(table.likely)}`)
      return undefined
    }
    if (table) throw inputError(`${name}: ${refusal(table, this.#way)}`)
    return linesOf(stream, name)
  }

  async *#cells(lines: AsyncIterable<Line>): AsyncGenerator<Line> {
    for await (const { text, number } of lines) {
      // a cell is one text, however many lines it has
      const plain = text.replace(/\s*[\r\n\u0085\u2028\u2029]\s*/g, ' ').trim()
      if (plain) this.#texts++
      else this.#empty++
      if (plain) yield { text: plain, number, paragraph: true }
    }
  }

  /** Whether a file of a folder was left out, as it is no plain text. */
  leavesOut(name: string): boolean {
    return this.#leftOut.has(name) || this.#tables.has(name)
  }

  #note(title: string, name: string) {
    const named = this.#kinds.get(title)
    if (named) named.push(name)
    else this.#kinds.set(title, [name])
  }

  /** Says what texts were taken for, and what was left out. */
  report(reporter: Pick<Reporter, 'note' | 'warn'>): void {
    for (const [title, [first, ...more]] of this.#kinds)
      reporter.note(
        more.length ? `${more.length + 1} files: read as ${title}` : `${first}: reads as ${title}`,
      )
    this.reportLeftOut(reporter)
  }

  /** Says what was left out. */
  reportLeftOut({ note, warn }: Pick<Reporter, 'note' | 'warn'>): void {
    const hidden = this.#hidden
    const named = (some: ReadonlyMap<string, string>) =>
      listed([...some].map(([name, about]) => `${name} (${about})`))
    const [out, tables] = [this.#leftOut, this.#tables]
    if (out.size) warn(`${out.size} ${files(out.size)} left out, no plain text: ${named(out)}`)
    if (tables.size)
      warn(
        `${tables.size} ${tables.size === 1 ? 'table' : 'tables'} left out: ${named(tables)}; each is read when named by itself`,
      )
    for (const message of this.#metadata?.missing ?? []) warn(message)
    for (const [title, parts] of this.#partsOut) {
      const counts = [...parts].sort(([, n], [, m]) => m - n).map(([what, n]) => `${what} (${n})`)
      if (counts.length) note(`${title}: left out ${counts.join(', ')}`)
    }
    if (hidden) note(`${hidden} hidden ${files(hidden)} left out`)
    if (this.#empty === 0) return
    const were = this.#empty === 1 ? 'was' : 'were'
    warn(`${this.#empty} of ${counted(this.#texts + this.#empty)} ${were} empty and left out`)
  }
}

/** Lines of which each is a paragraph: a text in a format says itself where they end. */
async function* apart(lines: AsyncIterable<Line>): AsyncGenerator<Line> {
  for await (const line of lines) yield line.words ? line : { ...line, paragraph: true }
}

const COLUMN = (column: string) => `--column ${column} reads one, --no-column all as it stands`

const refused = (name: string, { title, remedy }: Foreign) =>
  inputError(
    `${name}: it is ${title}; ${name === 'stdin' ? remedy : remedy.replace('FILE', shellWord(name))}`,
  )

const isSame = (one: string, other: string) => resolve(one) === resolve(other)

const files = (n: number) => (n === 1 ? 'file' : 'files')

/**
 * The rows of a table whose columns are fixed, such as one of labels.
 *
 * @param dialect where its lines do not tell
 */
export async function* tableRows(path: string, dialect?: Dialect): AsyncGenerator<Row> {
  const { name, stream } = sourceOf(path)
  const beginning = await beginningOf(name, stream)
  try {
    if (beginning.foreign) throw refused(name, beginning.foreign)
    yield* rowsOf(beginning, name, dialect)
  } finally {
    await beginning.close()
  }
}

/** A table as a text with tabs, each row on the line that it begins in. */
export function tableSource(path: string): TextSource {
  async function* lines() {
    let at = 1
    for await (const { cells, line } of tableRows(path)) {
      const row = cells.map((cell) => cell.replace(/[\t\r\n]+/g, ' ')).join('\t')
      yield `${'\n'.repeat(line - at)}${row}\n`
      at = line + 1
    }
  }
  return { name: sourceOf(path).name, stream: lines() }
}
