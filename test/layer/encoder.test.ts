import { describe, expect, test } from 'vitest'
import { openDevice } from '../../src/device/open.ts'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { Encoder, type EncoderOptions } from '../../src/layer/encoder.ts'
import { Stack } from '../../src/layer/stack.ts'
import { causal } from '../../src/mechanism/mask.ts'
import { learned, relative } from '../../src/mechanism/position.ts'
import { constant, Random } from '../../src/random.ts'
import { Tensor } from '../../src/tensor.ts'
import { directionalError, innerProduct } from '../differences.ts'

const texts = [[3, 1, 4, 1, 5], [], [9, 2, 6], [5]]
const layer = { dQuery: 3, dKey: 3, dValue: 2, heads: 2 }

/** Worst error of every gradient of an encoder against central differences. */
async function worstGradientError(options: EncoderOptions): Promise<number> {
  const device = await openDevice({ dtype: 'float64' })
  const encoder = new Encoder(options, { device, seed: 23 })
  const random = new Random(29, 'encoder')
  const dC = random.normals([9, encoder.width], 'float64')
  const { dParameters, rows } = await encoder.forward(texts).backward(dC).read()
  let worst = 0
  for (const [name, handle] of Object.entries(encoder.parameters)) {
    const value = await device.read(handle)
    const gradient = rows[name]
      ? spread(dParameters[name], rows[name], value.shape)
      : dParameters[name]
    const loss = async () => {
      device.write(handle, value)
      return innerProduct((await encoder.forward(texts).read()).data, dC.data)
    }
    worst = Math.max(worst, await directionalError(value, gradient, loss, random))
    device.write(handle, value)
  }
  return worst
}

/** Rows put where they belong in a table of zeros. */
function spread(some: Tensor, rows: readonly number[], shape: readonly number[]): Tensor {
  const table = Tensor.zeros(shape, 'float64')
  rows.forEach((row, n) => {
    table.data.set(some.slice(n).data, row * shape[1])
  })
  return table
}

describe('every gradient of the encoder agrees with central differences', () => {
  test.each<[string, EncoderOptions]>([
    ['one layer', { vocabulary: 11, dModel: 5, layers: [layer] }],
    [
      'two layers of unequal widths',
      {
        vocabulary: 11,
        dModel: 5,
        layers: [
          { ...layer, position: learned(7) },
          { ...layer, dValue: 7 },
        ],
      },
    ],
    [
      'a residual connection',
      {
        vocabulary: 11,
        dModel: 5,
        residual: true,
        layers: [{ ...layer, output: 5, position: relative(2) }],
      },
    ],
    [
      'normalisation before, feed-forward and two layers',
      {
        vocabulary: 11,
        dModel: 5,
        residual: true,
        normalization: 'before',
        feedForward: { width: 7 },
        layers: [
          { ...layer, output: 5, mask: causal() },
          { ...layer, output: 5, biases: true },
        ],
      },
    ],
    [
      'normalisation after and feed-forward',
      {
        vocabulary: 11,
        dModel: 5,
        residual: true,
        normalization: 'after',
        feedForward: { width: 3, activation: 'silu' },
        layers: [{ ...layer, output: 5 }],
      },
    ],
    [
      'normalisation after without a residual connection',
      { vocabulary: 11, dModel: 5, normalization: 'after', layers: [layer] },
    ],
  ])('with %s', async (_name, options) => {
    expect(await worstGradientError(options)).toBeLessThan(1e-7)
  })
})

test('an encoder names and counts its parameters', async () => {
  const device = await openDevice({ device: 'reference' })
  const encoder = new Encoder(
    { vocabulary: 11, dModel: 5, normalization: 'before', layers: [layer] },
    { device, seed: 1 },
  )
  expect(Object.keys(encoder.parameters)).toEqual([
    'words.E',
    'layers.0.W_Q',
    'layers.0.W_K',
    'layers.0.W_V',
    'layers.0.normalization.gain',
    'layers.0.normalization.bias',
  ])
  expect(encoder.parameterCount).toBe(11 * 5 + 5 * 2 * (3 + 3 + 2) + 2 * 5)
})

test('texts of one batch do not see each other', async () => {
  const device = await openDevice({ dtype: 'float64' })
  const encoder = new Encoder({ vocabulary: 11, dModel: 5, layers: [layer] }, { device, seed: 1 })
  const together = await encoder.forward(texts).read()
  const alone = await encoder.forward([texts[2]]).read()
  expect(together.data.slice(5 * 4, 8 * 4)).toEqual(alone.data)
})

test('the rows that a gradient touches are told as numbers, each once and rising', async () => {
  const device = await openDevice({ dtype: 'float64' })
  const options = { vocabulary: 11, dModel: 5, layers: [layer] }
  const encoder = new Encoder(options, { device, seed: 23, prefix: 'own.' })
  const dC = new Random(31, 'encoder').normals([9, encoder.width], 'float64')
  const gradients = encoder.forward(texts).backward(dC)
  expect(gradients.rows).toEqual({ 'own.words.E': [1, 2, 3, 4, 5, 6, 9] })
  expect((await gradients.read()).rows).toEqual(gradients.rows)
})

