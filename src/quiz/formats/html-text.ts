import { partsOf, type TextPart, textOfParts } from '../formulas.ts'
import { signNamed } from './html-signs.ts'

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

/** Text as HTML, such that no sign of it is taken for markup. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (sign) => ESCAPES[sign])

const number = (sign: string): string => `&#${sign.codePointAt(0)};`

/**
 * Prose as HTML: lines end in <br>; what would open a formula on a page with MathJax is taken
 * apart.
 */
const proseHtml = (text: string): string =>
  escapeHtml(text)
    .replace(/\\(?=[()[\]])/g, '\\<span></span>')
    .replace(/\$(?=\$)/g, '$<span></span>')
    .replace(/[\r\t]/g, number)
    .replaceAll('\n', '<br>')

/** What would end a formula before its end. */
const ENDS = /\\[()[\]]|\$\$/

/** Whether a text has a formula that HTML cannot tell from prose. */
export const hasOpenFormula = (text: string): boolean =>
  partsOf(text).some(({ kind, text: part }) => kind === 'formula' && ENDS.test(part))

/** A text of a quiz as HTML, formulas between \( and \), as Moodle shows them. */
export function htmlOf(text: string): string {
  const html = partsOf(text)
    .map(({ kind, text: part }) =>
      kind === 'prose'
        ? proseHtml(part)
        : ENDS.test(part)
          ? proseHtml(`$${part}$`)
          : `\\(${escapeHtml(part.replace(/\s+/g, ' '))}\\)`,
    )
    .join('')
  // blanks at either end would be cut off, a bracket or a percent sign at the beginning taken for a
  // format or a weight
  return html.replace(/^[\s[%]/, number).replace(/\s$/, number)
}

/** A formula as Moodle knows it; prose that looks like one is not told from it. */
const FORMULAS = /\\\(((?:(?!\\\().)*?)\\\)|\\\[((?:(?!\\\[).)*?)\\\]|\$\$(.*?)\$\$/gs

/** Prose and formulas of a run of text without tags. */
function partsOfRun(run: string, decode: (text: string) => string): TextPart[] {
  const parts: TextPart[] = []
  let from = 0
  const prose = (to: number): void => {
    if (to > from) parts.push({ kind: 'prose', text: decode(run.slice(from, to)) })
  }
  for (const { 0: whole, 1: inline, 2: display, 3: dollars, index } of run.matchAll(FORMULAS)) {
    prose(index)
    parts.push({
      kind: 'formula',
      text: decode(inline ?? display ?? dollars).replace(/\\.|\$/gs, (sign) =>
        sign === '$' ? '\\$' : sign,
      ),
    })
    from = index + whole.length
  }
  prose(run.length)
  return parts
}

/** A text that was read, and the markup that a quiz has no place for. */
export interface ReadText {
  readonly text: string
  readonly dropped: readonly string[]
}

const TAG = /<(\/?)([a-zA-Z][a-zA-Z0-9]*)(?:[^<>"']|"[^"<]*"|'[^'<]*')*>|<!--(?:(?!<!--).)*?-->/gs
/** What ends a line. */
const BLOCKS = new Set([
  'p',
  'div',
  'li',
  'ul',
  'ol',
  'tr',
  'table',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'pre',
  'blockquote',
])
/** What changes nothing but the looks of a text. */
const SILENT = new Set(['span', 'br', 'p', 'div'])

/**
 * A text of a quiz from HTML: lines, entities and formulas are kept, other markup is dropped and
 * named.
 */
export function textOfHtml(html: string): ReadText {
  const dropped = new Set<string>()
  const parts: TextPart[] = []
  const source = html
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .join(' ')
  let from = 0
  let ended = false
  const run = (to: number): void => {
    if (to <= from) return
    // what ends a line ends it where another follows
    if (ended) parts.push({ kind: 'prose', text: '\n' })
    ended = false
    parts.push(...partsOfRun(source.slice(from, to), decodeHtml))
  }
  for (const { 0: whole, 1: closing, 2: name = '', index } of source.matchAll(TAG)) {
    run(index)
    from = index + whole.length
    const tag = name.toLowerCase()
    if (tag === 'br') parts.push({ kind: 'prose', text: '\n' })
    ended ||= closing === '/' && BLOCKS.has(tag)
    if (tag && !SILENT.has(tag)) dropped.add(`<${tag}>`)
  }
  run(source.length)
  return { text: textOfParts(parts), dropped: [...dropped] }
}

/** A text of a quiz from one without markup, in which formulas stand as in HTML. */
export const textOfPlain = (plain: string): ReadText => ({
  text: textOfParts(partsOfRun(plain.trim(), (text) => text)),
  dropped: [],
})

/** Character references of HTML as their signs; those that are not known stay as they are. */
const decodeHtml = (html: string): string =>
  html.replace(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,8}));/g,
    (whole, decimal, hexadecimal, name) => {
      if (name) return signNamed(name) ?? whole
      const code = decimal ? Number(decimal) : Number.parseInt(hexadecimal, 16)
      return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000)
        ? String.fromCodePoint(code)
        : whole
    },
  )
