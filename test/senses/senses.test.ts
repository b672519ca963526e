import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  decodeTensors,
  encodeTensors,
  findSenses,
  learn,
  load,
  type Model,
  regroup,
  type SenseEdit,
  type Senses,
} from '../../src/doors/internal.ts'

const SMALL = {
  minCount: 1,
  width: 16,
  query: 8,
  key: 8,
  value: 16,
  heads: 2,
  buckets: 64,
  steps: 150,
  batchWords: 100,
}
const WHO = ['Tom', 'Marie', 'Paul', 'Karim', 'Oliver']
const DONE = ['vu', 'pris', 'élu', 'puni', 'battu']
const WHERE = ['ici', 'là', 'hier', 'demain']
/**
 * Each name and participle, and each name and place: twenty-five «été» that are verbs, twenty that
 * are seasons.
 */
const TEXTS = [
  ...WHO.flatMap((who) => DONE.map((done) => `${who} a été ${done} par eux`)),
  ...WHO.flatMap((who) => WHERE.map((where) => `cet été ${who} dort ${where}`)),
]

let model: Model
let senses: Senses
beforeAll(async () => {
  model = await learn(TEXTS.join('\n'), SMALL)
  senses = await findSenses(model, 'été', TEXTS)
})
afterAll(() => model.close())

/** Texts of each group, in the order of the groups. */
const textsOf = ({ groups, lines }: Senses): number[][] =>
  groups.map((_, n) => lines.filter(({ group }) => group === n).map(({ text }) => text))
const VERBS = Array.from({ length: 25 }, (_, n) => n)
const SEASONS = Array.from({ length: 20 }, (_, n) => n + 25)

