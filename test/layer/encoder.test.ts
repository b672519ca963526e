import { describe, expect, test } from 'vitest'
import { openDevice } from '../../src/device/open.ts'
import { Encoder, type EncoderOptions } from '../../src/layer/encoder.ts'
import { causal } from '../../src/mechanism/mask.ts'
import { learned, relative } from '../../src/mechanism/position.ts'
import { Random } from '../../src/random.ts'
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
  const { dParameters, touched } = await encoder.forward(texts).backward(dC).read()
  let worst = 0
  for (const [name, handle] of Object.entries(encoder.parameters)) {
    const value = await device.read(handle)
    const gradient = touched[name]
      ? spread(dParameters[name], touched[name], value.shape)
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
function spread(rows: Tensor, places: Tensor, shape: readonly number[]): Tensor {
  const table = Tensor.zeros(shape, 'float64')
  places.data.forEach((place, n) => {
    table.data.set(rows.slice(n).data, place * shape[1])
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

test('the rows that a gradient touches are told as numbers, each once and rising, as on the device', async () => {
  const device = await openDevice({ dtype: 'float64' })
  const options = { vocabulary: 11, dModel: 5, layers: [layer] }
  const encoder = new Encoder(options, { device, seed: 23, prefix: 'own.' })
  const dC = new Random(31, 'encoder').normals([9, encoder.width], 'float64')
  const gradients = encoder.forward(texts).backward(dC)
  expect(gradients.rows).toEqual({ 'own.words.E': [1, 2, 3, 4, 5, 6, 9] })
  const { touched } = await gradients.read()
  expect([...touched['own.words.E'].data]).toEqual(gradients.rows['own.words.E'])
})
