import { describe, expect, test } from 'vitest'
import { openDevice } from '../../src/device/open.ts'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { FeedForward } from '../../src/layer/feed-forward.ts'
import { Linear } from '../../src/layer/linear.ts'
import { Norm } from '../../src/layer/norm.ts'
import type { LayerHost } from '../../src/layer/parameters.ts'
import { Random } from '../../src/random.ts'
import { Tensor } from '../../src/tensor.ts'
import { directionalError, innerProduct, worstError } from '../differences.ts'

const device = new ReferenceDevice({ dtype: 'float64' })
const drawn = (name: string, ...shape: number[]): Tensor =>
  new Random(5, name).normals(shape, 'float64')
const [dIn, dOut] = [3, 5]
const X = drawn('X', 2, 7, dIn)

describe('Linear', () => {
  test('is XW + b', async () => {
    const layer = new Linear({ dIn: 2, dOut: 3 }, { device, seed: 7 })
    const W = [
      [2, 3, 5],
      [7, 11, 13],
    ]
    device.write(layer.parameters.W, Tensor.from(W, 'float64'))
    device.write(layer.parameters.b, Tensor.from([100, 200, 300], 'float64'))
    const Y = await layer.forward(Tensor.from([[1, 10]], 'float64')).read()
    expect([...Y.data]).toEqual([172, 313, 435])
    expect(Y.shape).toEqual([1, 3])
  })

  test.each([
    ['Linear', () => new Linear({ dIn, dOut }, { device, seed: 7, prefix: 'last.' })],
    [
      'Linear without a bias',
      () => new Linear({ dIn, dOut, bias: false }, { device, seed: 7, prefix: 'last.' }),
    ],
    ['Norm', () => new Norm({ dModel: dIn }, { device, seed: 7, prefix: 'last.' })],
    [
      'FeedForward',
      () =>
        new FeedForward(
          dIn,
          { width: 11, activation: 'tanh' },
          { device, seed: 7, prefix: 'last.' },
        ),
    ],
  ])(
    '%s has gradients of X and of every parameter that agree with differences',
    async (_name, make) => {
      const layer = make()
      const dY = drawn('dY', 2, 7, layer.width)
      const { dX, dParameters } = await layer.forward(X).backward(dY).read()
      expect(Object.keys(dParameters)).toEqual(Object.keys(layer.parameters))
      const random = new Random(11)
      const loss = async (): Promise<number> =>
        innerProduct((await layer.forward(X).read()).data, dY.data)
      expect(await directionalError(X, dX, loss, random)).toBeLessThan(1e-8)
      for (const [name, handle] of Object.entries(layer.parameters)) {
        expect(name.startsWith('last.')).toBe(true)
        const value = await device.read(handle)
        const moved = async (): Promise<number> => {
          device.write(handle, value)
          return loss()
        }
        expect(await directionalError(value, dParameters[name], moved, random)).toBeLessThan(1e-8)
        device.write(handle, value)
      }
    },
  )

  test('has no b without a bias, and begins with b = 0', async () => {
    const host = { device, seed: 7 }
    expect(Object.keys(new Linear({ dIn, dOut, bias: false }, host).parameters)).toEqual(['W'])
    const { parameters } = new Linear({ dIn, dOut }, host)
    expect([...(await device.read(parameters.b)).data]).toEqual([0, 0, 0, 0, 0])
  })

  test.each([
    ['Linear', (host: LayerHost) => new Linear({ dIn, dOut }, host)],
    ['Norm', (host: LayerHost) => new Norm({ dModel: dIn }, host)],
  ])('%s gives the same on the wasm device, but for rounding', async (_, make) => {
    const wasm = await openDevice({ device: 'wasm', threads: 1 })
    const found = await Promise.all(
      [device, wasm].map(async (on) => {
        const layer = make({ device: on, seed: 7 })
        const pass = layer.forward(X)
        const dY = drawn('dY', 2, 7, layer.width)
        const { dX, dParameters } = await pass.backward(dY).read()
        return [await pass.read(), dX, ...Object.values(dParameters)]
      }),
    )
    for (const [n, exact] of found[0].entries())
      expect(worstError(found[1][n].data, exact.data)).toBeLessThan(2e-6)
    await wasm.close()
  })

  test('frees what it holds, and says so when it is used afterwards', () => {
    const before = device.stats().handles
    const layer = new Linear({ dIn, dOut }, { device, seed: 7 })
    const pass = layer.forward(X)
    pass.backward(drawn('dY', 2, 7, dOut))
    pass.free()
    layer.free()
    expect(device.stats().handles).toBe(before)
    expect(() => layer.forward(X)).toThrow('Linear.forward: it was freed')
    expect(() => pass.backward(X)).toThrow('StepsPass.backward: it was freed')
  })

  test('refuses widths and gradients that do not fit', () => {
    const host = { device, seed: 7 }
    const layer = new Linear({ dIn, dOut }, host)
    expect(() => new Linear({ dIn: 0, dOut }, host)).toThrow(
      new RangeError('Linear: dIn must be an integer ≥ 1, got 0'),
    )
    expect(() => new Linear({ dIn } as never, host)).toThrow(
      new TypeError('Linear: dOut must be an integer ≥ 1, got undefined'),
    )
    expect(() => layer.forward(drawn('X', 2, 4))).toThrow(
      new RangeError('Linear.forward: the last axis of X must be dIn = 3, got (2, 4)'),
    )
    expect(() => layer.forward(drawn('X', 3))).toThrow(
      new RangeError('Linear.forward: X must be rows (…, 3), got (3,); give one row as (1, 3)'),
    )
    expect(() => layer.forward([[1, 2, 3]] as never)).toThrow(
      new TypeError(
        'Linear.forward: X must be a Tensor or a handle, got an array; use Tensor.from for nested arrays',
      ),
    )
    expect(() => layer.forward(X).backward(drawn('dY', 2, 5))).toThrow(
      "StepsPass.backward: dContext must have the context's shape (2, 7, 5), got (2, 5)",
    )
  })
})

