import { describe, expect, test } from 'vitest'
import type { Device, Handle } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'
import { decodeTensors, encodeTensors } from '../../src/io/safetensors.ts'
import { Encoder } from '../../src/layer/encoder.ts'
import { FeedForward } from '../../src/layer/feed-forward.ts'
import type { GivenParameters } from '../../src/layer/given.ts'
import type { Layer } from '../../src/layer/layer.ts'
import { layerOptions } from '../../src/layer/layer-options.ts'
import { Linear } from '../../src/layer/linear.ts'
import { Norm } from '../../src/layer/norm.ts'
import { hostOf, type LayerHost } from '../../src/layer/parameters.ts'
import { SelfAttention } from '../../src/layer/self-attention.ts'
import { Stack } from '../../src/layer/stack.ts'
import { Asking } from '../../src/learn/asking.ts'
import { Classes } from '../../src/learn/classes.ts'
import { sumGradients } from '../../src/learn/gradients.ts'
import { Lexicon } from '../../src/learn/lexicon.ts'
import { hiddenWords, WordPrediction } from '../../src/learn/words.ts'
import { additive, general } from '../../src/mechanism/alignments.ts'
import { entmax, topK } from '../../src/mechanism/distributions.ts'
import { causal, cells, lengths, window } from '../../src/mechanism/mask.ts'
import { learned, relative } from '../../src/mechanism/position.ts'
import { normal, Random } from '../../src/random.ts'
import { Tensor, type TensorJSON } from '../../src/tensor.ts'
import { Vocabulary } from '../../src/text/vocabulary.ts'

const DEVICES = [
  { device: 'reference', dtype: 'float64' },
  { device: 'reference', dtype: 'float32' },
  { device: 'wasm', dtype: 'float32', threads: 1 },
] as const

const sizes = { dModel: 5, dQuery: 3, dKey: 3, dValue: 2 }
const stackOptions = {
  dModel: 6,
  layers: [{ dQuery: 3, dKey: 3, dValue: 3, heads: 2, position: relative(2) }],
  residual: true,
  normalization: 'before',
  feedForward: { width: 7 },
} as const
const LEXICON = new Lexicon(new Vocabulary(['été', 'tom']), 13)
const counts = [2, 1]

/** Whatever draws its parameters, by its name. */
const layers: Readonly<Record<string, (host: LayerHost) => Layer>> = {
  SelfAttention: (host) =>
    new SelfAttention(
      { ...sizes, dKey: 2, alignment: additive({ hidden: 3 }), output: 4, biases: true },
      host,
    ),
  FeedForward: (host) => new FeedForward(5, { width: 7 }, host),
  Stack: (host) => new Stack(stackOptions, host),
  Encoder: (host) => new Encoder({ vocabulary: 11, ...stackOptions }, host),
  'Encoder with letters': (host) =>
    new Encoder({ vocabulary: 11, letters: 13, ...stackOptions }, host),
  Linear: (host) => new Linear({ dIn: 5, dOut: 7 }, host),
  Norm: (host) => new Norm({ dModel: 5 }, host),
  Classes: (host) => new Classes({ width: 5, count: 3 }, host),
  WordPrediction: (host) =>
    new WordPrediction({ width: 5, dModel: 4 }, LEXICON, { counts, candidates: 2 }, host),
  Asking: (host) => new Asking({ width: 5, dModel: 4, dKey: 3, hidden: 2 }, host),
}
const each = Object.entries(layers)

const handlesOf = (device: Device): number => device.stats().handles

