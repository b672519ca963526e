import { describe, expect, test } from 'vitest'
import type { Handles } from '../../src/device/device.ts'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { Encoder } from '../../src/layer/encoder.ts'
import { Asking } from '../../src/learn/asking.ts'
import { Classes, classes } from '../../src/learn/classes.ts'
import { Lexicon } from '../../src/learn/lexicon.ts'
import type { Objective } from '../../src/learn/objective.ts'
import { type Question, questions } from '../../src/learn/questions.ts'
import type { Keys } from '../../src/learn/row-map.ts'
import { batchLoss, forwardOf, takeStep, totalOf } from '../../src/learn/train.ts'
import { hiddenWords, nextWords, WordPrediction } from '../../src/learn/words.ts'
import { causal } from '../../src/mechanism/mask.ts'
import { relative, sinusoidal } from '../../src/mechanism/position.ts'
import { Random } from '../../src/random.ts'
import { sizeOf, Tensor } from '../../src/tensor.ts'
import { Vocabulary } from '../../src/text/vocabulary.ts'

const DMODEL = 5
const WIDTH = 6
const VOCABULARY = new Vocabulary(['été', 'a', 'tom', 'cet', 'entarté', '?', 'quand'])
const TEXTS = ['Tom a été entarté cet été', 'quand ?', 'cet été inconnu'].map((text) =>
  text.split(' '),
)
const QUESTIONS: Question[][] = [
  [
    { words: TEXTS[0], question: ['quand', '?'], start: 4, end: 6, others: [[1, 2]] },
    { words: TEXTS[0], question: ['cet', 'été', 'jamais'], start: 0, end: 1 },
  ],
  [{ words: TEXTS[2], question: ['Tom', 'quand', 'jamais', '?'], start: 1, end: 2 }],
]

/**
 * A small encoder in float64 whose every parameter is a random number, so that no gradient is 0 by
 * its beginning.
 */
function setting({ deep = false, ...mask }: { readonly deep?: boolean } = {}) {
  const device = new ReferenceDevice({ dtype: 'float64' })
  const context = { device, seed: 11 }
  const lexicon = new Lexicon(VOCABULARY, 13)
  const shape = { dQuery: 2, dKey: 2, dValue: 3, heads: 2, ...(deep ? { output: DMODEL } : {}) }
  const layers = [{ ...shape, position: relative(2), ...mask }, ...(deep ? [shape] : [])]
  const around = deep ? { residual: true, normalization: 'before' as const } : {}
  const encoder = new Encoder(
    {
      vocabulary: VOCABULARY.size,
      letters: lexicon.letterRows,
      dModel: DMODEL,
      layers,
      ...around,
    },
    context,
  )
  const sizes = { width: deep ? DMODEL : WIDTH, dModel: DMODEL }
  const sample = () =>
    TEXTS.map((words) => ({ features: words.map((word) => lexicon.featuresOf(word)) }))
  const prediction = (candidates: number) =>
    new WordPrediction(sizes, lexicon, { counts: [5, 3, 2, 2, 1, 1, 1], candidates }, context)
  return { device, context, lexicon, encoder, sizes, sample, prediction }
}

type Setting = ReturnType<typeof setting>

const asked = (
  { context, lexicon, sizes }: Setting,
  keys: Keys,
  rarity?: (word: string) => number,
): Objective =>
  questions(new Asking({ ...sizes, dKey: 4, hidden: 3, keys, rarity }, context), lexicon, {
    sample: () => QUESTIONS,
    identityDrop: 0.3,
    counts: [30, 3, 2, 2, 1, 1, 1],
  })

const labelled = ({ context, lexicon, sizes }: Setting): Objective => {
  const numbers = new Random(3, 'numbers').normals([4, DMODEL], 'float64')
  const examples = [
    { text: TEXTS[0].map((word) => lexicon.featuresOf(word)), label: 2 },
    { text: numbers, label: 0 },
  ]
  return classes(new Classes({ width: sizes.width, count: 3 }, context), () => examples)
}

const objectives: readonly [string, object, (own: Setting) => Objective[]][] = [
  ['hidden words', {}, (own) => [hiddenWords(own.prediction(100), own.sample, 0.5)]],
  [
    'hidden words among sampled candidates',
    {},
    (own) => [hiddenWords(own.prediction(3), own.sample, 0.5)],
  ],
  [
    'next words under a causal mask',
    { mask: causal() },
    (own) => [nextWords(own.prediction(100), own.sample)],
  ],
  ['questions, keys of both embeddings', {}, (own) => [asked(own, 'both')]],
  [
    'questions with clues',
    {},
    (own) => [asked(own, 'both', own.lexicon.rarity([5, 3, 2, 2, 1, 1, 1]))],
  ],
  ['questions, contextual keys', {}, (own) => [asked(own, 'contextual')]],
  ['questions, static keys', {}, (own) => [asked(own, 'static')]],
  [
    'questions, static keys with sinusoidal positions',
    { position: sinusoidal },
    (own) => [asked(own, 'static')],
  ],
  [
    'questions over two layers, sinusoidal positions',
    { deep: true, position: sinusoidal },
    (own) => [asked(own, 'both')],
  ],
  ['classes of words and of numbers', {}, (own) => [labelled(own)]],
  [
    'hidden words and questions together',
    {},
    (own) => [hiddenWords(own.prediction(100), own.sample, 0.5), asked(own, 'both')],
  ],
  [
    'hidden words and questions over two layers, sinusoidal positions',
    { deep: true, position: sinusoidal },
    (own) => [hiddenWords(own.prediction(100), own.sample, 0.5), asked(own, 'both')],
  ],
  [
    'hidden words beside rows of numbers',
    {},
    (own) => [labelled(own), hiddenWords(own.prediction(3), own.sample, 0.5)],
  ],
]

