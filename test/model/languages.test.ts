import { expect, test } from 'vitest'
import { openDevice } from '../../src/device/open.ts'
import { learn, learning, load } from '../../src/index.ts'
import { decodeTensors, encodeTensors } from '../../src/io/safetensors.ts'
import type { LearnOptions } from '../../src/model/learn-options.ts'
import type { LearnText } from '../../src/model/run.ts'

const FRENCH = "L'été dort dans la maison qu'il a vue.\nLa mer est belle, et l'eau est froide.\n"
const ENGLISH = "The summer is long and the sea is calm.\nDon't go to the house that I have seen.\n"
const SMALL: LearnOptions = {
  ...{ width: 6, query: 4, key: 4, value: 6, heads: 2, buckets: 31 },
  ...{ steps: 2, minCount: 1, heldOut: 0 },
}

const device = await openDevice({ device: 'reference' })
const learned = (text: LearnText, options: LearnOptions = {}) =>
  learn(text, { ...SMALL, device, ...options })
const cut = async (text: LearnText, options?: LearnOptions) => {
  const { config } = await learned(text, options)
  return [config.tokens, config.languages]
}

test.each<[string, () => LearnText]>([
  ['a string', () => FRENCH],
  ['an array of strings', () => FRENCH.split('\n')],
  ['bytes', () => new TextEncoder().encode(FRENCH)],
  ['a stream', () => FRENCH[Symbol.iterator]()],
  [
    'named streams',
    () => [
      { name: 'a', stream: [FRENCH] },
      { name: 'b', stream: ['La fin est là.'] },
    ],
  ],
  [
    'a stream that is read once',
    () =>
      (async function* () {
        for (const byte of new TextEncoder().encode(FRENCH)) yield Uint8Array.of(byte)
      })(),
  ],
  [
    'lines',
    () => [{ name: 'a', lines: FRENCH.split('\n').map((text, n) => ({ text, number: n + 1 })) }],
  ],
])('the languages of %s are guessed before a sentence is cut', async (_, text) => {
  expect(await cut(text())).toEqual(['unicode', ['fr']])
  expect((await learned(text())).vocabulary.numberOf("qu'")).toBeGreaterThanOrEqual(0)
})

test('two languages, each sentence in its own', async () => {
  const model = await learned(FRENCH + ENGLISH + ENGLISH)
  expect(model.config.languages).toEqual(['en', 'fr'])
  const words = (text: string) => model.tokenize(text).map(({ token }) => token)
  expect(words("l'été qu'il a vu")).toEqual(["l'", 'été', "qu'", 'il', 'a', 'vu'])
  expect(words("I don't know the d'you of it")).toContain("d'you")
})

test('languages that are given are not guessed', async () => {
  expect(await cut(FRENCH, { languages: ['en'] })).toEqual(['unicode', ['en']])
  expect(await cut(FRENCH, { languages: [] })).toEqual(['unicode', []])
})

test.each(['words', 'space'] as const)(
  'a model of the rule %s keeps no languages',
  async (tokens) => {
    const model = await learned(FRENCH, { tokens })
    expect(Object.keys(model.config)).not.toContain('languages')
    expect(Object.keys(model.config).at(-1)).toBe('tokens')
  },
)

test('a model is read with its rule and languages, and is the same bytes again', async () => {
  const bytes = await (await learned(FRENCH + ENGLISH)).bytes()
  const model = await load(bytes, { on: device })
  expect([model.config.tokens, model.config.languages]).toEqual(['unicode', ['fr', 'en']])
  expect(await model.bytes()).toEqual(bytes)
})

test('a text that is larger than memory is cut alike', async () => {
  const text = (FRENCH + ENGLISH).repeat(3)
  const small = await learned(text)
  const large = await learned(text, { wordsInMemory: 50 })
  expect(large.config).toEqual(small.config)
  expect(large.vocabulary.words).toEqual(small.vocabulary.words)
})

test('what goes on has the rule and the languages of the model before', async () => {
  const from = await learned(FRENCH)
  expect(await cut(ENGLISH, { from })).toEqual(['unicode', ['fr']])
  expect(await cut(ENGLISH, { from, languages: ['fr'] })).toEqual(['unicode', ['fr']])
  await expect(learned(ENGLISH, { from, languages: ['en'] })).rejects.toThrow(
    'learn: the model to go on from has languages fr, got en; leave it out',
  )
  await expect(learned(ENGLISH, { from, tokens: 'words' })).rejects.toThrow(
    'learn: the model to go on from has tokens unicode, got words; leave it out',
  )
  const old = await learned(FRENCH, { tokens: 'words' })
  expect(await cut(ENGLISH, { from: old })).toEqual(['words', undefined])
  await expect(learned(ENGLISH, { from: old, languages: ['en'] })).rejects.toThrow(
    'learn: the model to go on from has languages none, got en; leave it out',
  )
})