describe.each(DEVICES)('on $device, $dtype', (options) => {
  test.each(each)(
    '%s takes tensors in place of a seed, and holds its own copies',
    async (_, of) => {
      const device = await openDevice(options)
      const drawn = of({ device, seed: 3, prefix: 'one.' })
      const parameters = await drawn.save()
      const before = handlesOf(device)
      const given = of({ device, parameters, prefix: 'one.' })
      expect(await given.save()).toEqual(parameters)
      expect(Object.keys(given.parameters)).toEqual(Object.keys(drawn.parameters))
      given.free()
      expect(handlesOf(device)).toBe(before)
      await device.close()
    },
  )

  test.each(each)('%s shares handles, and leaves them to who drew them', async (_, of) => {
    const device = await openDevice(options)
    const first = of({ device, seed: 3 })
    const before = handlesOf(device)
    const second = of({ device, parameters: first.parameters })
    expect(second.parameters).toEqual(first.parameters)
    expect(handlesOf(device)).toBe(before)
    const [name, handle] = Object.entries(first.parameters)[0] as [string, Handle]
    device.write(handle, Tensor.zeros(handle.shape))
    expect((await second.save())[name].data.every((x) => x === 0)).toBe(true)
    second.free()
    expect((await first.save())[name].size).toBeGreaterThan(0)
    await device.close()
  })

  test('two layers that share parameters: their gradients are added, and right', async () => {
    const device = await openDevice(options)
    const first = new SelfAttention({ ...sizes, dValue: 5 }, { device, seed: 3 })
    const second = new SelfAttention(
      { ...sizes, dValue: 5, mask: causal() },
      { device, parameters: first.parameters },
    )
    const random = new Random(5, 'shared')
    const [X, dY] = [0, 1].map(() => random.normals([2, 3, 5], 'float64'))
    const forward = () => {
      const inner = first.forward(X)
      return { inner, outer: second.forward(inner.context) }
    }
    const { inner, outer } = forward()
    const after = outer.backward(dY)
    const sum = sumGradients(device, [after, inner.backward(after.dX)])
    for (const pass of [inner, outer]) pass.free()
    const { dParameters } = await sum.read()
    expect(Object.keys(dParameters)).toEqual(['W_Q', 'W_K', 'W_V'])
    const loss = async () => {
      const { context } = await forward().outer.read()
      return Array.from(context.data).reduce((total, y, n) => total + y * dY.data[n], 0)
    }
    const exact = options.dtype === 'float64'
    const step = exact ? 1e-5 : 1e-2
    for (const [name, tensor] of Object.entries(await first.save())) {
      for (let n = 0; n < tensor.size; n += 2) {
        const at = async (x: number) => {
          const moved = tensor.as('float64')
          moved.data[n] += x
          device.write(first.parameters[name], moved)
          return loss()
        }
        const slope = ((await at(step)) - (await at(-step))) / (2 * step)
        expect(dParameters[name].data[n]).toBeCloseTo(slope, exact ? 8 : 2)
      }
      device.write(first.parameters[name], tensor)
    }
    await device.close()
  })

  test.each(each)('%s loads in place, and all or nothing', async (_, of) => {
    const device = await openDevice(options)
    const [layer, other] = [of({ device, seed: 3 }), of({ device, seed: 4 })]
    const shared = of({ device, parameters: layer.parameters })
    const [mine, theirs] = [await layer.save(), await other.save()]
    const last = Object.keys(mine).at(-1) as string
    const { [last]: _last, ...fewer } = theirs
    const before = handlesOf(device)
    for (const [wrong, what] of [
      [fewer, 'is missing'],
      [{ ...theirs, W_X: Tensor.zeros([1]) }, 'has no parameter W_X'],
      [{ ...theirs, [last]: Tensor.zeros([99]) }, 'got (99,)'],
      [{ ...theirs, [last]: NaNs(theirs[last]) }, 'not finite'],
      [{ ...theirs, [last]: theirs[last].as('int32') }, 'must hold floating numbers'],
      [{ ...theirs, [last]: layer.parameters[last] }, 'got a handle'],
    ] as const)
      expect(() => layer.load(wrong as Record<string, Tensor>)).toThrow(what)
    expect(await layer.save()).toEqual(mine)
    layer.load(theirs)
    expect(await layer.save()).toEqual(theirs)
    expect(await shared.save()).toEqual(theirs)
    expect(handlesOf(device)).toBe(before)
    await device.close()
  })
})

test('where one parameter was freed by its owner, none is loaded', async () => {
  const device = await openDevice({ device: 'reference' })
  const layer = new SelfAttention(sizes, { device, seed: 3 })
  const [mine, theirs] = [
    await layer.save(),
    await new SelfAttention(sizes, { device, seed: 4 }).save(),
  ]
  device.free(layer.parameters.W_V)
  expect(() => layer.load(theirs)).toThrow('was freed')
  expect(await device.read(layer.parameters.W_Q)).toEqual(mine.W_Q)
  await expect(layer.save()).rejects.toThrow('was freed')
  layer.free()
  expect(() => layer.load(theirs)).toThrow('SelfAttention.load: it was freed')
  await device.close()
})

