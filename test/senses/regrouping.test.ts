import { afterAll, beforeAll, expect, test } from 'vitest'
import { findSenses, regroup } from '../../src/doors/internal.ts'
import { learn } from '../../src/model/learning.ts'
import type { Model } from '../../src/model/model.ts'
import { Random } from '../../src/random.ts'
import type { SenseEdit } from '../../src/senses/regrouping.ts'
import type { Senses } from '../../src/senses/senses.ts'

const TEXTS = Array.from({ length: 20 }, (_, n) =>
  n < 12 ? `Tom a été vu ici${n}` : `cet été là${n} dort`,
)
let model: Model
let senses: Senses
beforeAll(async () => {
  model = await learn(TEXTS.join('\n'), {
    width: 8,
    query: 4,
    key: 4,
    value: 8,
    heads: 2,
    minCount: 1,
    buckets: 64,
    steps: 2,
  })
  senses = await findSenses(model, 'été', TEXTS, { groups: 2 })
})
afterAll(() => model.close())

/**
 * Texts 0 … 11 as one group, the others as another, their vectors around some axes: of text n
 * around axis axes[n].
 */
function withAxes(axes: readonly number[]): Senses {
  const random = new Random(5, 'axes')
  const lines = senses.lines.map((line) => ({
    ...line,
    group: line.text < 12 ? 0 : 1,
    vector: Float32Array.from(
      line.vector,
      (_, c) => (c === axes[line.text] ? 1 : 0) + 0.01 * random.normal(),
    ),
  }))
  return { ...senses, lines }
}
const sizesOf = (of: Senses) => of.groups.map(({ name, size }) => `${name ?? '?'} ${size}`).sort()
const NAMED: readonly SenseEdit[] = [
  { edit: 'name', group: '0:2', as: 'been' },
  { edit: 'name', group: '15:1', as: 'summer' },
]

test('a name ends with the group that another took in', async () => {
  const merge: SenseEdit = { edit: 'merge', groups: ['been', 'summer'] }
  const own = withAxes(TEXTS.map(() => 0))
  expect(sizesOf(await regroup(model, own, [...NAMED, merge]))).toEqual(['been 20'])
  await expect(
    regroup(model, own, [...NAMED, merge, { edit: 'move', lines: ['3:2'], to: 'summer' }]),
  ).rejects.toThrow('no group is called "summer"')
  // and is free for another
  const again = await regroup(model, own, [
    ...NAMED,
    merge,
    { edit: 'group', lines: ['13:1', '14:1'], as: 'summer' },
  ])
  expect(sizesOf(again)).toEqual(['been 18', 'summer 2'])
})

test.each([
  ['the first of its lines', [0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1]],
  ['the last of its lines', [1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0]],
  ['lines in its midst', [1, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1]],
])('of a group that is split from %s, the largest part keeps the name', async (_where, axes) => {
  const own = withAxes([...axes, ...new Array(8).fill(2)])
  const parts = await regroup(model, own, [...NAMED, { edit: 'split', group: 'been', into: 2 }])
  expect(sizesOf(parts)).toEqual(['? 3', 'been 9', 'summer 8'])
  const been = parts.groups.findIndex(({ name }) => name === 'been')
  const texts = parts.lines.filter(({ group }) => group === been).map(({ text }) => text)
  expect(texts).toEqual(axes.flatMap((axis, n) => (axis === 1 ? [n] : [])))
})

test.each([
  [
    [3, 4, 5],
    [0, 0.5, 2],
  ],
  [
    [6, 4, 2],
    [0, 0.8, 1.2],
  ],
  [
    [3, 3, 6],
    [0, 0.4, 1.2],
  ],
])(
  'of a group that is split into parts of %j lines, the largest keeps the name',
  async (sizes, angles) => {
    const random = new Random(5, 'angles')
    const angleOf = [
      ...sizes.flatMap((size, part) => new Array<number>(size).fill(angles[part])),
      ...new Array<number>(8).fill(4),
    ]
    const own = withAxes(TEXTS.map(() => 0))
    const lines = own.lines.map((line) => {
      const plane = [Math.cos(angleOf[line.text]), Math.sin(angleOf[line.text])]
      return {
        ...line,
        vector: line.vector.map((_, c) => (plane[c] ?? 0) + 0.01 * random.normal()),
      }
    })
    const parts = await regroup(model, { ...own, lines }, [
      ...NAMED,
      { edit: 'split', group: 'been', into: 3 },
    ])
    const largest = Math.max(...sizes)
    const others = sizes.filter((size) => size !== largest).map((size) => `? ${size}`)
    expect(sizesOf(parts)).toEqual([...others, `been ${largest}`, 'summer 8'].sort())
  },
)
