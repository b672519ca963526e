import { describe, expect, test } from 'vitest'
import type { ActivationName, Handle } from '../../src/device/device.ts'
import { ReferenceDevice } from '../../src/device/reference.ts'
import {
  type Matrix,
  matrix,
  product,
  productTransposed,
  transposedProduct,
} from '../../src/mechanism/matrix.ts'
import { Random } from '../../src/random.ts'
import { type Nested, Tensor } from '../../src/tensor.ts'
import { worstError } from '../differences.ts'

const exact = (): ReferenceDevice => new ReferenceDevice({ dtype: 'float64' })
const of = (nested: Nested): Tensor => Tensor.from(nested, 'float64')
const places = (...numbers: number[]): Tensor => Tensor.from(numbers, 'int32')
const normals = (random: Random, ...shape: number[]): Tensor => random.normals(shape, 'float64')

/** What an operation writes into a new handle of this shape, from uploaded tensors. */
async function result(
  inputs: Tensor[],
  shape: number[],
  operation: (device: ReferenceDevice, handles: Handle[], out: Handle) => void,
): Promise<number[]> {
  const device = exact()
  const out = device.allocate(shape)
  operation(
    device,
    inputs.map((X) => device.upload(X)),
    out,
  )
  return [...(await device.read(out)).data]
}