test('a number that is not finite once a device rounded it is refused too', async () => {
  const device = await openDevice({ device: 'reference' })
  const layer = new SelfAttention(sizes, { device, seed: 3 })
  const own = await layer.save()
  const parameters = { ...own, W_V: Tensor.from(Array(5).fill([1, 1e39]), 'float64') }
  const why = 'the parameter W_V holds numbers that are not finite as float32'
  expect(() => layer.load(parameters)).toThrow(`SelfAttention.load: ${why}`)
  expect(await layer.save()).toEqual(own)
  expect(() => new SelfAttention(sizes, { device, parameters })).toThrow(`SelfAttention: ${why}`)
  await device.close()
})

const NaNs = ({ shape, dtype }: Tensor): Tensor => {
  const tensor = Tensor.zeros(shape, dtype)
  tensor.data[tensor.size - 1] = Number.NaN
  return tensor
}

const reference = await openDevice({ device: 'reference', dtype: 'float64' })
const other = await openDevice({ device: 'reference', dtype: 'float64' })

describe('parameters that do not fit are refused by name, and nothing is left behind:', () => {
  const layer = new SelfAttention(sizes, { device: reference, seed: 3 })
  const foreign = new SelfAttention(sizes, { device: other, seed: 3 }).parameters
  const { W_K: _, ...fewer } = layer.parameters
  const freed = reference.allocate([5, 3])
  reference.free(freed)
  const wrong: readonly (readonly [string, unknown, ErrorConstructor, string])[] = [
    [
      'a missing one',
      fewer,
      RangeError,
      'SelfAttention: the parameter W_K (5, 3) is missing; given are W_Q, W_V',
    ],
    [
      'one left over',
      { ...layer.parameters, W_k: Tensor.zeros([5, 3]) },
      RangeError,
      'SelfAttention: has no parameter W_k (did you mean W_K?); it has W_Q, W_K, W_V',
    ],
    [
      'one of another shape',
      { ...layer.parameters, W_K: Tensor.zeros([3, 5]) },
      RangeError,
      'SelfAttention: the parameter W_K must be (5, 3), got (3, 5)',
    ],
    [
      'one of integers',
      { ...layer.parameters, W_K: Tensor.zeros([5, 3], 'int32') },
      TypeError,
      'SelfAttention: the parameter W_K must hold floating numbers, got "int32"',
    ],
    [
      'a number',
      { ...layer.parameters, W_K: 3 },
      TypeError,
      'SelfAttention: the parameter W_K must be a Tensor or a handle of its device, got 3',
    ],
    [
      'one that is not finite',
      { ...layer.parameters, W_K: NaNs(Tensor.zeros([5, 3])) },
      RangeError,
      'SelfAttention: the parameter W_K holds numbers that are not finite',
    ],
    [
      'a promise of them',
      layer.save(),
      TypeError,
      'SelfAttention: parameters must be an object, got a promise; await it first',
    ],
    [
      'a handle of another device',
      { ...layer.parameters, W_K: foreign.W_K },
      TypeError,
      'SelfAttention: the parameter W_K: device: needs a handle of this device; upload the tensor first, or read it from the device that it belongs to',
    ],
    [
      'a handle that was freed',
      { ...layer.parameters, W_K: freed },
      Error,
      'SelfAttention: the parameter W_K: device: the handle (5, 3) was freed already; return it from the scope, or call free() after the last use',
    ],
    [
      'one handle under two names',
      { ...layer.parameters, W_K: layer.parameters.W_Q },
      RangeError,
      'SelfAttention: the parameters W_Q and W_K are one handle; upload it twice, or use one layer twice',
    ],
    ['an array', [], TypeError, 'SelfAttention: parameters must be an object, got an array'],
  ]
  test.each(wrong)('%s', (_what, parameters, kind, message) => {
    const before = handlesOf(reference)
    const build = () =>
      new SelfAttention(sizes, {
        device: reference,
        parameters: parameters as GivenParameters,
      })
    expect(build).toThrow(new kind(message))
    expect(build).toThrow(kind)
    expect(handlesOf(reference)).toBe(before)
  })

  test.each(each)('%s without one, or with one more', async (_, of) => {
    const drawn = of({ device: reference, seed: 3 })
    const parameters = await drawn.save()
    const before = handlesOf(reference)
    for (const name of Object.keys(parameters)) {
      const { [name]: _, ...fewer } = parameters
      expect(() => of({ device: reference, parameters: fewer })).toThrow(`the parameter ${name} (`)
    }
    const more = { ...parameters, more: Tensor.zeros([1]) }
    expect(() => of({ device: reference, parameters: more })).toThrow('has no parameter more')
    expect(handlesOf(reference)).toBe(before)
  })
})

