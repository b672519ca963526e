import { nearest } from '../kinds.ts'
import { type Fault, firstFault, stepTo } from './json-schema.ts'
import type { Quiz, QuizItem, QuizText } from './quiz.ts'
import { everyText } from './texts.ts'
import { itemHasKey } from './without-key.ts'

/**
 * The first fault of a quiz that its schema cannot express, such as two items with one id; undefined
 * where there is none.
 */
export const inconsistencyOf = (quiz: Quiz): Fault | undefined => firstFault(inconsistencies(quiz))

function* inconsistencies(quiz: Quiz): Generator<Fault> {
  const items = quiz.sections.flatMap((section, s) =>
    section.items.map((item, n) => ({ item, path: `sections[${s}].items[${n}]` })),
  )
  const keyed = items.some(({ item }) => itemHasKey(item))
  yield* repeatedIds(items.map(({ item, path }) => [item.id, `${path}.id`]))
  for (const { item, path } of items) {
    if (item.kind !== 'numeric')
      yield* repeatedIds(item.options.map(({ id }, n) => [id, `${path}.options[${n}].id`]))
    yield* claimFaults(item, path)
    if (keyed) yield* keyFaults(item, path)
  }
  for (const { text, path } of everyText(quiz)) yield* languageFaults(text, quiz.languages, path)
}

/** @param named ids with their paths */
function* repeatedIds(named: readonly (readonly [string, string])[]): Generator<Fault> {
  const first = new Map<string, string>()
  for (const [id, path] of named) {
    const before = first.get(id)
    if (before === undefined) first.set(id, path)
    else yield { path, text: `${JSON.stringify(id)} is the id at ${before} too; give each its own` }
  }
}

function* keyFaults(item: QuizItem, path: string): Generator<Fault> {
  if (item.kind === 'numeric') {
    if (!item.answer)
      yield { path, text: 'has no answer, and other items have; add "answer": {"value": …}' }
  } else if (!item.options.some(({ right }) => right)) {
    const text = `no option of ${JSON.stringify(item.id)} is right; mark one with "right": true`
    yield { path: `${path}.options`, text }
  }
}

function* claimFaults(item: QuizItem, itemPath: string): Generator<Fault> {
  const { claim } = item
  if (!claim) return
  const path = `${itemPath}.claim`
  if (item.kind === 'numeric') {
    if (claim.options)
      yield {
        path: `${path}.options`,
        text: 'goes with options, and a numeric item has none; give "number"',
      }
    if (claim.number === undefined)
      yield { path, text: '"number" is missing: the name of the number that is the answer' }
    return
  }
  if (claim.number !== undefined)
    yield { path: `${path}.number`, text: 'goes with an item of kind "numeric"; leave it out' }
  const ids = item.options.map(({ id }) => id)
  for (const other of Object.keys(claim.options ?? {}).filter((name) => !ids.includes(name))) {
    const near = nearest(other, ids)
    yield {
      path: `${path}.options`,
      text: `the item has no option ${JSON.stringify(other)}; ${near ? `did you mean ${near}? ` : ''}its options: ${ids.join(', ')}`,
    }
  }
}

/** A text by language that lacks one of the quiz, or has another. */
function* languageFaults(
  text: QuizText,
  languages: readonly string[],
  path: string,
): Generator<Fault> {
  if (typeof text === 'string') return
  const given = Object.keys(text)
  for (const missing of languages.filter((language) => !given.includes(language)))
    yield {
      path,
      text: `the language ${JSON.stringify(missing)} is missing; add it, or take it out of "languages"`,
    }
  for (const other of given.filter((language) => !languages.includes(language)))
    yield {
      path: stepTo(path, other),
      text: `${JSON.stringify(other)} is not among "languages": ${languages.join(', ')}; add it there, or leave it out`,
    }
}
