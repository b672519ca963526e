import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hardmax } from '../../examples/hardmax.js'
import type { Device } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'
import type { KeyValueCache } from '../../src/layer/cache.ts'
import type { ForwardOptions } from '../../src/layer/forward-options.ts'
import type { SelfAttentionOptions } from '../../src/layer/options.ts'
import { SelfAttention } from '../../src/layer/self-attention.ts'
import { Stack } from '../../src/layer/stack.ts'
import type { Alignment } from '../../src/mechanism/alignment.ts'
import { causal, cells } from '../../src/mechanism/mask.ts'
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
import { alignments } from '../every.ts'

type Options = SelfAttentionOptions<number, number, Alignment>
type Layer = SelfAttention<number, number, Alignment>

const D = 7
const sizes = { dModel: D, dQuery: 6, dKey: 6, dValue: 5, heads: 2 }
const positions: readonly Position[] = [none, sinusoidal, learned(29), relative(2), rotary()]

let devices: Readonly<Record<string, Device>>
beforeAll(async () => {
  const reference = await openDevice({ device: 'reference', dtype: 'float64' })
  devices = { reference, wasm: await openDevice({ device: 'wasm', threads: 2 }) }
})
afterAll(() => Promise.all(Object.values(devices).map((device) => device.close())))

function layerOn(name: string, options: Options): Layer {
  const layer = new SelfAttention<number, number, Alignment>(options, {
    device: devices[name],
    seed: 5,
  })
  const { 'position.bias': bias } = layer.parameters
  if (bias) layer.device.write(bias, new Random(7, 'bias').normals(bias.shape))
  return layer
}

const drawn = (rows: number): Tensor => new Random(3, 'X').normals([rows, D])
const rowsOf = (X: Tensor, from: number, to: number): Tensor => {
  const columns = X.shape[1]
  return new Tensor([to - from, columns], X.data.slice(from * columns, to * columns))
}
/** Rows of several matrices, one after the other. */
const joined = (parts: readonly Tensor[]): Tensor => {
  const data = parts.flatMap((X) => Array.from(X.data))
  const rows = parts.reduce((sum, { shape }) => sum + shape[0], 0)
  return new Tensor([rows, parts[0].shape[1]], Float64Array.from(data))
}

async function contextOf(layer: Layer, X: Tensor, options: ForwardOptions): Promise<Tensor> {
  const pass = layer.forward(X, options)
  const { context } = await pass.read()
  pass.free()
  return context
}

/** The contexts of a text that comes in parts of so many rows. */
async function inParts(
  layer: Layer,
  X: Tensor,
  parts: readonly number[],
  cache: KeyValueCache,
  options: ForwardOptions = {},
): Promise<Tensor> {
  const found: Tensor[] = []
  let from = 0
  for (const count of parts) {
    found.push(await contextOf(layer, rowsOf(X, from, from + count), { ...options, cache }))
    from += count
  }
  return joined(found)
}

const same = (a: Tensor, b: Tensor): void => {
  expect(a.shape).toEqual(b.shape)
  expect(Array.from(a.data)).toEqual(Array.from(b.data))
}

