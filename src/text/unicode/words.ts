import { plainApostrophes } from '../fold.ts'
import type { Token } from '../token.ts'
import { bits, classTable, UNCOMPOSED, valueAt } from './classes.ts'
import type { CuttingRules } from './languages.ts'
import {
  APOSTROPHE,
  COLON,
  COMPLEX,
  DOUBLE_QUOTE,
  DROPPED,
  EMOJI,
  EXTENDER,
  FLAG,
  FORMAT,
  HEBREW,
  IDEOGRAPH,
  IGNORED,
  KATAKANA,
  LETTER,
  MARK,
  MID_BOTH,
  MID_LETTER,
  MID_NUMBER,
  NUMBER,
  SPACE,
  TAG,
  UNASSIGNED,
  VIRAMA,
  ZWJ,
} from './table.ts'

/*
 * Word boundaries of UAX 29, revision 41, with these tailorings:
 *
 *   white space     is no token: WB3, WB3a, WB3b, WB3d join nothing; U+202F is white space
 *   dropped         are control characters, lone surrogates, U+200B, and format characters outside
 *                   words; all but the first three kinds are skipped inside words (WB4)
 *   ignored         inside words, left out of the token: soft hyphen, directions, U+FEFF, tags
 *   joiners         ZWJ, ZWNJ, U+2060 and the others are kept inside a word, not at its end, but for
 *                   a ZWJ after a virama, as in ന്‍
 *   visible         signs among the format characters, such as ۝, are signs
 *   apostrophe      ' ’ ʼ ′ ´ ‘ ＇ join letters (WB6, WB7), no digits (WB11, WB12); ʼ is no letter,
 *                   so it is a sign of its own at the edge of a word. ʻ (U+02BB) stays a letter
 *   elision         in French, Italian and Catalan ends a token, before a sign too
 *   colon           joins letters in Swedish and Finnish alone
 *   katakana        joins katakana alone: no low line (WB13a, WB13b)
 *   han             is one word each, also where UAX 29 has a letter: 々
 *   complex         letters of Thai, Lao, Khmer, Burmese and the like join each other
 *   emoji           ZWJ joins an emoji to an emoji alone (WB3c); a keycap is a sign of its own
 *   unassigned      code points are a token each, without marks
 */

const WORDS = bits(LETTER, HEBREW, NUMBER, EXTENDER)
const LETTERS = bits(LETTER, HEBREW)

/** The classes that each class joins: WB5, WB8 to WB10, WB13 to WB13b. */
const JOINS = new Int32Array(32)
for (const one of [LETTER, HEBREW, NUMBER, EXTENDER]) JOINS[one] = WORDS
for (const one of [KATAKANA, COMPLEX]) JOINS[one] = bits(one)

/** What joins two letters: WB6, WB7. */
const BETWEEN_LETTERS = bits(MID_LETTER, MID_BOTH, APOSTROPHE)
/** What joins two digits: WB11, WB12. */
const BETWEEN_NUMBERS = bits(MID_NUMBER, MID_BOTH)

/** What WB4 skips. */
const SKIPPED = bits(MARK, VIRAMA, FORMAT, IGNORED, ZWJ, TAG)
/** What is not seen in a word. */
const INVISIBLE = bits(FORMAT, IGNORED, ZWJ, TAG)
/** What is no token by itself. */
const NO_TOKEN = bits(SPACE, DROPPED) | INVISIBLE
/** What only a dictionary cuts into words. */
const UNSPACED = bits(IDEOGRAPH, KATAKANA, COMPLEX)

const has = (set: number, one: number): boolean => ((set >>> one) & 1) === 1

/** Cuts a run of letters without spaces: offsets of the ends of its words. */
export type Segmenter = (run: string) => Iterable<number>

/** Words and signs of a text by UAX 29, tailored. */
export function unicodeWords(text: string, rules: CuttingRules, segmenter?: Segmenter): Token[] {
  return new Scanner(text, rules, segmenter).tokens()
}

