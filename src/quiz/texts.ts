import { stepTo } from './json-schema.ts'
import { type Quiz, type QuizText, textIn } from './quiz.ts'

/** Fields that hold a text. */
const TEXTS = ['title', 'description', 'label', 'text', 'explanation', 'feedback', 'right', 'wrong']

/** What a quiz holds, with every text of it mapped. */
export function mapTexts<T>(
  value: T,
  map: (text: QuizText, path: string) => QuizText,
  path = '',
): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((one, n) => mapTexts(one, map, stepTo(path, n))) as T
  const mapped = Object.entries(value).map(([key, held]) => {
    const at = stepTo(path, key)
    // whether an option is right is no text; the feedback of a numeric item holds two
    const isText =
      TEXTS.includes(key) &&
      (typeof held === 'string' || typeof held === 'object') &&
      !(key === 'feedback' && 'kind' in value)
    if (isText) return [key, map(held, at)]
    return [key, key === 'claim' ? held : mapTexts(held, map, at)]
  })
  return Object.fromEntries(mapped)
}

/** The quiz in one of its languages alone: every text a string. */
export const inLanguage = (quiz: Quiz, language: string): Quiz => ({
  ...mapTexts(quiz, (text) => textIn(text, language, quiz)),
  languages: [language],
})

/** A text of a quiz and its path, as in `sections[0].title`. */
export interface TextAt {
  readonly text: QuizText
  readonly path: string
}

/** Every text of a quiz, in the order of its file. */
export function everyText(quiz: Quiz): TextAt[] {
  const found: TextAt[] = []
  mapTexts(quiz, (text, path) => {
    found.push({ text, path })
    return text
  })
  return found
}

/** A text in each of its languages. */
export const stringsOf = (text: QuizText): string[] =>
  typeof text === 'string' ? [text] : Object.values(text)