describe.each(['reference', 'wasm'])('a text in parts on %s is the whole text', (device) => {
  describe.each(alignments)('$name', (alignment) => {
    test.each(positions.filter(({ on }) => on !== 'operands' || alignment.rotates))(
      '$name, rows and parts of 1, of 17 and of what straddles a block',
      async (position) => {
        const layer = layerOn(device, { ...sizes, alignment, position })
        const X = drawn(24)
        const whole = await contextOf(layer, X, { mask: causal() })
        const cache = layer.cache({ capacity: 24 })
        same(await inParts(layer, X, [3, 1, 1, 17, 1, 1], cache), whole)
        expect(cache.length).toBe(24)
      },
    )
  })

  test.each<[string, Options, ForwardOptions]>([
    ['a window', { ...sizes, mask: causal({ window: 4 }) }, {}],
    ['a mask of each forward', sizes, { mask: causal({ window: 2, align: 'end' }) }],
    ['grouped heads', { ...sizes, heads: 4, keyValueHeads: 2, position: rotary() }, {}],
    ['biases and an output matrix', { ...sizes, biases: true, output: 3 }, {}],
    ['a distribution of your own', { ...sizes, distribution: hardmax }, {}],
  ])('with %s', async (_name, options, own) => {
    const layer = layerOn(device, options)
    const X = drawn(70)
    const { mask = causal() } = own
    const whole = await contextOf(layer, X, { mask: options.mask ?? mask })
    same(await inParts(layer, X, [49, 1, 15, 5], layer.cache({ capacity: 70 }), own), whole)
  })

  test('several texts of other lengths, each at its own pace', async () => {
    const layer = layerOn(device, { ...sizes, position: learned(11) })
    const [a, b, c] = [rowsOf(drawn(24), 0, 9), rowsOf(drawn(24), 9, 20), rowsOf(drawn(24), 20, 24)]
    const cache = layer.cache({ texts: 3, capacity: 11 })
    const steps = [
      [4, 1, 0],
      [1, 9, 0],
      [0, 1, 3],
      [4, 0, 1],
    ]
    const found: Tensor[][] = [[], [], []]
    const done = [0, 0, 0]
    for (const counts of steps) {
      const X = joined([a, b, c].map((text, n) => rowsOf(text, done[n], done[n] + counts[n])))
      const starts = [0, counts[0], counts[0] + counts[1], counts[0] + counts[1] + counts[2]]
      const context = await contextOf(layer, X, { starts, cache })
      counts.forEach((count, n) => {
        found[n].push(rowsOf(context, starts[n], starts[n + 1]))
        done[n] += count
      })
    }
    for (const [n, text] of [a, b, c].entries())
      same(joined(found[n]), await contextOf(layer, text, { mask: causal() }))
    expect(cache.lengths).toEqual([9, 11, 4])
  })

  test('a padded batch', async () => {
    const layer = layerOn(device, { ...sizes, position: sinusoidal })
    const [a, b] = [rowsOf(drawn(12), 0, 5), rowsOf(drawn(12), 5, 8)]
    const cache = layer.cache({ texts: 2, capacity: 6 })
    const batch = (parts: readonly Tensor[]) => joined(parts).reshape([2, 3, D])
    const rest = rowsOf(drawn(12), 8, 9)
    await contextOf(layer, batch([rowsOf(a, 0, 3), rowsOf(b, 0, 2), rest]), {
      lengths: [3, 2],
      cache,
    })
    const last = batch([rowsOf(a, 3, 5), rest, rowsOf(b, 2, 3), rest, rest])
    const context = await contextOf(layer, last, { lengths: [2, 1], cache })
    const whole = await contextOf(layer, a, { mask: causal() })
    same(rowsOf(context.reshape([6, 10]), 0, 2), rowsOf(whole, 3, 5))
    const other = await contextOf(layer, b, { mask: causal() })
    same(rowsOf(context.reshape([6, 10]), 3, 4), rowsOf(other, 2, 3))
    expect(cache.lengths).toEqual([5, 3])
  })

  test('weights and statistics are of the new rows over all keys', async () => {
    const layer = layerOn(device, sizes)
    const X = drawn(5)
    const cache = layer.cache({ capacity: 5 })
    const want = { weights: true, statistics: true } as const
    const all = await layer.forward(X, { mask: causal(), want }).read()
    await contextOf(layer, rowsOf(X, 0, 3), { cache })
    const pass = layer.forward(rowsOf(X, 3, 5), { cache, want })
    const { weights, statistics } = await pass.read()
    const last = (whole: Tensor | undefined, columns: number): number[] =>
      [0, 1].flatMap((head) =>
        Array.from(whole?.data.slice((head * 5 + 3) * columns, (head + 1) * 5 * columns) ?? []),
      )
    expect(Array.from(weights?.data ?? [])).toEqual(last(all.weights, 5))
    expect(Array.from(statistics?.argmax.data ?? [])).toEqual(last(all.statistics?.argmax, 1))
  })

  test('the last query alone, rows of a table, and queries in place of others', async () => {
    const layer = layerOn(device, sizes)
    const [X, mask] = [drawn(6), causal()]
    const whole = await contextOf(layer, X, { mask })
    const chosen = { starts: [0, 6], queryRows: Int32Array.of(5) }
    same(
      await contextOf(layer, X, { ...chosen, cache: layer.cache({ capacity: 6 }) }),
      rowsOf(whole, 5, 6),
    )
    const places = Int32Array.of(4, 0, 4)
    const text = joined([0, 1, 4, 0, 4].map((r) => rowsOf(X, r, r + 1)))
    const cache = layer.cache({ capacity: 5 })
    await contextOf(layer, rowsOf(X, 0, 2), { cache })
    const again = await contextOf(layer, X, { indices: places, starts: [0, 3], cache })
    same(again, rowsOf(await contextOf(layer, text, { mask }), 2, 5))
    const vectors = new Random(9, 'q').normals([1, 12])
    const other = layer.cache({ capacity: 6 })
    await contextOf(layer, rowsOf(X, 0, 4), { cache: other })
    const asked = { queries: { at: [1], vectors }, cache: other }
    const expected = await contextOf(layer, X, { mask, queries: { at: [5], vectors } })
    same(await contextOf(layer, rowsOf(X, 4, 6), asked), rowsOf(expected, 4, 6))
  })

  test('a cache holds its capacity and no more, however long it is used', async () => {
    const layer = layerOn(device, { ...sizes, position: relative(2) })
    const before = layer.device.stats()
    const cache = layer.cache({ capacity: 16, texts: 2 })
    const held = layer.device.stats()
    const size = device === 'wasm' ? 4 : 8
    expect(held.bytes - before.bytes).toBe(size * 2 * 16 * 2 * (6 + 5))
    for (let round = 0; round < 3; round++) {
      for (let t = 0; t < 16; t++) {
        const pass = layer.forward(drawn(2).reshape([2, 1, D]), { cache })
        expect(layer.device.stats().handles - held.handles, 'its context alone').toBe(1)
        await pass.read()
        pass.free()
      }
      expect(layer.device.stats()).toMatchObject({ bytes: held.bytes, handles: held.handles })
      cache.clear()
    }
    cache.free()
    expect(layer.device.stats()).toMatchObject({ bytes: before.bytes, handles: before.handles })
  })
})

