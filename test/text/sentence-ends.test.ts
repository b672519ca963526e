import { describe, expect, test } from 'vitest'
import { sentencesOf } from '../../src/text/sentences.ts'

const ABBREVIATIONS = 'M Mme Mlle MM Dr Pr St Ste Mr Mrs Ms Prof cf p pp vol art vs J É'.split(' ')
const textsOf = (text: string): string[] =>
  sentencesOf(text, 'auto').map((sentence) => sentence.text)

describe('found by their ends, a sentence', () => {
  test.each(ABBREVIATIONS)('goes on behind %s. wherever it stands', (short) => {
    for (const before of ['', 'Elle a vu ', 'Là (', 'Il dit : «', '"', '“'])
      expect(textsOf(`${before}${short}. Dupont vint. Elle part.`)).toEqual([
        `${before}${short}. Dupont vint.`,
        'Elle part.',
      ])
  })

  test.each([..."'’ʼ′´‘"])('goes on behind an elided form with %s', (one) => {
    expect(textsOf(`Il a dit qu${one}Mme. Dupont vint. Elle part.`)).toEqual([
      `Il a dit qu${one}Mme. Dupont vint.`,
      'Elle part.',
    ])
  })

  test.each(['vit', 'mer', 'va', 'profs', 'Chap', 'émit', 'DrM', 'l’art', 'camp', 'Mmes', 'etc'])(
    'ends behind %s., which only looks like one',
    (word) => {
      expect(textsOf(`Il ${word}. Dupont part.`)).toEqual([`Il ${word}.`, 'Dupont part.'])
    },
  )

  test.each(ABBREVIATIONS)('ends behind %s where another mark than one point ends it', (short) => {
    for (const mark of ['!', '?', '…', '..', '?!'])
      expect(textsOf(`Oui, ${short}${mark} Elle part.`)).toEqual([
        `Oui, ${short}${mark}`,
        'Elle part.',
      ])
  })

  test('ends before a capital or a digit, with what closes it, and before nothing else', () => {
    expect(
      textsOf(
        'Il dit : « Oui. » Elle part (« enfin ! »). 3 mois passent. et puis rien. « Non. » – Si.',
      ),
    ).toEqual([
      'Il dit : « Oui. »',
      'Elle part (« enfin ! »).',
      '3 mois passent. et puis rien.',
      '« Non. »',
      '– Si.',
    ])
  })

  test('begins where it stands in the text', () => {
    const text = '  Il va. Elle dort !  M. Dupont  '
    for (const { text: sentence, start } of sentencesOf(text, 'auto'))
      expect(text.slice(start, start + sentence.length)).toBe(sentence)
    expect(sentencesOf(text, 'auto').map(({ start }) => start)).toEqual([2, 9, 22])
  })
})
