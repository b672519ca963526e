import { describe, expect, test } from 'vitest'
import { readQuiz } from '../../src/quiz/read.ts'

/** A quiz with one item of each kind. */
const QUIZ = {
  regardQuiz: 1,
  id: 'small',
  title: { en: 'Small', fr: 'Petit' },
  languages: ['en', 'fr'],
  sections: [
    {
      title: 'One',
      items: [
        {
          id: 'a1',
          kind: 'single',
          text: '$d_q$?',
          options: [
            { id: 'a', text: 'yes', right: true },
            { id: 'b', text: 'no', pinned: true },
          ],
          claim: { name: 'order', options: { a: 'b', b: 'a' } },
        },
        {
          id: 'a2',
          kind: 'multiple',
          text: 'which?',
          points: 2,
          options: [
            { id: 'a', text: 'x', right: true },
            { id: 'b', text: 'y', right: true },
            { id: 'c', text: 'z' },
          ],
        },
        {
          id: 'a3',
          kind: 'numeric',
          text: 'how many?',
          answer: { value: 6, tolerance: 0.5 },
          claim: { name: 'order', number: 'orders' },
        },
      ],
    },
  ],
}

type Holder = Record<string, unknown> & unknown[]

/** The text of the quiz with one value changed; undefined takes it out. */
function changed(path: readonly (string | number)[], value: unknown): string {
  const quiz = structuredClone(QUIZ)
  const last = path[path.length - 1] as number
  const holder = path
    .slice(0, -1)
    .reduce((held, key) => held[key as number] as Holder, quiz as unknown as Holder)
  if (value === undefined) delete (holder as Record<string, unknown>)[last]
  else holder[last] = value
  return JSON.stringify(quiz, undefined, 1)
}

const ITEM = ['sections', 0, 'items', 0]

test('a quiz is read as it stands', () => {
  expect(readQuiz(JSON.stringify(QUIZ), 'small.json')).toEqual(QUIZ)
  expect(readQuiz(`\uFEFF${JSON.stringify(QUIZ)}`)).toEqual(QUIZ)
})

