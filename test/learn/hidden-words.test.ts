import { describe, expect, test } from 'vitest'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { type Form, Lexicon } from '../../src/learn/forms.ts'
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
  words.map((word, place) => ({ text, place, word: lexicon.formOf(word).word })),
)
const STEPS = 1500
const sample = () => TEXTS.map((words) => ({ forms: words.map((word) => lexicon.formOf(word)) }))

/** What each step reads, and the places that it asks about. */
function drawn(hide: number | undefined, seed = 11) {
  const prediction = predictionOf(seed)
  const objective =
    hide === undefined ? hiddenWords(prediction, sample) : hiddenWords(prediction, sample, hide)
  return Array.from({ length: STEPS }, (_, step) => {
    const { texts, asked = [] } = objective.draw(step + 1)
    return {
      texts: texts as (readonly Form[])[],
      asked: asked as readonly { text: number; place: number; word: number }[],
    }
  })
}

const expectNear = (found: number, expected: number): void =>
  expect(Math.abs(found - expected)).toBeLessThan(0.02)
const KNOWN = PLACES.filter(({ word }) => word >= 0)

describe('hidden words', () => {
  const steps = drawn(0.3)

  test('are as many of the words as asked for at every place, one by one', () => {
    for (const { text, place } of KNOWN) {
      const count = steps.filter(({ asked }) =>
        asked.some((one) => one.text === text && one.place === place),
      ).length
      expect(Math.abs(count / STEPS - 0.3)).toBeLessThan(0.05)
    }
  })

  test('are .15 of them unless told, and none where none shall be', () => {
    const count = (hide: number | undefined): number =>
      drawn(hide).reduce((sum, { asked }) => sum + asked.length, 0) / (STEPS * KNOWN.length)
    expectNear(count(undefined), 0.15)
    expect(count(0)).toBe(0)
  })

  test('are those that stand there, and none that the vocabulary has not', () => {
    for (const { asked } of steps)
      for (const one of asked)
        expect(KNOWN).toContainEqual({ text: one.text, place: one.place, word: one.word })
  })

  test('are behind the hidden sign in 85 of 100 cases, the others as they are; all other words stay', () => {
    let [behind, all] = [0, 0]
    for (const { texts, asked } of steps)
      for (const { text, place } of PLACES) {
        const form = texts[text][place]
        const own = lexicon.formOf(TEXTS[text][place])
        if (asked.some((one) => one.text === text && one.place === place)) {
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

test('next words are told at every place whose next word the vocabulary has, by that word', () => {
  const { texts, asked = [] } = nextWords(predictionOf(11), sample).draw(1)
  expect(texts).toEqual(sample().map(({ forms }) => forms))
  const expected = KNOWN.filter(({ place }) => place > 0).map(({ text, place, word }) => ({
    text,
    place: place - 1,
    word,
  }))
  expect(asked).toEqual(expected)
})
