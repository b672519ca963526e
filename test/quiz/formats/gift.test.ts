import fc from 'fast-check'
import { type GIFTQuestion, parse } from 'gift-pegjs'
import { describe, expect, test } from 'vitest'
import { readGift, withoutKey, writeGift } from '../../../src/doors/internal.ts'
import { htmlOf } from '../../../src/quiz/formats/html-text.ts'
import {
  type ChoiceItem,
  itemsOf,
  type NumericItem,
  type QuizItem,
  type QuizText,
} from '../../../src/quiz/quiz.ts'
import { inLanguage } from '../../../src/quiz/texts.ts'
import { anyQuiz, canonical } from '../arbitrary.ts'
import { losing } from './losing.ts'

const read = (text: string) => readGift(text, { name: 'x.gift', language: 'fr' })

/** What a question of the other reader says, as one value. */
function theirs(question: GIFTQuestion): unknown {
  if (question.type !== 'MC' && question.type !== 'Numerical')
    throw new Error(`a question of type ${question.type}`)
  const { title, stem, globalFeedback } = question
  const choices = [question.choices].flat().map((choice) => {
    const { isCorrect, weight, text, feedback } = choice as {
      isCorrect: boolean
      weight: number | null
      text: object
      feedback: { text: string } | null
    }
    const answer =
      'text' in text
        ? text.text
        : 'number' in text
          ? [text.number, (text as unknown as { range: number }).range]
          : '*'
    return { answer, right: isCorrect || (weight ?? 0) > 0, feedback: feedback?.text ?? '' }
  })
  return { title, text: stem.text, explanation: globalFeedback?.text ?? '', choices }
}

/** The same of an item. */
function ours(item: QuizItem): unknown {
  const html = (text: QuizText | undefined): string =>
    text === undefined ? '' : htmlOf(String(text))
  const { id: title, explanation } = item
  return {
    title,
    text: html(item.text),
    explanation: html(explanation),
    choices: item.kind === 'numeric' ? numbers(item) : options(item),
  }

  function options({ options: all }: ChoiceItem): object[] {
    return all.map(({ text, right, feedback }) => ({
      answer: html(text),
      right,
      feedback: html(feedback),
    }))
  }
  function numbers({ answer, feedback = {} }: NumericItem): object[] {
    const right = {
      answer: [answer?.value, answer?.tolerance ?? 0],
      right: true,
      feedback: html(feedback.right),
    }
    return feedback.wrong === undefined
      ? [right]
      : [right, { answer: '*', right: false, feedback: html(feedback.wrong) }]
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
        const questions = parse(writeGift(quiz, 'fr').text).filter(
          ({ type }) => type !== 'Category' && type !== 'Description',
        )
        const items = itemsOf(inLanguage(quiz, 'fr'))
        expect(questions.map((question) => theirs(question))).toEqual(
          items.map((item) => ours(item)),
        )
      }),
      { numRuns: 200 },
    )
  })

  test('reads what people write by hand', () => {
    const { quiz, remarks } = read(`// a comment
$CATEGORY: $course$/Biologie/Cellules
Read this first.

// another
::noyau:: Where is [html]DNA &eacute;? {
  = in the nucleus # yes
  ~ in the wall
  ~%50% elsewhere
}

Grant was born in {#1822:5} in Ohio.

The sun rises{T#no#yes####always}

Two of these {~%50%a ~%50%b ~%-100%c}

Name one {=x =y}

{}`)
    const [section] = quiz.sections
    expect([quiz.title, section.title, section.text]).toEqual([
      'Biologie',
      'Cellules',
      'Read this first.',
    ])
    expect(section.items).toEqual([
      {
        id: 'noyau',
        kind: 'single',
        text: 'Where is [html]DNA é?',
        options: [
          { id: 'a', text: 'in the nucleus', right: true, feedback: 'yes' },
          { id: 'b', text: 'in the wall' },
          { id: 'c', text: 'elsewhere' },
        ],
      },
      {
        id: 'item',
        kind: 'numeric',
        text: 'Grant was born in _____ in Ohio.',
        answer: { value: 1822, tolerance: 5 },
      },
      {
        id: 'item-2',
        kind: 'single',
        text: 'The sun rises',
        options: [
          { id: 'a', text: 'Vrai', right: true, feedback: 'yes' },
          { id: 'b', text: 'Faux', feedback: 'no' },
        ],
        explanation: 'always',
      },
      {
        id: 'item-3',
        kind: 'multiple',
        text: 'Two of these',
        options: [
          { id: 'a', text: 'a', right: true },
          { id: 'b', text: 'b', right: true },
          { id: 'c', text: 'c' },
        ],
      },
    ])
    expect(remarks.map(({ field, items }) => [field, ...items])).toEqual([
      ['weights', 'noyau'],
      ['questions', 'line 18'],
      ['questions', 'line 20'],
      ['names', 'item', 'item-2', 'item-3'],
    ])
  })

  test.each([
    ['', 'x.gift: there is no question in it that a quiz could hold; name a file that has some'],
    ['\n\n::q::x{=a ~b', 'x.gift: line 3: question q: its { is never closed by a }'],
    ['::q::x}', 'x.gift: line 1: question q: a } without a {'],
    [
      'x{=a ~b} y{=c ~d}',
      'x.gift: line 1: a second { or } follows its answers; put a blank line between questions, or \\ before a brace that is meant',
    ],
    [
      'x{=a =b ~c}',
      'x.gift: line 1: (a) and (b) are right in a choice of one; mark one, or make it a choice of several',
    ],
    ['x{~a ~b}', 'x.gift: line 1: no option is right; mark at least one'],
    ['x{=a ~}', 'x.gift: line 1: its option (b) has no text; give it one'],
    ['{=a ~b}', 'x.gift: line 1: it has no text; ask something'],
    [
      'x{#five}',
      'x.gift: line 1: its answer "five" is no number; write {#5}, {#5:0.1} or {#4.9..5.1}',
    ],
  ])('%j is refused with its line', (text, message) => {
    expect(() => read(text)).toThrow(new RangeError(message))
  })

  test('is not written of a quiz without its key', () => {
    const quiz = withoutKey(read('::q::x{=a ~b}').quiz)
    expect(() => writeGift(quiz)).toThrow('it has no key, and GIFT holds no question without one')
  })
})
