import { describe, expect, test } from 'vitest'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { Tensor } from '../../src/tensor.ts'
import { holdToReference } from './against-reference.ts'
import { type Case, copyOf, randomOf } from './step-cases.ts'

/** Rows of X from row `from` on, in the middle of Y, copied or added. */
function copyCase(from: number, count: number, columns: number, accumulate: boolean): Case {
  const random = randomOf('copyRows', from, count, columns)
  const to = 2
  return {
    name: `copyRows ${count} × ${columns} from ${from}${accumulate ? ', accumulating' : ''}`,
    inputs: [
      random.normals([from + count + 1, columns]),
      random.normals([to + count + 3, columns]),
    ],
    columns: [columns],
    run: (device, [X, Y]) => {
      device.copyRows(X, Y, { from, to, count, accumulate })
      return [Y]
    },
    loops: ([X, Y]) => {
      const rows = copyOf(Y)
      for (let n = 0; n < count * columns; n++)
        rows[to * columns + n] = X[from * columns + n] + (accumulate ? Y[to * columns + n] : 0)
      return [rows]
    },
  }
}

// rows that begin between vectors, around blocks of 8192 numbers, and what two threads share
const SIZES = [0, 1, 3, 4, 5, 7, 8, 15, 16, 17, 63, 64, 65, 257]
await holdToReference(
  {
    copyRows: [false, true].flatMap((accumulate) => [
      ...SIZES.flatMap((size) => [
        copyCase(3, size, 13, accumulate),
        copyCase(5, 3, size, accumulate),
      ]),
      ...[8191, 8192, 8193].map((size) => copyCase(1, size, 1, accumulate)),
      copyCase(7, 1031, 257, accumulate),
    ]),
  },
  [],
)

describe('copyRows', () => {
  const device = new ReferenceDevice({ dtype: 'float64' })
  const X = device.upload(
    Tensor.from(
      [
        [2, 3],
        [5, 7],
        [11, 13],
      ],
      'float64',
    ),
  )
  const read = async (Y: ReturnType<typeof device.allocate>) => [...(await device.read(Y)).data]

  test('takes a slice', async () => {
    const Y = device.allocate([2, 2])
    device.copyRows(X, Y, { from: 1 })
    expect(await read(Y)).toEqual([5, 7, 11, 13])
  })

  test('joins handles, of which one has its rows split', async () => {
    const Y = device.allocate([2, 2, 2])
    device.copyRows(X, Y, { count: 1 })
    device.copyRows(X, Y, { to: 1 })
    expect(await read(Y)).toEqual([2, 3, 2, 3, 5, 7, 11, 13])
  })

  test('adds, and leaves all other rows as they are', async () => {
    const Y = device.upload(new Tensor([3, 2], Float64Array.of(1, 1, 1, 1, 1, 1)))
    device.copyRows(X, Y, { from: 2, to: 1, accumulate: true })
    expect(await read(Y)).toEqual([1, 1, 12, 14, 1, 1])
  })

  test('copies no row where there is none to copy', async () => {
    const Y = device.allocate([1, 2])
    device.copyRows(X, Y, { from: 3 })
    device.copyRows(device.allocate([0, 2]), Y, { to: 1 })
    expect(await read(Y)).toEqual([0, 0])
  })

  test.each([
    [{ to: 1 }, 'Y must have the rows 1 to 3, got 2 rows; give from, to and count'],
    [{ from: 2, count: 2 }, 'X must have the rows 2 to 3, got 3 rows; give from, to and count'],
    [{ from: 4 }, 'count must be an integer ≥ 0, got -1'],
    [{ from: -1 }, 'from must be an integer ≥ 0, got -1'],
    [{ to: 0.5 }, 'to must be an integer ≥ 0, got 0.5'],
  ])('refuses rows that are not there: %o', (rows, message) => {
    expect(() => device.copyRows(X, device.allocate([2, 2]), rows)).toThrow(
      new RangeError(`copyRows: ${message}`),
    )
  })

  test('refuses one handle as both, other columns, and what is no matrix', () => {
    expect(() => device.copyRows(X, X)).toThrow('copyRows: Y must be another handle than X')
    expect(() => device.copyRows(X, device.allocate([3, 5]))).toThrow('copyRows: Y must have shape')
    expect(() => device.copyRows(X, device.allocate([3]))).toThrow('copyRows: Y must be a matrix')
  })
})
