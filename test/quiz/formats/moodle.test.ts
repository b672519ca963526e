import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { describe, expect, test } from 'vitest'
import { xmlOf } from '../../../src/cli/xml.ts'
import { readMoodle, writeMoodle } from '../../../src/index.ts'
import { htmlOf } from '../../../src/quiz/formats/html-text.ts'
import { itemsOf, type QuizItem, type QuizText } from '../../../src/quiz/quiz.ts'
import { inLanguage } from '../../../src/quiz/texts.ts'
import { anyQuiz, canonical } from '../arbitrary.ts'
import { losing } from './losing.ts'

const read = (text: string, language = 'fr') => readMoodle(xmlOf(text, 'x.xml'), { name: 'x.xml', language })

/** Texts of a file by the path of their elements, as another parser sees them; each question begins with its type. */
function pathsOf(xml: string): [string, string][] {
  const found: [string, string][] = []
  const open: { path: string; text: string }[] = []
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    const marks = Object.values(attributes).join(' ')
    open.push({ path: `${open.at(-1)?.path ?? ''}/${name}${marks ? `(${marks})` : ''}`, text: '' })
    if (name === 'question') found.push([name, marks])
  })
  const add = (text: string): void => {
    const last = open.at(-1)
    if (last) last.text += text
  }
  parser.on('text', add)
  parser.on('cdata', add)
  parser.on('closetag', () => {
    const { path, text } = open.pop() as { path: string; text: string }
    if (text.trim()) found.push([path.replace(/^\/quiz\/question\(\w+\)\//, ''), text])
  })
  parser.write(xml).close()
  return found
}

/** What a file must say of an item. */
function expected(item: QuizItem): [string, string][] {
  const html = (path: string, text: QuizText | undefined): [string, string][] => (text === undefined ? [] : [[path, htmlOf(String(text))]])
  const head = [...html('questiontext(html)/text', item.text), ...html('generalfeedback(html)/text', item.explanation)]
  if (item.kind === 'numeric') return [...head, ...html('answer(100)/feedback(html)/text', item.feedback?.right)]
  const right = item.options.filter((option) => option.right).length
  const percent = (good?: boolean) => (good ? String(Number((100 / right).toFixed(5))) : item.kind === 'single' ? '0' : '-100')
  return [
    ...head,
    ...item.options.flatMap(({ text, right: good, feedback }) => [
      ...html(`answer(${percent(good)} html)/text`, text),
      ...html(`answer(${percent(good)} html)/feedback(html)/text`, feedback),
    ]),
  ]
}

describe('Moodle XML', () => {
  test('a quiz that is written and read again is the same but for what the export says', () => {
    fc.assert(
      fc.property(anyQuiz, fc.constantFrom('fr', 'en'), (quiz, language) => {
        const { text, remarks } = writeMoodle(quiz, language)
        const back = read(text, language)
        expect(canonical(back.quiz)).toEqual(canonical(losing(inLanguage(quiz, language), remarks)))
        expect(back.remarks).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  test('another parser finds every text, key and percentage where Moodle reads them', () => {
    fc.assert(
      fc.property(anyQuiz, (quiz) => {
        const paths = pathsOf(writeMoodle(quiz, 'fr').text)
        for (const item of itemsOf(inLanguage(quiz, 'fr'))) {
          const from = paths.findIndex(([path, text]) => path === 'idnumber' && text === item.id)
          const to = paths.findIndex(([path], n) => path === 'question' && n > from)
          const start = paths.slice(0, from).findLastIndex(([path]) => path === 'question')
          expect(paths.slice(start, to < 0 ? undefined : to)).toEqual(expect.arrayContaining(expected(item)))
        }
      }),
      { numRuns: 200 },
    )
  })
})
