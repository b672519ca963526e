import { expect, test } from 'vitest'
import { openDevice } from '../../src/device/open.ts'
import { learn, learnClasses, type TextInput } from '../../src/index.ts'
import { Sha256 } from '../../src/io/sha256.ts'
import type { LearnOptions } from '../../src/model/learn-options.ts'
import type { LearnText } from '../../src/model/run.ts'

// Words that were cut before: with offsets of their own, and in lines that learning reads.

const device = await openDevice({ device: 'reference' })
const SMALL: LearnOptions = {
  ...{ width: 6, query: 4, key: 4, value: 6, heads: 2, buckets: 31, device },
  ...{ steps: 2, minCount: 1, heldOut: 0, languages: ['fr'] },
}
const TEXT = "L'été du lac est long\nLes tours sont hautes\n"
const model = await learn(TEXT, SMALL)
const LINE = 'Le tour du   lac .'
const TOKENS = [
  { token: 'Le', start: 0, end: 2 },
  { token: 'tour', start: 3, end: 7, lemma: 'tour' },
  { token: 'lac', start: 13, end: 16 },
]

test('tokens keep their offsets, and whatever else is said of them', () => {
  expect(model.tokenize(TOKENS)).toEqual(TOKENS)
  expect(model.tokenize(model.tokenize(LINE))).toEqual(model.tokenize(LINE))
  expect(model.tokenize([{ token: 'été'.normalize('NFD'), start: 5, end: 10 }])).toEqual([
    { token: 'été', start: 5, end: 10 },
  ])
})

test('tokens are read as their strings are', async () => {
  const words = TOKENS.map(({ token }) => token)
  const [own, others] = await model.embed([TOKENS, words])
  expect(own.map(({ vector }) => vector)).toEqual(others.map(({ vector }) => vector))
  expect(own.map(({ start, end }) => LINE.slice(start, end))).toEqual(words)
  expect((await model.attend(TOKENS)).weights.data).toEqual(
    (await model.attend(words)).weights.data,
  )
  expect((await model.ask(TOKENS, 'Quel tour ?')).tokens).toEqual(TOKENS)
  const [near] = await model.near({ text: 'le lac', at: 1 }, [TOKENS], { count: 1 })
  expect(near.tokens).toEqual(TOKENS)
})

test.each<[string, unknown, string]>([
  [
    'an end before its start',
    [{ token: 'a', start: 3, end: 2 }],
    'Model: a token has offsets 0 ≤ start ≤ end, got 3 and 2 of "a"',
  ],
  [
    'a broken offset',
    [{ token: 'a', start: 0.5, end: 2 }],
    'Model: a token has offsets 0 ≤ start ≤ end, got 0.5 and 2 of "a"',
  ],
  [
    'an offset that is missing',
    [{ token: 'a', start: 0 }],
    'Model: a text must be a string or an array of tokens, got ',
  ],
  ['null', [null], 'Model: a text must be a string or an array of tokens, got '],
  [
    'an object',
    { token: 'a', start: 0, end: 1 },
    'Model: a text must be a string or an array of tokens, got ',
  ],
])('%s is refused', (_, text, message) => {
  expect(() => model.tokenize(text as TextInput)).toThrow(message)
})

const linesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line, n) => ({ text: line, number: n + 1 }))

test('lines are learned as their text is, to the same checkpoint', async () => {
  const taken = async (text: LearnText) => {
    const kept: Buffer[] = []
    const checkpoint = {
      due: (step: number) => step === 1,
      async write(pieces: AsyncIterable<Uint8Array>) {
        for await (const piece of pieces) kept.push(Buffer.from(piece))
      },
    }
    await learn(text, { ...SMALL, checkpoint })
    return Buffer.concat(kept)
  }
  const ofText = await taken(TEXT)
  expect(ofText.includes(new Sha256().update(Buffer.from(TEXT)).digest())).toBe(true)
  expect((await taken([{ name: 'a', lines: linesOf(TEXT) }])).equals(ofText)).toBe(true)
  expect(
    (await taken([{ name: 'a', lines: linesOf(TEXT.replace('long', 'lent')) }])).equals(ofText),
  ).toBe(false)
})

test('words of a line are never cut again', async () => {
  const lines = [
    { text: LINE, number: 1, words: [...TOKENS, { token: "c'est-à-dire", start: 17, end: 18 }] },
  ]
  const { vocabulary, learned } = await learn([{ name: 'a', lines }], SMALL)
  expect([...vocabulary.words].sort()).toEqual(["c'est-à-dire", 'lac', 'le', 'tour'])
  expect(learned[0]).toMatchObject({ words: 8, steps: 2, sentences: 1 })
})

test('another text is refused, with what may be given', async () => {
  await expect(learn([{ name: 'a' }] as unknown as LearnText, SMALL)).rejects.toThrow(
    'an array of { name, stream } or { name, lines }, got',
  )
})

test('classes are learned in the language of their examples, and cut by it', async () => {
  const examples = [
    { text: "L'été est dans la maison", label: 'a' },
    { text: "Qu'il est beau, le lac d'ici", label: 'b' },
  ]
  const sizes = { width: 6, query: 4, key: 4, value: 6, heads: 2, buckets: 31, steps: 1, device }
  const classifier = await learnClasses(examples, sizes)
  expect(classifier.config.languages).toEqual(['fr'])
  const [straight, curly] = [await classifier.classify("l'été"), await classifier.classify('l’été')]
  expect(curly).toEqual(straight)
  const english = await learnClasses(examples, { ...sizes, languages: ['en'] })
  expect(english.config.languages).toEqual(['en'])
})
