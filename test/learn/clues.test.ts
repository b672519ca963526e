import { describe, expect, test } from 'vitest'
import { cluesOf, QUESTION_CLUES, SENTENCE_CLUES } from '../../src/learn/clues.ts'
import { matchesOf } from '../../src/learn/overlap.ts'

const SENTENCE = 'The goal was scored by Gauchi , who scores in the third quarter .'.split(' ')
const COMMON = ['the', 'was', 'by', ',', 'in', '.', '?', 'who']
const rarity = (word: string): number => (COMMON.includes(word.toLowerCase()) ? 0.1 : 0.8)

/** The rows of numbers of each word. */
const rowsOf = (numbers: Float64Array, columns: number): number[][] =>
  Array.from({ length: numbers.length / columns }, (_, n) => [
    ...numbers.subarray(n * columns, (n + 1) * columns),
  ])

const sentenceRows = (question: string, words = SENTENCE): number[][] =>
  rowsOf(cluesOf(question.split(' '), words, rarity).sentence, SENTENCE_CLUES)

describe('what a sentence has of a question', () => {
  test('is found in any case, at every place, and little words weigh little', () => {
    const [the, goal] = matchesOf(['Where', 'THE', 'goal'], SENTENCE, rarity)
    expect(the).toMatchObject({ position: 1, positions: [0, 10], likeness: 1, rarity: 0.1 })
    expect(goal).toMatchObject({ position: 2, positions: [1], likeness: 1, rarity: 0.8 })
    expect(goal.weight / the.weight).toBeCloseTo(512, 9)
    expect(the.weight + goal.weight).toBeCloseTo(1, 12)
  })

  test('is the same word where it is there, else words that begin alike', () => {
    expect(matchesOf(['scored'], SENTENCE, rarity)).toMatchObject([{ positions: [3], likeness: 1 }])
    expect(matchesOf(['score'], SENTENCE, rarity)).toMatchObject([
      { positions: [3, 8], likeness: 10 / 11 },
    ])
    expect(matchesOf(['goat'], SENTENCE, rarity)).toMatchObject([
      { positions: [1], likeness: 6 / 8 },
    ])
    expect(matchesOf(['go', 'through', '.', '?'], SENTENCE, rarity)).toEqual([])
  })
})

describe('clues', () => {
  test('are numbers for each word of the question and of the sentence, whatever matches', () => {
    for (const question of [['Who', 'scored', 'the', 'goal', '?'], ['?'], ['Quand', 'donc', '?']]) {
      for (const words of [SENTENCE, ['Oui'], [',', '.']]) {
        const clues = cluesOf(question, words, rarity)
        expect(clues.question).toHaveLength(question.length * QUESTION_CLUES)
        expect(clues.sentence).toHaveLength(words.length * SENTENCE_CLUES)
        expect([...clues.question, ...clues.sentence].every(Number.isFinite)).toBe(true)
      }
    }
  })

  test('tell words at different offsets from what is asked about apart, and words at the same offset alike', () => {
    const words = 'a b c verb d e f'.split(' ')
    const distance = (a: readonly number[], b: readonly number[]): number =>
      a.filter((number, n) => number !== b[n]).length
    const rows = sentenceRows('Who verb ?', words)
    for (const a of rows.keys())
      for (const b of rows.keys())
        if (a !== b) expect(distance(rows[a], rows[b])).toBeGreaterThan(0)
    // the same words one place later: what depends on the match alone moves with it
    const later = sentenceRows('Who verb ?', ['before', ...words])
    const OFFSETS = SENTENCE_CLUES - 7 - 3 * 19
    expect(rows.map((row) => row.slice(OFFSETS))).toEqual(
      later.slice(1).map((row) => row.slice(OFFSETS)),
    )
  })

  test('depend on the question', () => {
    expect(sentenceRows('Who scored ?')).not.toEqual(sentenceRows('What quarter ?'))
  })
})