test('a pass in place of its context is named as one', () => {
  const layer = new Linear({ dIn, dOut: dIn }, { device, seed: 7 })
  const first = layer.forward(X)
  expect(() => layer.forward(first as unknown as Tensor)).toThrow(
    new TypeError('Linear.forward: X must be a Tensor or a handle, got a pass; give its context'),
  )
})

describe('Norm', () => {
  test('makes each row of mean 0 and variance 1, but for ε, then scales and shifts it', async () => {
    const layer = new Norm({ dModel: 4, epsilon: 0 }, { device, seed: 7 })
    const rows = Tensor.from([[1, 2, 3, 6]], 'float64')
    const root = Math.sqrt(3.5)
    const expected = [-2, -1, 0, 3].map((x) => x / root)
    expect(worstError((await layer.forward(rows).read()).data, expected)).toBeLessThan(1e-15)
    device.write(layer.parameters.gain, Tensor.from([1, 2, 3, 4], 'float64'))
    device.write(layer.parameters.bias, Tensor.from([5, 5, 5, 5], 'float64'))
    const scaled = expected.map((x, n) => (n + 1) * x + 5)
    expect(worstError((await layer.forward(rows).read()).data, scaled)).toBeLessThan(1e-14)
  })

  test('has ε beside the variance, 1e-5 by default', async () => {
    const rows = Tensor.from([[0, 0.002]], 'float64')
    const of = async (epsilon?: number) =>
      (
        await new Norm(
          { dModel: 2, ...(epsilon === undefined ? {} : { epsilon }) },
          { device, seed: 1 },
        )
          .forward(rows)
          .read()
      ).data[1]
    expect(await of()).toBeCloseTo(0.001 / Math.sqrt(1e-6 + 1e-5), 12)
    expect(await of(1e-12)).toBeCloseTo(0.001 / Math.sqrt(1e-6 + 1e-12), 12)
  })

  test('refuses another width and an ε below 0', () => {
    const host = { device, seed: 7 }
    expect(() => new Norm({ dModel: 4, epsilon: -1 }, host)).toThrow(RangeError)
    expect(() => new Norm({ dModel: 4 }, host).forward(X)).toThrow(
      'Norm.forward: the last axis of X must be dModel = 4',
    )
  })
})