test('a host has a seed, parameters, or both; what draws beside parameters needs the seed', async () => {
  const options = { ...sizes, dropout: 0.5 }
  const layer = new SelfAttention(options, { device: reference, seed: 3 })
  const X = new Random(5, 'X').normals([2, 3, 5], 'float64')
  const { parameters } = layer
  const seeded = new SelfAttention(options, { device: reference, seed: 3, parameters })
  expect(await seeded.forward(X, { step: 1 }).read()).toEqual(
    await layer.forward(X, { step: 1 }).read(),
  )
  const without = new SelfAttention(options, { device: reference, parameters })
  expect((await without.forward(X).read()).context).toEqual((await layer.forward(X).read()).context)
  expect(() => without.forward(X, { step: 1 })).toThrow(
    new TypeError(
      'SelfAttention.forward: dropout: draws from the seed of its host, which has none; give { device, parameters, seed: 7 }',
    ),
  )
  expect(() => new SelfAttention(sizes, { device: reference })).toThrow('seed must be an integer')
  const words = new WordPrediction(
    { width: 5, dModel: 4 },
    LEXICON,
    { counts, candidates: 1 },
    {
      device: reference,
      parameters: { 'predict.W': Tensor.zeros([5, 4]) },
    },
  )
  expect(() =>
    hiddenWords(words, () => [{ features: [LEXICON.featuresOf('tom')] }], 0.5).draw(1),
  ).toThrow('hiddenWords: draws from the seed of its host')
})

test('a part takes the parameters that begin with its prefix', async () => {
  const host = { device: reference, seed: 3, prefix: 'a.' }
  const parameters = await new SelfAttention(sizes, hostOf(host, 'b.')).save()
  expect(Object.keys(parameters)).toEqual(['a.b.W_Q', 'a.b.W_K', 'a.b.W_V'])
  const { seed: _, ...rest } = host
  const part = new SelfAttention(sizes, hostOf({ ...rest, parameters }, 'b.'))
  expect(await part.save()).toEqual(parameters)
})

test('a layer keeps no tensors that it was given', async () => {
  const parameters = await new SelfAttention(sizes, { device: reference, seed: 3 }).save()
  expect(new SelfAttention(sizes, { device: reference, parameters }).host).not.toHaveProperty(
    'parameters',
  )
})