describe('worked examples', () => {
  const X = of([
    [1, 2, 3],
    [5, 7, 11],
  ])

  test('combine adds multiples', async () => {
    expect(
      await result([X, X], [2, 3], (device, [a, b], out) => device.combine(2, a, -1, b, out)),
    ).toEqual([1, 2, 3, 5, 7, 11])
  })

  test('combine may write into what it reads', async () => {
    const device = exact()
    const [a, b] = [device.upload(X), device.upload(X)]
    device.combine(1, a, 3, b, a)
    expect([...(await device.read(a)).data]).toEqual([4, 8, 12, 20, 28, 44])
  })

  test('addBias adds to every row', async () => {
    const found = await result([X, of([10, 20, 30])], [2, 3], (device, [x, b], out) =>
      device.addBias(x, b, out),
    )
    expect(found).toEqual([11, 22, 33, 15, 27, 41])
  })

  test('normalize gives a row mean 0 and variance 1, then gain and bias', async () => {
    // (1, 2, 3) has mean 2 and variance 2/3
    const inputs = [of([[1, 2, 3]]), of([1, 1, 2]), of([0, 5, 0])]
    const found = await result(inputs, [1, 3], (device, [x, gain, bias], out) =>
      device.normalize(x, gain, bias, 0, out),
    )
    expect(worstError(found, [-Math.sqrt(1.5), 5, 2 * Math.sqrt(1.5)])).toBeLessThan(1e-15)
  })

  test.each<[ActivationName, number[]]>([
    ['relu', [0, 0, 2]],
    ['tanh', [Math.tanh(-1), 0, Math.tanh(2)]],
    ['sigmoid', [1 / (1 + Math.E), 0.5, 1 / (1 + Math.exp(-2))]],
    ['silu', [-1 / (1 + Math.E), 0, 2 / (1 + Math.exp(-2))]],
    ['gelu', [-0.158808, 0, 1.954598]],
    ['geluErf', [-0.15865525393145707, 0, 1.9544997361036416]],
    ['log', [-30 * Math.LN10, -30 * Math.LN10, Math.LN2]],
  ])('activate %s', async (name, expected) => {
    const found = await result([of([-1, 0, 2])], [3], (device, [x], out) =>
      device.activate(name, x, out),
    )
    expect(worstError(found, expected)).toBeLessThan(name === 'gelu' ? 1e-6 : 3e-14)
  })

  test('gather takes rows, and zeros for place −1', async () => {
    const found = await result([X, places(1, -1, 1, 0)], [4, 3], (device, [table, at], out) =>
      device.gather(table, at, out),
    )
    expect(found).toEqual([5, 7, 11, 0, 0, 0, 5, 7, 11, 1, 2, 3])
  })

  test('gather adds to what is there when it accumulates', async () => {
    const found = await result([X, places(1, -1)], [2, 3], (device, [table, at], out) => {
      device.combine(1, table, 0, table, out)
      device.gather(table, at, out, { accumulate: true })
    })
    expect(found).toEqual([6, 9, 14, 5, 7, 11])
  })

  test('sumRows sums the rows of each segment, and nothing for an empty one', async () => {
    const dY = of([[1], [2], [4], [8]])
    const found = await result(
      [dY, places(0, 2, 2, 4), places(3, 1, 0, 1)],
      [3, 1],
      (device, [d, starts, occurrences], out) => device.sumRows(d, { starts, occurrences }, out),
    )
    expect(found).toEqual([10, 0, 3])
  })

  test('sumRows multiplies each row with its factor and adds to what is there when it accumulates', async () => {
    const inputs = [
      of([
        [1, 2],
        [4, 8],
      ]),
      places(0, 2, 3),
      places(0, 1, 0),
      of([0.5, 3, -1]),
    ]
    const found = await result(inputs, [2, 2], (device, [X, starts, occurrences, factors], out) => {
      device.sumRows(X, { starts, occurrences }, out)
      device.sumRows(X, { starts, occurrences, factors }, out, { accumulate: true })
    })
    expect(found).toEqual([5 + 12.5, 10 + 25, 1 - 1, 2 - 2])
  })

  test('crossEntropy is −log of the softmax at the target', async () => {
    const inputs = [of([[1], [1]]), of([[0], [Math.log(3)]]), of([0, 0]), places(0, 1)]
    const found = await result(inputs, [2], (device, [C, E, offsets, targets], out) =>
      device.crossEntropy(C, E, offsets, targets, out),
    )
    expect(worstError(found, [Math.log(4), Math.log(4 / 3)])).toBeLessThan(1e-15)
  })

  test('crossEntropy adds offsets to the logits', async () => {
    const inputs = [of([[0]]), of([[5], [7]]), of([Math.log(4), 0]), places(1)]
    const found = await result(inputs, [1], (device, [C, E, offsets, targets], out) =>
      device.crossEntropy(C, E, offsets, targets, out),
    )
    expect(found[0]).toBeCloseTo(Math.log(5), 15)
  })

  test('crossEntropy of logits around a thousand stays finite', async () => {
    const inputs = [of([[1000]]), of([[1], [-1]]), of([0, 0]), places(1)]
    const found = await result(inputs, [1], (device, [C, E, offsets, targets], out) =>
      device.crossEntropy(C, E, offsets, targets, out),
    )
    expect(found).toEqual([2000])
  })

  test('squaredNorm sums over all handles', async () => {
    expect(
      await result([of([1, 2]), of([[3]])], [1], (device, handles, out) =>
        device.squaredNorm(handles, out),
      ),
    ).toEqual([14])
  })

  test.each([
    [1, [0.6, 0.8]],
    [7, [3, 4]],
  ])('clip to a norm of %d', async (largest, expected) => {
    const device = exact()
    const [gradient, square] = [device.upload(of([3, 4])), device.upload(of([25]))]
    device.clip([gradient], square, largest)
    expect(worstError((await device.read(gradient)).data, expected)).toBeLessThan(1e-6)
  })

  const adam = { rate: 0.1, beta1: 0.5, beta2: 0.75, epsilon: 0, decay: 0, step: 1 }
  test('the first step of adamW moves by its rate against the sign of the gradient', async () => {
    const device = exact()
    const [p, g, m, v] = [of([1, 1]), of([3, -0.2]), of([0, 0]), of([0, 0])].map((X) =>
      device.upload(X),
    )
    device.adamW(p, g, [m, v], adam)
    expect(worstError((await device.read(p)).data, [0.9, 1.1])).toBeLessThan(1e-15)
  })

  test('decay of adamW shrinks a parameter without a gradient', async () => {
    const device = exact()
    const [p, g, m, v] = [of([2]), of([0]), of([0]), of([1])].map((X) => device.upload(X))
    device.adamW(p, g, [m, v], { ...adam, decay: 0.5 })
    expect((await device.read(p)).at(0)).toBeCloseTo(1.9, 15)
  })

  test('adamW with rows leaves the others and their moments as they were', async () => {
    const device = exact()
    const start = of([[1], [1], [1]])
    const [p, g, m, v] = [start, of([[2], [-2]]), start, start].map((X) => device.upload(X))
    device.adamW(p, g, [m, v], { ...adam, decay: 0.5 }, device.upload(places(2, 0)))
    const rows = await Promise.all([p, m, v].map((handle) => device.read(handle)))
    expect(rows.map((X) => [X.at(1, 0) === 1, X.at(0, 0) === 1, X.at(2, 0) === 1])).toEqual([
      [true, false, false],
      [true, false, false],
      [true, false, false],
    ])
  })

  test('sgd with momentum adds to its velocity', async () => {
    const device = exact()
    const [p, g, v] = [of([1]), of([2]), of([4])].map((X) => device.upload(X))
    device.sgd(p, g, v, { rate: 0.1, momentum: 0.5, decay: 1 })
    const [parameter, velocity] = await Promise.all([p, v].map((handle) => device.read(handle)))
    expect([parameter.at(0), velocity.at(0)]).toEqual([0.5, 5])
  })

  test('sgd with rows changes those alone', async () => {
    const device = exact()
    const [p, g] = [of([[1], [1], [1]]), of([[2]])].map((X) => device.upload(X))
    device.sgd(p, g, undefined, { rate: 0.25, momentum: 0, decay: 0 }, device.upload(places(1)))
    expect([...(await device.read(p)).data]).toEqual([1, 0.5, 1])
  })

  describe('sgd with rows and decay', () => {
    const random = new Random(167)
    const touched = [5, 0, 3]
    const [start, speed, gradient] = [
      normals(random, 7, 2),
      normals(random, 7, 2),
      normals(random, 7, 2),
    ]
    const some = new Tensor(
      [3, 2],
      Float64Array.from(touched.flatMap((r) => [...gradient.slice(r).data])),
    )

    /** Parameter and velocity after one step. */
    const stepped = async (momentum: number, rows?: number[]): Promise<Tensor[]> => {
      const device = exact()
      const [p, v, g] = [start, speed, rows ? some : gradient].map((X) => device.upload(X))
      const settings = { rate: 0.1, momentum, decay: 0.3 }
      device.sgd(p, g, momentum ? v : undefined, settings, rows && device.upload(places(...rows)))
      return Promise.all([p, v].map((handle) => device.read(handle)))
    }
    const rowsOf = (tensors: Tensor[], rows: number[]): number[] =>
      tensors.flatMap((X) => rows.flatMap((r) => [...X.slice(r).data]))

    test.each([0, 0.7])(
      'and a momentum of %d does to them what it does without rows, to the bit',
      async (momentum) => {
        expect(rowsOf(await stepped(momentum, touched), touched)).toEqual(
          rowsOf(await stepped(momentum), touched),
        )
      },
    )

    test('leaves the others and their velocity as they were', async () => {
      expect(rowsOf(await stepped(0.7, touched), [1, 2, 4, 6])).toEqual(
        rowsOf([start, speed], [1, 2, 4, 6]),
      )
    })
  })
})

