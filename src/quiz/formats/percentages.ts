import type { QuizOption } from '../quiz.ts'

/** The share of a point as Moodle knows it: 100 / n with up to five decimals. */
const share = (n: number): string => String(Number((100 / n).toFixed(5)))

/**
 * Percent of the points that each option earns in a question with several right ones: the right
 * ones share them, a wrong one takes them all.
 */
export function percentagesOf(options: readonly QuizOption[]): string[] {
  const right = options.filter((option) => option.right).length
  return options.map((option) => (option.right ? share(right) : '-100'))
}

/** A number in decimals without an exponent, which not every reader knows. */
export function plainDecimal(x: number): string {
  const text = String(x)
  const exponent = Number(/e([+-]\d+)$/.exec(text)?.[1] ?? Number.NaN)
  if (Number.isNaN(exponent)) return text
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?/.exec(text) ?? []
  const digits = whole + fraction
  const point = whole.length + exponent
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  return `${sign}${digits.padEnd(point, '0')}`
}