describe('an encoder with letters', () => {
  const options = { vocabulary: 5, letters: 3, dModel: 4, layers: [{ ...layer, output: 4 }] }
  const device = new ReferenceDevice({ dtype: 'float64' })
  const encoder = new Encoder(options, { device, seed: 7 })
  const unseen = { word: -1, letters: [2, 0] }
  const known = { word: 4, letters: [1] }
  const numbers = new Random(3, 'numbers').normals([2, 4], 'float64')

  test('reads words by their numbers, by their features, and rows of numbers, side by side', async () => {
    const E = await device.read(encoder.parameters['words.E'])
    const letters = await device.read(encoder.parameters['letters.E'])
    const mixed = [[3, unseen, 3], Int32Array.of(1), numbers, [known]]
    const row = (table: Tensor, n: number) => [...table.slice(n).data]
    const sum = (a: number[], b: number[], factor = 1) => a.map((x, c) => (x + b[c]) * factor)
    const expected = [
      row(E, 3),
      sum(row(letters, 2), row(letters, 0), 1 / Math.sqrt(2)),
      row(E, 3),
      row(E, 1),
      row(numbers, 0),
      row(numbers, 1),
      sum(row(E, 4), row(letters, 1)),
    ]
    const pass = encoder.forward(mixed)
    const X = await device.read(pass.embedded())
    for (const [n, value] of X.data.entries()) expect(value).toBeCloseTo(expected.flat()[n], 14)
    const ends = [0, 3, 4, 6, 7]
    const part = (n: number) =>
      new Tensor([ends[n + 1] - ends[n], 4], X.data.slice(4 * ends[n], 4 * ends[n + 1]))
    const rows = encoder.forward([0, 1, 2, 3].map(part))
    const [whole, apart] = await Promise.all([pass.read(), rows.read()])
    for (const [n, value] of whole.data.entries()) expect(value).toBeCloseTo(apart.data[n], 12)
  })

  test('has gradients of both tables for the rows that occur', async () => {
    const pass = encoder.forward([[3, unseen], [known]])
    const gradients = pass.backward(Tensor.zeros([3, 4], 'float64'))
    expect(gradients.rows).toEqual({ 'words.E': [3, 4], 'letters.E': [0, 1, 2] })
    expect(Object.keys(gradients.dParameters).sort()).toEqual(
      Object.keys(encoder.parameters).sort(),
    )
  })

  test('refuses letters that it has not, and words of others', () => {
    const bare = new Encoder({ ...options, letters: 0 }, { device, seed: 7 })
    expect(Object.keys(bare.parameters)).not.toContain('letters.E')
    expect(() => bare.forward([[known]])).toThrow(
      'Encoder.forward: letters of a word must be rows of letters.E, which has 0, got [1]',
    )
    expect(() => encoder.forward([[{ word: 5, letters: [] }]])).toThrow(
      'every word must be an integer from 0 to 4, got 5',
    )
    expect(() => encoder.forward([numbers, Tensor.zeros([2, 3])])).toThrow(
      'Encoder.forward: a text of numbers must have the shape (T, 4), got (2, 3)',
    )
    for (const [letters, message] of [
      [[1.5], 'letters of a word must be rows of letters.E'],
      [
        undefined,
        'a word with letters must be such as { word: 3, letters: [] }, got letters undefined',
      ],
    ] as const)
      expect(() => encoder.forward([[{ word: 4, letters: letters as readonly number[] }]])).toThrow(
        `Encoder.forward: ${message}`,
      )
    expect(() => encoder.forward([[1], Tensor.zeros([2, 4], 'int32')])).toThrow(
      "Encoder.forward: texts[1] must hold floating numbers, got int32; use Tensor.as('float32')",
    )
    expect(() => encoder.forward([[1]]).embeddings.rowOf(known)).toThrow(
      'EmbeddingsPass.rowOf: the word 4 is in none of the texts; name it in words',
    )
  })
})

test('without a vocabulary an encoder reads rows of numbers alone, as its stack does', async () => {
  const device = new ReferenceDevice({ dtype: 'float64' })
  const options = { dModel: 5, layers: [layer] }
  const encoder = new Encoder({ ...options, vocabulary: 0 }, { device, seed: 7 })
  const stack = new Stack(options, { device, seed: 7 })
  const X = new Random(3, 'X').normals([4, 5], 'float64')
  const expected = await device.read(stack.forward(X, { starts: [0, 4] }).context)
  expect(await encoder.forward([X]).read()).toEqual(expected)
  expect(() => encoder.forward([[0]])).toThrow(
    'Encoder.forward: the vocabulary has no words, got the word 0; give texts as rows of numbers',
  )
})

test('embeddings begin by an initializer of their own', async () => {
  const device = new ReferenceDevice({ dtype: 'float64' })
  const options = { vocabulary: 3, letters: 2, dModel: 5, layers: [layer] }
  const read = async (own: object) => {
    const encoder = new Encoder({ ...options, ...own }, { device, seed: 7 })
    return Promise.all(
      ['words.E', 'layers.0.W_Q'].map((name) => device.read(encoder.parameters[name])),
    )
  }
  const [E, W_Q] = await read({})
  const [ones, same] = await read({ embeddingInitializer: constant(1) })
  expect(ones.data).toEqual(new Float64Array(15).fill(1))
  expect(same).toEqual(W_Q)
  expect(E.data).not.toEqual(ones.data)
})

test('a tensor of all texts is refused, and how they are given is said', () => {
  const device = new ReferenceDevice({ dtype: 'float64' })
  const layers = [{ dQuery: 2, dKey: 2, dValue: 3 }]
  const encoder = new Encoder({ vocabulary: 0, dModel: 3, layers }, { device, seed: 7 })
  const texts = Tensor.zeros([2, 4, 3]) as unknown as Tensor[]
  expect(() => encoder.forward(texts)).toThrow(
    'texts must be an array, of words or of tensors (T, D), got a Tensor; give each text as one',
  )
})
