import type { ChoiceItem, QuizItem, QuizText } from '../quiz.ts'
import { unicodeText } from '../unicode.ts'

/** A title of a form and what stands below it in small: a title is one line. */
export interface Titled {
  readonly title: string
  readonly help: string
}

/** The first line of a text as a title, the others as help. */
export function titledOf(text: string): Titled {
  const [title, ...help] = text.trim().split(/\r\n|[\n\r\u2028\u2029]/)
  return { title: title.trim(), help: help.join('\n').trim() }
}

/** A text of a quiz in one language, its formulas in Unicode; empty without one. */
export const plainText = (text: QuizText = ''): string => unicodeText(String(text))

/** The title that an item has in a form, and in the table of answers that the form gives. */
export const formTitle = ({ text }: QuizItem): Titled => titledOf(plainText(text))

/**
 * The texts that the options of an item have in a form, where none may be empty and no two the
 * same: on one line, behind their letters where two are.
 */
export function formOptions({ options }: ChoiceItem): string[] {
  const texts = options.map(({ text }) => plainText(text).replace(/\s+/g, ' ').trim())
  const apart = new Set(texts).size === texts.length && !texts.includes('')
  return apart ? texts : texts.map((text, n) => `(${options[n].id}) ${text}`)
}