test('a key that no row may look at now, a later row may', async () => {
  const X = drawn(4)
  const pairs = ['0 0', '1 0', '2 2', '3 0', '3 1']
  const upTo = (T: number) =>
    cells(
      new Tensor(
        [T, T],
        Uint8Array.from({ length: T * T }, (_, n) =>
          Number(pairs.includes(`${Math.floor(n / T)} ${n % T}`)),
        ),
      ),
    )
  const layer = layerOn('wasm', sizes)
  const whole = await contextOf(layer, X, { mask: upTo(4) })
  const cache = layer.cache({ capacity: 4 })
  await contextOf(layer, rowsOf(X, 0, 2), { cache, mask: upTo(2) })
  same(await contextOf(layer, rowsOf(X, 2, 4), { cache, mask: upTo(4) }), rowsOf(whole, 2, 4))
})

test('a cache outlives the scope of a forward with it', async () => {
  const layer = layerOn('wasm', sizes)
  const X = drawn(3)
  const cache = layer.cache({ capacity: 3 })
  for (let t = 0; t < 2; t++)
    layer.device.scope(() => {
      layer.forward(rowsOf(X, t, t + 1), { cache })
    })
  const whole = await contextOf(layer, X, { mask: causal() })
  same(await contextOf(layer, rowsOf(X, 2, 3), { cache }), rowsOf(whole, 2, 3))
})

test('a cache outlives the scope that it was made in, where it is returned', async () => {
  const layer = layerOn('wasm', sizes)
  const X = drawn(3)
  const cache = await layer.device.scope(async () => {
    const made = layer.device.scope(() => ({ cache: layer.cache({ capacity: 3 }) })).cache
    await contextOf(layer, rowsOf(X, 0, 2), { cache: made })
    return made
  })
  const whole = await contextOf(layer, X, { mask: causal() })
  same(await contextOf(layer, rowsOf(X, 2, 3), { cache }), rowsOf(whole, 2, 3))
})

