import { describe, expect, test } from 'vitest'
import type { Device } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'
import type { ForwardOptions } from '../../src/layer/forward-options.ts'
import { SelfAttention } from '../../src/layer/self-attention.ts'
import { Stack, type StackOptions } from '../../src/layer/stack.ts'
import { causal } from '../../src/mechanism/mask.ts'
import { learned, none, relative, rotary, sinusoidal } from '../../src/mechanism/position.ts'
import { Random } from '../../src/random.ts'
import { Tensor } from '../../src/tensor.ts'
import { worstError } from '../differences.ts'

const D = 5
const starts = [0, 4, 4, 11, 13]
/** Rows of a table of 7, of which row 6 stands nowhere. */
const places = Int32Array.of(3, 1, 4, 1, 5, 0, 2, 5, 3, 5, 0, 1, 2)
const queryRows = Int32Array.of(1, 5, 6, 12)

/** Rows of X at some places. */
const taken = (X: Tensor, rows: Int32Array): Tensor => {
  const [, columns] = X.shape
  const Y = Tensor.zeros([rows.length, columns], 'float64')
  rows.forEach((row, n) => {
    Y.data.set(X.data.subarray(row * columns, (row + 1) * columns) as Float64Array, n * columns)
  })
  return Y
}
/** The transpose of `taken`, into so many rows. */
const returned = (dY: Tensor, rows: Int32Array, count: number): Tensor => {
  const [, columns] = dY.shape
  const X = Tensor.zeros([count, columns], 'float64')
  for (const [n, row] of rows.entries())
    for (let c = 0; c < columns; c++) X.data[row * columns + c] += dY.data[n * columns + c]
  return X
}

const layer = { dQuery: 3, dKey: 3, dValue: 2, heads: 2 }
const stacks: Record<string, StackOptions> = Object.fromEntries([
  ...[none, relative(3), relative(2, { align: 'end' }), rotary(), sinusoidal, learned(7)].map(
    (position) => [
      position.name,
      { dModel: D, layers: [{ ...layer, position, biases: true, output: 7 }] },
    ],
  ),
  ['a mask', { dModel: D, layers: [{ ...layer, mask: causal() }] }],
  ...[undefined, 'before' as const, 'after' as const].map((normalization) => [
    `two layers with residuals, normalised ${normalization ?? 'nowhere'}`,
    {
      dModel: D,
      layers: [
        { ...layer, output: D, position: relative(3) },
        { ...layer, output: D },
      ],
      residual: true,
      feedForward: { width: 6 },
      ...(normalization ? { normalization } : {}),
    },
  ]),
])

/** Contexts and all gradients of a stack, from dC. */
async function numbersOf(
  device: Device,
  stack: Stack,
  X: Tensor,
  options: ForwardOptions,
  dC: Tensor,
) {
  const pass = stack.forward(device.upload(X), { starts, ...options })
  const { dX, dParameters } = pass.backward(device.upload(dC))
  const found: Record<string, ArrayLike<number>> = {}
  for (const [name, handle] of Object.entries({ context: pass.context, dX, ...dParameters }))
    found[name] = (await device.read(handle)).data
  return found
}

describe('a table with places, and chosen query rows, give what all rows of the batch give', () => {
  test.each(Object.keys(stacks))('%s', async (name) => {
    const device = await openDevice({ device: 'reference', dtype: 'float64' })
    const stack = new Stack(stacks[name], { device, seed: 41 })
    const random = new Random(43, name)
    const table = random.normals([7, D], 'float64')
    const dC = random.normals([13, stack.width], 'float64')
    const some = returned(taken(dC, queryRows), queryRows, 13)
    const X = taken(table, places)
    for (const ask of [false, true]) {
      const all = await numbersOf(device, stack, X, {}, ask ? some : dC)
      const context = new Tensor([13, stack.width], Float64Array.from(all.context))
      const dTable = returned(new Tensor([13, D], Float64Array.from(all.dX)), places, 7).data
      const rows = ask ? { queryRows } : {}
      const given = ask ? taken(dC, queryRows) : dC
      const expected = { ...all, context: ask ? taken(context, queryRows).data : all.context }
      const packed = await numbersOf(device, stack, X, rows, given)
      const tabled = await numbersOf(device, stack, table, { ...rows, indices: places }, given)
      for (const [quantity, numbers] of Object.entries(expected)) {
        expect({ quantity, error: worstError(packed[quantity], numbers) < 1e-13 }).toEqual({
          quantity,
          error: true,
        })
        const ofTable = quantity === 'dX' ? dTable : numbers
        expect({ quantity, error: worstError(tabled[quantity], ofTable) < 1e-13 }).toEqual({
          quantity,
          error: true,
        })
      }
    }
    await device.close()
  })
})

test('keys and values of a source stay those of the source', async () => {
  const device = await openDevice({ device: 'reference', dtype: 'float64' })
  const cross = new SelfAttention(
    { dModel: D, ...layer, position: relative(2) },
    { device, seed: 47 },
  )
  const random = new Random(53, 'source')
  const [table, source, dC] = [
    random.normals([7, D], 'float64'),
    random.normals([9, D], 'float64'),
    random.normals([13, 4], 'float64'),
  ]
  const sourceStarts = [0, 3, 5, 5, 9]
  const all = cross.forward(taken(table, places), { starts, source, sourceStarts })
  const context = (await all.read()).context
  const expected = await all.backward(returned(taken(dC, queryRows), queryRows, 13)).read()
  const pass = cross.forward(table, { starts, indices: places, queryRows, source, sourceStarts })
  const found = await pass.backward(taken(dC, queryRows)).read()
  expect(worstError((await pass.read()).context.data, taken(context, queryRows).data)).toBeLessThan(
    1e-13,
  )
  expect(worstError(found.dX.data, returned(expected.dX, places, 7).data)).toBeLessThan(1e-13)
  expect(worstError(found.dSource?.data ?? [], expected.dSource?.data ?? [])).toBeLessThan(1e-13)
  for (const [name, d] of Object.entries(expected.dParameters))
    expect(worstError(found.dParameters[name].data, d.data)).toBeLessThan(1e-13)
  await device.close()
})

test('what does not go together is refused', async () => {
  const device = await openDevice({ device: 'reference', dtype: 'float64' })
  const one = new SelfAttention({ dModel: D, ...layer }, { device, seed: 59 })
  const X = new Random(61, 'refused').normals([13, D], 'float64')
  const places = Int32Array.from({ length: 13 }, (_, n) => n)
  expect(() => one.forward(X, { indices: places })).toThrow(
    'SelfAttention.forward: indices are of packed rows; give starts too',
  )
  expect(() => one.forward(X, { starts, queryRows: [1] as never })).toThrow(
    'queryRows must be an Int32Array of rows, got an array',
  )
  expect(() => one.forward(X, { starts, queryRows, want: { weights: true } })).toThrow(
    'queryRows excludes lengths, queries and want',
  )
  expect(() => one.forward(X, { starts, queryRows: Int32Array.of(3, 3) })).toThrow(
    'queryRows must rise within the query rows, 0 to 12, got [3, 3]',
  )
  await device.close()
})
