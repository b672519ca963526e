import { type Usage, usageOf } from './abbreviations.ts'
import { plainApostrophes } from './fold.ts'
import { CHAPTER } from './paragraphs.ts'

// a blank must follow, and a small letter goes on
const LATIN = '.!?…‽⁇⁈⁉։'
// they end a sentence whatever follows
const WIDE = '。！？｡．'
const OTHER = '؟۔।॥።፧፨។៕။᠃᠉܀܁܂꓿'
// behind these, a bar stands for a danda
const INDIC = '[\\p{Script=Devanagari}\\p{Script=Bengali}\\p{Script=Gurmukhi}\\p{Script=Oriya}]'
const BLANK = '[ \\u00a0\\u2009\\u202f]'
const EMOJI = '\\p{Emoji_Presentation}[\\p{EMod}\\ufe0f\\u200d]*'
// at once behind the mark, or behind a blank if no word follows: « Oui. » but not . »Ja«
const CLOSERS = `(?:["'’”»›)\\]}」』】〉》〕）］｣*_]|[‘“«‹](?![\\p{L}\\p{N}])|\\[\\d+\\]|[¹²³⁰-⁹]|${BLANK}[»”›](?=[\\s.,;:!?…)\\]]|$)|${BLANK}?${EMOJI})*`
const END = new RegExp(
  `(?<mark>[${LATIN}${WIDE}${OTHER};\\u037e]+(?:${BLANK}[!?…]+)*|\\|(?<=${INDIC} ?\\|))(?<closers>${CLOSERS})`,
  'gu',
)

/** Scripts whose sentences end in a blank: a point is that of an abbreviation. */
const BLANK_ENDED = /[\p{Script=Thai}\p{Script=Lao}]$/u
const COMMA = /\s?[,;:،؛]/uy

const EAST = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}'
const WIDE_MARK = new RegExp(`[${WIDE}]$`, 'u')
const OTHER_MARK = new RegExp(`[${OTHER}|]$`, 'u')
/** Behind a mark of Chinese or Japanese, the sentence goes on before these. */
const EAST_ON =
  /[，、；：,;…]|(?<=[」』”’）])(?:と|って)|(?<=[》〉])(?=\p{L})|(?<=．)[\p{N}A-Za-z]/uy
