import { describe, expect, test } from 'vitest'
import type { Device } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'
import type { SelfAttentionOptions } from '../../src/layer/options.ts'
import { SelfAttention } from '../../src/layer/self-attention.ts'
import type { Alignment } from '../../src/mechanism/alignment.ts'
import { additive, cosine, general } from '../../src/mechanism/alignments.ts'
import { entmax } from '../../src/mechanism/distributions.ts'
import { learned, relative, sinusoidal } from '../../src/mechanism/position.ts'
import { Random } from '../../src/random.ts'

type Options = SelfAttentionOptions<number, number, Alignment>

const plain: Options = { dModel: 11, dQuery: 3, dKey: 3, dValue: 5 }
/** Options, and the trained numbers counted by hand. */
const forms: [string, Options, number][] = [
  ['the plain layer', plain, 11 * (3 + 3 + 5)],
  [
    'heads, an output matrix and biases',
    { ...plain, heads: 2, output: 7, biases: true },
    11 * 2 * (3 + 3 + 5) + 2 * 5 * 7 + 2 * (3 + 3 + 5) + 7,
  ],
  ['heads alone', { ...plain, heads: 7 }, 11 * 7 * (3 + 3 + 5)],
  [
    'relative positions',
    { ...plain, heads: 2, position: relative(13) },
    11 * 2 * (3 + 3 + 5) + 2 * 27,
  ],
  ['learned positions', { ...plain, position: learned(131) }, 11 * (3 + 3 + 5) + 131 * 11],
  ['sinusoidal positions', { ...plain, position: sinusoidal }, 11 * (3 + 3 + 5)],
  [
    'additive and unequal widths',
    { ...plain, dKey: 2, heads: 2, alignment: additive({ hidden: 13 }) },
    11 * 2 * (3 + 2 + 5) + 2 * (3 * 13 + 2 * 13 + 13 + 13),
  ],
  [
    'general with a bias',
    { ...plain, dKey: 2, alignment: general({ bias: true }) },
    11 * (3 + 2 + 5) + 3 * 2 + 2,
  ],
  [
    'cosine with learned α',
    { ...plain, heads: 3, alignment: cosine, distribution: entmax('learned') },
    11 * 3 * (3 + 3 + 5) + 3 * 1 + 3 * 1,
  ],
]

const layerOn = (device: Device, options: Options) =>
  new SelfAttention<number, number, Alignment>(options, { device, seed: 7 })

describe.each(['float32', 'float64'] as const)(
  'an estimate in %s equals what a run shows',
  (dtype) => {
    test.each(forms)('of %s', async (_name, options) => {
      const device = await openDevice({ device: 'reference', dtype })
      const layer = layerOn(device, options)
      const estimate = layer.estimate({ N: 3, T: 17 })
      const parameters = device.stats().bytes
      const random = new Random(3, 'estimate')
      const pass = layer.forward(random.normals([3, 17, 11], dtype))
      const forward = device.stats().peakBytes - parameters
      pass.backward(random.normals([3, 17, layer.width], dtype))
      const forwardAndBackward = device.stats().peakBytes - parameters
      expect(estimate).toEqual({ parameters, forward, forwardAndBackward })
    })
  },
)

test('an estimate allocates nothing', async () => {
  const device = await openDevice({ device: 'reference' })
  const layer = layerOn(device, plain)
  const before = device.stats()
  layer.estimate({ N: 101, T: 1009 })
  expect(device.stats()).toEqual(before)
})

test.each(forms)('memory is linear in T with %s', async (_name, options) => {
  const layer = layerOn(await openDevice({ device: 'reference' }), options)
  const [short, long] = [64, 128].map((T) => layer.estimate({ N: 1, T }))
  expect(long.forward / short.forward).toBeLessThan(2.1)
  expect(long.forwardAndBackward / short.forwardAndBackward).toBeLessThan(2.1)
})

test('a text of 131 072 words has no T² term: 64 times the words take 64 times the bytes', async () => {
  const layer = layerOn(await openDevice({ device: 'reference' }), plain)
  const [short, long] = [2048, 131072].map((T) => layer.estimate({ N: 1, T }).forwardAndBackward)
  expect(long / short).toBeLessThan(64.01)
})

describe('what would not fit', () => {
  const T = 257
  const refused = async (run: (layer: ReturnType<typeof layerOn>, device: Device) => void) => {
    const needed = layerOn(await openDevice({ device: 'reference' }), plain).estimate({ N: 1, T })
    // room for the forward, not for its backward
    const device = await openDevice({
      device: 'reference',
      memoryLimit: needed.parameters + needed.forward,
    })
    const layer = layerOn(device, plain)
    const before = device.stats()
    let message = ''
    try {
      run(layer, device)
    } catch (error) {
      message = error instanceof RangeError ? error.message : String(error)
    }
    return { layer, device, before, message }
  }
  const X = (length: number) => new Random(5, 'X').normals([length, 11])

  test('is refused in one line that names bytes and remedies', async () => {
    const { message } = await refused((layer) => layer.forward(X(2 * T)))
    expect(message).toMatch(
      /^device: .+ needs [\d.]+ MB beside the [\d.]+ MB in use, and the limit is [\d.]+ MB; free what is not needed \(passes with pass\.free\(\)\), use shorter texts or smaller batches, or open the device with a higher memoryLimit$/,
    )
  })

  test('leaves nothing of the forward on the device', async () => {
    const { device, before } = await refused((layer) => layer.forward(X(2 * T)))
    expect(device.stats()).toMatchObject({ bytes: before.bytes, handles: before.handles })
  })

  test('leaves of a backward what its forward gave', async () => {
    let after = { bytes: 0, handles: 0 }
    const { device, message } = await refused((layer, own) => {
      const pass = layer.forward(X(T))
      after = own.stats()
      pass.backward(new Random(5, 'dC').normals([T, 5]))
    })
    expect(message).not.toBe('')
    expect(device.stats()).toMatchObject({ bytes: after.bytes, handles: after.handles })
  })

  test('leaves the device usable: what fits gives the same numbers as ever', async () => {
    const { layer } = await refused((own) => own.forward(X(2 * T)))
    const ample = layerOn(await openDevice({ device: 'reference' }), plain)
    expect(await layer.forward(X(T)).read()).toEqual(await ample.forward(X(T)).read())
  })
})

test.each(forms)('parameters are counted right with %s', async (_name, options, counted) => {
  const device = await openDevice({ device: 'reference' })
  const layer = layerOn(device, options)
  expect(layer.parameterCount).toBe(counted)
  expect(device.stats().bytes).toBe(4 * counted)
})
