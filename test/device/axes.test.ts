import { describe, expect, test } from 'vitest'
import { type SumAxis, sumAxes } from '../../src/device/calls.ts'
import type { Device } from '../../src/device/device.ts'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { Tensor } from '../../src/tensor.ts'
import { holdToReference } from './against-reference.ts'
import { type Case, floats, randomOf } from './step-cases.ts'

const f = Math.fround

/** What a sum over this axis leaves of (rows, columns). */
const summed = (axis: SumAxis, rows: number, columns: number): number =>
  ({ columns: rows, rows: columns, all: 1 })[axis]

/** The number of the sum that number n belongs to. */
const sumOfNumber = (axis: SumAxis, columns: number, n: number): number =>
  ({ columns: Math.floor(n / columns), rows: n % columns, all: 0 })[axis]

/** Sums, or means, of X along an axis. */
function sumCase(name: 'sum' | 'mean', axis: SumAxis, rows: number, columns: number): Case {
  const length = summed(axis, rows, columns)
  return {
    name: `${name} over ${axis} of ${rows} × ${columns}`,
    inputs: [randomOf(name, axis, rows, columns).normals([rows, columns])],
    columns: [1],
    run: (device, [X]) => {
      const Y = device.allocate([length])
      device[name](axis, X, Y)
      return [Y]
    },
    loops: ([X]) => {
      const sums = floats(length)
      X.forEach((x, n) => {
        sums[sumOfNumber(axis, columns, n)] += x
      })
      return [name === 'sum' ? sums : sums.map((total) => total / (X.length / length))]
    },
  }
}

/** Numbers that are repeated along an axis, times a factor. */
function expandCase(axis: SumAxis, rows: number, columns: number): Case {
  return {
    name: `expand over ${axis} to ${rows} × ${columns}`,
    inputs: [randomOf('expand', axis, rows, columns).normals([summed(axis, rows, columns)])],
    columns: [1],
    run: (device, [X]) => {
      const [Y, Z] = [device.allocate([rows, columns]), device.allocate([rows, columns])]
      device.expand(axis, X, Y)
      device.expand(axis, X, Z, -0.3)
      return [Y, Z]
    },
    loops: ([X]) =>
      [1, -0.3].map((factor) =>
        floats(rows * columns).map((_, n) => f(f(factor) * X[sumOfNumber(axis, columns, n)])),
      ),
  }
}

// around a vector, sixteen columns, a block of 8192 numbers, and what two threads share
const SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 257]
const PAIRS: [number, number][] = [
  ...SIZES.flatMap((size): [number, number][] => [
    [size, 13],
    [11, size],
  ]),
  ...[8191, 8192, 8193].flatMap((size): [number, number][] => [
    [size, 1],
    [1, size],
  ]),
  [0, 5],
  [5, 0],
  [1031, 257],
  [3, 100_003],
]
const over = (make: (rows: number, columns: number) => Case): Case[] =>
  PAIRS.map(([rows, columns]) => make(rows, columns))

await holdToReference(
  Object.fromEntries(
    sumAxes.flatMap((axis) => [
      [`sum over ${axis}`, over((rows, columns) => sumCase('sum', axis, rows, columns))],
      [`mean over ${axis}`, over((rows, columns) => sumCase('mean', axis, rows, columns))],
      [`expand over ${axis}`, over((rows, columns) => expandCase(axis, rows, columns))],
    ]),
  ),
  [],
)

describe('along an axis', () => {
  const device: Device = new ReferenceDevice({ dtype: 'float64' })
  const X = Tensor.from(
    [
      [2, 3, 5],
      [7, 11, 19],
    ],
    'float64',
  )
  const numbers = async (
    shape: readonly number[],
    run: (out: ReturnType<Device['allocate']>) => void,
  ): Promise<number[]> => {
    const out = device.allocate(shape)
    run(out)
    return [...(await device.read(out)).data]
  }

  test.each<[SumAxis, number[], number, number[]]>([
    ['columns', [2], 3, [10, 37]],
    ['rows', [3], 2, [9, 14, 24]],
    ['all', [1], 6, [47]],
  ])('sums and means over %s', async (axis, shape, count, sums) => {
    const x = device.upload(X)
    expect(await numbers(shape, (out) => device.sum(axis, x, out))).toEqual(sums)
    const means = sums.map((total) => total / count)
    expect(await numbers(shape, (out) => device.mean(axis, x, out))).toEqual(means)
  })

  test.each<[SumAxis, number[], number[]]>([
    ['columns', [2, 3], [2, 2, 2, 3, 3, 3]],
    ['rows', [3, 2], [2, 3, 2, 3, 2, 3]],
  ])('expand repeats over %s', async (axis, shape, expected) => {
    const x = device.upload(Tensor.from([2, 3], 'float64'))
    expect(await numbers(shape, (out) => device.expand(axis, x, out))).toEqual(expected)
  })

  test('leading axes count as rows, and all numbers may have any shape', async () => {
    const x = device.upload(new Tensor([2, 1, 3], X.data.slice()))
    expect(await numbers([2], (out) => device.sum('columns', x, out))).toEqual([10, 37])
    const one = device.upload(Tensor.from([2], 'float64'))
    const all = await numbers([2, 1, 2], (out) => device.expand('all', one, out, 0.5))
    expect(all).toEqual([1, 1, 1, 1])
  })

  test('the mean of no number is NaN, and its sum 0', async () => {
    const none = device.allocate([0, 3])
    expect(await numbers([3], (out) => device.mean('rows', none, out))).toEqual([NaN, NaN, NaN])
    expect(await numbers([1], (out) => device.mean('all', none, out))).toEqual([NaN])
    expect(await numbers([1], (out) => device.sum('all', none, out))).toEqual([0])
  })

  test('refuses an axis that there is not, and shapes that do not fit it', () => {
    const [x, y] = [device.upload(X), device.allocate([2])]
    expect(() => device.sum('row' as SumAxis, x, y)).toThrow(
      new RangeError('sum: axis must be one of columns, rows, all, got "row"'),
    )
    expect(() => device.mean('rows', x, y)).toThrow('mean: Y must have shape (3,), got (2,)')
    expect(() => device.expand('rows', y, x)).toThrow('expand: Y must have shape')
    expect(() => device.expand('columns', y, x, '2' as never)).toThrow(
      new TypeError('expand: factor must be a number, got "2"'),
    )
  })
})

test.each(['portable', 'reference'])(
  'combine with two factors of 1 is the sum, rounded once, on %s',
  async (kind) => {
    const { openDevice } = await import('../../src/device/open.ts')
    const device = await openDevice(
      kind === 'portable' ? { device: 'wasm', threads: 1 } : { device: 'reference' },
    )
    const random = randomOf('sum of two')
    const [A, B] = [random.normals([3, 7]), random.normals([3, 7])]
    const [a, b, C] = [device.upload(A), device.upload(B), device.allocate([3, 7])]
    device.combine(1, a, 1, b, C)
    expect([...(await device.read(C)).data]).toEqual([...A.data].map((x, n) => f(x + B.data[n])))
    await device.close()
  },
)