/** Whether a text has letters that only a dictionary can cut into words: Thai, Lao, Khmer, … */
export function needsDictionary(text: string): boolean {
  const values = classTable()
  for (let at = 0; at < text.length; at++)
    if ((valueAt(values, text, at) & 31) === COMPLEX) return true
  return false
}

class Scanner {
  readonly #text: string
  readonly #values = classTable()
  readonly #rules: CuttingRules
  readonly #segmenter: Segmenter | undefined
  readonly #betweenLetters: number
  readonly #tokens: Token[] = []
  /** One past the token, with its marks. */
  #end = 0
  /** What comes after it, past what is skipped. */
  #next = 0
  /** Classes in the token, as bits. */
  #seen = 0
  /** UNCOMPOSED if NFC may change the token. */
  #uncomposed = 0

  constructor(text: string, rules: CuttingRules, segmenter?: Segmenter) {
    this.#text = text
    this.#rules = rules
    this.#segmenter = segmenter
    this.#betweenLetters = rules.colon ? BETWEEN_LETTERS | bits(COLON) : BETWEEN_LETTERS
  }

  tokens(): Token[] {
    const { length } = this.#text
    for (let at = 0; at < length; ) {
      const one = this.#classAt(at)
      if (has(NO_TOKEN, one)) {
        at = this.#after(at)
        continue
      }
      this.#seen = 0
      this.#uncomposed = 0
      this.#take(at)
      if (this.#segmenter && has(UNSPACED, one)) this.#run(at, this.#segmenter)
      else if (JOINS[one] && !this.#isKeycap(at)) this.#word(at, one)
      else this.#sign(at, one)
      at = this.#next
    }
    return this.#tokens
  }

  #classAt(at: number): number {
    return at < this.#text.length ? valueAt(this.#values, this.#text, at) & 31 : SPACE
  }

  /** One past a code point. */
  #after(at: number): number {
    const unit = this.#text.charCodeAt(at)
    return (unit & 0xfc00) === 0xd800 && this.#classAt(at) !== DROPPED ? at + 2 : at + 1
  }

