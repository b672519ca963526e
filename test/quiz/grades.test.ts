import { describe, expect, test } from 'vitest'
import { grade } from '../../src/quiz/grading.ts'
import type { ChoiceItem, Quiz, QuizItem } from '../../src/quiz/quiz.ts'
import { shuffled } from '../../src/quiz/shuffle.ts'

const choice = (id: string, points = 1, count = 3): ChoiceItem => ({
  ...{ id, kind: 'single', text: '?', points },
  options: [...'abcdefgh']
    .slice(0, count)
    .map((name) => ({ id: name, text: name, ...(name === 'b' ? { right: true } : {}) })),
})
const quizOf = (...items: QuizItem[]): Quiz => ({
  regardQuiz: 1,
  id: 'q',
  title: 'q',
  languages: ['en'],
  sections: [{ title: 's', items }],
})
const sheetOf = (answers: Record<string, string[]>) => ({ name: 'n', file: 'f', answers })

describe('grades', () => {
  test('correlate nothing where all have the same points elsewhere, whatever rounding leaves of them', () => {
    // 0.1 + 0.7 − 0.7 is not 0.1
    const quiz = quizOf(choice('one', 0.1), choice('two', 0.7))
    const { items } = grade(quiz, [
      sheetOf({ one: ['b'], two: ['b'] }),
      sheetOf({ one: ['b'], two: ['a'] }),
      sheetOf({ one: ['b'], two: ['c'] }),
    ])
    expect(items.map(({ discrimination }) => discrimination)).toEqual([null, null])
  })

  test('name what was mistaken most, the first option of those chosen as often', () => {
    const answers = ['c', 'd', 'a', 'd', 'a', 'b']
    const { items } = grade(
      quizOf(choice('one', 1, 4)),
      answers.map((answer) => sheetOf({ one: [answer] })),
    )
    expect(items[0].wrong).toEqual({ answer: 'a', count: 2 })
  })
})

describe('a shuffled quiz', () => {
  const quiz = {
    ...quizOf(...['one', 'two', 'three'].map((id) => ({ ...choice(id, 1, 8), shuffle: true }))),
  }
  const orderOf = (of: Quiz, id: string, seed: number): string => {
    const found = shuffled(of, seed).sections[0].items.find((item) => item.id === id) as ChoiceItem
    return found.options.map((option) => option.id).join('')
  }
  const seeds = Array.from({ length: 40 }, (_, seed) => seed)

  test('has an order of its own for the options of each item', () => {
    expect(
      seeds.filter((seed) => orderOf(quiz, 'one', seed) === orderOf(quiz, 'two', seed)).length,
    ).toBeLessThan(3)
  })

  test('keeps the order of an item where another is changed, moved or taken away', () => {
    const [one, two, three] = quiz.sections[0].items
    for (const other of [
      quizOf(three, one),
      quizOf({ ...two, shuffle: false } as ChoiceItem, choice('new', 1, 5), one),
    ])
      for (const seed of seeds) expect(orderOf(other, 'one', seed)).toBe(orderOf(quiz, 'one', seed))
  })
})
