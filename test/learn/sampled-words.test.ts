import { beforeAll, describe, expect, test } from 'vitest'
import { ReferenceDevice } from '../../src/device/reference.ts'
import type { Word } from '../../src/layer/embeddings.ts'
import { Lexicon } from '../../src/learn/lexicon.ts'
import type { Batch, Outputs } from '../../src/learn/objective.ts'
import { WordPrediction } from '../../src/learn/words.ts'
import { Random } from '../../src/random.ts'
import { Tensor } from '../../src/tensor.ts'
import { Vocabulary } from '../../src/text/vocabulary.ts'

// Sampled softmax: a candidate's logit loses the logarithm of its chance to be among the drawn
// (Jean et al. 2015, §3.1). Given the candidates, a word is then the right one with the probability
// that the whole softmax gives it among them.

const WORDS = 23
const WIDTH = 3
const D = 5
/** Fewer than there are words, so that rare words are seldom among them. */
const CANDIDATES = 11
/** By frequency: the commonest word comes 24 times as often as the rarest. */
const COUNTS = Array.from({ length: WORDS }, (_, n) => Math.round(240 / (n + 1)))

const device = new ReferenceDevice({ dtype: 'float64' })
const lexicon = new Lexicon(new Vocabulary(COUNTS.map((_, n) => `mot${n}`)), 13)
const predictionOf = (candidates: number, counts: readonly number[] = COUNTS) =>
  new WordPrediction(
    { width: WIDTH, dModel: D },
    lexicon,
    { counts, candidates },
    { device, seed: 11 },
  )

const C = device.upload(new Random(3, 'C').normals([1, WIDTH], 'float64'))
const vectors = device.upload(new Random(5, 'vectors').normals([WORDS, D], 'float64', 0.7))
const numberOf = new Map<Word, number>(COUNTS.map((_, n) => [lexicon.featuresOfNumber(n), n]))
const outputs: Outputs = {
  ...{ device, learning: true, C, X: vectors, vectors, starts: [0, 1] },
  inContext: (row) => row,
  rowOf: (word) => numberOf.get(word) as number,
}

const sum = (numbers: ArrayLike<number>): number =>
  Array.from(numbers).reduce((total, x) => total + x, 0)
const norm = (numbers: ArrayLike<number>): number =>
  Math.sqrt(sum(Array.from(numbers, (x) => x * x)))

/**
 * The loss of a word at the one place, and its gradient with respect to C and to all vectors, side
 * by side.
 */
async function lossAndGradient(
  batch: Batch,
): Promise<{ readonly loss: number; readonly gradient: Float64Array }> {
  const found = device.scope(() => {
    const { losses, backward } = batch.loss(outputs)
    const { dC, dVectors = [] } = backward(1)
    return { losses, dC: dC[0].gradient, dE: dVectors[0].gradient, rows: dVectors[0].rows }
  })
  const gradient = new Float64Array(WIDTH + WORDS * D)
  gradient.set((await device.read(found.dC)).data)
  const dE = (await device.read(found.dE)).data
  found.rows.forEach(
    (row, n) => void gradient.set(dE.subarray(n * D, (n + 1) * D), WIDTH + row * D),
  )
  const [loss] = (await device.read(found.losses)).data
  for (const handle of [found.losses, found.dC, found.dE]) device.free(handle)
  return { loss, gradient }
}

const target = (word: number) => [{ text: 0, position: 0, word }]
const texts = [[lexicon.hidden]]

/** The mean gradient over many draws of the candidates. */
async function meanOver(
  draws: number,
  prediction: WordPrediction,
  word: number,
): Promise<Float64Array> {
  const mean = new Float64Array(WIDTH + WORDS * D)
  for (let step = 1; step <= draws; step++) {
    const { gradient } = await lossAndGradient(prediction.batch(texts, target(word), step))
    for (let n = 0; n < mean.length; n++) mean[n] += gradient[n] / draws
  }
  return mean
}

describe('words predicted among sampled candidates', () => {
  const sampled = predictionOf(CANDIDATES)
  const all = predictionOf(WORDS)
  /**
   * Of every word: its probability by the whole softmax, and the exact gradient where it is the
   * right one.
   */
  let exact: { readonly p: number; readonly gradient: Float64Array }[]
  beforeAll(async () => {
    exact = []
    for (let word = 0; word < WORDS; word++) {
      const { loss, gradient } = await lossAndGradient(all.batch(texts, target(word), 1, true))
      exact.push({ p: Math.exp(-loss), gradient })
    }
  })

  test('with every word as a candidate give the loss and the gradient of the whole softmax, whatever the step', async () => {
    expect(sum(exact.map(({ p }) => p))).toBeCloseTo(1, 12)
    for (const word of [0, 7, 22])
      for (const step of [1, 2]) {
        const found = await lossAndGradient(all.batch(texts, target(word), step))
        expect(Math.exp(-found.loss)).toBeCloseTo(exact[word].p, 14)
        expect(found.gradient).toEqual(exact[word].gradient)
      }
  })

  test('are predicted by the frequency of words where nothing else is known', async () => {
    const blank = { ...outputs, C: device.upload(new Tensor([1, WIDTH], new Float64Array(WIDTH))) }
    for (const word of [0, 3, 22]) {
      const { losses } = all.batch(texts, target(word), 1, true).loss({ ...blank, learning: false })
      expect((await device.read(losses)).data[0]).toBeCloseTo(
        -Math.log(COUNTS[word] / sum(COUNTS)),
        12,
      )
    }
  })

  test('where words come as they are predicted, nothing is left to learn: the mean gradient over words and draws is 0, like the exact one', async () => {
    const mean = new Float64Array(WIDTH + WORDS * D)
    let size = 0
    for (let word = 0; word < WORDS; word++) {
      const { p, gradient } = exact[word]
      size += p * norm(gradient)
      const own = await meanOver(1000, sampled, word)
      for (let n = 0; n < mean.length; n++) mean[n] += p * own[n]
    }
    expect(norm(mean) / size).toBeLessThan(0.03)
  })

  test.each([0, 2, 5])(
    'the mean gradient of word %i over many draws of the candidates is near the exact one',
    async (word) => {
      const mean = await meanOver(600, sampled, word)
      const { gradient } = exact[word]
      expect(norm(mean.map((x, n) => x - gradient[n])) / norm(gradient)).toBeLessThan(0.15)
    },
  )
})