describe('a quiz that is none is refused in one line with its place and a remedy', () => {
  test.each<[string, string, string | RegExp]>([
    ['nothing', '', 'q: is empty; give a quiz as JSON, see docs/quiz.md'],
    ['blanks', ' \n ', 'q: is empty; give a quiz as JSON, see docs/quiz.md'],
    [
      'no JSON',
      '{"id": 1,\n"x" 2}',
      /^q: (line 2: )?is not JSON \(.*\); mend it there, or check that it is the right file$/,
    ],
    ['XML', '<quiz/>', /^q: (line 1: )?is not JSON/],
    ['a list', '[]', /^q: line 1: must be an object: A quiz: .*, got an array$/],
    ['null', 'null', /^q: line 1: must be an object: .*, got null$/],
    [
      'a field twice',
      '{"id": "a",\n "id": "b"}',
      'q: line 2: id: this field stands twice; keep one',
    ],
    [
      'pinned twice',
      JSON.stringify(QUIZ).replace('"pinned":true', '"pinned":true,"pinned":false'),
      'q: line 1: sections[0].items[0].options[1].pinned: this field stands twice; keep one',
    ],
    [
      'a later version',
      changed(['regardQuiz'], 2),
      'q: line 2: regardQuiz: must be 1: the version of this format, got 2',
    ],
    [
      'no title',
      changed(['title'], undefined),
      'q: line 1: "title" is missing: a text, or one for each language',
    ],
    [
      'an unknown field',
      changed(['titel'], 'x'),
      /^q: line \d+: titel: unknown field; did you mean "title"\? known: /,
    ],
    [
      'an unknown field that is like none',
      changed(['xyzzy'], 'x'),
      /^q: line \d+: xyzzy: unknown field; known: \$schema, regardQuiz, /,
    ],
    [
      '__proto__',
      JSON.stringify(QUIZ).replace('{', '{"__proto__": {"id": "x"},'),
      /^q: line 1: __proto__: unknown field; known: /,
    ],
    [
      'another kind',
      changed([...ITEM, 'kind'], 'singel'),
      'q: line 18: sections[0].items[0].kind: must be "single" or "multiple" or "numeric", got "singel"',
    ],
    [
      'no kind',
      changed([...ITEM, 'kind'], undefined),
      'q: line 16: sections[0].items[0]: "kind" is missing',
    ],
    [
      'a blank text',
      changed([...ITEM, 'text'], ' '),
      /items\[0\]\.text: must be a text that is not blank, without control characters, got " "$/,
    ],
    [
      'a control character',
      changed([...ITEM, 'text'], 'a\u001b[2J'),
      /items\[0\]\.text: must be a text that is not blank, without control characters/,
    ],
    [
      'one option',
      changed([...ITEM, 'options'], [{ id: 'a', text: 'x', right: true }]),
      /items\[0\]\.options: needs at least 2, has 1$/,
    ],
    [
      'two right ones',
      changed([...ITEM, 'options', 1, 'right'], true),
      /items\[0\]\.options: has 2 options that are right, and may have 1; mark one, or make it an item of kind "multiple"$/,
    ],
    [
      'no right one',
      changed([...ITEM, 'options', 0, 'right'], undefined),
      /items\[0\]\.options: no option of "a1" is right; mark one with "right": true$/,
    ],
    [
      'no answer',
      changed(['sections', 0, 'items', 2, 'answer'], undefined),
      /items\[2\]: has no answer, and other items have; add "answer": \{"value": …\}$/,
    ],
    [
      'an id twice',
      changed(['sections', 0, 'items', 1, 'id'], 'a1'),
      /items\[1\]\.id: "a1" is the id at sections\[0\]\.items\[0\]\.id too; give each its own$/,
    ],
    [
      'an option twice',
      changed([...ITEM, 'options', 1, 'id'], 'a'),
      /options\[1\]\.id: "a" is the id at sections\[0\]\.items\[0\]\.options\[0\]\.id too/,
    ],
    [
      'a language that is missing',
      changed(['title'], { en: 'Small' }),
      'q: line 4: title: the language "fr" is missing; add it, or take it out of "languages"',
    ],
    [
      'a language too many',
      changed(['title'], { en: 'a', fr: 'b', de: 'c' }),
      'q: line 7: title.de: "de" is not among "languages": en, fr; add it there, or leave it out',
    ],
    [
      'a language twice',
      changed(['languages'], ['en', 'en']),
      'q: line 8: languages: "en" stands twice; keep one',
    ],
    [
      'no points',
      changed([...ITEM, 'points'], 0),
      /points: must be above 0: points of a right answer; default 1, got 0$/,
    ],
    [
      'points as text',
      changed([...ITEM, 'points'], '1'),
      /points: must be a number: points of a right answer; default 1, got "1"$/,
    ],
    [
      'a tolerance below zero',
      changed(['sections', 0, 'items', 2, 'answer', 'tolerance'], -1),
      /answer\.tolerance: must be at least 0: default 0, got -1$/,
    ],
    [
      'an id with blanks',
      changed([...ITEM, 'id'], 'a 1'),
      /items\[0\]\.id: must be a name of up to 64 letters, digits, dots, hyphens and underscores that begins with a letter or digit, got "a 1"$/,
    ],
    [
      'a claim of an option that there is not',
      changed([...ITEM, 'claim', 'options'], { z: 'a' }),
      /claim\.options: the item has no option "z"; did you mean a\? its options: a, b$/,
    ],
    [
      'a number of a choice',
      changed([...ITEM, 'claim', 'number'], 'orders'),
      /claim\.number: goes with an item of kind "numeric"; leave it out$/,
    ],
    [
      'a claim without its number',
      changed(['sections', 0, 'items', 2, 'claim'], { name: 'order' }),
      /claim: "number" is missing: the name of the number that is the answer$/,
    ],
  ])('%s', (_what, text, message) => {
    let found = ''
    try {
      readQuiz(text, 'q')
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError)
      found = (error as Error).message
    }
    if (typeof message === 'string') expect(found).toBe(message)
    else expect(found).toMatch(message)
    expect(found).not.toContain('\n')
  })

  test('a text longer than any quiz, at once', () => {
    expect(() => readQuiz(`"${'x'.repeat(16_000_001)}"`, 'q')).toThrow(
      'q: has more than 16 million signs; is it the right file?',
    )
  })

  test('brackets a million deep', () => {
    expect(() => readQuiz('['.repeat(1_000_000) + ']'.repeat(1_000_000), 'q')).toThrow(/^q: /)
  })
})

test('a quiz without its key is read', () => {
  const open = JSON.parse(
    JSON.stringify(QUIZ)
      .replaceAll('"right":true', '"pinned":false')
      .replace(',"answer":{"value":6,"tolerance":0.5}', ''),
  )
  expect(readQuiz(JSON.stringify(open))).toEqual(open)
})