describe('a layer goes out and comes back', () => {
  const options = {
    ...sizes,
    dKey: 2,
    alignment: general({ bias: true, activation: 'tanh' }),
    distribution: entmax(1.3),
    mask: causal({ align: 'end', window: 4 }),
    position: learned(9),
    heads: 2,
    output: 5,
    biases: true,
    dropout: 0.1,
    initializer: normal(0.3),
  } as const
  const X = new Random(5, 'X').normals([2, 3, 5], 'float64')
  const from = { device: reference, seed: 3 }
  const found: readonly [string, Layer, (json: never, host: LayerHost) => Layer][] = [
    [
      'SelfAttention',
      new SelfAttention(options, from),
      (json, host) => new SelfAttention(json, host),
    ],
    [
      'FeedForward',
      new FeedForward(5, { width: 7, activation: 'relu' }, from),
      (json: { dModel: number; width: number }, host: LayerHost) => {
        const { dModel, ...rest } = json
        return new FeedForward(dModel, rest, host)
      },
    ],
    ['Stack', new Stack(stackOptions, from), (json, host) => new Stack(json, host)],
    [
      'Encoder',
      new Encoder({ vocabulary: 11, ...stackOptions }, from),
      (json, host) => new Encoder(json, host),
    ],
    [
      'Encoder with letters',
      new Encoder(
        { vocabulary: 3, letters: 4, embeddingInitializer: normal(0.1), ...stackOptions },
        from,
      ),
      (json, host) => new Encoder(json, host),
    ],
    [
      'Linear',
      new Linear({ dIn: 5, dOut: 7, bias: false }, from),
      (json, host) => new Linear(json, host),
    ],
    ['Norm', new Norm({ dModel: 5, epsilon: 1e-6 }, from), (json, host) => new Norm(json, host)],
    ['Classes', new Classes({ width: 5, count: 3 }, from), (json, host) => new Classes(json, host)],
  ]

  test.each(found)('as JSON: %s', async (_, layer, back) => {
    const text = JSON.stringify({ options: layer, parameters: await layer.save() })
    const json = JSON.parse(text)
    const parameters = Object.fromEntries(
      Object.entries(json.parameters).map(([name, one]) => [
        name,
        Tensor.fromJSON(one as TensorJSON),
      ]),
    )
    const again = back(layerOptions<never>(json.options), { device: reference, parameters })
    expect(JSON.stringify({ options: again, parameters: await again.save() })).toBe(text)
    expect(await again.save()).toEqual(await layer.save())
  })

  test.each(found)('as safetensors, onto a device of float32: %s', async (_, layer, back) => {
    const file = encodeTensors({
      tensors: await layer.save(),
      metadata: { layer: JSON.stringify(layer) },
    })
    const { tensors, metadata } = decodeTensors(file)
    expect(tensors).toEqual(await layer.save())
    const device = await openDevice({ device: 'wasm', threads: 1 })
    const again = back(layerOptions<never>(JSON.parse(metadata.layer)), {
      device,
      parameters: tensors,
    })
    for (const [name, tensor] of Object.entries(await again.save()))
      expect(tensor).toEqual(tensors[name].as('float32'))
    await device.close()
  })

  test('with the same contexts, whatever its alignment, distribution, mask and position', async () => {
    for (const own of [
      options,
      { ...sizes, alignment: additive({ hidden: 3 }), mask: window(1, Infinity) },
      { ...sizes, distribution: topK(2), mask: window(2, 1, { align: 'end' }) },
      { ...sizes, mask: lengths([3, 2]), position: relative(2) },
      sizes,
    ]) {
      const layer = new SelfAttention(own as typeof sizes, from)
      const json = JSON.parse(JSON.stringify(layer))
      const parameters = await layer.save()
      const again = new SelfAttention(layerOptions<typeof sizes>(json), {
        device: reference,
        parameters,
      })
      expect(again.config).toEqual({
        ...layer.config,
        initializer: again.config.initializer,
        alignment: expect.objectContaining({ name: layer.config.alignment.name }),
        distribution: expect.objectContaining({ name: layer.config.distribution.name }),
        mask: expect.objectContaining({ name: layer.config.mask.name }),
        position: expect.objectContaining({ name: layer.config.position.name }),
      })
      expect(await again.forward(X).read()).toEqual(await layer.forward(X).read())
    }
  })

  test('what has no name of its own is given as itself', async () => {
    const mask = cells(new Tensor([3, 3], Uint8Array.of(1, 0, 0, 1, 1, 0, 1, 1, 1)))
    const layer = new SelfAttention({ ...sizes, mask }, from)
    const json = JSON.parse(JSON.stringify(layer))
    const host = { device: reference, parameters: layer.parameters }
    expect(() => layerOptions(json)).toThrow(
      new RangeError(
        'layerOptions: maskNamed: unknown mask "cells:3x3"; known: everything, causal[:end,window], window:left,right[,end], lengths:length,…; put an own one there as the value itself: { ...json, mask }',
      ),
    )
    const again = new SelfAttention(layerOptions<typeof sizes>({ ...json, mask }), host)
    expect(await again.forward(X).read()).toEqual(await layer.forward(X).read())
  })
})
