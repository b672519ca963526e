import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { describe, expect, test } from 'vitest'
import { xmlOf } from '../../../src/cli/quiz/xml.ts'
import { readMoodle, writeMoodle } from '../../../src/doors/internal.ts'
import { htmlOf } from '../../../src/quiz/formats/html-text.ts'
import { itemsOf, type QuizItem, type QuizText } from '../../../src/quiz/quiz.ts'
import { inLanguage } from '../../../src/quiz/texts.ts'
import { anyQuiz, canonical } from '../arbitrary.ts'
import { losing } from './losing.ts'

const read = (text: string, language = 'fr') =>
  readMoodle(xmlOf(text, 'x.xml'), { name: 'x.xml', language })

/**
 * Texts of a file by the path of their elements, as another parser sees them; each question begins
 * with its type.
 */
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
  const html = (path: string, text: QuizText | undefined): [string, string][] =>
    text === undefined ? [] : [[path, htmlOf(String(text))]]
  const head = [
    ...html('questiontext(html)/text', item.text),
    ...html('generalfeedback(html)/text', item.explanation),
  ]
  if (item.kind === 'numeric')
    return [...head, ...html('answer(100)/feedback(html)/text', item.feedback?.right)]
  const right = item.options.filter((option) => option.right).length
  const percent = (good?: boolean) =>
    good ? String(Number((100 / right).toFixed(5))) : item.kind === 'single' ? '0' : '-100'
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
          expect(paths.slice(start, to < 0 ? undefined : to)).toEqual(
            expect.arrayContaining(expected(item)),
          )
        }
      }),
      { numRuns: 200 },
    )
  })

  test('reads what Moodle exports, and names what a quiz cannot hold', () => {
    const { quiz, remarks } = read(`<?xml version="1.0" encoding="UTF-8"?>
<quiz>
<!-- question: 0  -->
<question type="category"><category><text>$course$/top/Défaut pour X</text></category></question>
<question type="multichoice">
  <name><text>Q1</text></name>
  <questiontext format="html"><text><![CDATA[<p>Soit \\(x<y\\)&nbsp;:</p><p>que <b>dire</b> ?</p><img src="@@PLUGINFILE@@/a.png">]]></text>
    <file name="a.png" encoding="base64">AAAA</file></questiontext>
  <generalfeedback format="html"><text></text></generalfeedback>
  <defaultgrade>2.0000000</defaultgrade><single>true</single><shuffleanswers>true</shuffleanswers>
  <correctfeedback format="html"><text>Bravo</text></correctfeedback>
  <answer fraction="100" format="html"><text>&lt;p&gt;oui&lt;/p&gt;</text><feedback format="html"><text>juste</text></feedback></answer>
  <answer fraction="0" format="plain_text"><text>a &lt; b</text><feedback format="html"><text></text></feedback></answer>
  <tags><tag><text>t</text></tag></tags>
</question>
<question type="truefalse"><name><text>Q2</text></name><questiontext format="html"><text>vrai ?</text></questiontext>
  <answer fraction="0"><text>true</text><feedback><text>non</text></feedback></answer><answer fraction="100"><text>false</text></answer></question>
<question type="cloze"><name><text>Q3</text></name><questiontext><text>{1:SA:=x}</text></questiontext></question>
</quiz>`)
    expect(quiz.title).toBe('Défaut pour X')
    expect(quiz.sections[0].items).toEqual([
      {
        id: 'Q1',
        kind: 'single',
        text: 'Soit $x<y$\u00a0:\nque dire ?',
        points: 2,
        shuffle: true,
        options: [
          { id: 'a', text: 'oui', right: true, feedback: 'juste' },
          { id: 'b', text: 'a < b' },
        ],
      },
      {
        id: 'Q2',
        kind: 'single',
        text: 'vrai ?',
        options: [
          { id: 'a', text: 'Vrai', feedback: 'non' },
          { id: 'b', text: 'Faux', right: true },
        ],
      },
    ])
    expect(remarks.map(({ field, items }) => [field, ...items])).toEqual([
      ['markup', 'Q1'],
      ['markup', 'Q1'],
      ['files', 'Q1'],
      ['tags', 'Q1'],
      ['correctfeedback', 'Q1'],
      ['questions', 'Q3'],
    ])
  })

  const question = (parts: string, type = 'multichoice') =>
    `<quiz>\n<question type="${type}"><name><text>n</text></name>${parts}</question></quiz>`
  const answer = (fraction: string, text: string) =>
    `<answer${fraction && ` fraction="${fraction}"`}><text>${text}</text></answer>`
  const stem = '<questiontext><text>q</text></questiontext>'

  test.each([
    ['<quiz/>', 'x.xml: there is no question in it'],
    ['<html/>', 'x.xml: line 1: expected <quiz>, got <html>'],
    [question(''), 'x.xml: line 2: question "n": it has no questiontext'],
    [
      question(stem + answer('100', 'a')),
      'x.xml: line 2: question "n": it has one option; give at least two',
    ],
    [
      question(stem + answer('100', 'a') + answer('100', 'b')),
      'x.xml: line 2: question "n": (a) and (b) are right in a choice of one',
    ],
    [
      question(stem + answer('', 'a') + answer('0', 'b')),
      'x.xml: line 2: question "n": line 2: an answer needs fraction="100"',
    ],
    [
      question(`${stem}<defaultgrade>-1</defaultgrade>${answer('100', 'a')}${answer('0', 'b')}`),
      'defaultgrade must be a number above 0, got "-1"',
    ],
    [
      question(stem + answer('100', 'five'), 'numerical'),
      'x.xml: line 2: question "n": it needs an answer with fraction="100", a number',
    ],
    [
      '<quiz><question type="multichoice"><name>',
      'x.xml: Missing end tag for element name, at line 1, column 42; is the file whole?',
    ],
    [question('&eacute;'), "x.xml: Named entity isn't defined: &eacute;, at line 2"],
    ['', 'x.xml: '],
  ])('%j is refused with its place', (text, message) => {
    expect(() => read(text)).toThrow(message)
  })

  test('5 MB of declared entities are refused before they are read', () => {
    const entities = Array.from(
      { length: 160_000 },
      (_, n) => `<!ENTITY e${n} "&e${n - 1};&e${n - 1};">`,
    ).join('\n')
    const began = performance.now()
    expect(() =>
      read(`<?xml version="1.0"?>\n<!DOCTYPE quiz [${entities}]>\n<quiz>&e159999;</quiz>`),
    ).toThrow('x.xml: line 2: it declares a DOCTYPE, which may hold entities; remove it')
    expect(performance.now() - began).toBeLessThan(1000)
    expect(entities.length).toBeGreaterThan(5e6)
  })

  test.each([
    ['elements in each other', '<quiz>'.repeat(300_000)],
    [
      'tags and comments that never end',
      question(
        `<questiontext format="html"><text>${'&lt;a &lt;!-- \\( " '.repeat(250_000)}</text></questiontext>${answer('100', 'a')}`,
      ),
    ],
  ])('5 MB of %s are refused within seconds', (_, text) => {
    const began = performance.now()
    expect(() => read(text)).toThrow(/^x\.xml: /)
    expect(performance.now() - began).toBeLessThan(10_000)
  })
})
