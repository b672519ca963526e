import { expect, test } from 'vitest'
import { Lexicon } from '../../src/learn/forms.ts'
import { Vocabulary } from '../../src/text/vocabulary.ts'

/** Forms of words that the vocabulary has not that are kept. */
const MOST = 2 ** 15

test('forms of other words are let go once they have become too many; those of the vocabulary stay, and equal words are equal within', () => {
  const lexicon = new Lexicon(new Vocabulary(['mer', 'été']), 7)
  const [own, other, capital] = ['mer', 'inconnu', 'Été'].map((word) => lexicon.formOf(word))
  for (let n = 2; n < MOST; n++) lexicon.formOf(`autre${n}`)
  lexicon.forget()
  // as many as are kept
  expect([lexicon.formOf('inconnu'), lexicon.formOf('Été')]).toEqual([other, capital])
  expect(lexicon.formOf('inconnu')).toBe(other)
  lexicon.formOf('une de plus')
  expect(lexicon.formOf('inconnu')).toBe(other)
  lexicon.forget()
  expect(lexicon.formOf('inconnu')).not.toBe(other)
  expect(lexicon.formOf('inconnu')).toEqual(other)
  expect(lexicon.formOf('Été')).toEqual(capital)
  expect(lexicon.formOf('mer')).toBe(own)
})
