import { log } from '../elementary.ts'
import { isWord, shapeOf } from '../text/letters.ts'
import { folded } from '../text/vocabulary.ts'
import { type Match, matchesOf } from './overlap.ts'

/** Features that relate the words of a question and of its sentence, as rows of numbers. */
export interface Clues {
  /** (words of the question, QUESTION_CLUES) */
  readonly question: Float64Array
  /** (words of the sentence, SENTENCE_CLUES) */
  readonly sentence: Float64Array
}

/** Offsets to a match up to this have a feature each, on either side; … */
const NEAR = 6
/** … larger ones share one feature per range that starts here: so many on either side. */
const FAR = [7, 10, 15]
const SIDE = NEAR + FAR.length
const OFFSETS = 2 * SIDE + 1
/**
 * Matches that offsets are counted from: all by their weights, the first of a rare word, the last.
 */
const ANCHORS = 3
/** For words up to this distance on either side there is a feature of whether they match. */
const AROUND = 3
/** A rarer word names the subject of a question. */
const RARE = 0.35
/** Features of a word of the sentence itself, before offsets. */
const OWN = 12
/** Positions from the beginning and from the end of a question with a feature each. */
const [FIRST, LAST] = [4, 3]

/** Features of a word of the sentence. */
export const SENTENCE_CLUES = OWN + ANCHORS * OFFSETS + 2 * AROUND + 1
/** Features of a word of the question. */
export const QUESTION_CLUES = FIRST + LAST + 5

/**
 * Overlap and nearness, for the queries and keys of a question: which words are in both texts, and
 * the distance of each word from them.
 *
 * @param question its tokens
 * @param words the tokens of the sentence
 * @param rarity of a word, from 0 for the commonest to 1
 */
export function cluesOf(
  question: readonly string[],
  words: readonly string[],
  rarity: (word: string) => number,
): Clues {
  const matches = matchesOf(question, words, rarity)
  return {
    question: questionClues(question, matches, rarity),
    sentence: sentenceClues(question, words, matches, rarity),
  }
}

function questionClues(
  question: readonly string[],
  matches: readonly Match[],
  rarity: (word: string) => number,
): Float64Array {
  const clues = new Float64Array(question.length * QUESTION_CLUES)
  const matched = new Map(matches.map((match) => [match.position, match]))
  question.forEach((word, n) => {
    const row = clues.subarray(n * QUESTION_CLUES, (n + 1) * QUESTION_CLUES)
    const fromEnd = question.length - 1 - n
    if (n < FIRST) row[n] = 1
    if (fromEnd < LAST) row[FIRST + fromEnd] = 1
    const { likeness, weight } = matched.get(n) ?? { likeness: 0, weight: 0 }
    row.set(
      [Number(likeness > 0), likeness, rarity(word), weight, Number(isWord(word))],
      FIRST + LAST,
    )
  })
  return clues
}

function sentenceClues(
  question: readonly string[],
  words: readonly string[],
  matches: readonly Match[],
  rarity: (word: string) => number,
): Float64Array {
  const clues = new Float64Array(words.length * SENTENCE_CLUES)
  const taken = takenOf(words.length, matches)
  const questionWords = new Set(question.map(folded))
  const centre =
    matches.length > 0
      ? matches.reduce((sum, { weight, positions }) => sum + weight * mean(positions), 0)
      : words.length / 2
  const heaviest = matches.reduce<Match | undefined>(
    (top, match) => (top && top.weight >= match.weight ? top : match),
    undefined,
  )
  const marks = marksBefore(words)
  words.forEach((word, n) => {
    const row = clues.subarray(n * SENTENCE_CLUES, (n + 1) * SENTENCE_CLUES)
    const between = heaviest ? marksBetween(marks, n, nearest(heaviest.positions, n)) : 0
    const shape = shapeOf(word)
    row.set([
      taken.likeness[n],
      taken.rarity[n],
      Number(questionWords.has(folded(word))),
      rarity(word),
    ])
    row.set([Number(n === 0), n / words.length, log(1 + Math.abs(n - centre)) / 2], 4)
    row.set(
      [between === 0, between > 1, shape === 1 && n > 0, shape === 2, !isWord(word)].map(Number),
      7,
    )
    for (let offset = -AROUND; offset <= AROUND; offset++)
      row[OWN + ANCHORS * OFFSETS + AROUND + offset] = taken.likeness[n + offset] ?? 0
  })
  addOffsets(clues, words.length, matches)
  return clues
}

/** For each anchor and word, the offset of the word from the anchor's nearest position. */
function addOffsets(clues: Float64Array, length: number, matches: readonly Match[]): void {
  const rare = matches.filter(({ rarity }) => rarity > RARE)
  const first = (rare.length > 0 ? rare : matches).slice(0, 1)
  const whole = (some: readonly Match[]): Match[] => some.map((match) => ({ ...match, weight: 1 }))
  ;[matches, whole(first), whole(matches.slice(-1))].forEach((anchor, number) => {
    for (const { positions, weight } of anchor)
      for (let n = 0; n < length; n++)
        clues[
          n * SENTENCE_CLUES + OWN + number * OFFSETS + offsetClass(n - nearest(positions, n))
        ] += weight
  })
}

/** Index of an offset among OFFSETS, the middle one for 0. */
function offsetClass(offset: number): number {
  const size = Math.abs(offset)
  const steps = size <= NEAR ? size : NEAR + FAR.filter((far) => size >= far).length
  return SIDE + Math.sign(offset) * steps
}

/**
 * For each word of the sentence its similarity to a word of the question, and that times the rarity
 * of the latter.
 */
function takenOf(length: number, matches: readonly Match[]) {
  const likeness = new Float64Array(length)
  const rarity = new Float64Array(length)
  for (const match of matches) {
    for (const position of match.positions) {
      likeness[position] = Math.max(likeness[position], match.likeness)
      rarity[position] = Math.max(rarity[position], match.likeness * match.rarity)
    }
  }
  return { likeness, rarity }
}

/** For each word the number of punctuation marks before it. */
function marksBefore(words: readonly string[]): number[] {
  let count = 0
  return words.map((word) => (isWord(word) ? count : count++))
}

/** Marks strictly between two positions. */
function marksBetween(before: readonly number[], a: number, b: number): number {
  const [from, to] = a < b ? [a, b] : [b, a]
  return to - from < 2 ? 0 : before[to] - before[from + 1]
}

const nearest = (positions: readonly number[], n: number): number =>
  positions.reduce((best, position) =>
    Math.abs(position - n) < Math.abs(best - n) ? position : best,
  )

const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, x) => sum + x, 0) / numbers.length
