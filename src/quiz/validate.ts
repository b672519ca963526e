import { nearest } from '../kinds.ts'
import { type Fault, stepTo } from './json-schema.ts'
import type { ChoiceItem, Quiz, QuizItem } from './quiz.ts'
import { hasKey } from './without-key.ts'

/** An item and its path. */
interface Placed {
  readonly item: QuizItem
  readonly path: string
}

const placedItems = (quiz: Quiz): Placed[] =>
  quiz.sections.flatMap(({ items }, s) =>
    items.map((item, n) => ({ item, path: `sections[${s}].items[${n}]` })),
  )

/**
 * The first thing of a quiz that contradicts another, though each has its form; undefined where
 * there is none.
 */
export function inconsistencyOf(quiz: Quiz): Fault | undefined {
  const items = placedItems(quiz)
  const keyed = items.some(({ item }) =>
    hasKey({ ...quiz, sections: [{ title: '', items: [item] }] }),
  )
  return (
    twiceNamed(items.map(({ item, path }) => ({ id: item.id, path: stepTo(path, 'id') }))) ??
    firstOf(
      items,
      ({ item, path }) =>
        optionFault(item, path) ??
        claimFault(item, path) ??
        (keyed ? keyFault(item, path) : undefined),
    ) ??
    languageFault(quiz, quiz.languages, '')
  )
}

function firstOf<T>(
  values: readonly T[],
  faultOfEach: (value: T) => Fault | undefined,
): Fault | undefined {
  for (const value of values) {
    const fault = faultOfEach(value)
    if (fault) return fault
  }
  return undefined
}

/** Two that have the same name. */
function twiceNamed(
  named: readonly { readonly id: string; readonly path: string }[],
): Fault | undefined {
  const first = new Map<string, string>()
  return firstOf(named, ({ id, path }) => {
    const before = first.get(id)
    first.set(id, before ?? path)
    return before === undefined
      ? undefined
      : { path, text: `${JSON.stringify(id)} is the id at ${before} too; give each its own` }
  })
}

const optionFault = (item: QuizItem, path: string): Fault | undefined =>
  item.kind === 'numeric'
    ? undefined
    : twiceNamed(item.options.map(({ id }, n) => ({ id, path: `${path}.options[${n}].id` })))

function keyFault(item: QuizItem, path: string): Fault | undefined {
  if (item.kind === 'numeric')
    return item.answer
      ? undefined
      : { path, text: 'has no answer, and other items have; add "answer": {"value": …}' }
  if (item.options.some(({ right }) => right)) return undefined
  return {
    path: `${path}.options`,
    text: `no option of ${JSON.stringify(item.id)} is right; mark one with "right": true`,
  }
}

function claimFault(item: QuizItem, path: string): Fault | undefined {
  const { claim } = item
  if (!claim) return undefined
  if (item.kind === 'numeric') {
    if (claim.options)
      return {
        path: `${path}.claim.options`,
        text: 'goes with options, and a numeric item has none; give "number"',
      }
    if (claim.number === undefined)
      return {
        path: `${path}.claim`,
        text: '"number" is missing: the name of the number that is the answer',
      }
    return undefined
  }
  if (claim.number !== undefined)
    return {
      path: `${path}.claim.number`,
      text: 'goes with an item of kind "numeric"; leave it out',
    }
  return otherOption(item, Object.keys(claim.options ?? {}), path)
}

function otherOption(
  { options }: ChoiceItem,
  names: readonly string[],
  path: string,
): Fault | undefined {
  const ids = options.map(({ id }) => id)
  const other = names.find((name) => !ids.includes(name))
  if (other === undefined) return undefined
  const near = nearest(other, ids)
  return {
    path: `${path}.claim.options`,
    text: `the item has no option ${JSON.stringify(other)}; ${near ? `did you mean ${near}? ` : ''}its options: ${ids.join(', ')}`,
  }
}

/** Fields that hold a text. */
const TEXTS = ['title', 'description', 'label', 'text', 'explanation', 'feedback', 'right', 'wrong']

/** A text by language that lacks one, or has one that the quiz has not. */
function languageFault(
  value: unknown,
  languages: readonly string[],
  path: string,
): Fault | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return firstOf(Object.entries(value), ([key, held]): Fault | undefined => {
    const at = stepTo(path, Array.isArray(value) ? Number(key) : key)
    const isText = TEXTS.includes(key) && typeof held === 'object' && held !== null
    // the feedback of a numeric item holds texts, and is none
    const isFeedback = key === 'feedback' && 'kind' in value
    return isText && !isFeedback
      ? textFault(Object.keys(held), languages, at)
      : languageFault(held, languages, at)
  })
}

function textFault(
  given: readonly string[],
  languages: readonly string[],
  path: string,
): Fault | undefined {
  const missing = languages.find((language) => !given.includes(language))
  if (missing !== undefined)
    return {
      path,
      text: `the language ${JSON.stringify(missing)} is missing; add it, or take it out of "languages"`,
    }
  const other = given.find((language) => !languages.includes(language))
  return other === undefined
    ? undefined
    : {
        path: stepTo(path, other),
        text: `${JSON.stringify(other)} is not among "languages": ${languages.join(', ')}; add it there, or leave it out`,
      }
}
