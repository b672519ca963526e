import { describe, expect, test } from 'vitest'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { Random } from '../../src/random.ts'
import { type Numbers, Tensor } from '../../src/tensor.ts'
import { innerProduct, worstError } from '../differences.ts'
import { holdToReference } from './against-reference.ts'
import { type Case, randomOf } from './step-cases.ts'

/** C = A ∘ B, and its gradients from a third input. */
function multiplyCase(rows: number, columns: number): Case {
  const random = randomOf('multiply', rows, columns)
  const products = (X: Numbers, Y: Numbers): Float32Array =>
    Float32Array.from(X, (x, n) => Math.fround(x * Y[n]))
  return {
    name: `multiply ${rows} × ${columns}`,
    inputs: Array.from({ length: 3 }, () => random.normals([rows, columns])),
    columns: [columns, columns, columns],
    run: (device, [A, B, dC]) => {
      const [C, dA, dB] = Array.from({ length: 3 }, () => device.allocate([rows, columns]))
      device.multiply(A, B, C)
      device.multiply(dC, B, dA)
      device.multiply(dC, A, dB)
      return [C, dA, dB]
    },
    loops: ([A, B, dC]) => [products(A, B), products(dC, B), products(dC, A)],
  }
}

// around a vector, rows of a tile, and blocks of 8192 numbers
const SIZES = [0, 1, 3, 4, 5, 7, 16, 17, 63, 64, 65, 257, 8191, 8192, 8193, 300_001]
await holdToReference(
  {
    multiply: SIZES.map((size) => multiplyCase(1, size)).concat(
      multiplyCase(91, 91),
      multiplyCase(257, 65),
    ),
  },
  [],
)

describe('multiply', () => {
  const device = new ReferenceDevice({ dtype: 'float64' })

  test('is the product of numbers in the same place', async () => {
    const [A, B] = [Tensor.from([2, -3, 0.5], 'float64'), Tensor.from([5, 7, 11], 'float64')].map(
      (X) => device.upload(X),
    )
    const C = device.allocate([3])
    device.multiply(A, B, C)
    expect([...(await device.read(C)).data]).toEqual([10, -21, 5.5])
  })

  test('may write to what it reads', async () => {
    const A = device.upload(Tensor.from([2, -3, 0.5], 'float64'))
    device.multiply(A, A, A)
    expect([...(await device.read(A)).data]).toEqual([4, 9, 0.25])
  })

  test('has gradients that agree with central differences', async () => {
    const random = new Random(4111)
    const [A, B, dC] = Array.from({ length: 3 }, () => random.normals([3, 5], 'float64'))
    const handles = [A, B, dC].map((X) => device.upload(X))
    const C = device.allocate([3, 5])
    for (const [moved, other] of [
      [0, 1],
      [1, 0],
    ]) {
      const gradient = device.allocate([3, 5])
      device.multiply(handles[2], handles[other], gradient)
      const X = [A, B][moved]
      const lossAt = async (n: number, value: number): Promise<number> => {
        const numbers = X.data.slice()
        numbers[n] = value
        device.write(handles[moved], new Tensor([3, 5], numbers))
        device.multiply(handles[0], handles[1], C)
        return innerProduct((await device.read(C)).data, dC.data)
      }
      const differences: number[] = []
      for (const [n, x] of X.data.entries())
        differences.push(((await lossAt(n, x + 1e-5)) - (await lossAt(n, x - 1e-5))) / 2e-5)
      device.write(handles[moved], X)
      expect(worstError((await device.read(gradient)).data, differences)).toBeLessThan(1e-9)
    }
  })

  test('refuses shapes that differ', () => {
    expect(() =>
      device.multiply(device.allocate([2, 3]), device.allocate([3, 2]), device.allocate([2, 3])),
    ).toThrow('multiply: B must have shape (2, 3), got (3, 2)')
  })
})
