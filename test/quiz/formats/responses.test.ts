import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rowOf } from '../../../src/cli/terminal/output.ts'
import { csvRows } from '../../../src/cli/texts/csv.ts'
import {
  builtInQuiz,
  type ChoiceItem,
  itemsOf,
  type Quiz,
  readResponses,
  shuffled,
  writeAppsScript,
} from '../../../src/doors/internal.ts'
import { formMadeBy } from './form-service.ts'

const quiz: Quiz = {
  regardQuiz: 1,
  id: 'q',
  title: 't',
  languages: ['en', 'fr'],
  name: { label: { en: 'Your name', fr: 'Votre nom' } },
  sections: [
    {
      title: 's',
      items: [
        {
          id: 'same',
          kind: 'single',
          text: 'Which?',
          options: [
            { id: 'a', text: { en: 'yes', fr: 'oui' }, right: true },
            { id: 'b', text: { en: 'no', fr: 'non' } },
          ],
        },
        {
          id: 'again',
          kind: 'single',
          text: 'Which?',
          options: [
            { id: 'a', text: 'yes' },
            { id: 'b', text: '$x^2$, or\nso', right: true },
          ],
        },
        {
          id: 'several',
          kind: 'multiple',
          text: { en: 'What?', fr: 'Quoi ?' },
          options: [
            { id: 'a', text: 'one, two', right: true },
            { id: 'b', text: 'one' },
            { id: 'c', text: 'two; three', right: true },
            { id: 'd', text: 'two' },
          ],
        },
        { id: 'n', kind: 'numeric', text: 'How many?\nCount all.', answer: { value: 2 } },
      ],
    },
  ],
}
const HEADER = 'Timestamp,Score,Your name,Which?,Which? [Score],Which?,What?,How many?'
const read = (text: string) => readResponses(quiz, csvRows(text, 'r.csv'), 'r.csv')
const answersOf = (row: string) =>
  read(`${HEADER}\n2026/11/27 10:00:00,3 / 4,Ann,${row}`).sheets[0].answers

describe('answers from a form', () => {
  test('are matched by titles, those that are the same in their order', () => {
    expect(
      read(`${HEADER}\n2026/11/27 10:00:00,3 / 4,Ann,yes,1 / 1,"x², or so",two; three,2\n`),
    ).toEqual({
      sheets: [
        {
          name: 'Ann',
          file: 'r.csv',
          line: 2,
          answers: { same: ['a'], again: ['b'], several: ['c'], n: 2 },
        },
      ],
      unread: [],
    })
  })

  test.each([
    ['one, two', ['a']],
    ['one, two, two; three', ['a', 'c']],
    ['one;two', ['b', 'd']],
    ['one;two; three', ['b', 'c']],
    ['two, one', ['d', 'b']],
    ['a c', ['a', 'c']],
  ])('%j in a cell of several are %j', (cell, several) => {
    expect(answersOf(`,,,"${cell}",`).several).toEqual(several)
  })

  test.each([
    ['2', 2],
    ['"2,5"', 2.5],
    ['−3', -3],
    ['1 000', 1000],
    ['1e3', 1000],
  ])('%s is the number %d', (cell, n) => {
    expect(answersOf(`,,,,${cell}`).n).toBe(n)
  })

  test('may be in any language of the quiz, between semicolons, behind a byte order mark', () => {
    const text = '\ufeffHorodateur;Votre nom;Quoi ?;Which?\r\n27/11/2026 10:00:00;НМ;one;non\r\n'
    const { sheets, unread } = read(text)
    expect(sheets).toEqual([
      {
        name: 'НМ',
        file: 'r.csv',
        line: 2,
        answers: { same: ['b'], again: null, several: ['b'], n: null },
      },
    ])
    expect(unread.map(({ text: why }) => why)).toEqual([
      'no column for item again; it counts as not answered',
      'no column for item n; it counts as not answered',
    ])
  })

  test('that are not understood are reported with their lines, and no row is lost', () => {
    const { sheets, unread } = read(
      `${HEADER},Notes\n,,Ann,maybe,,,,,"a\nb"\n,,Ann,yes,,,"one, six",many,\n`,
    )
    expect(sheets.map(({ name, line, answers }) => [name, line, answers.same])).toEqual([
      ['Ann', 2, null],
      ['Ann', 4, ['a']],
    ])
    expect(unread).toEqual([
      {
        file: 'r.csv',
        line: 1,
        text: 'column 9, "Notes", is no question of the quiz; it is left out',
      },
      {
        file: 'r.csv',
        line: 2,
        text: 'item same: "maybe" is none of the options; it counts as no answer',
        given: 'maybe',
      },
      {
        file: 'r.csv',
        line: 4,
        text: 'item several: "one, six" is none of the options; it counts as no answer',
        given: 'one, six',
      },
      {
        file: 'r.csv',
        line: 4,
        text: 'item n: "many" is no number; it counts as no answer',
        given: 'many',
      },
    ])
  })

  test('of another form are refused', () => {
    expect(() => read('A,B\n1,2\n')).toThrow(
      'r.csv: line 1: no column is a question of the quiz q; is it the answers to this quiz?',
    )
    expect(() => read('')).toThrow('r.csv: it is empty; give a table with a header')
  })

  test('that a form of the built-in quiz shows are all found again', async () => {
    const builtIn = await builtInQuiz('self-attention')
    for (const language of builtIn.languages) {
      const { form } = formMadeBy(writeAppsScript(builtIn, language).text)
      const asked = form.made.filter(({ kind }) => kind !== 'PageBreakItem')
      const header = asked.map(({ set }) => String(set.Title))
      const choices = asked
        .slice(1)
        .map(({ set }) => (set.Choices as { value: string }[]).map(({ value }) => value))
      fc.assert(
        fc.property(
          fc.array(fc.nat(1), { minLength: 10, maxLength: 10 }),
          fc.constantFrom('Ann', 'Ann "A"', 'a\nb', 'НМ'),
          (picks, name) => {
            const text =
              rowOf(header, 'csv') +
              rowOf([name, ...picks.map((pick, n) => choices[n][pick])], 'csv')
            const { sheets, unread } = readResponses(builtIn, csvRows(text, 'r.csv'), 'r.csv')
            expect(unread).toEqual([])
            expect(sheets[0].name).toBe(name)
            expect(Object.values(sheets[0].answers)).toEqual(
              picks.map((pick, n) => [(itemsOf(builtIn)[n] as ChoiceItem).options[pick].id]),
            )
          },
        ),
        { numRuns: 50 },
      )
    }
  })
})