/** Σ over the objectives of their mean loss at one step. */
async function lossOf(own: Setting, all: readonly Objective[]): Promise<number> {
  let sum = 0
  for (const objective of all) {
    const batch = objective.draw(1)
    const losses = own.device.scope(
      () => batchLoss(own.device, batch, forwardOf(own.encoder, [batch]), 0).losses,
    )
    sum += totalOf(await own.device.read(losses)) / sizeOf(losses.shape)
    own.device.free(losses)
  }
  return sum
}

async function randomize(own: Setting, parameters: Handles): Promise<void> {
  for (const [name, handle] of Object.entries(parameters)) {
    own.device.write(handle, new Random(5, name).normals(handle.shape, 'float64', 0.6))
  }
}

describe('the gradient of every parameter agrees with central differences', () => {
  test.each(objectives)('%s', async (_what, mask, build) => {
    const own = setting(mask)
    const all = build(own)
    const parameters: Handles = Object.assign(
      {},
      own.encoder.parameters,
      ...all.map((objective) => objective.parameters),
    )
    await randomize(own, parameters)
    const { dParameters, rows } = own.device.scope(() => {
      const taken = takeStep(own.encoder, all, 1)
      return { dParameters: taken.dParameters, rows: taken.rows }
    })
    let worst = 0
    for (const [name, handle] of Object.entries(parameters)) {
      const values = await own.device.read(handle)
      const gradient = await whole(own, handle.shape, dParameters[name], rows[name])
      for (const n of places(values.size)) {
        const slope = await slopeAt(own, handle, values, n, () => lossOf(own, all))
        worst = Math.max(worst, Math.abs(slope - gradient[n]))
      }
    }
    // differences through normalised rows are coarser: they bend more
    expect(worst).toBeLessThan('deep' in mask ? 1e-6 : 1e-8)
  })
})

/** Some places of a tensor: all of a small one. */
const places = (size: number): number[] => {
  const stride = Math.max(1, Math.floor(size / 40))
  return Array.from({ length: Math.ceil(size / stride) }, (_, n) => n * stride)
}

/** A gradient of some rows as that of all: zero elsewhere. */
async function whole(
  { device }: Setting,
  shape: readonly number[],
  gradient: Handles[string],
  rows: readonly number[] | undefined,
) {
  const { data } = await device.read(gradient)
  if (!rows) return data
  const all = new Float64Array(sizeOf(shape))
  const columns = shape[shape.length - 1]
  rows.forEach((row, n) => {
    all.set(data.subarray(n * columns, (n + 1) * columns) as Float64Array, row * columns)
  })
  return all
}

async function slopeAt(
  { device }: Setting,
  handle: Handles[string],
  values: Tensor,
  n: number,
  loss: () => Promise<number>,
) {
  const at = async (shift: number): Promise<number> => {
    const moved = new Tensor(values.shape, values.data.slice())
    moved.data[n] += shift
    device.write(handle, moved)
    const found = await loss()
    device.write(handle, values)
    return found
  }
  const width = 1e-5
  return ((await at(width)) - (await at(-width))) / (2 * width)
}

test('contexts are computed of the positions of hidden words alone', () => {
  const own = setting()
  const [batch] = [hiddenWords(own.prediction(100), own.sample, 0.5).draw(1)]
  const pass = forwardOf(own.encoder, [batch])
  expect(pass.context.shape).toEqual([batch.positions?.length, WIDTH])
  const rows = (batch.positions ?? []).map(({ text, position }) => pass.starts[text] + position)
  expect(rows.map((row) => pass.inContext(row))).toEqual(rows.map((_, n) => n))
  const other = Array.from({ length: 11 }, (_, row) => row).find(
    (row) => !rows.includes(row),
  ) as number
  expect(() => pass.inContext(other)).toThrow(
    `EncoderPass.inContext: the context of row ${other} was not computed; list its position in the batch, or its row in queryRows`,
  )
})

test('the losses of a step are those that are computed without learning', async () => {
  const own = setting()
  const objective = hiddenWords(own.prediction(3), own.sample, 0.5)
  const batch = objective.draw(1)
  const taken = takeStep(own.encoder, [objective], 1)
  const learning = await own.device.read(taken.losses[0].loss.losses)
  const alone = await own.device.read(
    batchLoss(own.device, batch, forwardOf(own.encoder, [batch]), 0).losses,
  )
  expect(learning.data.length).toBeGreaterThan(2)
  for (const [n, loss] of alone.data.entries()) expect(learning.data[n]).toBeCloseTo(loss, 12)
})
