import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  checkQuiz,
  openDevice,
  Prover,
  readQuiz,
  readResult,
  scoreOf,
} from '../../src/doors/internal.ts'

const page = readFileSync(new URL('../../docs/quiz.md', import.meta.url), 'utf8')
const [quiz, result] = Array.from(page.matchAll(/```json\n([\s\S]*?)```/g), (match) => match[1])

test('the quiz of docs/quiz.md is proven', async () => {
  const device = await openDevice({ device: 'reference', dtype: 'float64' })
  const found: string[] = []
  for await (const { item, status } of checkQuiz(
    readQuiz(quiz, 'docs/quiz.md'),
    new Prover({ device }),
  ))
    found.push(`${item} ${status}`)
  expect(found).toEqual(['order proven', 'orders proven'])
})

test('the result of docs/quiz.md is one of that quiz, with its score', () => {
  const { answers, score } = readResult(result, 'docs/quiz.md')
  expect(scoreOf(readQuiz(quiz), answers)).toEqual(score)
})
