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
