import { describe, expect, test } from 'vitest'
import type { Device } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { Encoder } from '../../src/layer/encoder.ts'
import { SelfAttention } from '../../src/layer/self-attention.ts'
import { Stack } from '../../src/layer/stack.ts'
import { Asking } from '../../src/learn/asking.ts'
import { sinusoidal } from '../../src/mechanism/position.ts'
import { Random } from '../../src/random.ts'
import { Tensor } from '../../src/tensor.ts'

const [N, T, dModel] = [2, 5, 3]
const X = new Random(3, 'X').normals([N, T, dModel])
const each = { dQuery: 2, dKey: 2, dValue: 3 }
const layers = {
  dModel,
  layers: [{ ...each, position: sinusoidal }, each],
  residual: true,
  feedForward: { width: 7 },
} as const

/** What makes a pass, and the gradient that its backward takes. */
interface Made {
  readonly context: { readonly shape: readonly number[] }
  free(): void
  backward(dC: Tensor): { free(): void }
  [Symbol.dispose](): void
}
const kinds: Record<string, (device: Device) => { make(): Made; free(): void }> = {
  'a layer, with lengths, statistics and weights': (device) => {
    const layer = new SelfAttention(
      { dModel, ...each, position: sinusoidal, output: 7, biases: true },
      { device, seed: 1 },
    )
    const want = { weights: true, statistics: true }
    return {
      make: () => layer.forward(X, { lengths: [5, 3], want, source: X, sourceLengths: [2, 4] }),
      free: () => layer.free(),
    }
  },
  'a stack, with lengths': (device) => {
    const stack = new Stack({ ...layers, normalization: 'before' }, { device, seed: 1 })
    return { make: () => stack.forward(X, { lengths: [5, 3] }), free: () => stack.free() }
  },
  'an encoder': (device) => {
    const encoder = new Encoder(
      { vocabulary: 7, ...layers, normalization: 'after' },
      { device, seed: 1 },
    )
    return { make: () => encoder.forward([[1, 2, 3], [4]]), free: () => encoder.free() }
  },
  'an encoder of words by their letters, and of numbers': (device) => {
    const encoder = new Encoder({ vocabulary: 5, letters: 4, ...layers }, { device, seed: 1 })
    const forms = [0, 3, -1].map((word) => ({ word, letters: [0, 2] }))
    const make = (): Made => {
      const pass = encoder.forward([forms, new Random(5, 'rows').normals([2, dModel])])
      const backward = (gradient: Tensor) =>
        pass.backward(gradient, {
          dX: [{ rows: [0, 2], gradient: device.upload(ones([2, dModel])) }],
          dVectors: [{ rows: [1], gradient: device.upload(ones([1, dModel])) }],
        })
      return {
        context: pass.context,
        backward: (dC) => device.scope(() => backward(dC)),
        free: () => pass.free(),
        [Symbol.dispose]: () => pass[Symbol.dispose](),
      }
    }
    return { make, free: () => encoder.free() }
  },
}
const devices: Record<string, () => Promise<Device> | Device> = {
  reference: () => new ReferenceDevice(),
  wasm: () => openDevice({ device: 'wasm', threads: 1 }),
}
const ones = (shape: readonly number[]): Tensor => {
  const tensor = Tensor.zeros(shape)
  tensor.data.fill(1)
  return tensor
}

describe.each(Object.keys(devices))('on %s', (name) => {
  test.each(Object.keys(kinds))(
    'a pass of %s frees all that it holds, its gradients too, and again does nothing',
    async (kind) => {
      const device = await devices[name]()
      const made = kinds[kind](device)
      const { handles, bytes } = device.stats()
      const pass = made.make()
      expect(device.stats().handles).toBeGreaterThan(handles)
      const held = device.stats()
      const gradients = pass.backward(ones(pass.context.shape))
      expect(device.stats().handles).toBeGreaterThan(held.handles)
      gradients.free()
      gradients.free()
      expect(device.stats()).toMatchObject({ handles: held.handles, bytes: held.bytes })
      pass.backward(ones(pass.context.shape))
      pass.free()
      pass.free()
      expect(device.stats()).toMatchObject({ handles, bytes })
      made.make()[Symbol.dispose]()
      expect(device.stats()).toMatchObject({ handles, bytes })
      const late = made.make()
      made.free()
      made.free()
      await device.close()
      late.free()
      expect(device.stats()).toMatchObject({ handles: 0, bytes: 0 })
    },
  )
})

