import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { builtInQuiz, builtInQuizzes, DEFAULT_QUIZ } from '../../src/quiz/built-in.ts'
import { itemsOf, type QuizItem } from '../../src/quiz/quiz.ts'
import { readQuiz } from '../../src/quiz/read.ts'
import { keyOf } from '../../src/quiz/score.ts'
import { unicodeText } from '../../src/quiz/unicode.ts'

const folder = new URL('../../quiz/', import.meta.url)
const files = readdirSync(folder).filter((name) => name !== 'schema.json')
const origin = readFileSync(new URL('../../docs/origin.md', import.meta.url), 'utf8')
const quiz = await builtInQuiz()
const optionsOf = (item: QuizItem) => (item.kind === 'numeric' ? [] : item.options)

test('every quiz in quiz/ ships, the usual one first', () => {
  expect(builtInQuizzes.map((name) => `${name}.json`).sort()).toEqual([...files].sort())
  expect(builtInQuizzes[0]).toBe(DEFAULT_QUIZ)
})

test.each(files)('%s is a quiz, and what the library gives by its name', async (file) => {
  const read = readQuiz(readFileSync(new URL(file, folder), 'utf8'), file)
  expect(await builtInQuiz(file.replace('.json', ''))).toEqual(read)
})

test('an unknown name gets the nearest', async () => {
  await expect(builtInQuiz('self-atention')).rejects.toThrow(
    /^quiz: unknown quiz "self-atention"; did you mean self-attention\? those that ship: self-attention/,
  )
})

describe('the quiz that the project comes from', () => {
  test('has ten required items of one point each, of single choice, in two sections', () => {
    expect(quiz.sections.map(({ items }) => items.length)).toEqual([7, 3])
    expect(
      itemsOf(quiz).map(({ kind, points = 1, required = true }) => [kind, points, required]),
    ).toEqual(Array(10).fill(['single', 1, true]))
    expect(quiz.name?.required).toBe(true)
    expect(quiz.languages).toEqual(['en', 'fr'])
  })

  test('has these keys among so many options', () => {
    expect(
      itemsOf(quiz).map((item) => [
        String(keyOf(item)),
        optionsOf(item)
          .map(({ id }) => id)
          .join(''),
      ]),
    ).toEqual([
      ['a', 'ab'],
      ['a', 'abc'],
      ['a', 'abc'],
      ['a', 'abc'],
      ['b', 'abc'],
      ['c', 'abc'],
      ['b', 'abc'],
      ['a', 'abc'],
      ['a', 'ab'],
      ['b', 'ab'],
    ])
  })

  test('has these formulas, in this order', () => {
    const formulas = itemsOf(quiz).map((item) =>
      optionsOf(item).map(({ text }) => (typeof text === 'string' ? unicodeText(text) : '')),
    )
    expect(formulas).toEqual([
      ['W_Q ∈ ℝ^(D×d_q)', 'W_Q ∈ ℝ^(d_q×D)'],
      ['d_q = d_k', 'd_v = d_k', 'd_q = d_v'],
      [
        'Σₜ exp(q³·kᵗ/√d_k) / Σₜ′ exp(q³·kᵗ′/√d_k) · vᵗ',
        'Σₜ exp(qᵗ·kᵗ/√d_k) / Σₜ′ exp(qᵗ·kᵗ′/√d_k) · vᵗ',
        'Σₜ exp(qᵗ·kᵗ) / Σₜ′ exp(qᵗ·kᵗ′) · vᵗ',
      ],
      ['', '', ''],
      ['α₁', 'α₄', 'α_T'],
      ['α₁', 'α₄', 'α_T'],
      ['(N, T, D) → (N, T, d_q)', '(N, T, D) → (N, T, d_v)', '(N, T, D) → (N, d_k)'],
      ['W_Q, W_K, W_V', '{qᵗ, kᵗ, vᵗ}_(1≤t≤T)', '{qᵢ, kᵢ, vᵢ}_(1≤i≤n)'],
      ['D(d_q + d_k + d_v)', 'd_q + d_k + d_v'],
      ['', ''],
    ])
  })

  test('quotes the two questions about Tom word for word, in both languages', () => {
    const quoted = ['What happened to Tom ?', 'When does that happen to Tom ?']
    for (const [n, words] of quoted.entries()) {
      for (const text of Object.values(itemsOf(quiz)[4 + n].text)) expect(text).toContain(words)
    }
  })

  test('says something to whoever chooses any option, and why the right one is right', () => {
    for (const item of itemsOf(quiz)) {
      expect(item.explanation).toBeDefined()
      for (const option of optionsOf(item)) expect(option.feedback).toBeDefined()
    }
  })

  test('has each item and its claim in the table of docs/origin.md', () => {
    for (const [n, { id, claim }] of itemsOf(quiz).entries()) {
      expect(origin).toMatch(
        new RegExp(`^\\| ${n + 1} .*\\| \`${id}\` +\\| \`${claim?.name}\``, 'm'),
      )
    }
  })
})
