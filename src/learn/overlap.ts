import { isWord } from '../text/letters.ts'
import { folded } from '../text/vocabulary.ts'

/** A word of a question that its sentence has too, or a word much like it. */
export interface Match {
  /** Its place in the question. */
  readonly asked: number
  /** Places of its likest words in the sentence, rising. */
  readonly places: readonly number[]
  /** How alike they are, from above 0 to 1 for the same word. */
  readonly likeness: number
  /** How rare the word is, from 0 to 1. */
  readonly rarity: number
  /**
   * likeness · rarity³, as a share of all matches of the question: little words tell little of
   * where to look.
   */
  readonly weight: number
}

/** Below this two words are not alike. */
const LEAST_ALIKE = 0.6
/** Letters that two words must begin with together, to be alike. */
const LEAST_LETTERS = 3

/**
 * Where the sentence has the words of the question, in the question's order.
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
  const found = question.map((word, asked) => ({
    asked,
    ...likest(folded(word), sentence),
    rarity: rarity(word),
  }))
  const heavy = found
    .map((match) => ({ ...match, weight: match.likeness * cube(match.rarity) }))
    .filter(({ weight }) => weight > 0)
  const total = heavy.reduce((sum, { weight }) => sum + weight, 0)
  return heavy.map((match) => ({ ...match, weight: match.weight / total }))
}

// powers by the engine may round otherwise in another
const cube = (x: number): number => x * x * x

/**
 * The places of the words that are likest to a word; none, with likeness 0, where no word is alike.
 */
function likest(
  word: string,
  sentence: readonly string[],
): { readonly places: number[]; readonly likeness: number } {
  const all = sentence.map((other) => (isWord(word) ? likenessOf(word, other) : 0))
  const likeness = Math.max(0, ...all)
  return {
    likeness,
    places: likeness > 0 ? [...all.keys()].filter((place) => all[place] === likeness) : [],
  }
}

/**
 * The share of letters that two words begin with together, such as 1 for the same word; 0 where it
 * is small.
 */
function likenessOf(a: string, b: string): number {
  if (a === b) return 1
  let same = 0
  while (same < a.length && same < b.length && a[same] === b[same]) same++
  const share = (2 * same) / (a.length + b.length)
  return same >= LEAST_LETTERS && share >= LEAST_ALIKE ? share : 0
}
