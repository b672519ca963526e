import { describe, expect, test } from 'vitest'
import { ReferenceDevice } from '../../src/device/reference.ts'
import type { WordFeatures } from '../../src/layer/embeddings.ts'
import { Asking } from '../../src/learn/asking.ts'
import { Lexicon } from '../../src/learn/lexicon.ts'
import { type Question, questions } from '../../src/learn/questions.ts'
import { Vocabulary } from '../../src/text/vocabulary.ts'

// Of some words of a question and of its sentence the shape alone is read, so that no answer is
// learned by heart.

const DROP = 0.42
const STEPS = 1500
/** A word is frequent where it occurs more than 20 times. */
const COUNTS = { frequent: 21, rare: 20, seldom: 2 }
const SENTENCES = [
  ['frequent', 'rare', 'seldom', 'frequent', 'rare'],
  ['rare', 'frequent', 'rare', 'seldom', 'rare', 'seldom', 'rare'],
  ['frequent', 'Inconnu', 'rare'],
]
const ASKED = ['frequent', 'rare', 'seldom', 'Frequent', 'Rare']

const device = new ReferenceDevice({ dtype: 'float64' })
const lexicon = new Lexicon(new Vocabulary(Object.keys(COUNTS)), 13)

/**
 * The features of all texts in each of many steps: those of the sentences, then those of the
 * questions.
 */
function drawn(identityDrop: number | undefined, seed = 11): (readonly WordFeatures[])[][] {
  const asking = new Asking({ width: 3, dModel: 5, dKey: 2 }, { device, seed })
  const groups = SENTENCES.map((words): Question[] => [
    { words, question: ASKED, start: 0, end: 1 },
  ])
  const options = {
    sample: () => groups,
    counts: Object.values(COUNTS),
    ...(identityDrop === undefined ? {} : { identityDrop }),
  }
  const objective = questions(asking, lexicon, options)
  return Array.from(
    { length: STEPS },
    (_, step) => objective.draw(step + 1).texts as (readonly WordFeatures[])[],
  )
}

const isDropped = (form: WordFeatures, word: string): boolean =>
  form === lexicon.shapeOf(word) && lexicon.queryFeaturesOf(word) !== form

/**
 * Shares of the words of some texts that were dropped, those that pass a test, one share for each
 * text and step.
 */
function shares(
  steps: readonly (readonly WordFeatures[])[][],
  texts: readonly (readonly string[])[],
  first: number,
  which: (word: string) => boolean,
) {
  return steps.flatMap((features) =>
    texts.map((words, n) => {
      const places = words.flatMap((word, place) => (which(word.toLowerCase()) ? [place] : []))
      return (
        places.filter((place) => isDropped(features[first + n][place], words[place])).length /
        places.length
      )
    }),
  )
}

const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, x) => sum + x, 0) / numbers.length
const variance = (numbers: readonly number[]): number =>
  mean(numbers.map((x) => (x - mean(numbers)) ** 2))

const expectNear = (found: number, expected: number): void =>
  expect(Math.abs(found - expected)).toBeLessThan(0.015)

const isRare = (word: string): boolean => word === 'rare' || word === 'seldom'
const isFrequent = (word: string): boolean => word === 'frequent'
const QUESTIONS = SENTENCES.map(() => ASKED)

describe('where questions are learned, the shape alone is read', () => {
  const steps = drawn(DROP)

  test('of as many rare words of a sentence as asked for', () => {
    expectNear(mean(shares(steps, SENTENCES, 0, isRare)), DROP)
  })

  test('of a seventh as many of its frequent words', () => {
    expectNear(mean(shares(steps, SENTENCES, 0, isFrequent)), DROP / 7)
  })

  test('of five sevenths as many of the rare words of a question, and of no frequent one', () => {
    expectNear(mean(shares(steps, QUESTIONS, SENTENCES.length, isRare)), (5 / 7) * DROP)
    expect(mean(shares(steps, QUESTIONS, SENTENCES.length, isFrequent))).toBe(0)
  })

  test('at a rate of its own in each sentence: from none of its rare words to twice as many as asked for', () => {
    const long = [SENTENCES[1]]
    const found = steps.map((features) => shares([[features[1]]], long, 0, isRare)[0])
    // a uniform rate r in [0, 2p]: Var = E[r(1 − r)]/6 + p²/3 for six words
    const p = DROP
    expectNear(variance(found), (p - p * p - (p * p) / 3) / 6 + (p * p) / 3)
  })

  test('of .7 of the rare words, by default; of none, where none is asked for', () => {
    expectNear(mean(shares(drawn(undefined), SENTENCES, 0, isRare)), 0.7)
    const none = drawn(0)
    for (const which of [isRare, isFrequent])
      expect(mean(shares(none, [...SENTENCES, ...QUESTIONS], 0, which))).toBe(0)
  })

  test('of a word that the vocabulary has not, always', () => {
    for (const features of steps) expect(features[2][1]).toBe(lexicon.shapeOf('Inconnu'))
  })

  test('of the same words for the same seed and step, of others at another', () => {
    expect(drawn(DROP)).toEqual(steps)
    expect(drawn(DROP, 12)).not.toEqual(steps)
    expect(steps[1]).not.toEqual(steps[0])
  })
})
