import { visible } from '../../doors/internal.ts'
import { shortened, type Written } from '../terminal/output.ts'
import {
  blanksFor,
  type Sink,
  type Terminal,
  terminalOf,
  widestOf,
  wrapped,
} from '../terminal/terminal.ts'
import type { ConcordanceLine } from './concordance.ts'
import {
  headLines,
  labelsOf,
  leftLine,
  type ShownGroup,
  type ShownSenses,
  sizeLine,
  titleOf,
  wordLists,
} from './shown.ts'

/** Columns where there is no terminal. */
const COLUMNS = 100

/**
 * The groups as a terminal shows them: the word of every line in one column.
 *
 * @param sink where they go
 */
export async function* table(shown: ShownSenses, sink: Pick<Sink, 'isTTY' | 'columns'>): Written {
  const terminal = terminalOf({ ...sink, write: () => {} })
  const columns = sink.columns || COLUMNS
  const widths = widthsOf(shown, columns)
  for (const line of headLines(shown)) yield `${wrapped('', line, terminal.columns)}\n`
  for (const group of shown.groups) {
    yield `\n${terminal.style('bold', titleOf(group))}  ${sizeLine(group, shown)}\n`
    for (const [name, list] of wordLists(group))
      yield `${wrapped(`  ${name.padEnd(14)}`, list, terminal.columns)}\n`
    for (const line of group.lines) yield `${lineOf(line, widths, terminal)}\n`
    if (group.lines.length < group.size)
      yield `  … ${group.size - group.lines.length} more; --limit ${group.size} shows all\n`
  }
  const left = leftLine(shown)
  if (left) yield `\n${left}\n`
}

interface Widths {
  readonly labelOf: (line: ConcordanceLine) => string
  readonly labelWidth: number
  readonly gold: number
  readonly word: number
  /** Of each context. */
  readonly context: number
}

function widthsOf(shown: ShownSenses, columns: number): Widths {
  const labelOf = labelsOf(shown)
  const lines = shown.groups.flatMap((group: ShownGroup) => group.lines)
  const labelWidth = Math.min(widestOf(lines.map(labelOf)), Math.floor(columns / 3))
  const gold = widestOf(lines.map(({ gold: label = '' }) => visible(label)))
  const word = widestOf(lines.map((line) => visible(line.word)))
  const rest = columns - 2 - labelWidth - 2 - (gold ? gold + 2 : 0) - word - 2
  return { labelOf, labelWidth, gold, word, context: Math.max(8, Math.floor(rest / 2)) }
}

function lineOf(
  line: ConcordanceLine,
  { labelOf, labelWidth, gold, word, context }: Widths,
  terminal: Terminal,
) {
  const left = shortened(line.left.trimEnd(), -context)
  const right = shortened(line.right.trimStart(), context)
  const sense = visible(line.gold ?? '')
  const label = gold ? `${sense}${blanksFor(sense, gold)}  ` : ''
  const middle = visible(line.word)
  const text = `${blanksFor(left, context)}${left} ${terminal.style('bold', middle)}${blanksFor(middle, word)} ${right}`
  const where = shortened(labelOf(line), -labelWidth)
  return `${markOf(line)} ${blanksFor(where, labelWidth)}${where}  ${label}${text}`.trimEnd()
}

/** ? where it lies between two groups, ! where it was put by hand. */
const markOf = ({ uncertain, moved }: ConcordanceLine): string =>
  moved ? '!' : uncertain ? '?' : ' '
