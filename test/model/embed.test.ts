import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  type LearnOptions,
  learn,
  type Model,
  Tensor,
  type WordFeatures,
} from '../../src/doors/internal.ts'

const TEXT =
  'Tom a vu la mer cet été\nMarie a pris un bain hier\nun été à la mer\nPaul dort\nla mer\nTom a été entarté cet été\n'
const SMALL = {
  minCount: 1,
  width: 6,
  query: 4,
  key: 4,
  value: 6,
  heads: 2,
  buckets: 16,
  steps: 3,
  batchWords: 40,
}
/** A word in all places where a window of 128 words on either side ends or does not. */
const LONG = Array.from({ length: 300 }, (_, n) =>
  n % 7 === 0 ? 'Tom' : n % 5 === 0 ? 'mer' : `mot${n % 11}`,
)
const TEXTS = [
  ...TEXT.trim()
    .split('\n')
    .map((line) => line.split(' ')),
  ['été'],
  LONG,
]
const REACH = 128

/**
 * The vector of a word by the letter of its definition: the whole text is read for it, each row of
 * it computed.
 */
async function byDefinition(
  { modules: { encoder, prediction, lexicon }, device, config: form }: Model,
  words: readonly string[],
  at: number,
) {
  const own = lexicon.featuresOf(words[at])
  const from = form.embedding === 'seen' ? 0 : Math.max(0, at - REACH)
  const read: WordFeatures[] = words
    .slice(from, form.embedding === 'seen' ? words.length : at + REACH + 1)
    .map((word) => lexicon.featuresOf(word))
  if (form.embedding !== 'seen') read[at - from] = lexicon.hidden
  const pass = encoder.forward([read], { words: [own] })
  const row = (n: number) => device.upload(new Tensor([1], Int32Array.of(n)))
  const C = device.allocate([1, pass.context.shape[1]])
  device.gather(pass.context, row(at - from), C)
  if (form.embedding === 'seen') return (await device.read(C)).as('float32').data
  const P = device.allocate([1, form.width])
  device.product(C, prediction.parameters['predict.W'], P)
  if (form.embedding === 'both')
    device.gather(pass.embeddings.vectors, row(pass.embeddings.rowOf(own)), P, { accumulate: true })
  return (await device.read(P)).as('float32').data
}

const MODELS: readonly (readonly [string, LearnOptions])[] = [
  ['one layer, its words hidden, beside their own vectors', {}],
  ['hidden', { embedding: 'hidden' }],
  ['seen', { embedding: 'seen' }],
  ['two layers', { layers: 2 }],
  ['two layers, seen', { layers: 2, embedding: 'seen' }],
  ['no positions', { position: 'none' }],
  ['rotary positions', { position: 'rotary' }],
  ['sinusoidal positions', { position: 'sinusoidal' }],
  ['learned positions, two layers', { position: 'learned:300', layers: 2 }],
  ['additive alignment, sparsemax', { alignment: 'additive:3', distribution: 'sparsemax' }],
]

describe.each(MODELS)('%s', (_, options) => {
  let model: Model
  beforeAll(async () => {
    model = await learn(TEXT, { ...SMALL, ...options })
  })
  afterAll(() => model.close())

  test('every vector has the bits of its definition, however texts are read together', async () => {
    const found = await model.embed(TEXTS)
    for (const [n, words] of TEXTS.entries()) {
      const places = words.length < 100 ? [...words.keys()] : [0, 127, 128, 129, 150, 171, 172, 299]
      for (const at of places)
        expect(found[n][at].vector).toEqual(await byDefinition(model, words, at))
    }
  })

  test('no query is computed of a row that gives no vector, and each once', async () => {
    const forward = vi.spyOn(model.modules.encoder, 'forward')
    const at = [[2, 0, 2], [], [1], [0], [1, 0], [5], [0], [299, 3]]
    const found = await model.embed(TEXTS, { at })
    const rows = forward.mock.calls.map(([, options]) => options?.queryRows?.length)
    forward.mockRestore()
    // a word is hidden in an input of its own
    expect(rows).toEqual([model.config.embedding === 'seen' ? 10 : 11])
    const whole = vi.spyOn(model.modules.encoder, 'forward')
    const all = await model.embed(TEXTS)
    expect(whole.mock.calls.every(([, options]) => options?.queryRows !== undefined)).toBe(
      model.config.embedding !== 'seen',
    )
    whole.mockRestore()
    expect(found).toEqual(at.map((places, n) => places.map((place) => all[n][place])))
  })
})

test('more words than are read in one forward are read in several, to the same bits', async () => {
  const model = await learn(TEXT, SMALL)
  const forward = vi.spyOn(model.modules.encoder, 'forward')
  const words = Array.from({ length: 700 }, (_, n) => LONG[n % 300])
  const [found] = await model.embed([words])
  expect(forward.mock.calls.length).toBeGreaterThan(10)
  for (const at of [0, 300, 699])
    expect(found[at].vector).toEqual(await byDefinition(model, words, at))
  await model.close()
})
