import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import {
  builtInQuiz,
  itemsOf,
  type Quiz,
  quizInScript,
  readQuiz,
  unicodeText,
  withoutKey,
  writeAppsScript,
} from '../../../src/doors/internal.ts'
import { anyQuiz } from '../arbitrary.ts'
import { formMadeBy, type Recorded } from './form-service.ts'

/** Each object that was made, without what choices and feedback were built with. */
const asked = ({ made }: Recorded): Recorded[] =>
  made.filter(
    ({ kind }) => kind === 'MultipleChoiceItem' || kind === 'CheckboxItem' || kind === 'TextItem',
  )

const HOSTILE = [
  '*/ throw new Error("out of the comment") /*',
  '</script><script>alert(1)</script>',
  '`$' + '{process}`',
  '\u2028\u2029\\',
  '"\'\\"',
  '\\u0022); throw 1; (',
]

/** A quiz with one text in every place. */
const quizOfText = (text: string): Quiz => ({
  regardQuiz: 1,
  id: 'hostile',
  title: text,
  description: text,
  languages: ['en'],
  name: { label: text },
  sections: [
    {
      title: text,
      text,
      items: [
        {
          id: '1',
          kind: 'single',
          text,
          explanation: text,
          options: [
            { id: 'a', text, right: true, feedback: text },
            { id: 'b', text: `${text}!`, feedback: text },
          ],
        },
        { id: '2', kind: 'numeric', text, explanation: text, answer: { value: 1 } },
      ],
    },
  ],
})

describe('a script for Google', () => {
  test('makes a form of the built-in quiz: title, name, sections, items, points, keys, feedback', async () => {
    const quiz = await builtInQuiz('self-attention')
    const { form, log } = formMadeBy(writeAppsScript(quiz, 'en').text)
    expect(form.set).toMatchObject({ Title: (quiz.title as { en: string }).en, IsQuiz: true })
    expect(
      form.made.filter(({ kind }) => kind === 'PageBreakItem').map(({ set }) => set.Title),
    ).toEqual(quiz.sections.map(({ title }) => (title as { en: string }).en))
    const [name, ...questions] = asked(form)
    expect(name).toMatchObject({ kind: 'TextItem', set: { Required: true } })
    expect(form.made[0]).toBe(name)
    expect(questions).toHaveLength(10)
    for (const [n, item] of itemsOf(quiz).entries()) {
      const { set } = questions[n]
      const right =
        item.kind === 'numeric' ? [] : item.options.map((option) => option.right ?? false)
      expect((set.Choices as { right: boolean }[]).map((choice) => choice.right)).toEqual(right)
      expect(set).toMatchObject({ Points: 1, Required: true })
      expect(set.FeedbackForCorrect).toHaveProperty('Text')
      expect(set.FeedbackForIncorrect).toHaveProperty('Text')
    }
    expect(log).toHaveLength(2)
  })

  test('of any quiz runs, and holds the quiz whole', () => {
    fc.assert(
      fc.property(anyQuiz, (quiz) => {
        const { text } = writeAppsScript(quiz, 'fr')
        const { form } = formMadeBy(text)
        const [, ...questions] = asked(form)
        expect(questions.map(({ kind }) => kind)).toEqual(
          itemsOf(quiz).map(
            ({ kind }) =>
              ({ single: 'MultipleChoiceItem', multiple: 'CheckboxItem', numeric: 'TextItem' })[
                kind
              ],
          ),
        )
        expect(JSON.parse(quizInScript(text, 'x.gs').json)).toEqual(
          JSON.parse(JSON.stringify(quiz)),
        )
      }),
      { numRuns: 100 },
    )
  })

  test.each(HOSTILE)('%j stays a text', (text) => {
    const quiz = quizOfText(text)
    const script = writeAppsScript(quiz).text
    const { form } = formMadeBy(script)
    expect(form.set.Description).toBe(unicodeText(text))
    expect((asked(form)[1].set.FeedbackForCorrect as { Text: string }).Text).toBe(
      `${unicodeText(text)}\n${unicodeText(text)}`,
    )
    expect(unicodeText(text)).toContain(asked(form)[2].set.Title)
    expect(script).not.toMatch(/[\u2028\u2029]|<\/script/)
    expect(readQuiz(quizInScript(script, 'x.gs').json)).toEqual(quiz)
  })

  test('without the key holds nothing of it', () => {
    const quiz = quizOfText('what?')
    const script = writeAppsScript(withoutKey(quiz)).text
    expect(script).not.toMatch(/"(right|answer|explanation|feedback|claim|points)"/)
    const { form } = formMadeBy(script)
    expect(form.set.IsQuiz).toBe(false)
    for (const { set } of asked(form))
      expect(Object.keys(set)).not.toEqual(expect.arrayContaining(['Points']))
  })

  test('options that look the same in a form stand behind their letters', () => {
    const quiz = {
      ...quizOfText('x'),
      sections: [
        {
          title: 's',
          items: [
            {
              id: '1',
              kind: 'single',
              text: 't',
              options: [
                { id: 'p', text: '$x^2$', right: true },
                { id: 'q', text: 'x²' },
              ],
            },
          ],
        },
      ],
    } as const
    const { form } = formMadeBy(writeAppsScript(quiz).text)
    expect((asked(form)[1].set.Choices as { value: string }[]).map(({ value }) => value)).toEqual([
      '(p) x²',
      '(q) x²',
    ])
  })

  test('says what Google does not take', () => {
    const quiz = quizOfText('x')
    expect(writeAppsScript(quiz).remarks.map(({ field, items }) => [field, ...items])).toEqual([
      ['feedback', '1'],
      ['answer', '2'],
    ])
  })

  test('fits the types that are published of the service', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'regard-script-'))
    const script = join(folder, 'form.js')
    writeFileSync(
      script,
      writeAppsScript({ ...(await builtInQuiz('self-attention')), ...{ shuffle: true } }, 'fr')
        .text,
    )
    const types = fileURLToPath(
      import.meta.resolve('@types/google-apps-script/google-apps-script.forms.d.ts'),
    )
    const base = types.replace('forms.d.ts', 'base.d.ts')
    const options = {
      allowJs: true,
      checkJs: true,
      noEmit: true,
      types: [],
      lib: ['lib.es2020.d.ts'],
      skipLibCheck: true,
      noImplicitAny: false,
    }
    const faultsOf = (text?: string): string[] => {
      if (text !== undefined) writeFileSync(script, text)
      const program = ts.createProgram([script, types, base], options)
      return ts
        .getPreEmitDiagnostics(program, program.getSourceFile(script))
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))
    }
    expect(faultsOf()).toEqual([])
    expect(faultsOf('FormApp.create("x").addTextItem().setTitles("y")')).not.toEqual([])
    rmSync(folder, { recursive: true })
  })
})
