import { describe, expect, test } from 'vitest'
import { grade, type Quiz } from '../../src/doors/internal.ts'

const option = (id: string, right = false) => ({ id, text: id.toUpperCase(), right })
const quiz: Quiz = {
  regardQuiz: 1,
  id: 'q',
  title: 't',
  languages: ['en'],
  sections: [
    {
      title: 's',
      items: [
        {
          id: 'one',
          kind: 'single',
          text: '?',
          points: 2,
          options: [option('a'), option('b', true), option('c')],
        },
        {
          id: 'many',
          kind: 'multiple',
          text: '?',
          options: [option('a', true), option('b', true), option('c')],
        },
        { id: 'number', kind: 'numeric', text: '?', answer: { value: 10, tolerance: 1 } },
      ],
    },
  ],
}
const sheet = (name: string, one: string[] | null, many: string[], number: number | null) => ({
  name,
  file: 'f',
  answers: { one, many, number },
})
const sheets = [
  sheet('Ann', ['b'], ['b', 'a'], 11),
  sheet('Bob', ['c'], ['a'], 12),
  sheet('Bob', ['b'], ['a', 'b', 'c'], 12),
  sheet('Eve', null, ['a', 'b'], null),
]

describe('grade', () => {
  const { of, people, items } = grade(quiz, sheets)

  test('gives all points of an item or none, to each sheet by itself', () => {
    expect(of).toBe(4)
    expect(people.map(({ name, points }) => [name, points])).toEqual([
      ['Ann', 4],
      ['Bob', 0],
      ['Bob', 2],
      ['Eve', 1],
    ])
    expect(people[2].earned).toEqual({ one: 2, many: 0, number: 0 })
  })

  test('counts who is right, and who gave no answer', () => {
    expect(items.map(({ id, right, blank, difficulty }) => [id, right, blank, difficulty])).toEqual(
      [
        ['one', 2, 1, 0.5],
        ['many', 2, 0, 0.5],
        ['number', 1, 1, 0.25],
      ],
    )
  })

  test('correlates an item with the points of the others', () => {
    // one: right 1 0 1 0, others 2 0 0 1: covariance 0.125, deviations 0.5 and 0.829
    expect(items[0].discrimination).toBeCloseTo(0.125 / (0.5 * Math.sqrt(0.6875)), 12)
    // number: right 1 0 0 0, others 3 0 2 1
    expect(items[2].discrimination).toBeCloseTo(0.375 / (Math.sqrt(0.1875) * Math.sqrt(1.25)), 12)
  })

  test('finds no correlation where all are alike', () => {
    expect(
      grade(quiz, [sheets[0], sheets[0]]).items.map(({ discrimination }) => discrimination),
    ).toEqual([null, null, null])
  })

  test('names the wrong answer that is commonest', () => {
    expect(items.map(({ wrong }) => wrong)).toEqual([
      { answer: 'c', count: 1 },
      { answer: 'c', count: 1 },
      { answer: '12', count: 2 },
    ])
    expect(grade(quiz, [sheets[0]]).items.map(({ wrong }) => wrong)).toEqual([null, null, null])
  })

  test('refuses a quiz without its key', () => {
    const sections = [{ title: 's', items: [{ id: 'x', kind: 'numeric' as const, text: '?' }] }]
    expect(() => grade({ ...quiz, sections }, sheets)).toThrow(
      'quiz q: item x has no key; grade with the quiz that has it',
    )
  })
})
