import { expect, test } from 'vitest'
import type { AttentionCall } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'
import { Encoder } from '../../src/layer/encoder.ts'
import { SelfAttention } from '../../src/layer/self-attention.ts'
import { scaledDot } from '../../src/mechanism/alignments.ts'
import { softmax } from '../../src/mechanism/distributions.ts'
import { causal } from '../../src/mechanism/mask.ts'
import { none } from '../../src/mechanism/position.ts'
import { Random, zeros } from '../../src/random.ts'
import { Tensor } from '../../src/tensor.ts'

const device = await openDevice({ dtype: 'float64' })
const [T, heads, rate] = [23, 3, 0.4]
const step = 5

/** One-hot rows: row t is 1 in column t, once for each repetition side by side. */
function oneHot(repetitions: number): Tensor {
  const X = Tensor.zeros([T, repetitions * T], 'float64')
  for (let t = 0; t < T; t++)
    for (let n = 0; n < repetitions; n++) X.data[(t * repetitions + n) * T + t] = 1
  return X
}

/**
 * Which weights a layer keeps, as [text][head] of T × T cells.
 *
 * One-hot words and values show each weight in a column of the context of its own; queries of zeros
 * make every weight 1/T.
 */
async function kept(prefix: string, texts: number): Promise<boolean[][][]> {
  const layer = new SelfAttention(
    { dModel: T, dQuery: 2, dKey: 2, dValue: T, heads, dropout: rate },
    { device, seed: 7, prefix },
  )
  device.write(layer.own.W_Q, Tensor.zeros([T, heads * 2], 'float64'))
  device.write(layer.own.W_V, oneHot(heads))
  const X = new Tensor(
    [texts, T, T],
    Float64Array.from({ length: texts * T * T }, (_, n) => oneHot(1).data[n % (T * T)]),
  )
  const { context } = await layer.forward(X, { step }).read()
  const cells = Array.from({ length: T * T }, (_, n) => [Math.floor(n / T), n % T])
  return Array.from({ length: texts }, (_, n) =>
    Array.from({ length: heads }, (_, h) => cells.map(([i, j]) => context.at(n, i, h * T + j) > 0)),
  )
}

/**
 * Share of cells where both keep or both drop: rate² + (1 − rate)² = 0.52 where they know nothing
 * of each other, 1 where they are one.
 */
const agreement = (x: boolean[], y: boolean[]): number =>
  x.filter((keeps, n) => keeps === y[n]).length / x.length

const alone = (await kept('', 2))[0][0]

test('dropout keeps a weight with the chance that was asked for', () => {
  expect(Math.abs(alone.filter(Boolean).length / alone.length - (1 - rate))).toBeLessThan(0.07)
})

test.each([
  [0, 1],
  [0, 2],
  [1, 2],
])('heads %d and %d of one text drop independently', async (x, y) => {
  const [text] = await kept('', 2)
  expect(Math.abs(agreement(text[x], text[y]) - 0.52)).toBeLessThan(0.1)
})

test('two texts of one batch drop independently', async () => {
  const [first, second] = await kept('', 2)
  expect(Math.abs(agreement(first[0], second[0]) - 0.52)).toBeLessThan(0.1)
})

test('two queries of one text drop independently', () => {
  const shifted = [...alone.slice(T), ...alone.slice(0, T)]
  expect(Math.abs(agreement(alone, shifted) - 0.52)).toBeLessThan(0.1)
})

test('two keys of one query drop independently', () => {
  const shifted = [...alone.slice(1), alone[0]]
  expect(Math.abs(agreement(alone, shifted) - 0.52)).toBeLessThan(0.1)
})

test('two layers of one seed drop independently, by their prefixes', async () => {
  const [[first], [second]] = [await kept('layers.0.', 1), await kept('layers.1.', 1)]
  expect(Math.abs(agreement(first[0], second[0]) - 0.52)).toBeLessThan(0.1)
})

