import { afterAll, describe, expect, test } from 'vitest'
import { openDevice } from '../../src/device/open.ts'
import { Tensor } from '../../src/tensor.ts'

const devices = [
  ['reference, float64', await openDevice({ dtype: 'float64' })],
  ['reference, float32', await openDevice({ device: 'reference' })],
  ['wasm', await openDevice({ device: 'wasm', threads: 1 })],
] as const
afterAll(async () => {
  for (const [, device] of devices) await device.close()
})

// beside 2⁶⁰ a 1 is lost, in float32 and in float64: only where the large numbers meet first is the
// sum 1
const large = 2 ** 60
const places = (...numbers: number[]): Tensor => Tensor.from(numbers, 'int32')

describe.each(devices)('on %s', (_name, device) => {
  /**
   * Σ of the rows 2⁶⁰, 1 and −2⁶⁰ in the order of the list, as the middle one of three segments.
   */
  const sumOf = async (...order: number[]): Promise<number[]> => {
    const dY = device.upload(Tensor.from([[large], [1], [-large], [7]]))
    const out = device.allocate([3, 1])
    const starts = device.upload(places(0, 1, 1 + order.length, 2 + order.length))
    device.sumRows(dY, { starts, occurrences: device.upload(places(3, ...order, 3)) }, out)
    return [...(await device.read(out)).data]
  }

  test.each([
    [[0, 1, 2], 0],
    [[0, 2, 1], 1],
    [[1, 0, 2], 0],
    [[1, 2, 0], 0],
    [[2, 0, 1], 1],
    [[2, 1, 0], 0],
  ])('sumRows adds rows %j in that order', async (order, expected) => {
    expect(await sumOf(...order)).toEqual([7, expected, 7])
  })

  test('sum adds the rows of a column from the first to the last', async () => {
    const dY = device.upload(
      Tensor.from([
        [large, large],
        [-large, 1],
        [1, -large],
      ]),
    )
    const db = device.allocate([2])
    device.sum('rows', dY, db)
    expect([...(await device.read(db)).data]).toEqual([1, 0])
  })
})