test.each<[string, LearnOptions]>([
  ['the languages of a checkpoint', { languages: ['en'] }],
  ['the rule of a checkpoint', { tokens: 'words' }],
])('%s hold where it is resumed', async (_, options) => {
  const kept: Uint8Array[] = []
  const checkpoint = {
    due: (step: number) => step === 1,
    async write(pieces: AsyncIterable<Uint8Array>) {
      for await (const piece of pieces) kept.push(piece.slice())
    },
  }
  const whole = await learned(FRENCH, { ...options, checkpoint })
  const resume = new Uint8Array(Buffer.concat(kept))
  const again = await learned(FRENCH, { resume })
  expect(await again.bytes()).toEqual(await whole.bytes())
  await expect(learned(FRENCH, { resume, tokens: 'space' })).rejects.toThrow(
    'learn: the checkpoint has another tokens',
  )
})

test.each<[string, unknown, string]>([
  ['one code', 'fr', 'learn: languages must be codes such as [\'fr\'], got "fr"'],
  [
    'a name',
    ['french'],
    'learn: languages must be codes of two or three small letters such as fr, each once, got "french"',
  ],
  ['a code twice', ['fr', 'fr'], 'each once, got "fr, fr"'],
])('%s is refused', async (_, languages, message) => {
  await expect(learned(FRENCH, { languages } as LearnOptions)).rejects.toThrow(message)
})

test('languages that nothing would read are refused', async () => {
  await expect(learned(FRENCH, { tokens: 'space', languages: ['fr'] })).rejects.toThrow(
    'learn: languages go with tokens unicode or dictionary, or with sentences auto, got tokens space; leave them out',
  )
  expect(await cut(FRENCH, { tokens: 'space', sentences: 'auto', languages: ['fr'] })).toEqual([
    'space',
    undefined,
  ])
})

test('questions are cut by the same rule and languages', async () => {
  const questions = "sentence\tquestion\tstart\tend\nL' été dort\tQu'est-ce qu'il a ?\t1\t2\n"
  const model = await learned(FRENCH, { questions, languages: ['fr'] })
  expect(model.vocabulary.numberOf("qu'")).toBeGreaterThanOrEqual(0)
  expect(model.vocabulary.words).not.toContain("qu'est")
})

test.each<[string, () => Iterable<Uint8Array | string>, string]>([
  [
    'cannot be opened',
    () => ({
      [Symbol.iterator](): Iterator<string> {
        throw new RangeError('b: is broken')
      },
    }),
    'b: is broken',
  ],
  ['is not UTF-8', () => [Uint8Array.of(0xff, 10)], 'b: line 1 is not UTF-8'],
])('a stream that was begun is closed where another %s', async (_, broken, message) => {
  let closed = 0
  const open = async function* () {
    try {
      for (;;) yield 'La mer est belle.\n'.repeat(5000)
    } finally {
      closed++
    }
  }
  const events = learning(
    [
      { name: 'a', stream: open() },
      { name: 'b', stream: broken() },
      { name: 'c', stream: open() },
    ].slice(message.startsWith('b: is') ? 0 : 1),
    { ...SMALL, device },
  )
  await expect(events.next()).rejects.toThrow(message)
  expect(closed).toBe(1)
})

test('a checkpoint whose words other dictionaries cut is not resumed', async () => {
  const kept: Uint8Array[] = []
  const checkpoint = {
    due: (step: number) => step === 1,
    async write(pieces: AsyncIterable<Uint8Array>) {
      for await (const piece of pieces) kept.push(piece.slice())
    },
  }
  const whole = await learned(FRENCH, { tokens: 'dictionary', checkpoint })
  expect(whole.record.icu).toBe(process.versions.icu)
  const bytes = new Uint8Array(Buffer.concat(kept))
  expect(await (await learned(FRENCH, { resume: bytes })).bytes()).toEqual(await whole.bytes())
  const { tensors, metadata } = decodeTensors(bytes)
  const other = JSON.parse(metadata['regard.checkpoint'])
  other.model.icu = '1.0'
  const resume = encodeTensors({
    tensors,
    metadata: { 'regard.checkpoint': JSON.stringify(other) },
  })
  await expect(learned(FRENCH, { resume })).rejects.toThrow(
    `learn: the checkpoint has another ICU: 1.0, got ${process.versions.icu}; go on in the engine that it was begun in`,
  )
})
