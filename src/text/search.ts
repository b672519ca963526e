import { BOOLEAN, type Kind, valueText } from '../kinds.ts'
import { copied } from './counter.ts'
import type { AnnotatedToken } from './decode.ts'
import { normalized } from './fold.ts'
import type { Token } from './tokens.ts'

/**
 * What is searched for in texts: words, lemmas, parts of speech. Where several of these are given,
 * all must hold.
 *
 * In each, `*` stands for any signs, none or more, and `?` for one sign; after a backslash they are
 * signs like others.
 */
export interface WordSearch {
  /**
   * A word, or a phrase, which is cut into words by the rule of the texts («tour à tour»,
   * «peut-être»); or several, any of which is found. All apostrophes are one.
   */
  readonly word?: string | readonly string[]
  /** Whether to ignore case, in lemmas too; default false. İ and ı are i, ß is ss, ſ is s. */
  readonly ignoreCase?: boolean
  /**
   * The lemma of one word; or several, any of which is found. Where a text has several lemmas or
   * parts of speech for a word, one is enough: `suivre` finds `suivre|être`, `de` the `de+le` of
   * «du», and with it `ADP` of its `ADP+DET`.
   */
  readonly lemma?: string | readonly string[]
  /**
   * The part of speech of one word, or several, any of which is found: one of Universal
   * Dependencies (`NOUN`) in any case, others as the text has them (`NOM*`).
   */
  readonly pos?: string | readonly string[]
}

/** Consecutive words of a text: the position of the first, from 0, and how many. */
export interface WordMatch {
  readonly at: number
  readonly length: number
}

/** One text or several. */
const TEXTS: Kind = (where, name, value) => {
  const all = listOf(value as string)
  if (!Array.isArray(all) || !all.every((one) => typeof one === 'string'))
    throw new TypeError(
      `${where}: ${name} must be a text or an array of texts, got ${valueText(value)}`,
    )
  if (all.length === 0 || all.some((one) => !one.trim()))
    throw new RangeError(
      `${where}: ${name} must be a text or an array of texts with something in each, got ${valueText(value)}`,
    )
}

/** A check of each option of a search. */
export const SEARCH_KINDS = { word: TEXTS, ignoreCase: BOOLEAN, lemma: TEXTS, pos: TEXTS } as const

const listOf = (given: string | readonly string[] = []): readonly string[] =>
  typeof given === 'string' ? [given] : given

/** Finds words in texts, and notes what could be meant instead. */
export class Searcher {
  readonly #where: string
  readonly #search: WordSearch
  /** Each a sequence of patterns, by their numbers; the longest first. */
  readonly #phrases: readonly (readonly number[])[]
  readonly #words: Spellings
  readonly #tags: readonly { readonly name: 'lemma' | 'pos'; readonly spellings: Spellings }[]
  /** Texts in which a word has a lemma or a part of speech, and those in which none has. */
  readonly #annotated = { lemma: [0, 0], pos: [0, 0] }
  #otherCase = 0

