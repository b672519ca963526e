import { expect, test } from 'vitest'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { Lexicon } from '../../src/learn/lexicon.ts'
import { modelConfig } from '../../src/model/config.ts'
import { modulesOf } from '../../src/model/modules.ts'
import { Vocabulary } from '../../src/text/vocabulary.ts'

const WIDTH = 101
const WORDS = ['mer', 'anticonstitutionnellement', 'à', 'moulin']
const device = new ReferenceDevice({ dtype: 'float64' })
const lexicon = new Lexicon(new Vocabulary(WORDS), 211)
const form = modelConfig('test', { width: WIDTH, buckets: 211 })
const { encoder } = modulesOf(form, lexicon.vocabulary, [1, 1, 1, 1], { device, seed: 11 })
const { embeddings } = encoder
const features = [...WORDS, 'inconnu', 'Mer']
  .map((word) => lexicon.featuresOf(word))
  .concat(lexicon.hidden, lexicon.shapeOf('Tom'))
const squares = (x: ArrayLike<number>): number =>
  Array.from(x).reduce((sum, value) => sum + value * value, 0)

test('a static vector is that of the word and the sum of those of its letters over the root of their number', async () => {
  const { data } = await device.read(embeddings.forward([], features).vectors)
  const [E, letters] = await Promise.all(
    ['words.E', 'letters.E'].map((name) => device.read(embeddings.parameters[name])),
  )
  expect(new Set(features.map((form) => form.letters.length)).size).toBeGreaterThan(3)
  features.forEach(({ word, letters: rows }, n) => {
    for (let c = 0; c < WIDTH; c++) {
      const own = word < 0 ? 0 : E.at(word, c)
      const sum = rows.reduce((total, row) => total + letters.at(row, c), 0)
      expect(data[n * WIDTH + c]).toBeCloseTo(own + sum / Math.sqrt(rows.length), 12)
    }
  })
})

test('at the beginning it has a length of about 1, half of its square from the letters, however many they are', async () => {
  const { data } = await device.read(embeddings.forward([], features).vectors)
  const lengths = features.map((_, n) => squares(data.subarray(n * WIDTH, (n + 1) * WIDTH)))
  for (const [n, { word }] of features.entries())
    expect(Math.abs(lengths[n] - (word < 0 ? 0.5 : 1))).toBeLessThan(0.4)
})
