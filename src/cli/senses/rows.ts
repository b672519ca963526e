import type { Descriptor } from '../../doors/internal.ts'
import { jsonText } from '../terminal/decimals.ts'
import { rowOf, type Written } from '../terminal/output.ts'
import { annotationCells, annotationFields, annotationNames, annotationsOf } from './concordance.ts'
import type { ShownGroup, ShownSenses } from './shown.ts'

/** Numbers that are written: four digits after the point tell more than a silhouette can. */
const rounded = (x: number) => Number(x.toFixed(4))

const BEFORE = 'group name file line at'.split(' ')
const AFTER = 'left word right margin uncertain moved'.split(' ')

/**
 * A row for each line, in the order of the screen, with what the text says of it behind its place;
 * `gold` where lines are labelled.
 */
export async function* rows({ groups, agreement }: ShownSenses, format: 'csv' | 'tsv'): Written {
  const columns = annotationsOf(groups.flatMap(({ lines }) => lines))
  const gold = agreement ? ['gold'] : []
  const names = annotationNames(columns, [...BEFORE, ...AFTER, ...gold])
  yield rowOf([...BEFORE, ...names, ...AFTER, ...gold], format)
  for (const { number, name = '', lines } of groups)
    for (const line of lines)
      yield rowOf(
        [
          ...[number + 1, name, line.file, line.line.number, line.at],
          ...annotationCells(line, columns),
          ...[line.left.trim(), line.word, line.right.trim()],
          ...[rounded(line.margin), Number(line.uncertain), Number(line.moved)],
          ...(agreement ? [line.gold ?? ''] : []),
        ],
        format,
      )
}

/** Everything, as one line of JSON. */
export async function* document({ senses, agreement, groups, left }: ShownSenses): Written {
  const { words, view, seed, distinct, sampled, more, read, silhouette, tried, lines } = senses
  yield `${jsonText({
    ...{ words, view, seed, occurrences: lines.length, distinct, sampled, more },
    read: { lines: read.texts, words: read.words, occurrences: read.occurrences },
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
  lines: group.lines.map((one) => {
    const { file, line, at, left, word, right, margin, uncertain, moved, gold } = one
    return {
      ...{ file, line: line.number, at, ...annotationFields(one), left, word, right },
      ...{ margin: rounded(margin), uncertain, moved, gold },
    }
  }),
})

const descriptorOf = ({ word, weight, count }: Descriptor): object => ({
  ...{ word, weight: rounded(weight) },
  ...(count ? { count } : {}),
})