  /** Takes a code point, the letters after it, and their marks. */
  #take(at: number): void {
    const text = this.#text
    const values = this.#values
    const value = valueAt(values, text, at)
    this.#seen |= 1 << (value & 31)
    this.#uncomposed |= value & UNCOMPOSED
    let end = this.#after(at)
    if (value === LETTER) while (values[text.charCodeAt(end)] === LETTER) end++
    this.#end = end
    this.#next = value === UNASSIGNED ? end : this.#skip(end)
  }

  /** The next code point that WB4 does not skip; marks before it move the end. */
  #skip(from: number): number {
    let at = from
    for (let virama = false; at < this.#text.length; ) {
      const value = valueAt(this.#values, this.#text, at)
      const one = value & 31
      if (!has(SKIPPED, one)) break
      at = this.#after(at)
      this.#seen |= 1 << one
      this.#uncomposed |= value & UNCOMPOSED
      virama ||= one === VIRAMA
      if (
        one === MARK ||
        one === VIRAMA ||
        (one === ZWJ && virama) ||
        (one === TAG && this.#isEmoji())
      )
        this.#end = at
    }
    return at
  }

  #isEmoji(): boolean {
    return has(this.#seen, EMOJI)
  }

  /** Whether a digit begins a keycap: `1️⃣`. */
  #isKeycap(at: number): boolean {
    const unit = this.#text.charCodeAt(at)
    if (unit < 0x30 || unit > 0x39) return false
    const next = this.#text.charCodeAt(at + 1)
    return next === 0x20e3 || (next === 0xfe0f && this.#text.charCodeAt(at + 2) === 0x20e3)
  }

  #word(start: number, first: number): void {
    for (let one = first; ; ) {
      const next = this.#classAt(this.#next)
      if (has(JOINS[one], next) && !this.#isKeycap(this.#next)) {
        this.#take(this.#next)
        one = next
      } else {
        const joined = this.#joined(one, next)
        if (joined < 0) break
        one = joined
      }
    }
    const { elided } = this.#rules
    const apostrophe = this.#classAt(this.#next) === APOSTROPHE
    if (elided && (apostrophe || has(this.#seen, APOSTROPHE))) this.#elide(start, elided)
    else this.#push(start, this.#end)
  }

  /** Joins a sign and the letter or digit after it to the word; its class, or −1 if it does not. */
  #joined(one: number, sign: number): number {
    const isLetter = has(LETTERS, one)
    const signs = isLetter ? this.#betweenLetters : one === NUMBER ? BETWEEN_NUMBERS : 0
    const quote = one === HEBREW && sign === DOUBLE_QUOTE
    if (!quote && !has(signs, sign)) return -1
    let at = this.#after(this.#next)
    while (has(SKIPPED, this.#classAt(at))) at = this.#after(at)
    const after = this.#classAt(at)
    const wanted = quote ? bits(HEBREW) : isLetter ? LETTERS : bits(NUMBER)
    const joins = has(wanted, after) && !this.#isKeycap(at)
    if (!joins && !(one === HEBREW && sign === APOSTROPHE)) return -1
    this.#take(this.#next)
    if (!joins) return APOSTROPHE
    this.#take(this.#next)
    return after
  }

  /** A sign with its marks; two flags, and emoji that ZWJ joins, are one: WB15, WB16, WB3c. */
  #sign(start: number, one: number): void {
    if (one === FLAG && this.#classAt(this.#next) === FLAG) this.#take(this.#next)
    if (one === EMOJI)
      while (
        this.#classAt(this.#next) === EMOJI &&
        this.#text.charCodeAt(this.#next - 1) === 0x200d
      )
        this.#take(this.#next)
    this.#push(start, this.#end)
  }

  /** A run of letters without spaces, cut by a dictionary, which is given it composed. */
  #run(start: number, segmenter: Segmenter): void {
    const starts = [start]
    const ends: number[] = []
    let run = ''
    for (let from = start; ; this.#take(from)) {
      run += this.#composed(from, this.#end)
      ends[run.length] = this.#end
      from = starts[run.length] = this.#next
      if (!has(UNSPACED, this.#classAt(from))) break
    }
    let from = 0
    for (const to of segmenter(run)) {
      // never within a letter and its marks
      if (ends[to] === undefined) continue
      this.#tokens.push({ token: run.slice(from, to), start: starts[from], end: ends[to] })
      from = to
    }
  }

  /** A word in its elided forms and the rest. */
  #elide(start: number, elided: RegExp): void {
    let from = start
    for (let at = start; at < this.#end; at++) {
      if (this.#classAt(at) !== APOSTROPHE) continue
      if (!elided.test(this.#bare(from, at)) || this.#isWhole(from, at)) break
      const wordEnd = this.#end
      this.#end = at + 1
      this.#next = this.#skip(at + 1)
      this.#push(from, this.#end)
      from = this.#next
      this.#end = wordEnd
    }
    this.#next = this.#skip(this.#end)
    if (this.#classAt(this.#next) === APOSTROPHE && elided.test(this.#bare(from, this.#end)))
      this.#take(this.#next)
    this.#push(from, this.#end)
  }

  /** Whether a word that begins like an elided form with an apostrophe is none. */
  #isWhole(from: number, apostrophe: number): boolean {
    const beginning = this.#bare(from, Math.min(apostrophe + 8, this.#end))
    return this.#rules.whole?.test(plainApostrophes(beginning)) ?? false
  }

  /** A piece as elided forms are written: composed, without what is invisible. */
  #bare(start: number, end: number): string {
    return this.#clean(this.#text.slice(start, end), INVISIBLE).normalize('NFC')
  }

  #push(start: number, end: number): void {
    this.#tokens.push({ token: this.#composed(start, end), start, end })
  }

  #composed(start: number, end: number): string {
    const word = this.#clean(this.#text.slice(start, end))
    return this.#uncomposed ? word.normalize('NFC') : word
  }

  /** Without what is ignored in words. */
  #clean(piece: string, ignored = bits(IGNORED) | (this.#isEmoji() ? 0 : bits(TAG))): string {
    if (!(this.#seen & ignored)) return piece
    return Array.from(piece, (one) =>
      has(ignored, valueAt(this.#values, one, 0) & 31) ? '' : one,
    ).join('')
  }
}
