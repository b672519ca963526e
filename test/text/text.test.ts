import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LONGEST_LINE, linesOf } from '../../src/text/decode.ts'
import { bucketsOf, SHAPES, shapeOf } from '../../src/text/letters.ts'
import { sentencesOf } from '../../src/text/sentences.ts'
import { tokenize } from '../../src/text/tokens.ts'
import { countWords, Vocabulary } from '../../src/text/vocabulary.ts'

const words = (text: string): string[] => tokenize(text, 'words').map(({ token }) => token)

describe('a text is cut into words and signs', () => {
  test.each([
    ['Tom a été entarté cet été', ['Tom', 'a', 'été', 'entarté', 'cet', 'été']],
    ['L’été, c’est bien.', ['L’', 'été', ',', 'c’', 'est', 'bien', '.']],
    [
      "l'eau et d'ici jusqu'à Qu'il puisqu’elle",
      ["l'", 'eau', 'et', "d'", 'ici', "jusqu'", 'à', "Qu'", 'il', 'puisqu’', 'elle'],
    ],
    ['aujourd’hui presqu’île entr’ouvert', ['aujourd’hui', 'presqu’île', 'entr’ouvert']],
    ["don't Anna’s o'clock", ["don't", 'Anna’s', "o'clock"]],
    ['j’n’ai s’en qu’l’on', ['j’', 'n’', 'ai', 's’', 'en', 'qu’', 'l’', 'on']],
    ['l’«été»', ['l’', '«', 'été', '»']],
    ['3,14 1.000 vers 18h30 (A4)', ['3,14', '1.000', 'vers', '18h30', '(', 'A4', ')']],
    ['Qu’est-il arrivé à Tom ?', ['Qu’', 'est', '-', 'il', 'arrivé', 'à', 'Tom', '?']],
    ['naïve 東京へ मानक 👩‍🚀🇫🇷!', ['naïve', '東', '京', 'へ', 'मानक', '👩‍🚀', '🇫🇷', '!']],
    ['', []],
    [' \t\n', []],
  ])('%s', (text, expected) => {
    expect(words(text)).toEqual(expected)
  })
})

const anyText = fc.string({
  unit: fc.constantFrom(
    ..."aéÉzl’'dqu «».,?!3 \n-",
    'e\u0301',
    '👩‍🚀',
    '東',
    'jusqu’',
    'aujourd’hui ',
  ),
})

test('places cut the original text, and between tokens there are only blanks', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      let last = 0
      for (const { token, start, end } of tokenize(text, 'words')) {
        expect(text.slice(last, start).trim()).toBe('')
        expect(text.slice(start, end).normalize('NFC')).toBe(token)
        last = end
      }
      expect(text.slice(last).trim()).toBe('')
    }),
    { seed: 1, numRuns: 500 },
  )
})

test('composed and decomposed texts have the same tokens', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(words(text.normalize('NFD'))).toEqual(words(text.normalize('NFC')))
    }),
    { seed: 2, numRuns: 500 },
  )
})

test('a text that is cut already is cut at its blanks alone', () => {
  expect(tokenize(' l’été  a\tété. ', 'space')).toEqual([
    { token: 'l’été', start: 1, end: 6 },
    { token: 'a', start: 8, end: 9 },
    { token: 'été.', start: 10, end: 14 },
  ])
})

describe('sentences', () => {
  test('are lines, blanks left out, with their places', () => {
    expect(sentencesOf('Un.\n\n  Deux \r\nTrois')).toEqual([
      { text: 'Un.', start: 0 },
      { text: 'Deux', start: 7 },
      { text: 'Trois', start: 14 },
    ])
  })

  test('end by themselves under auto, but not after an abbreviation or an initial', () => {
    const text = 'M. Dupont est venu. « Quoi ? » Il dort… Mme J. Petit aussi! vers 3.5 km. Et toi'
    expect(sentencesOf(text, 'auto').map((sentence) => sentence.text)).toEqual([
      'M. Dupont est venu.',
      '« Quoi ? »',
      'Il dort…',
      'Mme J. Petit aussi! vers 3.5 km.',
      'Et toi',
    ])
  })
})

