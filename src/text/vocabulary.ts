import { ARRAY } from '../kinds.ts'
import { plainApostrophes } from './fold.ts'

/**
 * A word as it is looked up: in lower case, since the shape has the capitals, with one kind of
 * apostrophe.
 */
export const folded = (word: string): string => plainApostrophes(word.toLowerCase())

/**
 * Words numbered from 0: the commonest first, ties in code point order.
 *
 * All apostrophes are one: a word is found by any, and of several spellings the first counts.
 */
export class Vocabulary {
  readonly words: readonly string[]
  readonly #numbers: ReadonlyMap<string, number>

  /** @throws {RangeError} for a duplicate word, {TypeError} unless words are an array */
  constructor(words: readonly string[]) {
    ARRAY('Vocabulary', 'words', words)
    this.words = words
    if (new Set(words).size !== words.length)
      throw new RangeError('Vocabulary: every word must come once')
    // the last of equal keys stays
    this.#numbers = new Map(
      words.map((word, number) => [plainApostrophes(word), number] as const).reverse(),
    )
  }

  /** Words that occur at least `minCount` times, the commonest `most` of them. */
  static of(counts: ReadonlyMap<string, number>, minCount = 1, most = Infinity): Vocabulary {
    const kept = [...counts].filter(([, count]) => count >= minCount)
    kept.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    return new Vocabulary(kept.slice(0, most).map(([word]) => word))
  }

  get size(): number {
    return this.words.length
  }

  /** The word's number, or undefined. */
  numberOf(word: string): number | undefined {
    return this.#numbers.get(plainApostrophes(word))
  }

  /**
   * This vocabulary with further words appended; its own numbers stay. At most `most` words, or its
   * own size if that is larger.
   */
  grown(counts: ReadonlyMap<string, number>, minCount = 1, most = Infinity): Vocabulary {
    const others = new Map([...counts].filter(([word]) => this.numberOf(word) === undefined))
    return new Vocabulary([
      ...this.words,
      ...Vocabulary.of(others, minCount, Math.max(0, most - this.size)).words,
    ])
  }
}

/**
 * Counts of words, those whose apostrophes alone differ as one: in its commonest spelling, the first
 * of equals in code point order.
 */
export function mergedSpellings(counts: ReadonlyMap<string, number>): Map<string, number> {
  const spellings = new Map<string, string>()
  const countOf = (word: string): number => counts.get(word) ?? 0
  for (const [word, count] of counts) {
    const key = plainApostrophes(word)
    if (key === word && !word.includes("'")) continue
    const before = spellings.get(key) ?? ''
    if (count > countOf(before) || (count === countOf(before) && word < before))
      spellings.set(key, word)
  }
  const merged = new Map<string, number>()
  for (const [word, count] of counts) {
    const spelling = spellings.get(plainApostrophes(word)) ?? word
    merged.set(spelling, (merged.get(spelling) ?? 0) + count)
  }
  return merged
}

/** Counts words. */
export function countWords(
  words: Iterable<string>,
  counts = new Map<string, number>(),
): Map<string, number> {
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}
