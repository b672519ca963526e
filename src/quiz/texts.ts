import {
  type ChoiceItem,
  type NumericItem,
  type Quiz,
  type QuizItem,
  type QuizOption,
  type QuizSection,
  type QuizText,
  textIn,
} from './quiz.ts'

type TextMap = (text: QuizText) => QuizText

/** Those of the named fields that are there, each text of them mapped. */
function mapped<T extends object>(
  holder: T,
  fields: readonly (keyof T)[],
  map: TextMap,
): Partial<T> {
  const there = fields.filter((field) => holder[field] !== undefined)
  return Object.fromEntries(
    there.map((field) => [field, map(holder[field] as QuizText)]),
  ) as Partial<T>
}

/** The quiz with every text of it mapped. */
export function mapTexts(quiz: Quiz, map: TextMap): Quiz {
  return {
    ...quiz,
    ...mapped(quiz, ['title', 'description'], map),
    ...(quiz.name ? { name: { ...quiz.name, ...mapped(quiz.name, ['label'], map) } } : {}),
    sections: quiz.sections.map((section) => mapSection(section, map)),
  }
}

const mapSection = (section: QuizSection, map: TextMap): QuizSection => ({
  ...section,
  ...mapped(section, ['title', 'text'], map),
  items: section.items.map((item) => mapItem(item, map)),
})

function mapItem(item: QuizItem, map: TextMap): QuizItem {
  if (item.kind === 'numeric') return mapNumeric(item, map)
  const options = item.options.map(
    (option): QuizOption => ({ ...option, ...mapped(option, ['text', 'feedback'], map) }),
  )
  return { ...item, ...mapped<ChoiceItem>(item, ['text', 'explanation'], map), options }
}

const mapNumeric = (item: NumericItem, map: TextMap): NumericItem => ({
  ...item,
  ...mapped<NumericItem>(item, ['text', 'explanation'], map),
  ...(item.feedback
    ? { feedback: { ...item.feedback, ...mapped(item.feedback, ['right', 'wrong'], map) } }
    : {}),
})

/** The quiz in one of its languages alone: every text a string. */
export const inLanguage = (quiz: Quiz, language: string): Quiz => ({
  ...mapTexts(quiz, (text) => textIn(text, language, quiz)),
  languages: [language],
})

/** Every text of a quiz, in every language. */
export function everyText(quiz: Quiz): string[] {
  const found: string[] = []
  mapTexts(quiz, (text) => {
    found.push(...(typeof text === 'string' ? [text] : Object.values(text)))
    return text
  })
  return found
}
