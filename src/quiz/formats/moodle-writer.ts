import type { ChoiceItem, NumericItem, Quiz, QuizItem, QuizText } from '../quiz.ts'
import { inLanguage } from '../texts.ts'
import { expectKey } from '../without-key.ts'
import { escapeHtml, htmlOf } from './html-text.ts'
import { lossyFeatures, MOODLE_LOSSY } from './lossy.ts'
import { percentagesOf, plainDecimal } from './percentages.ts'
import { categoryOf, type Entry, entriesOf } from './question-bank.ts'
import type { Exported } from './remark.ts'

/**
 * The quiz in Moodle's XML, in one language: a category for each section, texts in HTML, formulas
 * between \( and \).
 *
 * @param language one of the quiz's languages; default its first
 * @throws {RangeError} for a quiz without its key
 */
export function writeMoodle(quiz: Quiz, language = quiz.languages[0]): Exported {
  expectKey(quiz, 'Moodle XML')
  const questions = entriesOf(inLanguage(quiz, language)).map(questionOf)
  return {
    text: `<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n${questions.join('')}</quiz>\n`,
    remarks: lossyFeatures(quiz, MOODLE_LOSSY),
  }
}

/** What XML cannot hold, and what its readers change: a carriage return. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML 1.0 excludes
const EXCLUDED = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

const escapeXml = (text: string): string =>
  escapeHtml(text.replace(EXCLUDED, '\ufffd')).replaceAll('\r', '&#13;')
const cdata = (text: string): string =>
  `<![CDATA[${text.replace(EXCLUDED, '\ufffd').replaceAll(']]>', ']]]]><![CDATA[>')}]]>`

const element = (name: string, text: string | number | boolean): string =>
  `<${name}>${escapeXml(String(text))}</${name}>`
const plain = (name: string, text: string): string => `<${name}>${element('text', text)}</${name}>`

/** An element with a text in HTML. */
const rich = (name: string, text: QuizText | undefined): string =>
  `<${name} format="html"><text>${text === undefined ? '' : cdata(htmlOf(String(text)))}</text></${name}>`

const lines = (parts: readonly string[], indent: string): string =>
  parts.map((part) => `${indent}${part}\n`).join('')
const question = (type: string, parts: readonly string[]): string =>
  `  <question type="${type}">\n${lines(parts, '    ')}  </question>\n`

function questionOf(entry: Entry): string {
  if (entry.kind === 'category')
    return question('category', [
      plain('category', categoryOf(entry.path)),
      rich('info', undefined),
      element('idnumber', entry.id ?? ''),
    ])
  if (entry.kind === 'text')
    return question('description', [
      ...headOf('', entry.text),
      element('defaultgrade', 0),
      element('hidden', 0),
    ])
  const item = { ...entry.item, id: entry.name } as QuizItem
  return item.kind === 'numeric'
    ? question('numerical', numberParts(item))
    : question('multichoice', choiceParts(item))
}

const headOf = (name: string, text: QuizText, explanation?: QuizText): string[] => [
  plain('name', name || [...String(text).replace(/\s+/g, ' ')].slice(0, 60).join('')),
  rich('questiontext', text),
  rich('generalfeedback', explanation),
]

const itemHead = ({ id, text, explanation, points = 1 }: QuizItem): string[] => [
  ...headOf(id, text, explanation),
  element('defaultgrade', plainDecimal(points)),
  element('penalty', '0.3333333'),
  element('hidden', 0),
  element('idnumber', id),
]

function choiceParts(item: ChoiceItem): string[] {
  const weights =
    item.kind === 'multiple'
      ? percentagesOf(item.options)
      : item.options.map(({ right }) => (right ? '100' : '0'))
  return [
    ...itemHead(item),
    element('single', item.kind === 'single'),
    element('shuffleanswers', item.shuffle ?? false),
    element('answernumbering', 'abc'),
    element('showstandardinstruction', 0),
    ...['correctfeedback', 'partiallycorrectfeedback', 'incorrectfeedback'].map((name) =>
      rich(name, undefined),
    ),
    ...item.options.map(({ text, feedback }, n) =>
      answer(weights[n], rich('answer', text), feedback),
    ),
  ]
}

/** An answer, its own element with a text already there. */
const answer = (
  percent: string,
  whole: string,
  feedback: QuizText | undefined,
  more = '',
): string =>
  whole
    .replace(/^<answer/, `<answer fraction="${percent}"`)
    .replace(/<\/answer>$/, () => `${rich('feedback', feedback)}${more}</answer>`)

function numberParts(item: NumericItem): string[] {
  const { answer: { value, tolerance = 0 } = { value: 0 }, feedback = {} } = item
  const of = (percent: string, text: string, said: QuizText | undefined, within: number): string =>
    answer(percent, plain('answer', text), said, element('tolerance', plainDecimal(within)))
  return [
    ...itemHead(item),
    of('100', plainDecimal(value), feedback.right, tolerance),
    ...(feedback.wrong === undefined ? [] : [of('0', '*', feedback.wrong, 0)]),
    element('unitgradingtype', 0),
    element('unitpenalty', '0.1'),
    element('showunits', 3),
    element('unitsleft', 0),
  ]
}
