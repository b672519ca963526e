import { isWord } from '../text/letters.ts'
import { folded } from '../text/vocabulary.ts'

/** A word of a question that also occurs in its sentence, itself or a similar word. */
export interface Match {
  /** Its position in the question. */
  readonly position: number
  /** Positions of the most similar words in the sentence, rising. */
  readonly positions: readonly number[]
  /** Their similarity, from above 0 to 1 for the same word. */
  readonly likeness: number
  /** How rare the word is, from 0 to 1. */
  readonly rarity: number
  /**
   * likeness · rarity³, normalised over all matches of the question: frequent words say little
   * about where to look.
   */
  readonly weight: number
}

/** Least similarity of similar words. */
const LEAST_ALIKE = 0.6
/** Least common prefix of similar words, in letters. */
const LEAST_LETTERS = 3

/**
 * Matches of the words of the question in the sentence, in the question's order.
 *
 * @param question its tokens
 * @param words the tokens of the sentence
 * @param rarity of a word, from 0 to 1
 */
export function matchesOf(
  question: readonly string[],
  words: readonly string[],
  rarity: (word: string) => number,
): Match[] {
  const sentence = words.map(folded)
  const found = question.map((word, position) => ({
    position,
    ...likest(folded(word), sentence),
    rarity: rarity(word),
  }))
  const heavy = found
    .map((match) => ({ ...match, weight: match.likeness * cube(match.rarity) }))
    .filter(({ weight }) => weight > 0)
  const total = heavy.reduce((sum, { weight }) => sum + weight, 0)
  return heavy.map((match) => ({ ...match, weight: match.weight / total }))
}

// engines may round powers differently
const cube = (x: number): number => x * x * x

/**
 * The positions of the words most similar to a word; none, with likeness 0, if no word is similar.
 */
function likest(
  word: string,
  sentence: readonly string[],
): { readonly positions: number[]; readonly likeness: number } {
  const all = sentence.map((other) => (isWord(word) ? likenessOf(word, other) : 0))
  const likeness = Math.max(0, ...all)
  return {
    likeness,
    positions: likeness > 0 ? [...all.keys()].filter((position) => all[position] === likeness) : [],
  }
}

/**
 * Common prefix of two words as a share of their letters, 1 for the same word; 0 if it is small.
 */
function likenessOf(a: string, b: string): number {
  if (a === b) return 1
  let same = 0
  while (same < a.length && same < b.length && a[same] === b[same]) same++
  const share = (2 * same) / (a.length + b.length)
  return same >= LEAST_LETTERS && share >= LEAST_ALIKE ? share : 0
}