describe('answers from paper', () => {
  const letters = ['a', 'b', 'c', 'd', 'e']
  const item = (id: string): ChoiceItem => ({
    id,
    kind: 'single',
    text: id,
    shuffle: true,
    options: ['c', 'a', 'e', 'b', 'd'].map((option) => ({
      id: option,
      text: `text ${option}`,
      ...(option === 'e' ? { right: true } : {}),
    })),
  })
  const paper: Quiz = {
    regardQuiz: 1,
    id: 'p',
    title: 'p',
    languages: ['en'],
    shuffle: true,
    sections: [{ title: 's', items: ['x', 'y', 'z'].map(item) }],
  }
  const readPaper = (text: string) => readResponses(paper, csvRows(text, 'p.csv'), 'p.csv')

  test.each([
    ['A', ['a']],
    ['(b)', ['b']],
    ['B, d', null],
    ['f', null],
  ])('%j in a table without sheets is %j', (cell, answer) => {
    expect(readPaper(`name,x,y,z\nAnn,"${cell}",a,a\n`).sheets[0].answers.x).toEqual(answer)
  })

  test('are numbers and letters of the sheet that a column names', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 40 }), (seed) => {
        const items = itemsOf(shuffled(paper, seed)) as ChoiceItem[]
        const right = items.map(
          ({ options }) => letters[options.findIndex((option) => option.right)],
        )
        const { sheets, unread } = readPaper(
          `name,sheet,1,2,3\nAnn,${seed},${right}\nBob,,C,c,(c)\n`,
        )
        expect(unread).toEqual([])
        expect(sheets.map(({ answers }) => answers)).toEqual(
          [0, 1].map(() => ({ x: ['e'], y: ['e'], z: ['e'] })),
        )
      }),
      { seed: 7, numRuns: 50 },
    )
  })

  test('are refused for a sheet that there cannot be', () => {
    expect(() => readPaper('name,sheet,x\nAnn,1,a\nBob,one,a\n')).toThrow(
      /^p\.csv: line 3: sheet "one" is no number; give the one that is printed on the sheet$/,
    )
  })
})
