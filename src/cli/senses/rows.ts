import type { Descriptor } from '../../doors/internal.ts'
import { jsonText } from '../terminal/decimals.ts'
import { rowOf, type Written } from '../terminal/output.ts'
import type { ConcordanceLine } from './concordance.ts'
import type { ShownGroup, ShownSenses } from './shown.ts'

/** Numbers that are written: four digits after the point tell more than a silhouette can. */
const rounded = (x: number) => Number(x.toFixed(4))

/** A line as cells by the names of their columns. */
const cellsOf = ({ number, name = '' }: ShownGroup, line: ConcordanceLine) => ({
  ...{ group: number + 1, name, file: line.file, line: line.line.number, at: line.at },
  ...{ left: line.left.trim(), word: line.word, right: line.right.trim() },
  ...{ margin: rounded(line.margin), uncertain: Number(line.uncertain), moved: Number(line.moved) },
})

const NAMES = 'group name file line at left word right margin uncertain moved'.split(' ')

/** A row for each line, in the order of the screen; `gold` where lines are labelled. */
export async function* rows({ groups, agreement }: ShownSenses, format: 'csv' | 'tsv'): Written {
  yield rowOf([...NAMES, ...(agreement ? ['gold'] : [])], format)
  for (const group of groups)
    for (const line of group.lines) {
      const cells = Object.values(cellsOf(group, line))
      yield rowOf([...cells, ...(agreement ? [line.gold ?? ''] : [])], format)
    }
}

/** Everything, as one line of JSON. */
export async function* document({ senses, agreement, groups, left }: ShownSenses): Written {
  const { words, view, seed, distinct, sampled, more, silhouette, tried, lines } = senses
  yield `${jsonText({
    ...{ words, view, seed, occurrences: lines.length, distinct, sampled, more },
    ...allRounded({ silhouette }),
    tried: tried.map(allRounded),
    agreement: agreement && allRounded({ ...agreement }),
    groups: groups.map(groupRecord),
    left,
  })}\n`
}

/** An object with all its numbers rounded. */
const allRounded = (given: object): object =>
  Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      typeof value === 'number' ? rounded(value) : value,
    ]),
  )

const groupRecord = (group: ShownGroup): object => ({
  ...{ group: group.number + 1, name: group.name, size: group.size, uncertain: group.uncertain },
  expected: group.expected.map(descriptorOf),
  telling: group.telling.map(descriptorOf),
  only: group.only.map(descriptorOf),
  lines: group.lines.map(
    ({ file, line, at, left, word, right, margin, uncertain, moved, gold }) => ({
      ...{ file, line: line.number, at, left, word, right },
      ...{ margin: rounded(margin), uncertain, moved, gold },
    }),
  ),
})

const descriptorOf = ({ word, weight, count }: Descriptor): object => ({
  ...{ word, weight: rounded(weight) },
  ...(count ? { count } : {}),
})
