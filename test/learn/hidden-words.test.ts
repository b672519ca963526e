import { describe, expect, test } from 'vitest'
import { ReferenceDevice } from '../../src/device/reference.ts'
import type { WordFeatures } from '../../src/layer/embeddings.ts'
import { Lexicon } from '../../src/learn/lexicon.ts'
import { hiddenWords, nextWords, WordPrediction } from '../../src/learn/words.ts'
import { Vocabulary } from '../../src/text/vocabulary.ts'

const device = new ReferenceDevice({ dtype: 'float64' })
const lexicon = new Lexicon(new Vocabulary(['le', 'moulin', 'vieux', 'dort']), 13)
const predictionOf = (seed: number) =>
  new WordPrediction(
    { width: 3, dModel: 5 },
    lexicon,
    { counts: [7, 3, 2, 1], candidates: 9 },
    { device, seed },
  )

const TEXTS = ['le vieux moulin dort', 'le inconnu dort', 'moulin inconnu le le vieux dort le'].map(
  (text) => text.split(' '),
)
const PLACES = TEXTS.flatMap((words, text) =>
  words.map((word, position) => ({ text, position, word: lexicon.featuresOf(word).word })),
)
const STEPS = 1500
const sample = () =>
  TEXTS.map((words) => ({ features: words.map((word) => lexicon.featuresOf(word)) }))

/** What each step reads, and the places that it asks about. */
function drawn(hide: number | undefined, seed = 11) {
  const prediction = predictionOf(seed)
  const objective =
    hide === undefined ? hiddenWords(prediction, sample) : hiddenWords(prediction, sample, hide)
  return Array.from({ length: STEPS }, (_, step) => {
    const { texts, positions: targets = [] } = objective.draw(step + 1)
    return {
      texts: texts as (readonly WordFeatures[])[],
      targets: targets as readonly { text: number; position: number; word: number }[],
    }
  })
}

const expectNear = (found: number, expected: number): void =>
  expect(Math.abs(found - expected)).toBeLessThan(0.02)
const KNOWN = PLACES.filter(({ word }) => word >= 0)

describe('hidden words', () => {
  const steps = drawn(0.3)

  test('are as many of the words as asked for at every position, one by one', () => {
    for (const { text, position } of KNOWN) {
      const count = steps.filter(({ targets }) =>
        targets.some((one) => one.text === text && one.position === position),
      ).length
      expect(Math.abs(count / STEPS - 0.3)).toBeLessThan(0.05)
    }
  })

  test('are .15 of them by default, and none where none shall be', () => {
    const count = (hide: number | undefined): number =>
      drawn(hide).reduce((sum, { targets }) => sum + targets.length, 0) / (STEPS * KNOWN.length)
    expectNear(count(undefined), 0.15)
    expect(count(0)).toBe(0)
  })

  test('are those that stand there, and none that the vocabulary has not', () => {
    for (const { targets } of steps)
      for (const one of targets)
        expect(KNOWN).toContainEqual({ text: one.text, position: one.position, word: one.word })
  })

  test('are behind the hidden sign in 85 of 100 cases, the others as they are; all other words stay', () => {
    let [behind, all] = [0, 0]
    for (const { texts, targets } of steps)
      for (const { text, position } of PLACES) {
        const form = texts[text][position]
        const own = lexicon.featuresOf(TEXTS[text][position])
        if (targets.some((one) => one.text === text && one.position === position)) {
          all++
          if (form === lexicon.hidden) behind++
          else expect(form).toBe(own)
        } else expect(form).toBe(own)
      }
    expectNear(behind / all, 0.85)
  })

  test('are the same for the same seed and step, others at another', () => {
    expect(drawn(0.3)).toEqual(steps)
    expect(drawn(0.3, 12)).not.toEqual(steps)
    expect(steps[1]).not.toEqual(steps[0])
  })
})

test('next words are predicted at every position whose next word the vocabulary has, by that word', () => {
  const { texts, positions: targets = [] } = nextWords(predictionOf(11), sample).draw(1)
  expect(texts).toEqual(sample().map(({ features }) => features))
  const expected = KNOWN.filter(({ position }) => position > 0).map(({ text, position, word }) => ({
    text,
    position: position - 1,
    word,
  }))
  expect(targets).toEqual(expected)
})
