import type { OptionFinding, Verdict } from '../claims/claim.ts'
import type { QuizItem } from './quiz.ts'

/** The finding of a claim about an option of an item; undefined if there is none. */
export function findingOf(
  { claim }: QuizItem,
  option: string,
  { options = [] }: Verdict,
): OptionFinding | undefined {
  const given = claim?.options ?? {}
  const letter = Object.hasOwn(given, option) ? given[option] : option
  return options.find((finding) => finding.option === letter)
}

/**
 * The number that a claim's run found for a numeric item; undefined where there is none of its
 * name.
 */
export function numberFound(
  { claim }: QuizItem,
  { findings, options = [] }: Verdict,
): number | undefined {
  const name = claim?.number ?? ''
  const found = [...findings, ...options].find(({ numbers }) => Object.hasOwn(numbers, name))
    ?.numbers[name]
  return typeof found === 'number' ? found : undefined
}
