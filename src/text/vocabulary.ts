import { ARRAY } from '../kinds.ts'

/** A word as in the vocabulary: in lower case, since the shape has the capitals. */
export const folded = (word: string): string => word.toLowerCase()

/** Words numbered from 0: the commonest first, ties in code point order. */
export class Vocabulary {
  readonly words: readonly string[]
  readonly #numbers: ReadonlyMap<string, number>

  /** @throws {RangeError} for a duplicate word, {TypeError} unless words are an array */
  constructor(words: readonly string[]) {
    ARRAY('Vocabulary', 'words', words)
    this.words = words
    this.#numbers = new Map(words.map((word, number) => [word, number]))
    if (this.#numbers.size !== words.length)
      throw new RangeError('Vocabulary: every word must come once')
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
    return this.#numbers.get(word)
  }

  /**
   * This vocabulary with further words appended; its own numbers stay. At most `most` words, or its
   * own size if that is larger.
   */
  grown(counts: ReadonlyMap<string, number>, minCount = 1, most = Infinity): Vocabulary {
    const others = new Map([...counts].filter(([word]) => !this.#numbers.has(word)))
    return new Vocabulary([
      ...this.words,
      ...Vocabulary.of(others, minCount, Math.max(0, most - this.size)).words,
    ])
  }
}

/** Counts words. */
export function countWords(
  words: Iterable<string>,
  counts = new Map<string, number>(),
): Map<string, number> {
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}
