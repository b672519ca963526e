import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hardmax } from '../../examples/hardmax.js'
import type { Device } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'
import type { SelfAttentionOptions } from '../../src/layer/options.ts'
import { SelfAttention } from '../../src/layer/self-attention.ts'
import type { Alignment } from '../../src/mechanism/alignment.ts'
import { additive, cosine, negativeDistance } from '../../src/mechanism/alignments.ts'
import { attend } from '../../src/mechanism/attention.ts'
import { entmax, sparsemax } from '../../src/mechanism/distributions.ts'
import { causal } from '../../src/mechanism/mask.ts'
import { none, relative, rotary } from '../../src/mechanism/position.ts'
import { Random } from '../../src/random.ts'
import type { Tensor } from '../../src/tensor.ts'
import { directionalError, innerProduct } from '../differences.ts'
import { alignments } from '../every.ts'
import { foldHeads, repeatHeads } from '../goldens/multi-head.ts'
import { relativeError } from '../goldens.ts'

type Options = SelfAttentionOptions<number, number, Alignment>
type Layer = SelfAttention<number, number, Alignment>

const GROUPED = ['W_K', 'W_V', 'b_K', 'b_V']
const sizes = { dModel: 7, dQuery: 3, dKey: 3, dValue: 5, heads: 6, biases: true }

let reference: Device
let wasm: readonly Device[]
beforeAll(async () => {
  reference = await openDevice({ device: 'reference', dtype: 'float64' })
  wasm = await Promise.all([1, 2].map((threads) => openDevice({ device: 'wasm', threads })))
})
afterAll(() => Promise.all([reference, ...wasm].map((device) => device.close())))

/** A layer none of whose parameters is zero; `from` gives them where it is there. */
async function layerOn(device: Device, options: Options, from?: Layer): Promise<Layer> {
  const layer = new SelfAttention<number, number, Alignment>(options, { device, seed: 5 })
  const random = new Random(7, 'moved')
  const [few, many] = [from?.config.keyValueHeads ?? 1, layer.config.keyValueHeads]
  for (const [name, handle] of Object.entries(layer.parameters)) {
    const value = await (from ?? layer).device.read((from ?? layer).parameters[name])
    if (!from) for (let n = 0; n < value.size; n++) value.data[n] += 0.2 * random.normal()
    const repeated = from && GROUPED.includes(name) && few < many
    device.write(handle, repeated ? repeatHeads(value.as('float64'), few, many) : value)
  }
  return layer
}

/** Context and every gradient, by name; `want.weights` runs the kernels that record too. */
async function found(layer: Layer, T: number): Promise<Readonly<Record<string, Tensor>>> {
  const random = new Random(T, 'inputs')
  const X = random.normals([2, T, layer.config.dModel])
  const pass = layer.forward(X, { lengths: [T, T - (T >> 1)], want: { weights: true } })
  const { context, weights } = await pass.read()
  const { dX, dParameters } = await pass.backward(random.normals(context.shape)).read()
  pass.free()
  return { context, weights: weights as Tensor, dX, ...dParameters }
}

/** Gradients of a layer of repeated heads as those of one whose heads are shared. */
const folded = (all: Readonly<Record<string, Tensor>>, groups: number, heads: number) =>
  Object.fromEntries(
    Object.entries(all).map(([name, X]) => [
      name,
      GROUPED.includes(name) ? foldHeads(X.as('float64'), groups, heads) : X,
    ]),
  )

describe.each([1, 2, 3])('6 heads of queries, %i of keys and values', (keyValueHeads) => {
  const options = { ...sizes, keyValueHeads }

  test.each(alignments)(
    '$name: the numbers of a layer whose heads are repeated',
    async (alignment) => {
      const own = { ...options, alignment, position: relative(2), distribution: sparsemax }
      const layer = await layerOn(reference, own)
      const full = await layerOn(reference, { ...own, keyValueHeads: 6 }, layer)
      const expected = folded(await found(full, 7), keyValueHeads, 6)
      const shared = await found(layer, 7)
      expect(shared.context).toEqual(expected.context)
      expect(shared.weights).toEqual(expected.weights)
      for (const [name, numbers] of Object.entries(expected))
        expect(relativeError(shared[name], numbers), name).toBeLessThan(1e-12)
    },
  )

  test.each(alignments)('$name: wasm gives the bits of repeated heads', async (alignment) => {
    for (const position of alignment.rotates ? [none, rotary(), relative(2)] : [relative(2)]) {
      const own = { ...options, alignment, position, mask: causal() }
      for (const T of keyValueHeads === 2 ? [5, 49] : [5]) {
        const exact = await found(await layerOn(reference, own), T)
        const layer = await layerOn(wasm[0], own, await layerOn(reference, own))
        const full = await layerOn(wasm[0], { ...own, keyValueHeads: 6 }, layer)
        const expected = await found(full, T)
        const shared = await found(layer, T)
        expect(shared.context, position.name).toEqual(expected.context)
        expect(shared.weights, position.name).toEqual(expected.weights)
        const repeated = folded(expected, keyValueHeads, 6)
        for (const [name, numbers] of Object.entries(exact)) {
          const error = relativeError(shared[name], numbers)
          const allowed = 2 * relativeError(repeated[name], numbers) + 1e-6
          expect(error, `${position.name}, ${T}: ${name}`).toBeLessThan(allowed)
        }
      }
    }
  })
})