test('a forward that failed leaves the cache as it was', async () => {
  const layer = layerOn('wasm', sizes)
  const X = drawn(3)
  const cache = layer.cache({ capacity: 3 })
  await contextOf(layer, rowsOf(X, 0, 2), { cache })
  const failing = {
    ...causal(),
    allows: () => {
      throw new Error('not today')
    },
  }
  expect(() => layer.forward(rowsOf(X, 2, 3), { cache, mask: failing })).toThrow('not today')
  expect(cache.length).toBe(2)
  const whole = await contextOf(layer, X, { mask: causal() })
  same(await contextOf(layer, rowsOf(X, 2, 3), { cache }), rowsOf(whole, 2, 3))
})

test('a NaN reaches no row before it', async () => {
  const layer = layerOn('wasm', sizes)
  const X = drawn(3)
  X.data.fill(Number.NaN, 2 * D)
  const cache = layer.cache({ capacity: 3 })
  const found = await inParts(layer, X, [2, 1], cache)
  expect(Array.from(found.data, Number.isNaN)).toEqual(
    Array.from({ length: 30 }, (_, n) => n >= 20),
  )
})

describe('what a cache cannot do is refused', () => {
  const X = drawn(2)
  const layerWith = (options: Partial<Options> = {}) =>
    layerOn('reference', { ...sizes, ...options })
  const fed = (options: ForwardOptions) => () => {
    const layer = layerWith()
    layer.forward(X, { cache: layer.cache({ capacity: 3 }), ...options })
  }
  test('more rows than its capacity', () => {
    const layer = layerWith()
    const cache = layer.cache({ capacity: 3 })
    layer.forward(X, { cache })
    expect(() => layer.forward(X, { cache })).toThrow(
      'SelfAttention.forward: the cache has room for 3 rows of a text, text 0 has 2 and 2 more came; clear it, or make one of a higher capacity',
    )
    expect(cache.length).toBe(2)
  })
  test('a backward', () => {
    const layer = layerWith()
    const pass = layer.forward(X, { cache: layer.cache({ capacity: 3 }) })
    expect(() => pass.backward(drawn(2))).toThrow(
      'Pass.backward: a forward with a cache saves nothing for a backward; forward the whole text without one',
    )
  })
  test('a cache that was freed, alone or with its layer', () => {
    const layer = layerWith()
    const [one, two] = [layer.cache({ capacity: 3 }), layer.cache({ capacity: 3 })]
    one.free()
    expect(() => layer.forward(X, { cache: one })).toThrow('KeyValueCache.forward: it was freed')
    layer.free()
    expect(() =>
      two.textsWith(layer, { starts: Int32Array.of(0, 1), lead: [1], longest: 1 }),
    ).toThrow('KeyValueCache.forward: it was freed')
  })
  test.each<[string, () => void, string]>([
    [
      'another layer',
      () => layerWith().forward(X, { cache: layerWith().cache({ capacity: 3 }) }),
      'the cache belongs to another layer',
    ],
    [
      'a stack',
      () => {
        const host = { device: devices.reference, seed: 5 }
        const stack = new Stack({ dModel: D, layers: [{ dQuery: 6, dKey: 6, dValue: 5 }] }, host)
        stack.forward(X, { cache: layerWith().cache({ capacity: 3 }) })
      },
      'Stack.forward: a cache belongs to one layer',
    ],
    ['other texts', fed({ starts: [0, 1, 2] }), 'the cache is of 1 texts, got X of 2'],
    ['a source', fed({ source: X }), 'cache excludes source, offset and step'],
    ['an offset', fed({ offset: 1 }), 'cache excludes source, offset and step'],
    ['a step', fed({ step: 1 }), 'cache excludes source, offset and step'],
    ['another kind', fed({ cache: {} as never }), 'cache must be what layer.cache made'],
    ['no capacity', () => layerWith().cache({} as never), 'capacity must be an integer ≥ 1'],
    [
      'an unknown option',
      () => layerWith().cache({ capacity: 3, text: 2 } as never),
      'unknown option text; did you mean texts?',
    ],
    [
      'a source of another width',
      () => layerWith({ dSource: 3 }).cache({ capacity: 3 }),
      'a cache holds those of X',
    ],
  ])('%s', (_name, run, message) => expect(run).toThrow(message))
})
