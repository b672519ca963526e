import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Device } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'
import type { ForwardOptions } from '../../src/layer/forward-options.ts'
import { SelfAttention } from '../../src/layer/self-attention.ts'
import { Stack } from '../../src/layer/stack.ts'
import { and, causal, lengths, type Mask, window } from '../../src/mechanism/mask.ts'
import {
  learned,
  none,
  type Position,
  relative,
  rotary,
  sinusoidal,
} from '../../src/mechanism/position.ts'
import { Random } from '../../src/random.ts'
import { Tensor } from '../../src/tensor.ts'
import { directionalError, innerProduct } from '../differences.ts'

const [T, D] = [11, 7]
const positions: readonly Position[] = [
  ...[none, sinusoidal, learned(13), relative(2), relative(2, { align: 'end' })],
  ...[rotary(), rotary({ align: 'end' })],
]
const sizes = { dModel: D, dQuery: 6, dKey: 6, dValue: 5, heads: 2 }
const X = new Random(3, 'X').normals([T, D])
const rows = (from: number, to: number, of = X): Tensor =>
  new Tensor([to - from, D], of.data.slice(from * D, to * D))
const end = causal({ align: 'end' })

const opened: Device[] = []
beforeAll(async () => {
  opened.push(await openDevice({ device: 'reference', dtype: 'float64' }))
  opened.push(await openDevice({ device: 'wasm', threads: 2 }))
})
afterAll(() => Promise.all(opened.map((device) => device.close())))

/** A layer whose relative biases are not zero. */
function layerOn(device: Device, position: Position) {
  const layer = new SelfAttention({ ...sizes, position }, { device, seed: 5 })
  const { 'position.bias': bias } = layer.parameters
  if (bias) device.write(bias, new Random(7, 'bias').normals(bias.shape))
  return layer
}

const contextOf = async (
  layer: SelfAttention,
  rowsOfX: Tensor,
  options: ForwardOptions,
): Promise<Tensor> => (await layer.forward(rowsOfX, options).read()).context

const worst = (a: Tensor, b: Tensor): number =>
  Math.max(...Array.from(b.data, (value, n) => Math.abs(a.data[n] - value)))

describe.each(positions)('$name, align $align', (position) => {
  test.each(['reference', 'wasm'])('decoding in parts on %s is the whole forward', async (name) => {
    const device = opened.find((one) => one.name === name) as Device
    const layer = layerOn(device, position)
    const whole = await contextOf(layer, X, { mask: causal() })
    for (const [from, to] of [
      ...[...Array(T).keys()].map((t) => [t, t + 1]),
      ...[
        [3, 8],
        [4, T],
      ],
    ]) {
      const part = await contextOf(layer, rows(from, to), { source: rows(0, to), mask: end })
      const expected = new Tensor(part.shape, whole.data.slice(from * 10, to * 10))
      expect(worst(part, expected), `rows ${from} to ${to}`).toBe(0)
    }
  })

  test('a source that begins later in its text gives what its rows give in the whole', async () => {
    const layer = layerOn(opened[0], position)
    const whole = await contextOf(layer, X, { mask: causal({ window: 4 }) })
    const mask = causal({ window: 4, align: 'end' })
    const part = await contextOf(layer, rows(8, 10), { source: rows(3, 10), sourceOffset: 3, mask })
    const expected = new Tensor(part.shape, whole.data.slice(80, 100))
    expect(worst(part, expected)).toBeLessThan(1e-15)
  })

  test('an offset for each text is that of the text alone', async () => {
    const layer = layerOn(opened[0], position)
    const source = { source: rows(0, 9), sourceStarts: [0, 5, 9] }
    const both = await contextOf(layer, rows(2, 5), { ...source, starts: [0, 1, 3], mask: end })
    const alone = await contextOf(layer, rows(3, 5), { source: rows(5, 9), mask: end })
    expect(worst(new Tensor([2, 10], both.data.slice(10)), alone)).toBe(0)
    const given = { ...source, starts: [0, 1, 3], mask: end, offset: [4, 2] }
    expect(await contextOf(layer, rows(2, 5), given)).toEqual(both)
  })

  test('gradients of a part agree with differences', async () => {
    const device = opened[0]
    const layer = layerOn(device, position)
    const random = new Random(11, position.name)
    const [part, source] = [rows(5, 8).as('float64'), rows(0, 8).as('float64')]
    const dC = random.normals([3, 10], 'float64')
    const run = () => layer.forward(part, { source, mask: end })
    const found = await run().backward(dC).read()
    const loss = async () => innerProduct((await run().read()).context.data, dC.data)
    expect(await directionalError(part, found.dX, loss, random)).toBeLessThan(1e-7)
    expect(await directionalError(source, found.dSource as Tensor, loss, random)).toBeLessThan(1e-7)
    for (const [name, handle] of Object.entries(layer.parameters)) {
      const value = await device.read(handle)
      const moved = async () => {
        device.write(handle, value)
        return loss()
      }
      const error = await directionalError(value, found.dParameters[name], moved, random)
      device.write(handle, value)
      expect(error, name).toBeLessThan(1e-7)
    }
  })
})