test('two layers of one seed and prefix drop alike', async () => {
  expect(await kept('layers.1.', 1)).toEqual(await kept('layers.1.', 1))
})

test('the layers of an encoder drop other weights', async () => {
  // values of 1 from the bias alone: a row of the context is the share that it kept, over 1 − rate
  const layer = { dQuery: 1, dKey: 1, dValue: 1, dropout: rate, biases: true, initializer: zeros }
  const encoder = new Encoder(
    { vocabulary: 1, dModel: 1, layers: [layer, layer] },
    { device, seed: 7 },
  )
  for (const n of [0, 1])
    device.write(encoder.parameters[`layers.${n}.b_V`], Tensor.from([1], 'float64'))
  const { passes } = encoder.forward([new Array<number>(T).fill(0)], { step }).stack
  const [first, second] = await Promise.all(passes.map(({ context }) => device.read(context)))
  expect([...first.data]).not.toEqual([...second.data])
})

/**
 * Attention of T causal queries whose key UNSEEN has a value that is given, and which queries
 * dropped that key or came before it.
 */
const UNSEEN = 3
async function attendedWith(value: number) {
  const random = new Random(11, 'dropped')
  const normals = (width: number): Tensor => random.normals([T, width], 'float64')
  const [Q, K, V, dC] = [normals(5), normals(5), normals(2), normals(2)]
  V.slice(UNSEEN).data.fill(value)
  const own = { alignmentParameters: {}, distributionParameters: {}, positionParameters: {} }
  const starts = Int32Array.of(0, T)
  const call: AttentionCall = {
    ...{
      Q: device.upload(Q),
      K: device.upload(K),
      V: device.upload(V),
      heads: 1,
      queryStarts: starts,
      keyStarts: starts,
    },
    ...{ alignment: scaledDot, distribution: softmax, mask: causal(), position: none, ...own },
    dropout: { rate, seed: 13, stream: 17, step },
  }
  const [context, dQ, dK, dV] = [dC, Q, K, V].map(({ shape }) => device.allocate(shape))
  device.attention(call, { context })
  device.attentionBackward(call, device.upload(dC), {
    dQ,
    dK,
    dV,
    dAlignment: {},
    dDistribution: {},
    dPosition: {},
  })
  const [C, q, v] = await Promise.all([context, dQ, dV].map((handle) => device.read(handle)))
  return { C, dQ: q, dV: v }
}

const clean = await attendedWith(1)
const infinite = await attendedWith(Infinity)
const moved = await attendedWith(2)
const rows = Array.from({ length: T }, (_, i) => i)
/** Rows that look at the key and dropped it: its value does not move them. */
const dropping = rows.filter((i) => i >= UNSEEN && clean.C.at(i, 0) === moved.C.at(i, 0))
const ofRows = (X: Tensor, wanted: number[]): number[] =>
  wanted.flatMap((i) => [...X.slice(i).data])

test('a key is dropped by some of the queries that look at it and kept by others', () => {
  expect([dropping.length > 3, dropping.length < T - UNSEEN - 3]).toEqual([true, true])
})

test('a value of ∞ changes no context of a row that dropped it', () => {
  expect(ofRows(infinite.C, dropping)).toEqual(ofRows(clean.C, dropping))
})

test('a value of ∞ changes no gradient of a query that dropped it', () => {
  expect(ofRows(infinite.dQ, dropping)).toEqual(ofRows(clean.dQ, dropping))
})

test('a value of ∞ leaves the gradients of all values as they were', () => {
  expect([...infinite.dV.data]).toEqual([...clean.dV.data])
})

test('a value of ∞ is in the context of every row that kept it', () => {
  const keeping = rows.filter((i) => i >= UNSEEN && !dropping.includes(i))
  expect(ofRows(infinite.C, keeping)).toEqual(keeping.flatMap(() => [Infinity, Infinity]))
})
