import { type SenseEdit, type Senses, visible, writeWhole } from '../../doors/internal.ts'
import { counted } from '../terminal/decimals.ts'
import { inputError } from '../terminal/errors.ts'
import { rowOf } from '../terminal/output.ts'
import { QUOTED_TABS } from '../texts/dialect.ts'
import { sourceOf, tableRows } from '../texts/reader.ts'
import { type ConcordanceLine, labelOf, lineLabel } from './concordance.ts'

/** What each change is made of, between tabs. */
const SYNTAXES: Readonly<Record<string, string>> = {
  name: 'name, GROUP, NAME',
  merge: 'merge, GROUP, GROUP, …',
  split: 'split, GROUP, NUMBER',
  move: 'move, LINE, …, GROUP',
  group: 'group, NAME, LINE, …',
}

/** A change as it stands in a file. */
interface Row {
  readonly where: string
  readonly cells: readonly string[]
}

/**
 * The changes of a file, one a line, with tabs; blank lines and those that begin with # are left
 * alone.
 */
export async function readEdits(path: string): Promise<Row[]> {
  const { name } = sourceOf(path)
  const rows: Row[] = []
  for await (const row of tableRows(path, QUOTED_TABS)) {
    const { line: number } = row
    const cells = row.cells.map((cell) => cell.trim())
    if (cells[0].startsWith('#')) continue
    const where = `${name}: line ${number}`
    const syntax = SYNTAXES[cells[0]]
    if (!syntax)
      throw inputError(
        `${where}: a change begins with ${Object.keys(SYNTAXES).join(', ')} and has tabs between its parts, got ${JSON.stringify(cells[0])}`,
      )
    if (
      cells.length < 3 ||
      cells.includes('') ||
      (/^(name|split)$/.test(cells[0]) && cells.length > 3)
    )
      throw inputError(`${where}: must be ${syntax}, with tabs between them`)
    if (cells[0] === 'split' && !(/^\d+$/.test(cells[2]) && Number(cells[2]) >= 2))
      throw inputError(`${where}: a group is split into 2 or more, got ${JSON.stringify(cells[2])}`)
    rows.push({ where, cells })
  }
  return rows
}

/**
 * The changes, with every line by its whole name.
 *
 * @throws {CommandError} for a line that has the word several times
 */
export function editsOf(rows: readonly Row[], lines: readonly ConcordanceLine[]): SenseEdit[] {
  const whole = labelsOf(lines)
  return rows.map(({ where, cells: [edit, ...cells] }) => {
    const [first, ...rest] = cells.map((cell) => wholeLabel(cell, whole, where))
    if (edit === 'name') return { edit, where, group: first, as: cells[1] }
    if (edit === 'merge') return { edit, where, groups: [first, ...rest] }
    if (edit === 'split') return { edit, where, group: first, into: Number(cells[1]) }
    if (edit === 'group') return { edit, where, as: cells[0], lines: rest }
    return { edit: 'move', where, lines: [first, ...rest].slice(0, -1), to: rest[rest.length - 1] }
  })
}

/** For file:line, what its occurrences are called. */
function labelsOf(lines: readonly ConcordanceLine[]) {
  const found = new Map<string, string[]>()
  for (const one of lines) {
    const short = lineLabel(one)
    const labels = found.get(short)
    if (labels) labels.push(labelOf(one))
    else found.set(short, [labelOf(one)])
  }
  return found
}

function wholeLabel(
  reference: string,
  whole: ReadonlyMap<string, readonly string[]>,
  where: string,
) {
  const labels = whole.get(reference) ?? [reference]
  if (labels.length > 1)
    throw inputError(
      `${where}: ${reference} has the word ${labels.length} times; say ${labels.join(' or ')}`,
    )
  return labels[0]
}

/**
 * Writes a file to go on from: the changes so far, and a line for each group without a name, ready
 * to be given one.
 */
export async function writeEdits(
  path: string,
  rows: readonly Row[],
  senses: Senses,
  lines: readonly ConcordanceLine[],
): Promise<void> {
  const unnamed = senses.groups.flatMap(({ name, size, telling, expected }, n) => {
    if (name !== undefined) return []
    const central = lines
      .filter(({ group }) => group === n)
      .reduce((a, b) => (b.margin > a.margin ? b : a))
    const words = [...expected, ...telling].slice(0, 8).map(({ word }) => word)
    return [
      `# ${counted(size, 'line')}: ${visible(words.join(' '))}\n${rowOf(['#name', labelOf(central), 'NAME'], 'tsv')}`,
    ]
  })
  const head = `# Changes to the groups of ${senses.words.join(', ')}, one a line, in order, with tabs:\n`
  const syntaxes = Object.values(SYNTAXES).map((syntax) => `#   ${syntax}\n`)
  await writeWhole(
    path,
    [head, ...syntaxes, ...rows.map(({ cells }) => rowOf(cells, 'tsv')), ...unnamed].join(''),
  )
}
