import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Device } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'
import { initialParameters } from '../../src/layer/options.ts'
import { SelfAttention } from '../../src/layer/self-attention.ts'
import { causal } from '../../src/mechanism/mask.ts'
import { learned, relative, rotary, sinusoidal } from '../../src/mechanism/position.ts'
import { Random } from '../../src/random.ts'
import { relativeError } from '../goldens.ts'

const sizes = { dModel: 13, dSource: 5, dQuery: 3, dKey: 3, dValue: 7, heads: 2 }

let reference: Device
let wasm: Device
beforeAll(async () => {
  reference = await openDevice({ device: 'reference', dtype: 'float64' })
  wasm = await openDevice({ device: 'wasm', threads: 2 })
})
afterAll(() => Promise.all([reference.close(), wasm.close()]))

test('W_K and W_V have a row for each column of the source', () => {
  const layer = new SelfAttention({ ...sizes, output: 11 }, { device: reference, seed: 7 })
  const shapes = Object.entries(layer.parameters).map(([name, { shape }]) => [name, ...shape])
  expect(shapes).toEqual([
    ['W_Q', 13, 6],
    ['W_K', 5, 6],
    ['W_V', 5, 14],
    ['W_O', 14, 11],
  ])
  expect(layer.parameterCount).toBe(13 * 6 + 5 * (6 + 14) + 14 * 11)
  expect(initialParameters(sizes, 7).W_K.shape).toEqual([5, 6])
})

test.each([1, 3, 17, 48, 49, 65])('%i rows on wasm are as on the reference', async (T) => {
  const options = { ...sizes, position: relative(3), mask: causal({ align: 'end' }) }
  const random = new Random(T, 'cross')
  const [X, source, dC] = [[T, 13] as const, [T + 16, 5] as const, [T, 14] as const].map((shape) =>
    random.normals(shape),
  )
  const on = async (device: Device) => {
    const layer = new SelfAttention(options, { device, seed: 7 })
    const pass = layer.forward(X, { source })
    const { dX, dSource, dParameters } = await pass.backward(dC).read()
    return { context: (await pass.read()).context, dX, dSource, ...dParameters }
  }
  const [expected, found] = [await on(reference), await on(wasm)]
  for (const [name, numbers] of Object.entries(expected)) {
    const other = found[name as keyof typeof found]
    expect(numbers && other && relativeError(other, numbers), name).toBeLessThan(4e-6)
  }
})

test.each([undefined, 3, 29])(
  'an estimate with %s words of source equals a run',
  async (source) => {
    const device = await openDevice({ device: 'reference' })
    const layer = new SelfAttention(sizes, { device, seed: 7 })
    const parameters = device.stats().bytes
    const random = new Random(3, 'estimate')
    const pass = layer.forward(random.normals([2, 17, 13]), {
      source: random.normals([2, source ?? 17, 5]),
    })
    const forward = device.stats().peakBytes - parameters
    pass.backward(random.normals([2, 17, 14]))
    const forwardAndBackward = device.stats().peakBytes - parameters
    const planned = { N: 2, T: 17, ...(source === undefined ? {} : { source }) }
    expect(layer.estimate(planned)).toEqual({ parameters, forward, forwardAndBackward })
  },
)

describe('a source of another width is refused', () => {
  const X = new Random(5, 'X').normals([2, 3, 13])
  const layer = () => new SelfAttention(sizes, { device: reference, seed: 7 })
  test('where it is not there', () =>
    expect(() => layer().forward(X)).toThrow(
      'SelfAttention.forward: keys and values come from rows of dSource 5, and X has dModel 13; give source',
    ))
  test('where it has the width of X', () =>
    expect(() => layer().forward(X, { source: X })).toThrow(
      'the last axis of source must be dSource = 5, got (2, 3, 13)',
    ))
  test.each([sinusoidal, learned(7)])('under $name positions', (position) =>
    expect(() => new SelfAttention({ ...sizes, position }, { device: reference, seed: 7 })).toThrow(
      'use relative or rotary positions, or add positions to both before',
    ),
  )
  test('of no columns', () =>
    expect(
      () => new SelfAttention({ ...sizes, dSource: 0 }, { device: reference, seed: 7 }),
    ).toThrow('SelfAttention: dSource must be an integer ≥ 1, got 0'))
  test('and none is under rotary ones', async () => {
    const options = { ...sizes, position: rotary(), dSource: 13 }
    const rotating = new SelfAttention(options, { device: reference, seed: 7 })
    expect((await rotating.forward(X).read()).context.shape).toEqual([2, 3, 14])
  })
})
