import type { Remark } from '../../../src/quiz/formats/remark.ts'
import { partsOf, textOfParts } from '../../../src/quiz/formulas.ts'
import type { Quiz, QuizItem } from '../../../src/quiz/quiz.ts'
import { mapTexts } from '../../../src/quiz/texts.ts'

/**
 * A quiz without what the remarks of an export say that the format lost, and without nothing else.
 */
export function losing(given: Quiz, remarks: readonly Remark[]): Quiz {
  const quiz = remarks.some(({ field }) => field === 'formulas') ? withoutFormulas(given) : given
  const says = (field: string): boolean => remarks.some((remark) => remark.field === field)
  const of = (field: string, item: string): boolean =>
    remarks.some((remark) => remark.field === field && remark.items.includes(item))
  const title = (text: unknown) =>
    says('titles') ? String(text).replace(/\s+/g, ' ').trim() : (text as string)
  const { name, shuffle, id, ...rest } = quiz
  return {
    ...rest,
    id: says('id') ? '' : id,
    title: title(quiz.title),
    ...(says('name') || !name ? {} : { name }),
    ...(says('quizShuffle') || shuffle === undefined ? {} : { shuffle }),
    sections: quiz.sections.map((section) => ({
      ...section,
      title: title(section.title),
      items: section.items.map((item) => losingItem(item, (field) => of(field, item.id))),
    })),
  }
}

function losingItem(item: QuizItem, lost: (field: string) => boolean): QuizItem {
  const { claim, points, required, ...rest } = item
  const kept = {
    ...(claim === undefined || lost('claim') ? {} : { claim }),
    ...(points === undefined || lost('points') ? {} : { points }),
    ...(required === undefined || lost('optional') ? {} : { required }),
  }
  if (rest.kind === 'numeric') return { ...rest, ...kept }
  const { shuffle, ...choice } = rest
  const options = choice.options.map(({ pinned, ...option }, n) => ({
    ...option,
    ...(lost('optionIds') ? { id: 'abcde'[n] } : {}),
    ...(pinned === undefined || lost('pinned') ? {} : { pinned }),
  }))
  return {
    ...choice,
    ...kept,
    ...(shuffle === undefined || lost('shuffle') ? {} : { shuffle }),
    options,
  }
}

/** Titles are no HTML and keep theirs. */
function withoutFormulas(quiz: Quiz): Quiz {
  const { sections, ...head } = mapTexts(quiz, (text) => asProse(String(text)))
  return {
    ...head,
    title: quiz.title,
    sections: sections.map((section, n) => ({ ...section, title: quiz.sections[n].title })),
  }
}

/** Formulas that would end before their end, as prose. */
const asProse = (text: string): string =>
  textOfParts(
    partsOf(text).map((part) =>
      part.kind === 'formula' && /\\[()[\]]|\$\$/.test(part.text)
        ? { kind: 'prose', text: `$${part.text}$` }
        : part,
    ),
  )
