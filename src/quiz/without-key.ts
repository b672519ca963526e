import { itemsOf, type Quiz, type QuizItem } from './quiz.ts'

/**
 * The quiz without anything that tells what is right: no keys, no feedback, no explanations, and no
 * claims, since to run a claim is to read the answer.
 */
export const withoutKey = (quiz: Quiz): Quiz => ({
  ...quiz,
  sections: quiz.sections.map((section) => ({
    ...section,
    items: section.items.map(itemWithoutKey),
  })),
})

function itemWithoutKey({ explanation: _, claim: __, ...item }: QuizItem): QuizItem {
  if (item.kind !== 'numeric')
    return { ...item, options: item.options.map(({ right, feedback, ...option }) => option) }
  const { answer, feedback, ...open } = item
  return open
}

/** Whether an item says what is right. */
export const itemHasKey = (item: QuizItem): boolean =>
  item.kind === 'numeric'
    ? item.answer !== undefined
    : item.options.some(({ right }) => right !== undefined)

/** Whether the quiz says of every item what is right. */
export const hasKey = (quiz: Quiz): boolean => itemsOf(quiz).every(itemHasKey)

/** @throws {RangeError} for a quiz without its key */
export function expectKey(quiz: Quiz, format: string): void {
  if (!hasKey(quiz))
    throw new RangeError(
      `quiz ${quiz.id}: it has no key, and ${format} holds no question without one; use html, apps-script or json`,
    )
}