test.each([
  ['a map without parameters', { position: rotary(), dropout: 0 }],
  ['a map with one number for each head', { alignment: negativeDistance }],
  ['a linear map', { alignment: additive({ hidden: 17 }), distribution: entmax('learned') }],
])('threads change no bit, shared or not, with %s', async (_name, own) => {
  for (const T of [17, 193]) {
    const options = { ...sizes, keyValueHeads: 2, ...own }
    const layer = await layerOn(wasm[0], options)
    const other = await layerOn(wasm[1], options, layer)
    expect(await found(other, T)).toEqual(await found(layer, T))
  }
})

test.each([...alignments.filter(({ name }) => !name.endsWith('relu'))])(
  '$name: every gradient agrees with differences',
  async (alignment) => {
    const own = { ...sizes, keyValueHeads: 3, alignment, position: relative(2), output: 5 }
    const layer = await layerOn(reference, own)
    const random = new Random(11, 'differences')
    const [X, dC] = [random.normals([5, 7], 'float64'), random.normals([5, 5], 'float64')]
    const { dX, dParameters } = await layer.forward(X).backward(dC).read()
    const loss = async () => innerProduct((await layer.forward(X).read()).context.data, dC.data)
    expect(await directionalError(X, dX, loss, random)).toBeLessThan(1e-7)
    for (const [name, handle] of Object.entries(layer.parameters)) {
      const value = await reference.read(handle)
      const moved = async () => {
        reference.write(handle, value)
        return loss()
      }
      const error = await directionalError(value, dParameters[name], moved, random)
      reference.write(handle, value)
      expect(error, name).toBeLessThan(1e-7)
    }
  },
)

test('what kernels leave to plain TypeScript is grouped too', async () => {
  for (const [own, poison] of [
    [{ distribution: hardmax }, 0],
    [{ position: rotary() }, Number.POSITIVE_INFINITY],
  ] as const) {
    const options = { ...sizes, ...own, keyValueHeads: 3, mask: causal() }
    const layer = await layerOn(wasm[0], options)
    const full = await layerOn(wasm[0], { ...options, keyValueHeads: 6 }, layer)
    const X = new Random(3, 'X').normals([7, 7])
    X.data[48] += poison
    const [dC, queryRows] = [new Random(3, 'dC').normals([3, 30]), Int32Array.of(1, 2, 5)]
    const at = async (one: Layer) => {
      const pass = one.forward(X, { queryRows })
      const { dX, dParameters } = await pass.backward(dC).read()
      const { context } = await pass.read()
      // 0 · ∞ in dW = XᵀdK is of the layer, not of attention
      return { context, dX, ...(poison ? {} : dParameters) }
    }
    const [found, expected] = [await at(layer), folded(await at(full), 3, 6)]
    expect(found.context).toEqual(expected.context)
    for (const [name, numbers] of Object.entries(found))
      expect(relativeError(numbers, expected[name]), name).toBeLessThan(2e-6)
  }
})

test('dropout drops the weights of each head of queries', async () => {
  const own = { ...sizes, keyValueHeads: 2, dropout: 0.4, alignment: cosine }
  const X = new Random(3, 'X').normals([2, 7, 7])
  const at = async (layer: Layer) => (await layer.forward(X, { step: 3 }).read()).context
  const layer = await layerOn(wasm[0], own)
  const full = await layerOn(wasm[0], { ...own, keyValueHeads: 6 }, layer)
  expect(await at(layer)).toEqual(await at(full))
})

test('fewer heads of keys and values are fewer parameters', () => {
  const options = { ...sizes, dSource: 11, keyValueHeads: 2 }
  const layer = new SelfAttention(options, { device: reference, seed: 5 })
  expect(layer.parameters.W_K.shape).toEqual([11, 6])
  expect(layer.parameters.b_V.shape).toEqual([10])
  expect(layer.parameterCount).toBe(7 * 18 + 11 * (6 + 10) + 18 + 6 + 10)
})

test('an estimate equals a run', async () => {
  const device = await openDevice({ device: 'reference' })
  const layer = new SelfAttention({ ...sizes, keyValueHeads: 2 }, { device, seed: 5 })
  const parameters = device.stats().bytes
  const pass = layer.forward(new Random(3, 'X').normals([2, 17, 7]))
  const forward = device.stats().peakBytes - parameters
  pass.backward(new Random(3, 'dC').normals([2, 17, 30]))
  const forwardAndBackward = device.stats().peakBytes - parameters
  expect(layer.estimate({ N: 2, T: 17 })).toEqual({ parameters, forward, forwardAndBackward })
})

test('attention and attend refuse heads that do not divide, and columns that do not fit', () => {
  const [Q, K] = [6, 4].map((heads) => new Random(3, 'QK').normals([1, heads, 5, 2]))
  expect(() => attend(Q, K, K)).toThrow(
    'attend: keyValueHeads must divide heads, 6, so that as many share each, got 4',
  )
  const layer = new SelfAttention({ ...sizes, keyValueHeads: 2 }, { device: reference, seed: 5 })
  const { call, texts } = layer.forward(new Random(3, 'X').normals([5, 7])).saved
  const result = { context: reference.allocate([texts.starts[1], 30]) }
  const attention = (keyValueHeads: number) => () =>
    reference.attention({ ...call, keyValueHeads }, result)
  expect(attention(5)).toThrow('attention: keyValueHeads must divide heads, 6, so that as many')
  expect(attention(3)).toThrow('must be multiples of heads, got 6 and keyValueHeads 3')
  expect(attention(2)).not.toThrow()
})

test.each([4, 12, 0, 1.5])(
  '%s heads of keys and values do not divide 6 of queries',
  (keyValueHeads) =>
    expect(
      () => new SelfAttention({ ...sizes, keyValueHeads }, { device: reference, seed: 5 }),
    ).toThrow(/^SelfAttention: keyValueHeads must /),
)
