import type { ChoiceItem, NumericItem, Quiz, QuizText } from '../quiz.ts'
import { inLanguage } from '../texts.ts'
import { expectKey } from '../without-key.ts'
import { htmlOf } from './html-text.ts'
import { lossyFeatures, MOODLE_LOSSY } from './lossy.ts'
import { percentagesOf, plainDecimal } from './percentages.ts'
import { categoryOf, type Entry, entriesOf } from './question-bank.ts'
import type { Exported } from './remark.ts'

/** What GIFT reads as its own marks, which stand behind a backslash where they are meant. */
const escapeGift = (text: string): string => text.replace(/[\\~=#{}:]/g, '\\$&')

/**
 * The quiz in GIFT, in one language: a category for each section, texts in HTML, formulas between
 * \( and \).
 *
 * @param language one of the quiz's languages; default its first
 * @throws {RangeError} for a quiz without its key
 */
export function writeGift(quiz: Quiz, language = quiz.languages[0]): Exported {
  expectKey(quiz, 'GIFT')
  const blocks = entriesOf(inLanguage(quiz, language)).map(blockOf)
  return {
    text: `${blocks.join('\n\n')}\n`,
    remarks: lossyFeatures(quiz, ['id', ...MOODLE_LOSSY, 'points', 'shuffle']),
  }
}

/** A text that is one string by now. */
const marked = (text: QuizText): string => escapeGift(htmlOf(String(text)))

function blockOf(entry: Entry): string {
  // Moodle undoes only the doubling of backslashes in the name of a category
  if (entry.kind === 'category')
    return `$CATEGORY: ${categoryOf(entry.path).replaceAll('\\', '\\\\')}`
  if (entry.kind === 'text') return `[html]${marked(entry.text)}`
  const { name, item } = entry
  const lines = [
    ...(item.kind === 'numeric' ? numberLines(item) : optionLines(item)),
    ...explanationLines(item.explanation),
  ]
  return `::${escapeGift(name)}::[html]${marked(item.text)}{${item.kind === 'numeric' ? '#' : ''}\n${lines.map((line) => `\t${line}\n`).join('')}}`
}

const explanationLines = (explanation: QuizText | undefined): string[] =>
  explanation === undefined ? [] : [`####${marked(explanation)}`]
const feedbackMark = (feedback: QuizText | undefined): string =>
  feedback === undefined ? '' : `#${marked(feedback)}`

function optionLines({ kind, options }: Omit<ChoiceItem, 'id'>): string[] {
  const weights = percentagesOf(options)
  return options.map(({ text, right, feedback }, n) => {
    const mark = kind === 'multiple' ? `~%${weights[n]}%` : right ? '=' : '~'
    return mark + marked(text) + feedbackMark(feedback)
  })
}

function numberLines({ answer, feedback = {} }: Omit<NumericItem, 'id'>): string[] {
  const { value, tolerance = 0 } = answer ?? { value: 0 }
  const wrong = feedback.wrong === undefined ? [] : [`~${feedbackMark(feedback.wrong)}`]
  return [
    `=${plainDecimal(value)}:${plainDecimal(tolerance)}${feedbackMark(feedback.right)}`,
    ...wrong,
  ]
}