describe('what was freed says so', () => {
  const device = new ReferenceDevice()
  const layer = new SelfAttention({ dModel, ...each }, { device, seed: 1 })
  const encoder = new Encoder({ vocabulary: 7, ...layers }, { device, seed: 1 })

  test('a pass that is read, and one that is asked for gradients', async () => {
    const pass = layer.forward(X)
    const gradients = pass.backward(ones(pass.context.shape))
    pass.free()
    await expect(pass.read()).rejects.toThrow(
      new Error('Pass.read: it was freed already; call free() after the last use, or make another'),
    )
    expect(() => pass.backward(X)).toThrow(
      new Error(
        'Pass.backward: it was freed already; call free() after the last use, or make another',
      ),
    )
    await expect(gradients.read()).rejects.toThrow('BackwardPass.read: it was freed')
  })

  test('the passes of an encoder and of its layers', async () => {
    const pass = encoder.forward([[1, 2]])
    const [first] = pass.layers
    pass.free()
    await expect(pass.read()).rejects.toThrow('EncoderPass.read: it was freed')
    await expect(first.read()).rejects.toThrow('Pass.read: it was freed')
    expect(() => pass.stack.backward(X)).toThrow('StackPass.backward: it was freed')
  })

  test('a layer, and an encoder', () => {
    const other = new SelfAttention({ dModel, ...each }, { device, seed: 1 })
    const another = new Encoder({ vocabulary: 7, ...layers }, { device, seed: 1 })
    other.free()
    another.free()
    expect(() => other.forward(X)).toThrow('SelfAttention.forward: it was freed')
    expect(() => another.forward([[1]])).toThrow('Encoder.forward: it was freed')
    expect(() => another.stack.forward(X, {})).toThrow('Stack.forward: it was freed')
  })
})

describe('what is built in vain leaves nothing', () => {
  const misfit = { dQuery: 2, dKey: 4, dValue: 3 }
  const built: [string, (device: Device) => unknown, string][] = [
    [
      'an encoder whose second layer does not fit',
      (device) =>
        new Encoder({ vocabulary: 7, dModel, layers: [each, misfit] }, { device, seed: 1 }),
      'needs dQuery = dKey',
    ],
    [
      'an encoder without room for a residual connection',
      (device) => {
        const wide = { ...each, dValue: 5 }
        return new Encoder(
          { vocabulary: 7, dModel, layers: [each, wide], residual: true },
          { device, seed: 1 },
        )
      },
      'a residual connection needs layers as wide as dModel',
    ],
    [
      'a stack with a feed-forward layer of no width',
      (device) =>
        new Stack({ dModel, layers: [each], feedForward: { width: 0 } }, { device, seed: 1 }),
      'FeedForward: width must be an integer ≥ 1',
    ],
  ]
  test.each(built)('%s', (_what, build, message) => {
    const device = new ReferenceDevice()
    expect(() => build(device)).toThrow(message)
    expect(device.stats()).toMatchObject({ handles: 0, bytes: 0 })
  })
})

describe.each(Object.keys(devices))('2000 times in flat memory on %s', (name) => {
  test('a forward that is read, and a loss on the host, freed by hand and by an async scope', async () => {
    const device = await devices[name]()
    const layer = new SelfAttention({ dModel, ...each }, { device, seed: 1 })
    const batch = device.upload(X)
    const step = async (): Promise<void> => {
      const pass = layer.forward(X)
      const { context } = await pass.read()
      const { dParameters } = pass.backward(context)
      for (const [own, W] of Object.entries(layer.parameters))
        device.sgd(W, dParameters[own], undefined, { rate: 1e-3, momentum: 0, decay: 0 })
      pass.free()
    }
    const scoped = () =>
      device.scope(async () => {
        const pass = layer.forward(batch)
        const { context } = await pass.read()
        await pass.backward(context).read()
      })
    await step()
    const { handles, bytes, peakBytes } = device.stats()
    for (let n = 0; n < 1000; n++) {
      await step()
      await scoped()
    }
    expect(device.stats()).toMatchObject({ handles, bytes, peakBytes })
    await device.close()
  })
})

test('an asking frees its attention and the gradients of its words', async () => {
  const device = new ReferenceDevice({ dtype: 'float64' })
  const asking = new Asking(
    { width: 3, dModel: 3, dKey: 2, hidden: 2, rarity: () => 0.5 },
    { device, seed: 1 },
  )
  const [C, rows, V, dAnswer] = [
    [5, 3],
    [5, 3],
    [3, 2],
    [1, 2],
  ].map((shape, n) => device.upload(new Random(3, `${n}`).normals(shape, 'float64')))
  const part = (count: number) => ({
    C: device.allocate([count, 3]),
    X: device.allocate([count, 3]),
    starts: Int32Array.of(0, count),
  })
  const [question, sentence] = [part(2), part(3)]
  for (const { C: into, X: also } of [question, sentence]) {
    const first = device.upload(Tensor.from([...Array(into.shape[0]).keys()], 'int32'))
    device.gather(C, first, into)
    device.gather(rows, first, also)
  }
  const { handles, bytes } = device.stats()
  const asked = {
    question,
    sentence,
    of: [0],
    tokens: [{ question: ['a', 'b'], words: ['a', 'c', 'd'] }],
  }
  const pass = asking.forward(asked, V)
  const held = device.stats().handles
  const { dParameters } = pass.backward(dAnswer)
  expect(Object.keys(dParameters).sort()).toEqual(Object.keys(asking.parameters).sort())
  expect([held > handles, device.stats().handles]).toEqual([
    true,
    held + Object.keys(dParameters).length + 4,
  ])
  pass.free()
  pass.free()
  expect(device.stats()).toMatchObject({ handles, bytes })
  expect(() => pass.backward(dAnswer)).toThrow('AskingPass.backward: it was freed')
})
