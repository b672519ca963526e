import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type {
  ChoiceItem,
  NumericItem,
  Quiz,
  QuizItem,
  QuizOption,
  Response,
} from '../../src/quiz/quiz.ts'
import { isRight, scoreOf } from '../../src/quiz/score.ts'
import { shuffled } from '../../src/quiz/shuffle.ts'
import { withoutKey } from '../../src/quiz/without-key.ts'

const options = (right: string, count = 5): QuizOption[] =>
  [...'abcdefgh']
    .slice(0, count)
    .map((id) => ({ id, text: id, ...(right.includes(id) ? { right: true } : {}) }))
const single: ChoiceItem = { id: 'single', kind: 'single', text: '?', options: options('c') }
const multiple: ChoiceItem = {
  id: 'multiple',
  kind: 'multiple',
  text: '?',
  points: 3,
  options: options('bd'),
}
const numeric: NumericItem = {
  id: 'numeric',
  kind: 'numeric',
  text: '?',
  points: 0.5,
  answer: { value: 0.2, tolerance: 0.1 },
}
const quizOf = (...items: QuizItem[]): Quiz => ({
  regardQuiz: 1,
  id: 'q',
  title: 'q',
  languages: ['en'],
  sections: [{ title: 's', items }],
})
const quiz = quizOf(single, multiple, numeric)

describe('an answer is right', () => {
  test.each<[QuizItem, Response, boolean]>([
    [single, ['c'], true],
    [single, ['a'], false],
    [single, ['c', 'a'], false],
    [single, null, false],
    [single, [], false],
    [multiple, ['b', 'd'], true],
    [multiple, ['d', 'b'], true],
    [multiple, ['b'], false],
    [multiple, ['b', 'd', 'a'], false],
    [multiple, ['b', 'b'], false],
    [numeric, 0.2, true],
    [numeric, 0.1, true],
    [numeric, 0.3, true],
    [numeric, 0.30001, false],
    [numeric, ['b'], false],
    [single, 3, false],
  ])('%o to %j: %s', (item, response, expected) => {
    expect(isRight(item, response)).toBe(expected)
  })
})

test('points are all or nothing for each item', () => {
  expect(scoreOf(quiz, { single: ['c'], multiple: ['b'], numeric: 0.25 })).toEqual({
    points: 1.5,
    of: 4.5,
  })
  expect(scoreOf(quiz, {})).toEqual({ points: 0, of: 4.5 })
})

test('a quiz without its key has no score', () => {
  expect(scoreOf(withoutKey(quiz), { single: ['c'] })).toBeUndefined()
  expect(JSON.stringify(withoutKey({ ...quiz }))).not.toMatch(
    /right|answer|feedback|explanation|claim/,
  )
})

test('answers named like what every object has are answers to nothing else', () => {
  const odd = quizOf({ ...single, id: '__proto__' }, { ...multiple, id: 'constructor' })
  expect(scoreOf(odd, {})).toEqual({ points: 0, of: 4 })
  expect(scoreOf(odd, JSON.parse('{"__proto__": ["c"], "constructor": ["b", "d"]}'))).toEqual({
    points: 4,
    of: 4,
  })
})

const anyOptions = fc
  .array(fc.boolean(), { minLength: 2, maxLength: 8 })
  .map((pinned) => pinned.map((pin, n) => ({ id: `${n}`, text: 'x', pinned: pin })))

describe('a shuffled quiz', () => {
  const shuffling = (all: QuizOption[]): Quiz => ({
    ...quizOf({ ...single, options: all, shuffle: true }, multiple, numeric),
    shuffle: true,
  })

  test('has the same items and options, those that are pinned in their places', () => {
    fc.assert(
      fc.property(anyOptions, fc.nat(), (all, seed) => {
        const [section] = shuffled(shuffling(all), seed).sections
        expect(section.items.map(({ id }) => id).sort()).toEqual(['multiple', 'numeric', 'single'])
        const found = section.items.find(({ id }) => id === 'single') as ChoiceItem
        expect(found.options.map(({ id }) => id).sort()).toEqual(all.map(({ id }) => id).sort())
        for (const [n, { id, pinned }] of all.entries())
          if (pinned) expect(found.options[n].id).toBe(id)
      }),
      { seed: 7 },
    )
  })

  test('is the same for the same seed, and another for most others', () => {
    const orders = Array.from({ length: 50 }, (_, seed) =>
      JSON.stringify(shuffled(shuffling(options('c', 8)), seed)),
    )
    expect(JSON.stringify(shuffled(shuffling(options('c', 8)), 3))).toBe(orders[3])
    expect(new Set(orders).size).toBeGreaterThan(45)
  })

  test('is the quiz itself where nothing is to be shuffled', () => {
    expect(shuffled(quiz, 3)).toEqual(quiz)
  })

  test('may be shuffled whole, whatever the quiz says', () => {
    const orders = new Set(
      Array.from({ length: 20 }, (_, seed) => JSON.stringify(shuffled(quiz, seed, { all: true }))),
    )
    expect(orders.size).toBeGreaterThan(15)
  })
})
