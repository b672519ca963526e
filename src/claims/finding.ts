import type { Finding, Language, LocalizedText, OptionFinding } from './claim.ts'

/** A number as people read it: exact zeros and integers as such, others with three digits. */
export function figure(value: number, language: Language = 'en'): string {
  if (value < 0) return `−${figure(-value, language)}`
  if (!Number.isFinite(value)) return value > 0 ? '∞' : String(value)
  if (Number.isInteger(value)) return String(value)
  const [digits, exponent] = (
    value >= 0.001 && value < 10000 ? value.toPrecision(3) : value.toExponential(1)
  ).split('e')
  const text = exponent === undefined ? digits : `${digits}·10${superscript(Number(exponent))}`
  return language === 'fr' ? text.replace('.', ',') : text
}

const inDigits =
  (digits: string) =>
  (n: number): string =>
    String(n).replace(/./g, (sign) => digits['0123456789-'.indexOf(sign)])

/** Superscript digits: q³, 10⁻⁷. */
export const superscript = inDigits('⁰¹²³⁴⁵⁶⁷⁸⁹⁻')

/** Subscript digits: α₄. */
export const subscript = inDigits('₀₁₂₃₄₅₆₇₈₉₋')

/** What a template names: figures, lists of them, and words, in one language or in each. */
type Values = Readonly<Record<string, number | string | readonly number[] | LocalizedText>>

function filled(template: string, values: Values, language: Language): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`a finding names {${name}}, which it has not`)
    if (typeof value === 'string') return value
    if (typeof value === 'object' && 'en' in value) return value[language]
    const figures = [value].flat().map((number) => figure(number, language))
    return figures.join(language === 'fr' ? ' ; ' : ', ')
  })
}

/**
 * A sentence in each language from templates: `{name}` stands for the value of that name, with
 * decimal commas in French.
 */
export const sentence = (en: string, fr: string, values: Values): LocalizedText => ({
  en: filled(en, values, 'en'),
  fr: filled(fr, values, 'fr'),
})

/**
 * A finding.
 *
 * @param en a template as of `sentence`, as is `fr`
 * @param numbers what was measured; the templates may name them
 * @param words what else the templates name
 */
export const finding = (
  holds: boolean,
  en: string,
  fr: string,
  numbers: Finding['numbers'],
  words: Values = {},
): Finding => ({ holds, text: sentence(en, fr, { ...numbers, ...words }), numbers })

/**
 * The findings about the options a, b, c, … of a question.
 *
 * @param key the letters of the right options
 */
export const optionsOf = (key: string, findings: readonly Finding[]): OptionFinding[] =>
  findings.map((found, n) => ({ option: 'abcdef'[n], right: key.includes('abcdef'[n]), ...found }))
