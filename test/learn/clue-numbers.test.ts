import { describe, expect, test } from 'vitest'
import { cluesOf, SENTENCE_CLUES } from '../../src/learn/clues.ts'
import { matchesOf } from '../../src/learn/overlap.ts'

const OWN = 12
/** Offsets that are told apart: 0, 1 … 6, 7 to 9, 10 to 14, 15 and more, on either side. */
const CLASSES = [0, 1, 2, 3, 4, 5, 6, 7, 7, 7, 8, 8, 8, 8, 8, 9, 9, 9]
const SIDE = 9
const rarityOf = (word: string): number => ({ le: 0.1, moulin: 0.9, tourne: 0.5 })[word] ?? 0.2

/**
 * The numbers of one anchor, of all words of the sentence: all matches (0), the first rare one (1),
 * the last (2).
 */
function offsetsOf(question: string, sentence: string, anchor: number): number[][] {
  const words = sentence.split(' ')
  const { sentence: clues } = cluesOf(question.split(' '), words, rarityOf)
  return words.map((_, n) => {
    const from = n * SENTENCE_CLUES + OWN + anchor * (2 * SIDE + 1)
    return [...clues.subarray(from, from + 2 * SIDE + 1)]
  })
}
const oneAt = (place: number): number[] =>
  Array.from({ length: 2 * SIDE + 1 }, (_, n) => (n === place ? 1 : 0))

describe('offsets to a match', () => {
  const before = Array.from({ length: 17 }, (_, n) => `a${n}`)
  const after = Array.from({ length: 17 }, (_, n) => `b${n}`)

  test('have a number each up to 6, then one for 7 to 9, for 10 to 14 and for more, on either side', () => {
    const rows = offsetsOf('quel moulin', [...before, 'moulin', ...after].join(' '), 2)
    rows.forEach((row, n) => {
      const offset = n - 17
      expect(row).toEqual(oneAt(SIDE + Math.sign(offset) * CLASSES[Math.abs(offset)]))
    })
  })

  test('count from all matches by their weights, from the first rare one, and from the last', () => {
    const [question, sentence] = ['le moulin tourne', 'le vieux moulin tourne']
    const [le, moulin, tourne] = matchesOf(question.split(' '), sentence.split(' '), rarityOf)
    expect([le, moulin, tourne].map(({ positions: places }) => places)).toEqual([[0], [2], [3]])
    // «vieux»: 1 after «le», 1 before «moulin», 2 before «tourne»
    const all = offsetsOf(question, sentence, 0)[1]
    expect([all[SIDE + 1], all[SIDE - 1], all[SIDE - 2]]).toEqual([
      le.weight,
      moulin.weight,
      tourne.weight,
    ])
    expect(offsetsOf(question, sentence, 1)[1]).toEqual(oneAt(SIDE - 1))
    expect(offsetsOf(question, sentence, 2)[1]).toEqual(oneAt(SIDE - 2))
  })

  test('count from the first match where none is rare', () => {
    expect(offsetsOf('le x', 'le vieux x', 1)[1]).toEqual(oneAt(SIDE + 1))
  })
})

test('a match weighs by its likeness and the cube of its rarity', () => {
  const [le, moulin] = matchesOf(['le', 'moulins'], ['le', 'moulin'], rarityOf)
  // «moulins» is of the rarity of words that are not known
  expect(moulin.likeness).toBeCloseTo(12 / 13, 12)
  expect(moulin.weight / le.weight).toBeCloseTo((12 / 13) * (0.2 / 0.1) ** 3, 9)
})

test.each([
  ['abc', 'abd', 0],
  ['abcd', 'abce', 0.75],
  ['abcxy', 'abcde', 0.6],
  ['abcxyz', 'abcdef', 0],
  ['ab', 'ab', 1],
  ['.', '.', 0],
])('%s and %s are alike by %d', (a, b, likeness) => {
  const [match] = matchesOf([a], [b], () => 0.5)
  expect(match?.likeness ?? 0).toBeCloseTo(likeness, 12)
})
