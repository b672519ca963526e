import { afterAll, beforeAll, expect, test } from 'vitest'
import { learn } from '../../src/model/learning.ts'
import type { Model } from '../../src/model/model.ts'

const SENTENCE = 'Tom a été entarté cet été'
let model: Model
beforeAll(async () => {
  model = await learn(`${SENTENCE}\nla mer a été calme\n`, {
    width: 8,
    query: 4,
    key: 4,
    value: 8,
    heads: 2,
    minCount: 1,
    steps: 2,
  })
})
afterAll(() => model.close())

const places = async (texts: readonly string[], options = {}) =>
  (await model.near({ text: SENTENCE, at: 2 }, texts, { count: 1000, ...options }))
    .map(({ text, at }) => `${text}:${at}`)
    .sort()

test('the nearest leave out the asked one, and no other word of its sentence', async () => {
  expect(await places([SENTENCE])).toEqual(['0:0', '0:1', '0:3', '0:4', '0:5'])
  expect(await places([SENTENCE], { word: 'été' })).toEqual(['0:5'])
})

test('the nearest have the word at the same place of another sentence', async () => {
  expect(await places(['Tom a été entarté'])).toEqual(['0:0', '0:1', '0:2', '0:3'])
})

test('the nearest know their texts by number however many there are', async () => {
  const texts = Array.from({ length: 600 }, (_, n) =>
    n === 7 || n === 300 || n === 599 ? 'été' : 'la mer',
  )
  expect(await places(texts, { word: 'été' })).toEqual(['300:0', '599:0', '7:0'])
})

test('a word by itself is no text, and is found where it is one', async () => {
  for (const [text, options] of [
    ['la mer', { word: 'la mer' }],
    ['mer', { word: 'mer' }],
    ['mer', {}],
  ] as const) {
    const [found] = await model.near({ text, at: 0 }, ['Tom', text], options)
    expect(found).toMatchObject({ text: 1, at: 0, token: text })
    expect(found.similarity).toBeCloseTo(1, 6)
  }
})

test('the nearest are those of the largest cosine, equals in the order of the texts', async () => {
  const found = await model.near({ text: SENTENCE, at: 2 }, ['la mer', SENTENCE, 'la mer'], {
    count: 4,
  })
  const [[asked]] = await model.embed([SENTENCE], { at: [[2]] })
  const length = (x: ArrayLike<number>): number => Math.hypot(...Array.from(x))
  for (const { similarity, text, at } of found) {
    const [[other]] = await model.embed([['la mer', SENTENCE, 'la mer'][text]], { at: [[at]] })
    const dot = Array.from(asked.vector).reduce((sum, x, n) => sum + x * other.vector[n], 0)
    expect(similarity).toBeCloseTo(dot / (length(asked.vector) * length(other.vector)), 6)
  }
  expect(found.map(({ similarity }) => similarity)).toEqual(
    found.map(({ similarity }) => similarity).sort((a, b) => b - a),
  )
  const twins = (
    await model.near({ text: SENTENCE, at: 2 }, ['la mer', 'la mer'], { count: 9 })
  ).map(({ text, at }) => `${text}:${at}`)
  expect(twins.indexOf('0:0')).toBe(twins.indexOf('1:0') - 1)
})

test('a phrase has the mean of the vectors of its words', async () => {
  const texts = ['Tom a été ici', 'la mer a été calme']
  const query = { text: ['Tom', 'a', 'été'], at: 1 }
  const found = await model.near(query, texts, { word: 'a été', count: 9 })
  expect(found.map(({ text, at, length, token }) => [text, at, length, token])).toEqual(
    expect.arrayContaining([
      [0, 1, 2, 'a été'],
      [1, 2, 2, 'a été'],
    ]),
  )
  const mean = async (text: string | string[], at: number) => {
    const [[one, other]] = await model.embed([text], { at: [[at, at + 1]] })
    return one.vector.map((x, c) => (x + other.vector[c]) / 2)
  }
  const own = await mean(query.text, 1)
  for (const { text, at, similarity } of found) {
    const other = await mean(texts[text], at)
    const dot = own.reduce((sum, x, c) => sum + x * other[c], 0)
    expect(similarity).toBeCloseTo(dot / (Math.hypot(...own) * Math.hypot(...other)), 6)
  }
})

test('a sample is drawn by seed, from all occurrences, in the order of the texts', async () => {
  const texts = Array.from({ length: 400 }, () => 'la mer')
  const drawn = async (seed: number) =>
    (await model.near({ text: 'Tom', at: 0 }, texts, { word: 'mer', sample: 40, seed, count: 99 }))
      .map(({ text }) => text)
      .sort((a, b) => a - b)
  const samples = await Promise.all([7, 8, 9, 10, 11].map(drawn))
  expect(await drawn(7)).toEqual(samples[0])
  expect(new Set(samples.map(String)).size).toBe(5)
  for (const sample of samples) expect(new Set(sample).size).toBe(40)
  // 200 draws of 400: the mean is 200 with a deviation of 8
  const all = samples.flat()
  expect(Math.abs(all.reduce((sum, one) => sum + one) / all.length - 200)).toBeLessThan(30)
})

test('the reading tells how far it is, and ends where its signal says', async () => {
  const reads: object[] = []
  const signal = { aborted: false }
  const found = await model.near({ text: 'Tom', at: 0 }, ['la mer', 'une mer', 'la mer'], {
    ...{ word: 'mer', signal },
    progress: ({ texts, words, occurrences }) => {
      reads.push([texts, words, occurrences])
      signal.aborted = texts === 2
    },
  })
  expect(reads).toEqual([
    [1, 2, 1],
    [2, 4, 2],
  ])
  expect(found.map(({ text }) => text).sort()).toEqual([0, 1])
})

test.each([
  [{ word: 3 }, TypeError, 'Model.near: word must be a text or an array of texts, got 3'],
  [
    { word: ' ' },
    RangeError,
    'Model.near: word must be a text or an array of texts with something in each, got " "',
  ],
  [
    { lemma: [] },
    RangeError,
    'Model.near: lemma must be a text or an array of texts with something in each, got an array',
  ],
  [
    { pos: 'NOUN' },
    RangeError,
    'Model.near: the texts have no parts of speech; tag them first (CoNLL-U, TreeTagger, vertical), or search by word',
  ],
  [{ sample: 0 }, RangeError, 'Model.near: sample must be an integer ≥ 1, got 0'],
])('%j is refused', async (options, Kind, message) => {
  const found = model.near({ text: 'Tom', at: 0 }, ['la mer'], options as { word: string })
  await expect(found).rejects.toThrow(new Kind(message))
})

test('lemmas and parts of speech are those of the given tokens', async () => {
  const tokens = [
    { token: 'la', start: 0, end: 2, lemma: 'le', pos: 'DET' },
    { token: 'mer', start: 3, end: 6, lemma: 'mer', pos: 'NOUN' },
  ]
  const found = await model.near({ text: 'Tom', at: 0 }, [tokens, 'la mer'], { pos: 'noun' })
  expect(found.map(({ text, at }) => [text, at])).toEqual([[0, 1]])
})
