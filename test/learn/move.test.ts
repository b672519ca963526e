import { describe, expect, test } from 'vitest'
import { openDevice } from '../../src/device/open.ts'
import { Encoder } from '../../src/layer/encoder.ts'
import { moveAll, sgd } from '../../src/learn/optimizers.ts'
import { Random } from '../../src/random.ts'
import { Tensor } from '../../src/tensor.ts'

const OPTIONS = { vocabulary: 7, dModel: 4, layers: [{ dQuery: 2, dKey: 2, dValue: 3 }] }
const TEXTS = [
  [3, 1, 4],
  [1, 5],
]

/** An encoder in float64 with an optimizer that has begun, and its gradients. */
async function made() {
  const device = await openDevice({ device: 'reference', dtype: 'float64' })
  const encoder = new Encoder(OPTIONS, { device, seed: 7 })
  const optimizer = sgd()
  optimizer.begin(device, encoder.parameters)
  const pass = encoder.forward(TEXTS)
  const gradients = pass.backward(new Random(5, 'dC').normals([5, 3], 'float64'))
  return { device, encoder, optimizer, gradients }
}

describe('moveAll', () => {
  test.each([
    ['as it is, without clip', undefined, () => 1],
    ['as long as clip where it is longer', 0.25, (norm: number) => 0.25 / (norm + 1e-6)],
  ])('moves each parameter against its gradient, %s', async (_, clip, factorOf) => {
    const { device, encoder, optimizer, gradients } = await made()
    const [before, { dParameters, rows: sparse }] = [await encoder.save(), await gradients.read()]
    const numbers = Object.values(dParameters).flatMap(({ data }) => [...data])
    const factor = factorOf(Math.hypot(...numbers))
    const pace = (name: string) => ({ rate: name === 'words.E' ? 0.5 : 0.1 })
    const options = { optimizer, pace, ...(clip ? { clip } : {}) }
    const { handles } = device.stats()
    moveAll(device, encoder.parameters, gradients, options, 1)
    expect(device.stats().handles).toBe(handles)
    const after = await encoder.save()
    expect(sparse['words.E']).toEqual([1, 3, 4, 5])
    for (const [name, { data, shape }] of Object.entries(before)) {
      const expected = Float64Array.from(data)
      const rows = sparse[name] ?? Array.from({ length: shape[0] }, (_, row) => row)
      dParameters[name].data.forEach((d: number, n: number) => {
        const [row, column] = [rows[Math.floor(n / shape[1])], n % shape[1]]
        expected[row * shape[1] + column] -= pace(name).rate * factor * d
      })
      after[name].data.forEach((x: number, n: number) => {
        expect(x).toBeCloseTo(expected[n], 12)
      })
    }
  })

  test('leaves out of the norm, and as they are, the parameters that it is not given', async () => {
    const { device, encoder, optimizer, gradients } = await made()
    const [before, { dParameters }] = [await encoder.save(), await gradients.read()]
    const { 'layers.0.W_V': W_V } = encoder.parameters
    const options = { optimizer, pace: () => ({ rate: 1 }), clip: 0.01 }
    moveAll(device, { 'layers.0.W_V': W_V }, gradients, options, 1)
    const after = await encoder.save()
    const moved = Object.keys(after).filter(
      (name) => `${after[name].data}` !== `${before[name].data}`,
    )
    expect(moved).toEqual(['layers.0.W_V'])
    const { data } = dParameters['layers.0.W_V']
    const length = Math.hypot(
      ...after['layers.0.W_V'].data.map((x, n) => x - before['layers.0.W_V'].data[n]),
    )
    expect(Math.hypot(...data)).toBeGreaterThan(0.01)
    expect(length).toBeCloseTo(0.01, 6)
  })

  test.each<[string, object, number, object, string]>([
    [
      'a name that is none',
      { rate: 1 },
      1,
      TypeError,
      'moveAll: unknown option rate; did you mean pace?',
    ],
    ['no pace', { pace: undefined }, 1, TypeError, 'moveAll: pace must be a function'],
    ['a clip of 0', { clip: 0 }, 1, RangeError, 'moveAll: clip must be a number above 0, got 0'],
    ['a step of 0', {}, 0, RangeError, 'moveAll: step must be an integer ≥ 1, got 0'],
    [
      'a rate below 0',
      { pace: () => ({ rate: -1 }) },
      1,
      RangeError,
      'moveAll: pace("words.E", 1): rate must be',
    ],
  ])('refuses %s before anything moves', async (_, given, step, Kind, message) => {
    const { device, encoder, optimizer, gradients } = await made()
    const before = await encoder.save()
    const options = { optimizer, pace: () => ({ rate: 1 }), ...given }
    const call = () => moveAll(device, encoder.parameters, gradients, options, step)
    expect(call).toThrow(Kind as ErrorConstructor)
    expect(call).toThrow(message)
    expect(await encoder.save()).toEqual(before)
  })

  test('refuses gradients of other parameters, and what has none', async () => {
    const { device, encoder, optimizer, gradients } = await made()
    const options = { optimizer, pace: () => ({ rate: 1 }) }
    expect(() =>
      moveAll(device, { 'b.W': encoder.parameters['words.E'] }, gradients, options, 1),
    ).toThrow(
      new RangeError(
        'moveAll: no parameter has a gradient: parameters are b.W, gradients words.E, layers.0.W_Q, layers.0.W_K, layers.0.W_V; give those of one layer, with its prefix',
      ),
    )
    const none = Tensor.zeros([1]) as unknown as typeof gradients
    expect(() => moveAll(device, encoder.parameters, none, options, 1)).toThrow(
      'moveAll: gradients must be what backward or sumGradients gave, with dParameters, got an object',
    )
  })
})
