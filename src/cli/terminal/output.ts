import { once } from 'node:events'
import { access, constants, stat } from 'node:fs/promises'
import { dirname, extname } from 'node:path'
import { csvRow, type Pieces, visible, writeWhole } from '../../doors/internal.ts'
import { jsonText } from './decimals.ts'
import { inputError, usageError } from './errors.ts'
import { blanksFor, widthOf } from './terminal.ts'

/** Formats of what is found in texts. */
export const FORMATS = ['table', 'csv', 'tsv', 'jsonl'] as const

export type Format = (typeof FORMATS)[number] | 'npy'

/** Options of a command's output. */
export interface OutputOptions<Known extends string = Format> {
  readonly json?: boolean
  readonly format?: Known
  readonly output?: string
  readonly force?: boolean
}

/** Output, in pieces. */
export type Written = AsyncIterable<string | Uint8Array>

/** The given format, that of the file's extension, or the default; `json` with --json. */
export function formatOf<Known extends string>(
  { json, format, output = '' }: OutputOptions<Known>,
  formats: readonly Known[],
  byDefault: Known,
): Known | 'json' {
  if (json && format !== undefined && format !== 'jsonl')
    throw usageError(`--json and --format ${format} exclude each other`)
  if (json) return 'json'
  return format ?? formats.find((known) => extname(output) === `.${known}`) ?? byDefault
}

/**
 * Fails early if the output could not be written.
 *
 * @throws {CommandError} for an existing file without --force, or for bytes to a terminal
 */
export async function checkOutput(
  { output, force }: Pick<OutputOptions, 'output' | 'force'>,
  bytes = false,
): Promise<void> {
  if (output === undefined || output === '-') {
    if (bytes && process.stdout.isTTY)
      throw usageError('this is for machines, not for a terminal; give -o FILE')
    return
  }
  if (output === '') throw usageError('-o needs the name of a file')
  const found = await stat(output).catch(() => undefined)
  if (found?.isDirectory()) throw inputError(`${output}: it is a folder; name a file`)
  if (found?.isFile() && !force)
    throw usageError(`${output} is there already; --force overwrites it`)
  if (!found) await checkFolder(output)
  await access(found?.isFile() ? output : dirname(output), constants.W_OK).catch(() => {
    throw inputError(
      `${output}: access is denied; check the permissions of it and of its folder, or choose another place`,
    )
  })
}

/** @throws {CommandError} unless the folder of a new file is there */
async function checkFolder(output: string) {
  const folder = await stat(dirname(output)).catch(() => undefined)
  if (!folder)
    throw inputError(`${output}: its folder does not exist; make it first, or choose another`)
  if (!folder.isDirectory())
    throw inputError(`${output}: ${dirname(output)} is a file, not a folder; check its name`)
}

/** Writes to the given file atomically, or to stdout as it comes. */
export async function deliver(
  written: Pieces,
  { output }: Pick<OutputOptions, 'output'>,
): Promise<void> {
  if (output !== undefined && output !== '-') return writeWhole(output, written)
  const all = typeof written === 'string' || written instanceof Uint8Array ? [written] : written
  for await (const piece of all)
    if (!process.stdout.write(piece)) await once(process.stdout, 'drain')
}

type Cells = readonly (string | number)[]

/** The layout of results. */
export interface Layout<Found> {
  /** Lines for people. */
  table(found: Found): readonly string[]
  /** Names of the columns, and what stands below them. */
  readonly head: Cells
  rows(found: Found): Iterable<Cells>
  /** Lines of JSON. */
  records?: ((found: Found) => Iterable<object>) | undefined
}

/** Characters of rows that are written at once. */
const AT_ONCE = 2 ** 16

/** What was found in a format: tables have a blank line between them. */
export async function* printed<Found>(
  found: AsyncIterable<Found> | Iterable<Found>,
  format: Format | 'json',
  { table, head, rows, records }: Layout<Found>,
): Written {
  const parted = format === 'csv' || format === 'tsv'
  if (parted) yield rowOf(head, format)
  let before = ''
  for await (const one of found) {
    if (format === 'table') {
      const lines = table(one)
      if (lines.length) yield `${before}${lines.join('\n')}\n`
      before = '\n'
      continue
    }
    let text = ''
    for (const line of parted ? rows(one) : (records?.(one) ?? [])) {
      text += parted ? rowOf(line as Cells, format) : `${jsonText(line)}\n`
      if (text.length < AT_ONCE) continue
      yield text
      text = ''
    }
    if (text) yield text
  }
}

/** One row of a table of cells. */
export const rowOf = (cells: Cells, format: 'csv' | 'tsv'): string =>
  csvRow(cells, format === 'csv' ? ',' : '\t')

/**
 * Columns of text in lines, control characters visible: to the left, or to the right where a name of
 * `right` stands.
 */
export function columnsOf(
  given: readonly (readonly string[])[],
  right: readonly number[] = [],
): string[] {
  const rows = given.map((row) => row.map(visible))
  const widths: number[] = []
  for (const row of rows) {
    for (const [c, cell] of row.entries()) widths[c] = Math.max(widths[c] ?? 0, widthOf(cell))
  }
  const padded = (cell: string, c: number) =>
    right.includes(c) ? blanksFor(cell, widths[c]) + cell : cell + blanksFor(cell, widths[c])
  return rows.map((row) => row.map(padded).join('  ').trimEnd())
}

/**
 * At most so many columns of a terminal from the beginning of a text, or from its end where
 * negative: on one line, control characters visible.
 */
export function shortened(text: string, room: number): string {
  const plain = visible(text.replace(/\s+/g, ' '))
  if (widthOf(plain) <= Math.abs(room)) return plain
  const signs = room < 0 ? [...plain].reverse() : [...plain]
  const kept: string[] = []
  let width = 1
  for (const sign of signs) {
    width += widthOf(sign)
    if (width > Math.abs(room)) break
    kept.push(sign)
  }
  return room < 0 ? `…${kept.reverse().join('')}` : `${kept.join('')}…`
}