describe('findSenses', () => {
  test('parts a participle from a season, the larger group first', () => {
    const { groups, silhouette, tried, view } = senses
    expect(textsOf(senses)).toEqual([VERBS, SEASONS])
    expect([view, groups.map(({ size }) => size), tried.length > 0, silhouette > 0.5]).toEqual([
      'place',
      [25, 20],
      true,
      true,
    ])
  })

  test('describes groups by their neighbours, and by words that only one has', () => {
    const [verbs, seasons] = senses.groups.map(({ telling, only }) =>
      [telling, only].map((list) => list.map(({ word }) => word)),
    )
    expect(verbs.map((words) => words.includes('par'))).toEqual([true, true])
    expect(seasons.map((words) => words.includes('cet'))).toEqual([true, true])
    expect(seasons.flat()).not.toContain('a')
  })

  test('the words in its place are told by the model, without the word itself', () => {
    for (const { expected } of senses.groups) {
      expect(expected.length).toBeGreaterThan(0)
      expect(expected.map(({ word }) => word)).not.toContain('été')
      for (const { weight } of expected) expect([weight > 0, weight <= 1]).toEqual([true, true])
    }
  })

  test('gives the same groups in whatever order the texts come', async () => {
    const order = TEXTS.map((_, n) => (n * 7) % TEXTS.length)
    const turned = await findSenses(
      model,
      'été',
      order.map((n) => TEXTS[n]),
    )
    const groupOf = new Map(senses.lines.map(({ text, group }) => [text, group]))
    expect(turned.lines.map(({ group }) => group)).toEqual(order.map((n) => groupOf.get(n)))
  })

  test.each([
    ['word', 'seen'],
    ['place', 'hidden'],
  ] as const)(
    'the view of the %s is what embed gives of a word that is %s',
    async (view, embedding) => {
      const own = await learn(TEXTS.join('\n'), { ...SMALL, steps: 3, embedding })
      const { lines } = await findSenses(own, 'été', TEXTS.slice(0, 3), { view })
      const embedded = await own.embed(TEXTS.slice(0, 3))
      expect(lines.map(({ vector }) => vector)).toEqual(embedded.map((tokens) => tokens[2].vector))
      await own.close()
    },
  )

  test('groups so many as are asked for', async () => {
    const { groups, tried } = await findSenses(model, 'été', TEXTS, { groups: 4 })
    expect([groups.length, tried]).toEqual([4, []])
  })

  test('finds every form that is given, and capitals where they play no role', async () => {
    const texts = ['Été ou étés', 'un été', 'des Étés']
    const found = async (words: string | string[], ignoreCase = false) =>
      (await findSenses(model, words, texts, { ignoreCase })).lines.map(({ token }) => token)
    expect(await found('été')).toEqual(['été'])
    expect(await found(['été', 'étés'])).toEqual(['étés', 'été'])
    expect(await found(['été', 'étés'], true)).toEqual(['Été', 'étés', 'été', 'Étés'])
  })

  test('takes either apostrophe for the other, with the same vectors', async () => {
    const model = await learn("l' été dort\nl' eau dort\nd' eau pure", {
      ...SMALL,
      steps: 3,
      tokens: 'space',
    })
    const [straight, curly] = [
      await findSenses(model, "l'", ["l' été dort"]),
      await findSenses(model, 'l’', ['l’ été dort']),
    ]
    const context = [
      await findSenses(model, 'été', ["l' été dort"]),
      await findSenses(model, 'été', ['l’ été dort']),
    ]
    await model.close()
    expect([straight.lines.length, curly.lines.length]).toEqual([1, 1])
    expect(context[0].lines[0].vector).toEqual(context[1].lines[0].vector)
  })

  test('one occurrence, and equal ones, are one group without uncertain lines', async () => {
    for (const texts of [['un été'], ['un été', 'un été', 'un été']]) {
      const { groups, lines, silhouette } = await findSenses(model, 'été', texts)
      expect([
        groups.map(({ size }) => size),
        silhouette,
        lines.some(({ uncertain }) => uncertain),
      ]).toEqual([[texts.length], 0, false])
    }
  })

  test('no occurrence is no group, with the words that were seen', async () => {
    const { groups, lines, seen } = await findSenses(model, 'hiver', ['un été'])
    expect([groups, lines, [...seen]]).toEqual([[], [], ['un', 'été']])
  })

  test('a long text is read around the word, wherever it stands', async () => {
    const text = `${'mer '.repeat(3000)}été${' mer'.repeat(3000)}`
    const { lines } = await findSenses(model, 'été', [text])
    expect(lines.map(({ at }) => at)).toEqual([3000])
  })

  test('stops at the most that are read, and says so', async () => {
    const { lines, more } = await findSenses(model, 'été', TEXTS, { most: 7 })
    expect([lines.length, more]).toEqual([7, true])
    expect((await findSenses(model, 'été', TEXTS, { most: TEXTS.length })).more).toBe(false)
  })

  test('a model whose numbers leave float32 is refused with a word on it', async () => {
    const { tensors, metadata } = decodeTensors(await model.bytes())
    tensors['predict.W'].data.fill(3e38)
    const broken = await load(encodeTensors({ tensors, metadata }))
    await expect(findSenses(broken, 'été', TEXTS)).rejects.toThrow(
      'findSenses: the embedding of «été» is not finite; the model is damaged',
    )
    await broken.close()
  })

  test('a model of next words has no view of the place', async () => {
    const next = await learn(TEXTS.join('\n'), { ...SMALL, steps: 2, objective: 'next' })
    expect((await findSenses(next, 'été', TEXTS)).view).toBe('word')
    await expect(findSenses(next, 'été', TEXTS, { view: 'place' })).rejects.toThrow(
      'this model did not learn hidden words (its objective is next)',
    )
    await next.close()
  })

  test.each<[string, () => Promise<unknown>, string]>([
    [
      'no word',
      () => findSenses(model, [], TEXTS),
      'findSenses: needs a word, or an array of its forms, got an array',
    ],
    [
      'no groups',
      () => findSenses(model, 'été', TEXTS, { groups: 0 }),
      'findSenses: groups must be an integer ≥ 1, got 0',
    ],
    [
      'half an occurrence',
      () => findSenses(model, 'été', TEXTS, { most: 0.5 }),
      'findSenses: most must be an integer ≥ 1, got 0.5',
    ],
    [
      'an unknown option',
      () => findSenses(model, 'été', TEXTS, { group: 2 } as object),
      'findSenses: unknown option group; did you mean groups?',
    ],
    [
      'one text',
      () => findSenses(model, 'été', 'un été' as unknown as string[]),
      'findSenses: texts must be an array or a stream',
    ],
  ])('%s is refused', async (_name, call, message) => {
    await expect(call()).rejects.toThrow(message)
  })
})

