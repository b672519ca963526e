import type { Quiz, QuizItem, QuizOption } from './quiz.ts'

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

function itemWithoutKey(item: QuizItem): QuizItem {
  const { explanation: _, claim: __, ...open } = item
  if (open.kind === 'numeric') {
    const { answer: ___, feedback: ____, ...rest } = open
    return rest
  }
  return { ...open, options: open.options.map(optionWithoutKey) }
}

function optionWithoutKey({ right: _, feedback: __, ...option }: QuizOption): QuizOption {
  return option
}

/** Whether the quiz says of every item what is right. */
export const hasKey = (quiz: Quiz): boolean =>
  quiz.sections.every(({ items }) =>
    items.every((item) =>
      item.kind === 'numeric'
        ? item.answer !== undefined
        : item.options.some(({ right }) => right !== undefined),
    ),
  )

/** @throws {RangeError} for a quiz without its key */
export function expectKey(quiz: Quiz, format: string): void {
  if (!hasKey(quiz))
    throw new RangeError(
      `quiz ${quiz.id}: it has no key, and ${format} holds no question without one; use html, apps-script or json`,
    )
}
