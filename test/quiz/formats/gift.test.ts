import fc from 'fast-check'
import { type GIFTQuestion, parse } from 'gift-pegjs'
import { describe, expect, test } from 'vitest'
import { readGift, writeGift } from '../../../src/index.ts'
import { htmlOf } from '../../../src/quiz/formats/html-text.ts'
import { type ChoiceItem, itemsOf, type NumericItem, type QuizItem, type QuizText } from '../../../src/quiz/quiz.ts'
import { inLanguage } from '../../../src/quiz/texts.ts'
import { anyQuiz, canonical } from '../arbitrary.ts'
import { losing } from './losing.ts'

const read = (text: string) => readGift(text, { name: 'x.gift', language: 'fr' })

/** What a question of the other reader says, as one value. */
function theirs(question: GIFTQuestion): unknown {
  if (question.type !== 'MC' && question.type !== 'Numerical') throw new Error(`a question of type ${question.type}`)
  const { title, stem, globalFeedback } = question
  const choices = [question.choices].flat().map((choice) => {
    const { isCorrect, weight, text, feedback } = choice as {
      isCorrect: boolean
      weight: number | null
      text: object
      feedback: { text: string } | null
    }
    const answer = 'text' in text ? text.text : 'number' in text ? [text.number, (text as unknown as { range: number }).range] : '*'
    return { answer, right: isCorrect || (weight ?? 0) > 0, feedback: feedback?.text ?? '' }
  })
  return { title, text: stem.text, explanation: globalFeedback?.text ?? '', choices }
}

/** The same of an item. */
function ours(item: QuizItem): unknown {
  const html = (text: QuizText | undefined): string => (text === undefined ? '' : htmlOf(String(text)))
  const { id: title, explanation } = item
  return { title, text: html(item.text), explanation: html(explanation), choices: item.kind === 'numeric' ? numbers(item) : options(item) }

  function options({ options: all }: ChoiceItem): object[] {
    return all.map(({ text, right, feedback }) => ({ answer: html(text), right, feedback: html(feedback) }))
  }
  function numbers({ answer, feedback = {} }: NumericItem): object[] {
    const right = { answer: [answer?.value, answer?.tolerance ?? 0], right: true, feedback: html(feedback.right) }
    return feedback.wrong === undefined ? [right] : [right, { answer: '*', right: false, feedback: html(feedback.wrong) }]
  }
}

describe('GIFT', () => {
  test('a quiz that is written and read again is the same but for what the export says', () => {
    fc.assert(
      fc.property(anyQuiz, fc.constantFrom('fr', 'en'), (quiz, language) => {
        const { text, remarks } = writeGift(quiz, language)
        const back = readGift(text, { name: 'x.gift', language })
        const lost = losing(inLanguage(quiz, language), remarks)
        expect(canonical({ ...back.quiz, id: '' })).toEqual(canonical(lost))
        expect(back.remarks).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  test('another reader finds the same questions, options, keys and texts', () => {
    fc.assert(
      fc.property(anyQuiz, (quiz) => {
        const questions = parse(writeGift(quiz, 'fr').text).filter(({ type }) => type !== 'Category' && type !== 'Description')
        const items = itemsOf(inLanguage(quiz, 'fr'))
        expect(questions.map((question) => theirs(question))).toEqual(items.map((item) => ours(item)))
      }),
      { numRuns: 200 },
    )
  })
})
