import { settings } from '../state/settings.ts'
import { en, type Words } from './en.ts'
import { fr } from './fr.ts'

/** Sentences in which a blank before a sign of French never ends a line. */
function unbroken<Part>(part: Part): Part {
  if (typeof part === 'string') return part.replace(/ (?=[:;?!»%])|(?<=«) /g, '\u00a0') as Part
  if (typeof part === 'function') return ((...given: unknown[]) => unbroken(part(...given))) as Part
  if (typeof part !== 'object' || part === null) return part
  return Object.fromEntries(
    Object.entries(part).map(([name, value]) => [name, unbroken(value)]),
  ) as Part
}

const languages: Readonly<Record<'en' | 'fr', Words>> = { en, fr: unbroken(fr) }

/** The page's words in the reader's language; what reads them is drawn again when it changes. */
export const t = (): Words => languages[settings.lang.state.value]

const formats = new Map<string, Intl.NumberFormat>()

/** A number with a fixed count of decimals, in the reader's writing: 0.47, 0,47. */
export function decimal(value: number, digits = 2): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞'
  const key = `${settings.lang.state.value} ${digits}`
  const format =
    formats.get(key) ??
    new Intl.NumberFormat(settings.lang.state.value, {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      signDisplay: 'negative',
    })
  formats.set(key, format)
  return format.format(value).replace('-', '−')
}

/** A whole number with groups of digits. */
export const whole = (value: number): string =>
  new Intl.NumberFormat(settings.lang.state.value).format(value)

/** A small number as people read it: 0 when it is exactly that, else 1.2·10⁻¹⁶ or two decimals. */
export function difference(value: number): string {
  if (value === 0) return '0'
  if (Math.abs(value) >= 0.01) return decimal(value)
  const [digits, exponent] = value.toExponential(1).split('e')
  return `${decimal(Number(digits), 1)} · 10${raised(Number(exponent))}`
}

/** Superscript digits: q³, 10⁻⁷. */
export const raised = (n: number): string =>
  [...String(n)].map((sign) => (sign === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(sign)])).join('')

/** Subscript digits: α₄. */
export const lowered = (n: number): string =>
  [...String(n)].map((digit) => '₀₁₂₃₄₅₆₇₈₉'[Number(digit)]).join('')

/** «word» in English, « mot » in French. */
export const quoted = (word: string): string =>
  settings.lang.state.value === 'fr' ? `«\u202f${word}\u202f»` : `«${word}»`

/** The word with its number where it stands more than once: été₁, été₂. */
export function distinct(tokens: readonly string[], place: number): string {
  const word = tokens[place]
  if (tokens.indexOf(word) === tokens.lastIndexOf(word)) return word
  return word + lowered(tokens.slice(0, place + 1).filter((other) => other === word).length)
}