const linesIn = async (...pieces: (string | Uint8Array)[]): Promise<string[]> => {
  const lines: string[] = []
  for await (const { text } of linesOf(pieces, 'file')) lines.push(text)
  return lines
}
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('a stream is read as lines of UTF-8', () => {
  test('whatever its pieces and line ends', async () => {
    const whole = bytes('\uFEFFété\r\nl’an\rdeux\n\nfin')
    const pieces = Array.from(whole, (_, n) => whole.subarray(n, n + 1))
    expect(await linesIn(...pieces)).toEqual(['été', 'l’an', 'deux', '', 'fin'])
    expect(await linesIn('a\nb', 'c\n')).toEqual(['a', 'bc'])
    expect(await linesIn()).toEqual([])
  })

  test.each<[string, Uint8Array, string]>([
    [
      'Latin-1',
      Uint8Array.from([...bytes('un\ndeux '), 0xe9, 0x74, 0xe9]),
      'file: line 2 is not UTF-8 (perhaps Latin-1 or Windows-1252); convert the file to UTF-8',
    ],
    [
      'UTF-16',
      Uint8Array.from([0xff, 0xfe, 0x61, 0]),
      'file: line 1 is not UTF-8 (it looks like UTF-16); convert the file to UTF-8',
    ],
    [
      'a cut letter',
      bytes('été').subarray(0, 4),
      'file: line 1 is not UTF-8 (perhaps Latin-1 or Windows-1252); convert the file to UTF-8',
    ],
    ['NUL', bytes('a\0b'), 'file: line 1 holds a NUL character; this is not plain text'],
    [
      'a huge line',
      bytes(`a\n${'b'.repeat(LONGEST_LINE + 1)}`),
      `file: line 2 has more than ${LONGEST_LINE} bytes; put each sentence on a line of its own`,
    ],
  ])('and refuses %s', async (_name, content, message) => {
    await expect(linesIn(content)).rejects.toThrow(new RangeError(message))
  })
})

describe('a vocabulary', () => {
  test('holds the commonest words first, equals by code point, rare ones not', () => {
    const counts = countWords(words('b a c a b d é a'))
    expect(Vocabulary.of(counts).words).toEqual(['a', 'b', 'c', 'd', 'é'])
    expect(Vocabulary.of(counts, 2).words).toEqual(['a', 'b'])
  })

  test('gives every word its number and no other word one', () => {
    const vocabulary = new Vocabulary(['a', 'été'])
    expect([vocabulary.numberOf('été'), vocabulary.numberOf('toString'), vocabulary.size]).toEqual([
      1,
      undefined,
      2,
    ])
  })

  test('grows without moving its words', () => {
    expect(new Vocabulary(['x', 'a']).grown(countWords(['b', 'a', 'c', 'c'])).words).toEqual([
      'x',
      'a',
      'c',
      'b',
    ])
  })

  test('refuses a word that comes twice', () => {
    expect(() => new Vocabulary(['a', 'a'])).toThrow('Vocabulary: every word must come once')
  })
})

describe('letters', () => {
  test('give every word buckets below the bound, the last for its shape', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (word) => {
        const found = bucketsOf(word, 2048)
        expect(new Set(found).size).toBe(found.length)
        expect(found.at(-1)).toBe(2048 + shapeOf(word))
        expect(found.every((bucket) => bucket >= 0 && bucket < 2048 + SHAPES.length)).toBe(true)
      }),
      { seed: 3 },
    )
  })

  test('of words with the same stem are partly the same', () => {
    const shared = (a: string, b: string): number =>
      bucketsOf(a, 100003).filter((bucket) => bucketsOf(b, 100003).includes(bucket)).length
    expect(shared('entarté', 'entartée')).toBeGreaterThan(8)
    expect(shared('entarté', 'fenêtre')).toBeLessThan(4)
  })

  test('tell capitals, digits and signs by shape', () => {
    expect(['Été', 'été', '1998', '?', '東'].map((word) => SHAPES[shapeOf(word)])).toEqual([
      'Capital',
      'lower',
      'digit',
      'other',
      'lower',
    ])
  })
})
