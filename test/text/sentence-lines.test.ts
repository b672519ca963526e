import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Corpus } from '../../src/text/corpus.ts'
import type { Line } from '../../src/text/decode.ts'
import { sentenceLines, sentencesOf } from '../../src/text/sentences.ts'

const linesOf = (text: string): Line[] =>
  text.split('\n').map((line, n) => ({ text: line, number: n + 1 }))
const sentencesIn = async (lines: Iterable<Line>): Promise<Line[]> => {
  const sentences: Line[] = []
  for await (const line of sentenceLines(lines, 'auto')) sentences.push(line)
  return sentences
}
const textsIn = async (text: string): Promise<string[]> =>
  (await sentencesIn(linesOf(text))).map((line) => line.text)

const WRAPPED = `It was the best
of times, it was
the worst of times.

  An indented line begins
another paragraph.
`

describe('sentences of a stream of lines', () => {
  test('have the number of the line in which they begin', async () => {
    expect(await sentencesIn(linesOf(`${WRAPPED}\nOne. Two\nand three. Four\nfive.`))).toEqual([
      { number: 1, text: 'It was the best of times, it was the worst of times.' },
      { number: 5, text: 'An indented line begins another paragraph.' },
      { number: 8, text: 'One.' },
      { number: 8, text: 'Two and three.' },
      { number: 9, text: 'Four five.' },
    ])
  })

  test('are what the corpus holds', async () => {
    const sources = [{ name: 'wrapped.txt', stream: [WRAPPED] }]
    const sizes = async (rules: object) =>
      (await Corpus.read(sources, rules)).sentences.map(({ length }) => length)
    expect(await sizes({ sentences: 'auto' })).toEqual([14, 7])
    expect(await sizes({})).toEqual([4, 5, 5, 4, 3])
  })

  test('are the lines themselves where each line is one', async () => {
    const lines = linesOf(' One. Two\nthree\n\n')
    const given: Line[] = []
    for await (const line of sentenceLines(lines)) given.push(line)
    expect(given).toEqual(lines)
  })

  test('are cut out of a paragraph with words, whose offsets go along', async () => {
    const text = 'M. Leroy dort . Il rêve ! Non'
    const words = [...text.matchAll(/M\.|\p{L}+|\S/gu)].map(({ 0: token, index }) => ({
      ...{ token, lemma: token.toLowerCase() },
      ...{ start: index, end: index + token.length },
    }))
    const line = { text, words, number: 3, metadata: { title: 'x' } }
    const cut = await sentencesIn([{ ...line, paragraph: true }])
    expect(cut.map((one) => one.text)).toEqual(['M. Leroy dort .', 'Il rêve !', 'Non'])
    for (const { text, words = [], ...rest } of cut) {
      expect(rest).toEqual({ number: 3, metadata: { title: 'x' }, paragraph: true })
      expect(words.map(({ start, end }) => text.slice(start, end))).toEqual(
        words.map(({ token }) => token),
      )
    }
    expect(cut.flatMap(({ words = [] }) => words.map(({ lemma }) => lemma))).toEqual(
      words.map(({ lemma }) => lemma),
    )
    expect(await sentencesIn([line])).toEqual([line])
  })

  test('end where metadata change or words are given, and keep both', async () => {
    const metadata = { author: 'Anon' }
    const words = [{ token: 'cut', start: 0, end: 3 }]
    expect(
      await sentencesIn([
        { text: 'it goes', number: 1, metadata },
        { text: 'on', number: 2, metadata: { ...metadata } },
        { text: 'another', number: 3, metadata: { author: 'Other' } },
        { text: 'cut', number: 4, words },
        { text: 'rest', number: 5 },
      ]),
    ).toEqual([
      { text: 'it goes on', number: 1, metadata },
      { text: 'another', number: 3, metadata: { author: 'Other' } },
      { text: 'cut', number: 4, words },
      { text: 'rest', number: 5 },
    ])
  })

  test('are never joined from lines that are paragraphs by themselves', async () => {
    const cells = ['no end', 'One. two', 'and small'].map((text, n) => ({
      ...{ text, number: n + 1 },
      paragraph: true,
    }))
    const texts = (await sentencesIn([...cells, { text: 'line', number: 4 }])).map(
      ({ text }) => text,
    )
    expect(texts).toEqual(['no end', 'One. two', 'and small', 'line'])
  })

  test('know a hyphenated word from the window before and the one after', async () => {
    const filler = Array.from({ length: 1100 }, (_, n) => `some words ${n} of a`).join('\n')
    expect((await textsIn(`an example\n${filler}\n\nexam-\nple`)).at(-1)).toBe('example')
    expect((await textsIn(`exam-\nple\n\n${filler}\nan example`))[0]).toBe('example')
    expect((await textsIn(`exam-\nple\n\n${filler}`))[0]).toBe('exam-ple')
  })

  test('of a paragraph that never ends come before it does, in order and whole', async () => {
    let read = 0
    const endless = function* (): Generator<Line> {
      for (let number = 1; number <= 20_000; number++) {
        read = number
        yield { text: `sentence ${number}. The`, number }
      }
    }
    const sentences: string[] = []
    for await (const { text } of sentenceLines(endless(), 'auto')) {
      if (sentences.length === 0) expect(read).toBeLessThan(10_000)
      sentences.push(text)
    }
    expect(sentences.join(' ')).toBe([...endless()].map(({ text }) => text).join(' '))
  })
})

