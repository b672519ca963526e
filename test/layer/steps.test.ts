import { describe, expect, test } from 'vitest'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { SelfAttention } from '../../src/layer/self-attention.ts'
import { activate, affine } from '../../src/layer/steps/dense.ts'
import { takeRows } from '../../src/layer/steps/rows.ts'
import { Tape } from '../../src/layer/steps/tape.ts'
import { Random } from '../../src/random.ts'
import { Tensor } from '../../src/tensor.ts'

const device = new ReferenceDevice({ dtype: 'float64' })
const drawn = (name: string, ...shape: number[]): Tensor =>
  new Random(5, name).normals(shape, 'float64')
const numbers = async (handle: Parameters<typeof device.read>[0]): Promise<number[]> =>
  Array.from((await device.read(handle)).data)

describe('a tape', () => {
  const W = device.upload(drawn('W', 3, 3))
  const b = device.upload(drawn('b', 3))
  const dY = drawn('dY', 2, 3)

  /** Σ dY ∘ Y of X through the same affine map twice, with some of its rows in another order. */
  const steps = (X: Tensor) => {
    const tape = new Tape(device, { W, b })
    const from = tape.input(device.upload(X))
    const once = activate(tape, 'tanh', affine(tape, from, W, b))
    return { tape, from, Y: affine(tape, takeRows(tape, once, Int32Array.of(1, 1)), W, b) }
  }
  const loss = async (X: Tensor): Promise<number> => {
    const Y = await numbers(steps(X).Y)
    return Y.reduce((sum, y, n) => sum + y * dY.data[n], 0)
  }
  const slope = async (of: Tensor, n: number, at: (changed: Tensor) => Promise<number>) => {
    const moved = (step: number): Tensor => {
      const changed = new Tensor(of.shape, of.data.slice())
      changed.data[n] += step
      return changed
    }
    return ((await at(moved(1e-5))) - (await at(moved(-1e-5)))) / 2e-5
  }
  const X = drawn('X', 2, 3)

  test('runs its steps in reverse, down to what they began from', async () => {
    const { tape, from, Y } = steps(X)
    const dX = await numbers(tape.backward(Y, device.upload(dY)).of(from))
    expect(Math.max(...dX.slice(3).map(Math.abs))).toBeGreaterThan(0.01)
    for (const n of dX.keys()) expect(dX[n]).toBeCloseTo(await slope(X, n, loss), 8)
  })

  test('a map onto another adds to it, and what it reads as a constant has no gradient', async () => {
    const F = drawn('F', 2, 3)
    const sum = new Tensor(
      X.shape,
      X.data.map((x, n) => x + F.data[n]),
    )
    const one = new Tape(device, { W, b })
    const expected = affine(one, device.upload(sum), W, b)
    const tape = new Tape(device, { W, b })
    const [from, given] = [X, F].map((rows) => device.upload(rows))
    tape.constant(given)
    const Y = affine(tape, given, W, b, affine(tape, from, W))
    const [found, wanted] = [await numbers(Y), await numbers(expected)]
    for (const n of found.keys()) expect(found[n]).toBeCloseTo(wanted[n], 12)
    const gradients = tape.backward(Y, device.upload(dY))
    expect(await numbers(gradients.of(given))).toEqual(new Array(6).fill(0))
    expect((await numbers(gradients.of(from))).every((d) => d !== 0)).toBe(true)
    const { parameters } = one.backward(expected, device.upload(dY))
    for (const name of ['W', 'b']) {
      const [own, whole] = [gradients.parameters[name], parameters[name]].map(numbers)
      const both = [await own, await whole]
      for (const n of both[0].keys()) expect(both[0][n]).toBeCloseTo(both[1][n], 12)
    }
  })

  test('adds the gradients of a parameter that two steps read', async () => {
    const { tape, Y } = steps(X)
    const { parameters } = tape.backward(Y, device.upload(dY))
    for (const [name, handle] of Object.entries({ W, b })) {
      const found = await numbers(parameters[name])
      const before = await device.read(handle)
      const at = async (changed: Tensor): Promise<number> => {
        device.write(handle, changed)
        const found = await loss(X)
        device.write(handle, before)
        return found
      }
      for (const n of found.keys()) expect(found[n]).toBeCloseTo(await slope(before, n, at), 8)
    }
  })

  test('has a gradient of zeros for what no step reads', async () => {
    const aside = device.upload(drawn('aside', 5))
    const { tape, Y } = steps(X)
    expect(await numbers(tape.backward(Y, device.upload(dY)).of(aside))).toEqual([0, 0, 0, 0, 0])
  })
})

test('one handle that is X and the source too has a gradient as each', async () => {
  const layer = new SelfAttention({ dModel: 3, dQuery: 2, dKey: 2, dValue: 5 }, { device, seed: 7 })
  const X = drawn('both', 2, 7, 3)
  const dC = drawn('dC', 2, 7, 5)
  const handle = device.upload(X)
  const shared = await layer.forward(handle, { source: handle }).backward(dC).read()
  const apart = await layer.forward(X, { source: X }).backward(dC).read()
  expect(shared).toEqual(apart)
  expect(shared.dX).not.toEqual(shared.dSource)
})
