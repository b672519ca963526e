import { basename } from 'node:path'
import type { Row } from '../../doors/internal.ts'
import { inputError } from '../terminal/errors.ts'
import { indexOf } from './columns.ts'

/** What a table says of files. */
export interface Metadata {
  /** By the name of the file: its cells by their columns. */
  readonly rows: ReadonlyMap<string, Readonly<Record<string, string>>>
  /** Rows without a file, and files without a row. */
  readonly missing: readonly string[]
}

/** Names that a warning gives. */
const MOST_NAMED = 5

/** Some names of many. */
export const listed = (names: readonly string[]): string =>
  names.slice(0, MOST_NAMED).join(', ') + (names.length > MOST_NAMED ? ', …' : '')

/**
 * The metadata of some files. A row is of the file with the path in its column `file`, or with that
 * name, whatever its folder and its extensions.
 *
 * @throws {CommandError} for a table without such a column, a row with cells too few or too many,
 *   one that is of several files, and a file that has several
 */
export async function metadataFor(
  files: readonly string[],
  table: string,
  all: AsyncIterable<Row>,
): Promise<Metadata> {
  const named = new Map<string, string[]>()
  for (const file of new Set(files))
    for (const name of namesOf(file)) named.set(name, [...(named.get(name) ?? []), file])
  const rows = new Map<string, Readonly<Record<string, string>>>()
  const lines = new Map<string, number>()
  const unmatched: string[] = []
  let head: { readonly names: readonly string[]; readonly file: number } | undefined
  for await (const { cells, line } of all) {
    const refuse = (why: string) => inputError(`${table}: line ${line}: ${why}`)
    const values = cells.map((cell) => cell.trim())
    if (!head) {
      head = { names: values, file: indexOf('file', values, table) }
      continue
    }
    const { names, file } = head
    if (values.length !== names.length)
      throw refuse(`${values.length} cells, where the first line has ${names.length}`)
    const found = files.includes(values[file]) ? [values[file]] : (named.get(values[file]) ?? [])
    if (found.length > 1)
      throw refuse(`${values[file]} may be ${listed(found)}; give the path of one`)
    if (found.length === 0) unmatched.push(values[file])
    for (const one of found) {
      if (rows.has(one)) throw refuse(`${one} has a row already, in line ${lines.get(one)}`)
      lines.set(one, line)
      rows.set(
        one,
        Object.fromEntries(names.flatMap((name, c) => (c === file ? [] : [[name, values[c]]]))),
      )
    }
  }
  const without = [...new Set(files)].filter((file) => !rows.has(file))
  const missing = [
    ...said(unmatched, `${table}: # no file that is read`, 'row names', 'rows name'),
    ...said(without, `${table}: # no row`, 'file has', 'files have'),
  ]
  return { rows, missing }
}

const said = (names: readonly string[], text: string, one: string, many: string) =>
  names.length
    ? [
        `${text.replace('#', `${names.length} ${names.length === 1 ? one : many}`)}: ${listed(names)}`,
      ]
    : []

/** What a file may be called: without its folder, and without its extensions, one after the other. */
function namesOf(file: string) {
  const names = [basename(file)]
  for (let name = names[0]; ; names.push(name)) {
    const shorter = name.replace(/(?<=.)\.[^.]*$/, '')
    if (shorter === name) return names
    name = shorter
  }
}