test('positions of learned rows are those of the offset: others have no gradient', async () => {
  const layer = layerOn(opened[0], learned(13))
  const dC = new Random(13, 'dC').normals([2, 10])
  const { dParameters } = await layer.forward(rows(0, 2), { offset: 9 }).backward(dC).read()
  const used = Array.from({ length: 13 }, (_, t) =>
    dParameters['position.P'].slice(t).data.some((d) => d !== 0),
  )
  expect(used.flatMap((is, t) => (is ? [t] : []))).toEqual([9, 10])
})

test('an offset of a text without a source moves rotary and relative positions by nothing', async () => {
  for (const position of [rotary(), relative(2)]) {
    const layer = layerOn(opened[0], position)
    expect(await contextOf(layer, X, { offset: 5 })).toEqual(await contextOf(layer, X, {}))
  }
})

test.each<[string, Mask]>([
  ['a window', window(2, 0, { align: 'end' })],
  ['and', and(lengths([11]), end)],
])('%s at the end moves positions too', async (_name, mask) => {
  const layer = layerOn(opened[0], sinusoidal)
  const expected = await contextOf(layer, rows(9, T), { source: X, mask, offset: 9 })
  expect(await contextOf(layer, rows(9, T), { source: X, mask })).toEqual(expected)
  const other = await contextOf(layer, rows(9, T), { source: X, mask, offset: 0 })
  expect(worst(other, expected)).toBeGreaterThan(0.01)
})

test('an offset goes through a stack', async () => {
  for (const position of [sinusoidal, learned(13)]) {
    const layers = [{ ...sizes, position, dValue: 7, heads: 1 }]
    const host = { device: opened[0], seed: 5 }
    const stack = new Stack({ dModel: D, layers, residual: true, feedForward: { width: 3 } }, host)
    const mask = window(0, 0) // no row sees another
    const at = async (X: Tensor, options: ForwardOptions) =>
      opened[0].read(stack.forward(X, { mask, ...options }).context)
    const whole = await at(X, {})
    const part = await at(rows(5, 8), { offset: 5 })
    expect(part).toEqual(rows(5, 8, whole))
  }
})

describe('what cannot be is refused', () => {
  const refused = (position: Position, options: ForwardOptions, x = rows(0, 3)) => {
    return () => layerOn(opened[0], position).forward(x, options)
  }
  const source = rows(0, 7)
  test.each<[string, () => void, string]>([
    [
      'below 0',
      refused(none, { offset: -1 }),
      'offset must be an integer from 0 to 1000000, or one for each',
    ],
    ['beyond all', refused(learned(9), { offset: 2 ** 53 }), 'or one for each text, got 9007199'],
    ['a half', refused(none, { offset: [0.5] }), 'one for each text, got [0.5]'],
    ['another kind', refused(none, { offset: '1' as never }), 'one for each text, got "1"'],
    ['too many', refused(none, { offset: [1, 2] }), 'one for each of 1 texts, got 2'],
    [
      'of no source',
      refused(none, { sourceOffset: 1 }),
      'give source, or lengths, starts and offset',
    ],
    [
      'beyond a table',
      refused(learned(5), { offset: 3 }),
      'positions for 5 words, got a text of 6',
    ],
    [
      'more rows than the source',
      refused(sinusoidal, { source: rows(0, 2), mask: end }),
      'its first position would be -1; give offset',
    ],
    [
      'between start and end',
      refused(rotary(), { source, offset: 2 }),
      'got offset [2]; use sinusoidal or learned',
    ],
  ])('%s', (_name, run, message) => expect(run).toThrow(message))
})