describe("product equals the mechanism's", () => {
  const random = new Random(139)
  const [m, k, n] = [5, 7, 11]
  const matrixOf = ({ shape, data }: Tensor): Matrix =>
    matrix(shape[0], shape[1], data as Float64Array)

  test.each([
    [false, false, false],
    [false, false, true],
    [false, true, false],
    [false, true, true],
    [true, false, false],
    [true, false, true],
  ])(
    'A transposed %s, B transposed %s, accumulating %s',
    async (transposeA, transposeB, accumulate) => {
      const [A, B, C] = [
        normals(random, ...(transposeA ? [k, m] : [m, k])),
        normals(random, ...(transposeB ? [n, k] : [k, n])),
        normals(random, m, n),
      ]
      const multiply = transposeA ? transposedProduct : transposeB ? productTransposed : product
      const expected = multiply(matrixOf(A), matrixOf(B)).data.map(
        (c, cell) => c + (accumulate ? C.data[cell] : 0),
      )
      const found = await result([A, B, C], [m, n], (device, [a, b, c], out) => {
        device.combine(1, c, 0, c, out)
        device.product(a, b, out, { transposeA, transposeB, accumulate })
      })
      expect(worstError(found, expected)).toBeLessThan(1e-14)
    },
  )

  test('both sides transposed is the transpose of BA', async () => {
    const [A, B] = [normals(random, k, m), normals(random, n, k)]
    const BA = product(matrixOf(B), matrixOf(A))
    const expected = Array.from(
      { length: m * n },
      (_, cell) => BA.data[(cell % n) * m + Math.floor(cell / n)],
    )
    const found = await result([A, B], [m, n], (device, [a, b], out) =>
      device.product(a, b, out, { transposeA: true, transposeB: true }),
    )
    expect(worstError(found, expected)).toBeLessThan(1e-14)
  })

  test('leading axes of (N, T, D) count as rows', async () => {
    const [A, B] = [normals(random, 2, 3, 5), normals(random, 5, 7)]
    const found = await result([A, B], [2, 3, 7], (device, [a, b], out) =>
      device.product(a, b, out),
    )
    expect(worstError(found, product(matrixOf(A.reshape([6, 5])), matrixOf(B)).data)).toBeLessThan(
      1e-14,
    )
  })
})

describe('dropout', () => {
  const settings = { rate: 0.3, seed: 11, stream: 13, step: 17 }
  const drop = (change: object, size = 20_011): Promise<number[]> =>
    result([new Tensor([size], new Float64Array(size).fill(1))], [size], (device, [X], out) =>
      device.dropout(X, { ...settings, ...change }, out),
    )

  test('drops about its rate', async () => {
    const share = (await drop({})).filter((x) => x === 0).length / 20_011
    expect(Math.abs(share - 0.3)).toBeLessThan(0.01)
  })

  test('divides what stays by 1 − rate', async () => {
    expect(new Set(await drop({}))).toEqual(new Set([0, 1 / 0.7]))
  })

  test('keeps the mean', async () => {
    expect(Math.abs((await drop({})).reduce((sum, x) => sum + x, 0) / 20_011 - 1)).toBeLessThan(
      0.015,
    )
  })

  test('gives each place the same for any size', async () => {
    expect((await drop({}, 101)).slice(0, 97)).toEqual((await drop({}, 97)).slice(0, 97))
  })

  test.each([{ seed: 12 }, { stream: 14 }, { step: 18 }])(
    'drops others with %j',
    async (change) => {
      expect(await drop(change, 101)).not.toEqual(await drop({}, 101))
    },
  )

  test.each([{ rate: 1 }, { rate: -0.1 }, { step: -1 }, { step: 0.5 }])(
    'refuses %j',
    async (change) => {
      await expect(drop(change, 3)).rejects.toThrow(/^dropout: /)
    },
  )
})
