import { expect, test } from 'vitest'
import { Lexicon } from '../../src/learn/lexicon.ts'
import { Vocabulary } from '../../src/text/vocabulary.ts'

/** Forms of words that the vocabulary has not that are kept. */
const MOST = 2 ** 15

test('features of other words are let go once they have become too many; those of the vocabulary stay, and equal words are equal within', () => {
  const lexicon = new Lexicon(new Vocabulary(['mer', 'été']), 7)
  const [own, other, capital] = ['mer', 'inconnu', 'Été'].map((word) => lexicon.featuresOf(word))
  for (let n = 2; n < MOST; n++) lexicon.featuresOf(`autre${n}`)
  lexicon.forget()
  // as many as are kept
  expect([lexicon.featuresOf('inconnu'), lexicon.featuresOf('Été')]).toEqual([other, capital])
  expect(lexicon.featuresOf('inconnu')).toBe(other)
  lexicon.featuresOf('une de plus')
  expect(lexicon.featuresOf('inconnu')).toBe(other)
  lexicon.forget()
  expect(lexicon.featuresOf('inconnu')).not.toBe(other)
  expect(lexicon.featuresOf('inconnu')).toEqual(other)
  expect(lexicon.featuresOf('Été')).toEqual(capital)
  expect(lexicon.featuresOf('mer')).toBe(own)
})
