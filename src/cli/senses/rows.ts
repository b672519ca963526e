import type { Descriptor } from '../../doors/internal.ts'
import { jsonText } from '../terminal/decimals.ts'
import { rowOf, type Written } from '../terminal/output.ts'
import type { ConcordanceLine } from './concordance.ts'
import type { ShownGroup, ShownSenses } from './shown.ts'

/** Numbers that are written: four digits after the point tell more than a silhouette can. */
const rounded = (x: number): number => Number(x.toFixed(4))

const NAMES = [
  'group',
  'name',
  'file',
  'line',
  'at',
  'left',
  'word',
  'right',
  'margin',
  'uncertain',
  'moved',
]

/** A row for each line, in the order of the screen; `gold` where lines are labelled. */
export async function* rows(shown: ShownSenses, format: 'csv' | 'tsv'): Written {
  const labelled = shown.agreement !== undefined
  yield rowOf([...NAMES, ...(labelled ? ['gold'] : [])], format)
  for (const { number, name = '', lines } of shown.groups) {
    for (const {
      file,
      line,
      at,
      left,
      word,
      right,
      margin,
      uncertain,
      moved,
      gold = '',
    } of lines) {
      const row = [
        number + 1,
        name,
        file,
        line.number,
        at,
        left.trim(),
        word,
        right.trim(),
        rounded(margin),
        Number(uncertain),
        Number(moved),
      ]
      yield rowOf([...row, ...(labelled ? [gold] : [])], format)
    }
  }
}

/** Everything, as one line of JSON. */
export async function* document(shown: ShownSenses): Written {
  const { senses, agreement } = shown
  const { words, view, seed, distinct, sampled, more, silhouette, tried, lines } = senses
  yield `${jsonText({
    ...{
      words,
      view,
      seed,
      occurrences: lines.length,
      distinct,
      sampled,
      more,
      silhouette: rounded(silhouette),
    },
    tried: tried.map((one) => ({
      ...one,
      silhouette: rounded(one.silhouette),
      cloud: rounded(one.cloud),
    })),
    ...(agreement
      ? {
          agreement: Object.fromEntries(
            Object.entries(agreement).map(([name, value]) => [name, rounded(value)]),
          ),
        }
      : {}),
    groups: shown.groups.map(groupRecord),
    left: shown.left,
  })}\n`
}

const groupRecord = ({
  number,
  name,
  size,
  uncertain,
  expected,
  telling,
  only,
  lines,
}: ShownGroup): object => ({
  ...{ group: number + 1, name, size, uncertain },
  ...{
    expected: expected.map(descriptorOf),
    telling: telling.map(descriptorOf),
    only: only.map(descriptorOf),
  },
  lines: lines.map(lineRecord),
})

const descriptorOf = ({ word, weight, count }: Descriptor): object => ({
  word,
  weight: rounded(weight),
  ...(count ? { count } : {}),
})

const lineRecord = ({
  file,
  line,
  at,
  left,
  word,
  right,
  margin,
  uncertain,
  moved,
  gold,
}: ConcordanceLine): object => ({
  ...{ file, line: line.number, at, left, word, right },
  ...{ margin: rounded(margin), uncertain, moved, gold },
})