const EAST_LETTER = new RegExp(`[${EAST}]$`, 'u')
const EAST_BEHIND = new RegExp(`[${EAST}「『“《【（]`, 'uy')
/** What stands behind the mark: blanks, what opens a sentence, its first word, a sign. */
const NEXT =
  /(?:\s+|(?=—))(?:['’][stnk]\s(?=\p{Lu})|["'‘’“”„‚«»‹›([{¿¡*_]|[—–-]|\s)*(?<word>[\p{L}\p{M}\p{N}]*)(?<sign>.?)/suy
// Georgian has no capitals at the beginning of sentences
const SMALL = /^(?![\u10d0-\u10ff])\p{Ll}/u
const SYMBOL = /[\p{Sc}\p{So}#@•§]/u

/** Longest word before a point that is looked at. */
const LONGEST_ABBREVIATION = 24
const LAST_WORD = /[^\s("«“„»‘’'[{¿¡—–/…*_][^\s("«“„»[{¿¡—–/…*_]*$/u
const INITIAL = /^(?:\p{Lu}\p{M}*|و?[\p{Script=Arabic}\p{Script=Hebrew}])$/u
/** Letters with points between: U.S, J.-C. */
const POINTED = /^(?=.*\p{Lu})(?:\p{L}{1,2}\.-?)+\p{L}{1,2}$/u
const ROMAN = /^(?:[IVXLCDM]{2,}|[VXLCDM])$/
/** Blanks between such letters: z. B., т. е. */
const SPACED = /(?<=(?:^|[\s(.])\p{L}{1,2}\.)\s(?=\p{L}{1,2}(?:\.|$))/gu
const ELIDED = /^\p{L}{1,4}'(?=\p{L})/u
const HOUR = /^[ap]\.m$/i
const DAY_OR_ZONE = /^(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|\p{Lu}{2,4})$/u
/** The beginning of a date: 2020. 1. 5. */
const DATE = /^\d{4}\. \d{1,2}\.$/
/** An ordinal of German, and the word that makes a plain number of it: S. 12. */
const ORDINAL = /^(?:\p{N}{1,2}|[IVXLCDM]+)$/u
const COUNTED = /(\p{L}+)\.\s\p{N}{1,2}$/u
/** What counts the items of a list, or chapters. */
const ITEM = new RegExp(
  `^[\\s("'«“[]*(?:\\p{N}{1,3}|\\p{L}|[ivxl]+|[IVXL]+|${CHAPTER.source})$`,
  'iu',
)
const QUESTION_OF_GREEK = /[;\u037e]$/
const GREEK = /\p{Script=Greek}\p{M}*\s?$/u

/** Offsets at which the sentences of a paragraph end, but for the last. */
export function endsOf(text: string, language?: string): number[] {
  const usage = usageOf(language)
  const ends: number[] = []
  let start = 0
  let read = 0
  let empty = true
  for (const match of text.matchAll(END)) {
    const end = match.index + match[0].length
    empty &&= !/[\p{L}\p{N}]/u.test(text.slice(read, match.index))
    read = end
    if (empty || !isEnd(text, { start, at: match.index, end, ...parts(match) }, usage)) continue
    ends.push(end)
    start = end
    empty = true
  }
  return ends
}

/** Whether a mark of Latin ends a sentence of Chinese or Japanese, without a blank. */
const isEast = (mark: string, behind: string): boolean =>
  /[!?]$/.test(mark) || (mark === '.' && EAST_LETTER.test(behind))

interface Mark {
  /** Where its sentence begins. */
  readonly start: number
  readonly at: number
  /** Where its sentence ends, if it does. */
  readonly end: number
  readonly mark: string
  readonly closers: string
}

const parts = ({ groups }: RegExpExecArray): Pick<Mark, 'mark' | 'closers'> => ({
  mark: groups?.mark ?? '',
  closers: groups?.closers ?? '',
})

const matchAt = (pattern: RegExp, text: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at
  return pattern.exec(text)
}

function isEnd(text: string, { start, at, end, mark, closers }: Mark, usage: Usage): boolean {
  if (OTHER_MARK.test(mark)) return !matchAt(COMMA, text, end)
  const behind = text.slice(Math.max(0, at - 3), at)
  if (QUESTION_OF_GREEK.test(mark) && !(usage.greek && GREEK.test(behind))) return false
  if (WIDE_MARK.test(mark) || (isEast(mark, behind) && matchAt(EAST_BEHIND, text, end)))
    return !matchAt(EAST_ON, text, end)
  const next = matchAt(NEXT, text, end)
  const { word = '', sign = '' } = next?.groups ?? {}
  if (!next || (word ? SMALL.test(word) : !SYMBOL.test(sign))) return false
  if (mark !== '.' || closers) return true
  if (BLANK_ENDED.test(behind)) return false
  const before = text.slice(Math.max(start, at - LONGEST_ABBREVIATION), at)
  if (ITEM.test(before) && before.length === at - start) return false
  return !goesOn(before, { word, sign }, usage)
}

/** Whether a point behind the last word of some text is a part of it, before the next word. */
function goesOn(
  before: string,
  next: { readonly word: string; readonly sign: string },
  usage: Usage,
): boolean {
  const word = before.match(LAST_WORD)?.[0] ?? ''
  const last = plainApostrophes(word).replace(ELIDED, '')
  const joined = before.replace(SPACED, '').match(LAST_WORD)?.[0] ?? ''
  const initials = next.sign === '.' ? [`${last}.${next.word}`] : []
  const spellings = [last, joined, ...initials].flatMap(spellingsOf)
  const listed = (words: ReadonlySet<string>) => spellings.some((spelling) => words.has(spelling))
  const number = /^(?:\p{N}|§)/u.test(next.word || next.sign) || ROMAN.test(next.word)
  if (listed(usage.name) || (number && listed(usage.number))) return true
  if (HOUR.test(last)) return DAY_OR_ZONE.test(next.word)
  if (usage.openers.has(next.word) && next.sign !== '.') return false
  if (usage.ordinals && (ORDINAL.test(last) || DATE.test(`${last}. ${next.word}${next.sign}`)))
    return !spellingsOf(before.match(COUNTED)?.[1] ?? '').some((spelling) =>
      usage.number.has(spelling),
    )
  return (last === word && listed(usage.either)) || INITIAL.test(last) || POINTED.test(last)
}

/** A word as it stands in a row: without the capital of a sentence's beginning, or of a title. */
function spellingsOf(word: string): string[] {
  const spellings = [word, word.slice(0, 1).toLowerCase() + word.slice(1)]
  if (/^\p{Lu}{2,}$/u.test(word)) spellings.push(word[0] + word.slice(1).toLowerCase())
  if (word.endsWith('str')) spellings.push('Str')
  return spellings
}
