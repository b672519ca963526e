/** A word or punctuation mark, and its offsets in the original text. */
export interface Token {
  /** In NFC. */
  readonly token: string
  /** Offset of its first UTF-16 unit in the original. */
  readonly start: number
  /** One past the last. */
  readonly end: number
}

/** How a text is split: `words` by the rules of this file, `space` for a tokenized text. */
export type Tokenization = 'unicode' | 'words' | 'space' | 'dictionary'

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
 * Splits a text into words and punctuation marks.
 *
 * Words by Unicode's letters, marks and digits; punctuation is a token of its own; French elided
 * forms keep their apostrophe and are tokens («l’», «été»), «aujourd’hui» and «don't» stay whole.
 * Tokens are in NFC; offsets are those of the original text, composed or not.
 */
export function tokenize(
  text: string,
  tokenization: Tokenization = 'unicode',
  _languages: readonly string[] = [],
): Token[] {
  const pattern = tokenization === 'space' ? /\S+/gu : PIECES
  const tokens: Token[] = []
  for (const match of text.matchAll(pattern)) {
    if (tokenization === 'space') tokens.push(tokenAt(match[0], match.index))
    else tokens.push(...withoutElisions(match[0], match.index))
  }
  return tokens
}

const tokenAt = (piece: string, start: number): Token => ({
  token: piece.normalize('NFC'),
  start,
  end: start + piece.length,
})

/** Splits a word into its elided forms and the rest. */
function withoutElisions(word: string, start: number): Token[] {
  const elided = word.match(ELISION)?.[0]
  if (!elided) return [tokenAt(word, start)]
  return [
    tokenAt(elided, start),
    ...withoutElisions(word.slice(elided.length), start + elided.length),
  ]
}
