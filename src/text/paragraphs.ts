import { copied } from './counter.ts'
import type { Line } from './decode.ts'

/** A line in which nobody wraps a text: one that is longer is a paragraph of its own. */
const WIDEST_WRAP = 160
/** From so many lines on, it is counted how many of them end a sentence. */
const FEWEST_COUNTED = 20
/** A paragraph that is longer, in UTF-16 units, ends with the next line that ends a sentence. */
const LONG_PARAGRAPH = 2 ** 16
/** Most words of the text before that are remembered. */
const MOST_KNOWN = 2 ** 16

/** A line, or what of it stands between U+2028, and where it begins. */
export interface TextRow {
  readonly text: string
  readonly start: number
  /** The line that it is of, in a stream of lines. */
  readonly line?: Line | undefined
}

/** The rows of a text; U+2029 leaves an empty one behind. */
export function rowsOf(text: string, line?: Line): TextRow[] {
  const rows: TextRow[] = []
  let start = 0
  for (const { index, 0: end } of text.matchAll(/\r\n|[\n\r\u2028\u2029]/g)) {
    rows.push({ text: text.slice(start, index), start, line })
    start = index + end.length
    if (end === '\u2029') rows.push({ text: '', start, line })
  }
  rows.push({ text: text.slice(start), start, line })
  return rows
}

/** Lines joined, and where each begins. */
export interface Paragraph {
  readonly text: string
  /** In the order of `at`, the offset in the paragraph; `start` is that in the row's text. */
  readonly starts: readonly { readonly at: number; readonly start: number; readonly row: TextRow }[]
}

/** Consecutive rows that are looked at together. */
export interface Window {
  readonly rows: readonly TextRow[]
  readonly words: ReadonlySet<string>
}

export const windowOf = (rows: readonly TextRow[]): Window => ({
  rows,
  words: rows.length > 1 ? wordsIn(rows) : new Set(),
})

function wordsIn(rows: readonly TextRow[]): Set<string> {
  const words = new Set<string>()
  for (const { text } of rows)
    for (const [word] of text.toLowerCase().matchAll(WORD)) words.add(word)
  return words
}

/**
 * Puts the paragraphs of a text together, from windows of its lines.
 *
 * A paragraph begins behind a blank line or a line of signs such as `***`; at a line that is
 * indented more than others between the same blank lines, unless with a small letter; at an item of
 * a list, at a dash behind the end of a sentence, and behind a title in capitals. Lines are joined
 * with blanks, Chinese and Japanese without. A word hyphenated at a line's end loses its hyphen
 * where the joined word stands in the text: in this window, the next, or among the first MOST_KNOWN
 * words before; a soft hyphen is always lost.
 *
 * Each line is a paragraph where it is longer than WIDEST_WRAP, and in a window where more than a
 * tenth of the lines are, or, of FEWEST_COUNTED or more, three in four end as sentences do.
 */
export class Paragraphs {
  readonly #known = new Set<string>()
  #rows: TextRow[] = []
  #pieces: string[] = []
  #length = 0
  /** How the next item of this list begins. */
  #item = '';

