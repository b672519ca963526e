import { expectValue, oneOf } from '../kinds.ts'
import { plainApostrophes } from './fold.ts'
import { languageOf } from './language.ts'
import type { Token } from './token.ts'
import { dictionary } from './unicode/dictionary.ts'
import { cuttingRules } from './unicode/languages.ts'
import { unicodeWords } from './unicode/words.ts'

export type { Token } from './token.ts'

/**
 * How a text is split: `unicode` by UAX 29, `dictionary` likewise, but Chinese, Japanese, Thai, Lao,
 * Khmer and Burmese by the dictionaries of the engine, `space` for a tokenized text, `words` by the
 * rules of models that name no others.
 */
export type Tokenization = 'unicode' | 'words' | 'space' | 'dictionary'

/** Every tokenization. */
export const TOKENIZATIONS: readonly Tokenization[] = ['unicode', 'words', 'space', 'dictionary']

// letters and digits, joined by an apostrophe between letters or a point or comma between digits
const WORD =
  /[\p{L}\p{N}_][\p{L}\p{M}\p{N}_]*(?:(?<=[\p{L}\p{M}])['’](?=\p{L})[\p{L}\p{M}\p{N}_]+|(?<=\p{N})[.,](?=\p{N})[\p{N}]+)*/u
const IDEOGRAPH = /[\p{Script=Han}\p{Script=Hiragana}]\p{M}*/u
const EMOJI =
  /\p{RI}{2}|\p{Extended_Pictographic}[\u{FE0F}\u{20E3}\p{EMod}]*(?:\u{200D}\p{Extended_Pictographic}[\u{FE0F}\p{EMod}]*)*/u
const SIGN = /[^\s\p{C}]\p{M}*/u
// l’, d’, qu’ and the others: before a sign (l’«été»), or at the beginning of a word
const LONE_ELISION =
  /(?<![\p{L}\p{M}\p{N}_])(?:[ldjmtsnc]|qu|jusqu|lorsqu|puisqu|quoiqu)['’](?!\p{L})/iu
const ELISION = /^(?:[ldjmtsnc]|qu|jusqu|lorsqu|puisqu|quoiqu)['’](?=.)/iu
const PIECES = new RegExp(
  [EMOJI, IDEOGRAPH, LONE_ELISION, WORD, SIGN].map(({ source }) => `(?:${source})`).join('|'),
  'giu',
)

/**
 * Splits a text into words and signs.
 *
 * `unicode`: words by UAX 29 and the tables of Unicode 15.0, the same in every engine, tailored: a
 * sign or ideograph is a token, white space none; soft hyphens are left out; any of ' ’ ʼ ′ ´ ‘ joins
 * letters («don't»); elided forms of French, Italian and Catalan keep theirs and are tokens («l’»,
 * «été»), «aujourd’hui» stays whole. Tokens are in NFC; offsets are those of the original text,
 * composed or not.
 *
 * @param languages codes such as `fr`: elisions and colons are theirs; of several, that of the text
 * @throws {RangeError} for another tokenization
 * @throws {Error} for `dictionary` where the engine has no Intl.Segmenter
 * @see Unicode Standard Annex #29, §4
 */
export function tokenize(
  text: string,
  tokens: Tokenization = 'unicode',
  languages: readonly string[] = [],
): Token[] {
  if (tokens === 'words') return oldWords(text)
  if (tokens === 'space')
    return Array.from(text.matchAll(/\S+/gu), (match) => tokenAt(match[0], match.index))
  if (tokens !== 'unicode' && tokens !== 'dictionary')
    expectValue('tokenize', 'tokens', tokens, TOKENS)
  const language = languages.length ? languageOf(text, languages) : undefined
  const segmenter = tokens === 'dictionary' ? dictionary(language) : undefined
  return unicodeWords(text, cuttingRules(language), segmenter)
}

const TOKENS = oneOf(...TOKENIZATIONS)

/**
 * The cutting of models that name none: by the engine's tables, with French elisions everywhere, and
 * any apostrophe.
 */
function oldWords(text: string): Token[] {
  const tokens: Token[] = []
  for (const { 0: piece, index } of plainApostrophes(text).matchAll(PIECES)) {
    const end = index + piece.length
    let start = index
    while (piece.includes("'")) {
      const { length } = ELISION.exec(piece.slice(start - index))?.[0] ?? ''
      if (length === 0) break
      tokens.push(tokenAt(text.slice(start, start + length), start))
      start += length
    }
    tokens.push(tokenAt(text.slice(start, end), start))
  }
  return tokens
}

const tokenAt = (piece: string, start: number): Token => ({
  token: piece.normalize('NFC'),
  start,
  end: start + piece.length,
})