describe('regroup', () => {
  const edit = (...edits: SenseEdit[]) => regroup(model, senses, edits)

  test('names a group by one of its lines, and finds it by its name', async () => {
    const named = await edit(
      { edit: 'name', group: '26:1', as: 'season' },
      { edit: 'move', lines: ['3:2'], to: 'season' },
    )
    expect(named.groups.map(({ name }) => name)).toEqual([undefined, 'season'])
    expect(textsOf(named)[1]).toEqual([3, ...SEASONS])
    expect(
      named.lines.filter(({ moved }) => moved).map(({ text, uncertain }) => [text, uncertain]),
    ).toEqual([[3, false]])
  })

  test('merges groups into the first', async () => {
    const merged = await edit(
      { edit: 'name', group: '0:2', as: 'been' },
      { edit: 'merge', groups: ['30:1', 'been'] },
    )
    expect(merged.groups.map(({ name, size }) => [name, size])).toEqual([[undefined, 45]])
  })

  test('splits a group, of which the largest part keeps the name', async () => {
    const parts = await edit(
      { edit: 'name', group: '0:2', as: 'been' },
      { edit: 'split', group: 'been', into: 3 },
    )
    expect(parts.groups).toHaveLength(4)
    const mine = parts.groups.filter((_, n) => VERBS.includes(textsOf(parts)[n][0]))
    expect(mine.map(({ name }) => name)).toEqual(['been', undefined, undefined])
    expect(mine.reduce((sum, { size }) => sum + size, 0)).toBe(25)
  })

  test('makes a group of some lines', async () => {
    const made = await edit({ edit: 'group', as: 'mine', lines: ['1:2', '40:1'] })
    const at = made.groups.findIndex(({ name }) => name === 'mine')
    expect(textsOf(made)[at]).toEqual([1, 40])
  })

  test('the same changes give the same groups, and leave what they began with as it was', async () => {
    const before = textsOf(senses)
    const changes: SenseEdit[] = [
      { edit: 'split', group: '0:2', into: 2 },
      { edit: 'merge', groups: ['26:1', '0:2'] },
    ]
    expect(await edit(...changes)).toEqual(await edit(...changes))
    expect(textsOf(senses)).toEqual(before)
  })

  test.each<[string, SenseEdit[], string]>([
    [
      'an unknown group',
      [{ edit: 'name', group: 'winter', as: 'x' }],
      'no group is called "winter" and no such line has the word',
    ],
    [
      'a mistyped name',
      [
        { edit: 'name', group: '0:2', as: 'been' },
        { edit: 'split', group: 'bean', into: 2 },
      ],
      'did you mean "been"?',
    ],
    [
      'an unknown line',
      [{ where: 'e.tsv: line 4', edit: 'move', lines: ['0:3'], to: '0:2' }],
      'e.tsv: line 4: no such line has the word: "0:3"',
    ],
    [
      'a name without letters',
      [{ edit: 'name', group: '0:2', as: ' ' }],
      'the name is empty; give one',
    ],
    [
      'a name that is a line',
      [{ edit: 'name', group: '0:2', as: '1:2' }],
      '"1:2" is a line; take a name that is none',
    ],
    [
      'a name that is taken',
      [
        { edit: 'name', group: '0:2', as: 'been' },
        { edit: 'name', group: '26:1', as: 'been' },
      ],
      'another group is called "been" already; merge them, or take another name',
    ],
    [
      'one part',
      [{ edit: 'split', group: '0:2', into: 1 }],
      'a group is split into an integer ≥ 2, got 1',
    ],
    [
      'too many parts',
      [{ edit: 'split', group: '0:2', into: 90 }],
      /the group has \d+ different lines, and parts into \d+ at most/.source,
    ],
  ])('%s is refused', async (_name, edits, message) => {
    await expect(edit(...edits)).rejects.toThrow(
      message.includes('\\d') ? new RegExp(message) : message,
    )
  })
})