  /** The paragraphs that end in a window; `ahead` is the one after it. */
  *add(window: Window, ahead?: Window): Generator<Paragraph> {
    const inLines = isInLines(window.rows)
    const margins = marginsOf(window.rows)
    const known = (word: string): boolean =>
      this.#known.has(word) || window.words.has(word) || ahead?.words.has(word) === true
    for (const [n, row] of window.rows.entries()) {
      const before = this.#rows[this.#rows.length - 1]
      const item = row.text.match(ITEM)?.[1] ?? ''
      const counts = item === '1' || (item !== '' && item === this.#item)
      if (before && (inLines || counts || this.#parts(before, row, margins[n]))) yield* this.end()
      if (counts || (/^i$/i.test(item) && this.#rows.length === 0)) this.#item = itemAfter(item)
      if (row.text.trim()) this.#push(row, known)
    }
    for (const word of window.words)
      if (this.#known.size < MOST_KNOWN) this.#known.add(copied(word))
  }

  /** The paragraph in progress, if any: the text or its part ends here. */
  *end(): Generator<Paragraph> {
    if (this.#rows.length === 0) return
    let at = 0
    const starts = this.#rows.map((row, n) => {
      const begin = { at, start: row.text.length - row.text.trimStart().length, row }
      at += this.#pieces[n].length
      return begin
    })
    yield { text: this.#pieces.join(''), starts }
    this.#rows = []
    this.#pieces = []
    this.#length = 0
  }

  #push(row: TextRow, known: (word: string) => boolean): void {
    const text = row.text.trim()
    const last = this.#pieces.length - 1
    if (last >= 0) this.#pieces[last] = joint(this.#pieces[last], text, known)
    this.#rows.push(row)
    this.#pieces.push(text)
    this.#length += text.length
  }

  /** Whether a paragraph ends between two lines. */
  #parts(before: TextRow, { text }: TextRow, margin: number): boolean {
    const trimmed = text.trim()
    if (!trimmed || isLong(before.text) || isLong(text)) return true
    if (RULE.test(trimmed) || RULE.test(before.text.trim())) return true
    const small = SMALL.test(trimmed)
    if (BULLET.test(trimmed) || (!small && HEADING.test(trimmed))) return true
    if (!small && this.#rows.length === 1 && LONE_NUMBER.test(before.text.trim())) return true
    const ended = ENDED.test(before.text)
    if (text.startsWith('\u3000')) return true
    if (!small && indentOf(text) > margin) return true
    if (
      (DASH.test(trimmed) &&
        (ended || /:\s*$/.test(before.text) || DASH.test(before.text.trim()))) ||
      (SPEECH.test(trimmed) && (ended || SPEECH.test(before.text.trim())))
    )
      return true
    if (!small && /\p{Ll}/u.test(trimmed) && this.#pieces.every((piece) => TITLE.test(piece)))
      return true
    return this.#length > (ended && !small ? 1 : 2) * LONG_PARAGRAPH
  }
}

const WORD = /[\p{L}\p{M}]+/gu
const SMALL = /^["'‘’“”«»(]*\s?\p{Ll}/u
const ENDED = /[.!?…。！？؟۔।॥։።][\s"'’”»“)\]」』_*]*$/u
/** Asterisks or lines between parts of a text, and headings of Markdown. */
const RULE = /^(?:(?:[*=_~#•·—–-]\s*){3,}|#{1,6}\s.*)$/u
const BULLET = /^(?:[•▪‣◦*·+]|\(?(?:\p{L}|[ivx]+)\))\s/u
const DASH = /^[—–-]+\s/u
/** A dash of direct speech, without a blank. */
const SPEECH = /^—[¿¡«“]?\p{Lu}/u
const TITLE = /^[^\p{Ll}]*\p{Lu}{2}[^\p{Ll}]*$/u
const ITEM = /^\s*\(?(\d{1,3}|[IVX]+|[ivx]+)[.)°º]\s/
const ROMANS = 'I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX'.split(' ')
/** What numbers a part of a book, and behind which a point ends nothing. */
export const CHAPTER =
  /(?:Chapter|Chapitre|Kapitel|Cap[íi]tulo|Capitolo|Hoofdstuk|Глава|Book|Livre|Buch|Libro|Part|Partie|Teil|Act|Acte|Scene|Scène)\s(?:\p{N}{1,3}|[IVXLC]+)/iu
const HEADING = new RegExp(`^${CHAPTER.source}\\s*(?:[.:—–-]|$)`, 'iu')
const LONE_NUMBER = new RegExp(`^${CHAPTER.source}\\s*[.:]?\\s*$`, 'iu')

/** What follows an item: 2 after 1, II after I. */
function itemAfter(item: string): string {
  if (/\d/.test(item)) return `${Number(item) + 1}`
  const next = ROMANS[ROMANS.indexOf(item.toUpperCase()) + 1] ?? ''
  return item === item.toUpperCase() ? next : next.toLowerCase()
}

const isLong = (text: string): boolean =>
  text.length > WIDEST_WRAP && text.trim().length > WIDEST_WRAP
const indentOf = (text: string): number => text.length - text.trimStart().length

/** The least indentation between the blank lines around each line. */
function marginsOf(rows: readonly TextRow[]): number[] {
  const margins: number[] = []
  for (let from = 0; from < rows.length; from = margins.length) {
    let to = from
    let margin = Infinity
    for (; to < rows.length && rows[to].text.trim(); to++)
      margin = Math.min(margin, indentOf(rows[to].text))
    while (margins.length <= Math.min(to, rows.length - 1)) margins.push(margin)
  }
  return margins
}

/** Whether the lines of a window are paragraphs, not wrapped. */
function isInLines(rows: readonly TextRow[]): boolean {
  const filled = rows.filter(({ text }) => text.trim())
  if (10 * filled.filter(({ text }) => isLong(text)).length > filled.length) return true
  const followed = rows.filter(({ text }, n) => text.trim() && rows[n + 1]?.text.trim())
  const ended = followed.filter(({ text }) => ENDED.test(text)).length
  return followed.length >= FEWEST_COUNTED && 4 * ended >= 3 * followed.length
}

const HYPHENS = '-\u2010\u2e17\u00ad¬'
const CONJUNCTION = /^(?:and|or|und|oder|bzw|bis|sowie|et|ou|en|of|og|och|eller|o|y|e)\.?\s/u
const CLOSED =
  '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}\\u3000-\\u303f\\uff00-\\uffef]'
const CLOSED_END = new RegExp(`${CLOSED}$`, 'u')
const CLOSED_BEGIN = new RegExp(`^${CLOSED}`, 'u')

/** The end of a line, as it stands before the next line of its paragraph. */
function joint(text: string, next: string, known: (word: string) => boolean): string {
  const hyphen = text.slice(-1)
  if (hyphen === '\u00ad') return text.slice(0, -1)
  if (HYPHENS.includes(hyphen)) {
    const word = text.slice(0, -1).match(/[\p{L}\p{M}]+$/u)?.[0]
    const rest = next.match(/^[\p{L}\p{M}]+/u)?.[0]
    if (word && rest) {
      if (hyphen === '¬' || known((word + rest).toLowerCase())) return text.slice(0, -1)
      return CONJUNCTION.test(next) ? `${text} ` : text
    }
    if (/[\p{L}\p{N}].$/u.test(text) && /^[\p{L}\p{N}]/u.test(next)) return text
  }
  return CLOSED_END.test(text.slice(-2)) && CLOSED_BEGIN.test(next) ? text : `${text} `
}
