import { describe, expect, test } from 'vitest'
import { activationNames, type Handle, type SumAxis } from '../../src/device/device.ts'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { Random } from '../../src/random.ts'
import { Tensor } from '../../src/tensor.ts'
import { innerProduct, worstError } from '../differences.ts'

const places = (...numbers: number[]): Tensor => Tensor.from(numbers, 'int32')
const normals = (random: Random, ...shape: number[]): Tensor => random.normals(shape, 'float64')

describe('every backward agrees with central differences of its forward', () => {
  type Run = (device: ReferenceDevice, handles: Handle[], out: Handle) => void
  /**
   * Worst error of the gradients that `backward` writes, one for each of `inputs`, against
   * differences of ⟨forward, dOut⟩.
   */
  async function worst(
    inputs: Tensor[],
    outShape: number[],
    forward: Run,
    backward: (
      device: ReferenceDevice,
      dOut: Handle,
      handles: Handle[],
      gradients: Handle[],
    ) => void,
    dOut = normals(new Random(149), ...outShape),
  ): Promise<number> {
    const device = new ReferenceDevice({ dtype: 'float64' })
    const [out, handles] = [device.allocate(outShape), inputs.map((X) => device.upload(X))]
    const gradients = inputs.map(({ shape }) => device.allocate(shape))
    backward(device, device.upload(dOut), handles, gradients)
    const lossAt = async (x: number, n: number, value: number): Promise<number> => {
      const moved = new Tensor(inputs[x].shape, inputs[x].data.slice())
      moved.data[n] = value
      device.write(handles[x], moved)
      forward(device, handles, out)
      device.write(handles[x], inputs[x])
      return innerProduct((await device.read(out)).data, dOut.data)
    }
    let error = 0
    for (let x = 0; x < inputs.length; x++) {
      const differences: number[] = []
      for (const [n, value] of inputs[x].data.entries())
        differences.push(
          ((await lossAt(x, n, value + 1e-5)) - (await lossAt(x, n, value - 1e-5))) / 2e-5,
        )
      error = Math.max(error, worstError((await device.read(gradients[x])).data, differences))
    }
    return error
  }
  const random = new Random(151)

  test('addBias', async () => {
    const error = await worst(
      [normals(random, 5, 3), normals(random, 3)],
      [5, 3],
      (device, [X, b], out) => device.addBias(X, b, out),
      (device, dOut, _handles, [dX, db]) => {
        device.combine(1, dOut, 0, dOut, dX)
        device.sum('rows', dOut, db)
      },
    )
    expect(error).toBeLessThan(1e-9)
  })

  test.each<[SumAxis, number[], number]>([
    ['columns', [5], 3],
    ['rows', [3], 5],
    ['all', [1], 15],
  ])('sum, mean and expand over %s', async (axis, shape, count) => {
    const X = normals(random, 5, 3)
    const errors = [
      await worst(
        [X],
        shape,
        (device, [X], out) => device.sum(axis, X, out),
        (device, dOut, _handles, [dX]) => device.expand(axis, dOut, dX),
      ),
      await worst(
        [X],
        shape,
        (device, [X], out) => device.mean(axis, X, out),
        (device, dOut, _handles, [dX]) => device.expand(axis, dOut, dX, 1 / count),
      ),
      await worst(
        [normals(random, ...shape)],
        [5, 3],
        (device, [X], out) => device.expand(axis, X, out, 0.7),
        (device, dOut, _handles, [dX]) => {
          device.sum(axis, dOut, dX)
          device.combine(0.7, dX, 0, dX, dX)
        },
      ),
    ]
    expect(Math.max(...errors)).toBeLessThan(1e-9)
  })

  test('copyRows, a join of two after a slice of one', async () => {
    const error = await worst(
      [normals(random, 7, 3), normals(random, 2, 3)],
      [5, 3],
      (device, [A, B], out) => {
        device.copyRows(A, out, { from: 3, to: 2, count: 3 })
        device.copyRows(B, out)
      },
      (device, dOut, _handles, [dA, dB]) => {
        device.copyRows(dOut, dA, { from: 2, to: 3, accumulate: true })
        device.copyRows(dOut, dB, { count: 2, accumulate: true })
      },
    )
    expect(error).toBeLessThan(1e-9)
  })

  test('normalize', async () => {
    const error = await worst(
      [normals(random, 5, 7), normals(random, 7), normals(random, 7)],
      [5, 7],
      (device, [X, gain, bias], out) => device.normalize(X, gain, bias, 1e-5, out),
      (device, dOut, [X, gain], [dX, dGain, dBias]) =>
        device.normalizeBackward(dOut, X, gain, 1e-5, { dX, dGain, dBias }),
    )
    expect(error).toBeLessThan(1e-8)
  })

  test.each(activationNames)('activate %s', async (name) => {
    const X = normals(random, 3, 7)
    const error = await worst(
      [
        name === 'log'
          ? new Tensor(
              X.shape,
              X.data.map((x) => 0.5 + x * x),
            )
          : X,
      ],
      [3, 7],
      (device, [X], out) => device.activate(name, X, out),
      (device, dOut, [X], [dX]) => device.activateBackward(name, dOut, X, dX),
    )
    expect(error).toBeLessThan(1e-9)
  })

  test('dropout, which is its own backward', async () => {
    const half = { rate: 0.4, seed: 3, stream: 5, step: 7 }
    const error = await worst(
      [normals(random, 5, 7)],
      [5, 7],
      (device, [X], out) => device.dropout(X, half, out),
      (device, dOut, _handles, [dX]) => device.dropout(dOut, half, dX),
    )
    expect(error).toBeLessThan(1e-9)
  })

  test('gather, with rows that repeat and a row that nobody takes', async () => {
    const error = await worst(
      [normals(random, 3, 2)],
      [5, 2],
      (device, [table], out) => device.gather(table, device.upload(places(2, 0, 2, -1, 2)), out),
      (device, dOut, _handles, [dTable]) =>
        device.sumRows(
          dOut,
          {
            starts: device.upload(places(0, 1, 1, 4)),
            occurrences: device.upload(places(1, 0, 2, 4)),
          },
          dTable,
        ),
    )
    expect(error).toBeLessThan(1e-9)
  })

  test('crossEntropy', async () => {
    // of Σ 0.7 losses, so that the gradient of each loss is 0.7
    const error = await worst(
      [normals(random, 3, 2), normals(random, 5, 2), normals(random, 5)],
      [3],
      (device, [C, E, offsets], out) =>
        device.crossEntropy(C, E, offsets, device.upload(places(4, 0, 4)), out),
      (device, _dOut, [C, E, offsets], [dC, dE, dOffsets]) =>
        device.crossEntropyBackward(0.7, C, E, offsets, device.upload(places(4, 0, 4)), {
          dC,
          dE,
          dOffsets,
        }),
      Tensor.from([0.7, 0.7, 0.7], 'float64'),
    )
    expect(error).toBeLessThan(1e-9)
  })
})