test('a line of 900 000 marks that end nothing is read in time', () => {
  const text = 'z. '.repeat(300_000).trim()
  expect(sentencesOf(text, 'auto')).toEqual([{ text, start: 0 }])
})

describe('lines that are paragraphs', () => {
  const paragraph = `${'Il marchait dans la ville sans rien voir. '.repeat(5)}Il rentra`
  test('are not joined where they are longer than anyone wraps', async () => {
    expect((await textsIn(`${paragraph}\nUn titre\nUn autre\n${paragraph}`)).slice(5, 9)).toEqual([
      'Il rentra',
      'Un titre',
      'Un autre',
      'Il marchait dans la ville sans rien voir.',
    ])
  })

  test('are not joined where nearly all of many end sentences', async () => {
    const lines = Array.from({ length: 24 }, (_, n) =>
      n % 6 === 5 ? 'Un titre' : `Il vint ${n} !`,
    )
    expect(await textsIn(lines.join('\n'))).toEqual(lines)
  })

  test('are joined if a long one stands among many that are wrapped', async () => {
    const wrapped = 'the lines of this text are\nwrapped\n'.repeat(12)
    const texts = await textsIn(`${wrapped}${paragraph}\n${wrapped}`)
    expect(texts[0]).toBe(wrapped.replaceAll('\n', ' ').trim())
    expect(texts).toHaveLength(8)
  })
})

const anyText = fc.string({
  unit: fc.constantFrom(
    ...'aéÉzM.1!?…。;»«"’-—,(\u00ad\u2028あ',
    ' ',
    '\n',
    '\n\n',
    '\n  ',
    'M. ',
    'z. B. ',
    '. A',
    'word-\nword',
    '1. ',
  ),
})
const signsOf = (text: string): string => text.replace(/[\s\u00ad-]/gu, '')

describe('whatever the text, its sentences', () => {
  test('hold all of it but blanks and hyphens at line ends, and none is empty', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const sentences = sentencesOf(text, 'auto')
        expect(signsOf(sentences.map((sentence) => sentence.text).join(''))).toBe(signsOf(text))
        let last = -1
        for (const sentence of sentences) {
          expect(sentence.text).toMatch(/\S/)
          expect(sentence.text).toBe(sentence.text.trim())
          expect(sentence.text).not.toMatch(/[\n\r\u2028]/)
          expect(sentence.text[0]).toBe(text[sentence.start])
          expect(sentence.start).toBeGreaterThan(last)
          last = sentence.start
        }
      }),
      { seed: 1, numRuns: 2000 },
    )
  })

  test('are the same whatever ends its lines, and those of its lines', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const texts = sentencesOf(text, 'auto').map((sentence) => sentence.text)
        for (const end of ['\r\n', '\r'])
          expect(sentencesOf(text.replaceAll('\n', end), 'auto').map((s) => s.text)).toEqual(texts)
        const lines = await sentencesIn(linesOf(text))
        expect(lines.map((line) => line.text)).toEqual(texts)
      }),
      { seed: 1, numRuns: 1000 },
    )
  })
})