  /**
   * @param where the caller, in errors
   * @param cuts the rules by which the texts are cut into words, one for each language
   */
  constructor(where: string, search: WordSearch, cuts: readonly ((text: string) => Token[])[]) {
    const patterns: Pattern[] = []
    const numberOf = (pattern: Pattern): number => {
      const known = patterns.findIndex(({ source }) => source === pattern.source)
      return known < 0 ? patterns.push(pattern) - 1 : known
    }
    this.#where = where
    this.#search = search
    this.#phrases = listOf(search.word)
      .flatMap((typed) => phrasesOf(typed, cuts))
      .map((phrase) => phrase.map(numberOf))
      .sort((a, b) => b.length - a.length)
    this.#words = new Spellings(patterns)
    this.#tags = (['lemma', 'pos'] as const).flatMap((name) =>
      search[name] === undefined
        ? []
        : [{ name, spellings: new Spellings(listOf(search[name]).map(TAGS[name])) }],
    )
  }

  /** The distinct words of the texts up to a limit; lemmas or tags if no word is searched for. */
  get seen(): ReadonlySet<string> {
    const spellings = this.#search.word === undefined ? this.#tags[0]?.spellings : this.#words
    return new Set(spellings?.known)
  }

  /** How many more occurrences there would be without case. */
  get otherCase(): number {
    return this.#otherCase
  }

  /** How many texts had no lemmas, or no parts of speech, though one is searched for. */
  get unannotated(): number {
    return Math.max(...this.#tags.map(({ name }) => this.#annotated[name][1]), 0)
  }

  /** @throws {RangeError} if lemmas or parts of speech are searched for and no text had any */
  expectAnnotated(): void {
    for (const { name } of this.#tags) {
      const [some, none] = this.#annotated[name]
      if (some === 0 && none > 0)
        throw new RangeError(
          `${this.#where}: the texts have no ${name === 'lemma' ? 'lemmas' : 'parts of speech'}; tag them first (CoNLL-U, TreeTagger, vertical), or search by word`,
        )
    }
  }

  /** Occurrences in a text, from left to right: the longest at each position, none overlapping. */
  matches(tokens: readonly AnnotatedToken[]): WordMatch[] {
    const { ignoreCase = false } = this.#search
    for (const { name } of this.#tags)
      this.#annotated[name][tokens.some((token) => token[name] !== undefined) ? 0 : 1]++
    if (this.#search.word === undefined)
      return tokens.flatMap((token, at) => (this.#isTagged(token) ? [{ at, length: 1 }] : []))
    const found = tokens.map(({ token }) => this.#words.of(token))
    const some = found.filter((spelling) => spelling !== NONE)
    if (some.length === 0) return []
    const matches = this.#phrasesIn(tokens, found, ignoreCase ? 'folded' : 'cased')
    if (!ignoreCase && some.some(({ cased, folded }) => cased !== folded)) {
      const all = this.#phrasesIn(tokens, found, 'folded')
      this.#otherCase += Math.max(0, all.length - matches.length)
    }
    return matches
  }

  #phrasesIn(
    tokens: readonly AnnotatedToken[],
    found: readonly Spelling[],
    how: keyof Spelling,
  ): WordMatch[] {
    const matches: WordMatch[] = []
    for (let at = 0; at < found.length; at++) {
      if (found[at] === NONE) continue
      const phrase = this.#phrases.find(
        (numbers) =>
          numbers.every((number, n) => found[at + n]?.[how].includes(number)) &&
          (this.#tags.length === 0 || (numbers.length === 1 && this.#isTagged(tokens[at]))),
      )
      if (!phrase) continue
      matches.push({ at, length: phrase.length })
      at += phrase.length - 1
    }
    return matches
  }

  #isTagged(token: AnnotatedToken): boolean {
    const how = this.#search.ignoreCase ? 'folded' : 'cased'
    const all = this.#tags.map(({ name, spellings }) => {
      const value = token[name]
      const found = [value, ...partsOf(value)].map(
        (one) => one !== undefined && spellings.of(one)[how].length > 0,
      )
      return { whole: found[0], parts: found.slice(1) }
    })
    const most = Math.max(1, ...all.map(({ parts }) => parts.length))
    // a lemma and a part of speech of du are those of the same word in it
    return Array.from({ length: most }).some((_, n) =>
      all.every(
        ({ whole, parts }) =>
          whole || (parts.length === most ? parts[n] : parts.some((fits) => fits)),
      ),
    )
  }
}

/** The values of suivre|être and de+le; none where there is but one. */
function partsOf(value = ''): readonly string[] {
  const parts = value.split(/[|+]/)
  return parts.length > 1 && parts.every((part) => part) ? parts : []
}

/** A word with wildcards, as it is and without case. */
interface Pattern {
  readonly source: string
  readonly cased: RegExp
  readonly folded: RegExp
}

/** The patterns that a word matches, as it is and without case. */
interface Spelling {
  readonly cased: readonly number[]
  readonly folded: readonly number[]
}

const NONE: Spelling = { cased: [], folded: [] }
/** Largest number of distinct words that are noted. */
const MOST_NOTED = 100_000

/** Which of some patterns a word matches: each distinct word is compared once. */
class Spellings {
  readonly #patterns: readonly Pattern[]
  readonly #known = new Map<string, Spelling>()

  constructor(patterns: readonly Pattern[]) {
    this.#patterns = patterns
  }

  get known(): Iterable<string> {
    return this.#known.keys()
  }

  of(word: string): Spelling {
    const known = this.#known.get(word)
    if (known) return known
    const matching = (how: keyof Spelling, text: string) =>
      this.#patterns.flatMap((pattern, n) => (pattern[how].test(text) ? [n] : []))
    const folded = matching('folded', normalized(word, true))
    const cased = matching('cased', normalized(word))
    const same = cased.join() === folded.join()
    const spelling = cased.length + folded.length ? { cased: same ? folded : cased, folded } : NONE
    if (this.#known.size < MOST_NOTED) this.#known.set(copied(word), spelling)
    return spelling
  }
}

/** A sign as it was typed, or a wildcard. */
interface Sign {
  readonly text: string
  readonly wild: boolean
}

const signsOf = (typed: string): Sign[] =>
  Array.from(
    typed
      .trim()
      .normalize('NFC')
      .matchAll(/\\([*?\\])|./gsu),
    ([sign, literal]) => ({
      text: literal ?? sign,
      wild: sign === '*' || sign === '?',
    }),
  )

/**
 * The phrases that a typed text means: its words by each rule, and all of it as one word, as a
 * tagged text may have it.
 */
function phrasesOf(typed: string, cuts: readonly ((text: string) => Token[])[]): Pattern[][] {
  const signs = signsOf(typed)
  // a wildcard is cut like the letter beside it
  const letters = signs.map(({ text, wild }, n) =>
    wild
      ? ((signs.slice(0, n).findLast(isLetter) ?? signs.slice(n).find(isLetter))?.text ?? 'x')
      : text,
  )
  const ends: number[] = []
  for (const letter of letters) ends.push((ends.at(-1) ?? 0) + letter.length)
  const phrases = cuts.map((cut) =>
    cut(letters.join('')).map(({ token, start, end }) => {
      const own = signs.filter((_, n) => ends[n] > start && ends[n] <= end)
      return patternOf(own.some(({ wild }) => wild) ? own : [{ text: token, wild: false }])
    }),
  )
  return [...phrases.filter(({ length }) => length > 0), [patternOf(signs)]]
}

const isLetter = ({ text, wild }: Sign): boolean => !wild && /^[\p{L}\p{N}]$/u.test(text)

/** @see https://universaldependencies.org/u/pos/ */
const UNIVERSAL =
  /^(?:ADJ|ADP|ADV|AUX|CCONJ|DET|INTJ|NOUN|NUM|PART|PRON|PROPN|PUNCT|SCONJ|SYM|VERB|X)$/i

/** A lemma or a part of speech as it was typed. */
const TAGS = {
  lemma: (typed: string): Pattern => patternOf(signsOf(typed)),
  pos: (typed: string): Pattern => patternOf(signsOf(typed), UNIVERSAL.test(typed) ? 'sui' : 'su'),
}

function patternOf(signs: readonly Sign[], flags = 'su'): Pattern {
  const sourceOf = (ignoreCase: boolean) =>
    signs
      .map(({ text, wild }) => {
        if (wild) return text === '*' ? '.*' : '\\P{M}\\p{M}*'
        return normalized(text, ignoreCase).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
      })
      .join('')
  const [cased, folded] = [false, true].map((how) => new RegExp(`^(?:${sourceOf(how)})$`, flags))
  return { source: cased.source, cased, folded }
}
