import { expect, test } from 'vitest'
import { openDevice } from '../../src/device/open.ts'
import { exp } from '../../src/elementary.ts'
import { Encoder } from '../../src/layer/encoder.ts'
import { Classes } from '../../src/learn/classes.ts'
import { Random } from '../../src/random.ts'
import { worstError } from '../differences.ts'

const LAYERS = [{ dQuery: 2, dKey: 2, dValue: 5 }]

test('probabilities of each text are softmax(c̄ Eᵀ + b), of its own rows', async () => {
  const device = await openDevice({ device: 'reference', dtype: 'float64' })
  const encoder = new Encoder({ vocabulary: 0, dModel: 3, layers: LAYERS }, { device, seed: 7 })
  const classes = new Classes({ width: 5, count: 7 }, { device, seed: 7 })
  const random = new Random(11)
  device.write(classes.b, random.normals([7], 'float64'))
  const pass = encoder.forward([2, 1, 4].map((T) => random.normals([T, 3], 'float64')))
  const { handles } = device.stats()
  const P = await classes.probabilities(pass)
  expect(device.stats().handles).toBe(handles)
  const [C, E, b] = [await pass.read(), await device.read(classes.E), await device.read(classes.b)]
  const expected = [
    [0, 2],
    [2, 3],
    [3, 7],
  ].flatMap(([from, to]) => {
    const powers = Array.from({ length: 7 }, (_, k) => {
      let score = b.data[k]
      for (let row = from; row < to; row++)
        for (let c = 0; c < 5; c++) score += (C.at(row, c) * E.at(k, c)) / (to - from)
      return exp(score)
    })
    const sum = powers.reduce((all, power) => all + power, 0)
    return powers.map((power) => power / sum)
  })
  expect([P.shape, P.dtype]).toEqual([[3, 7], 'float64'])
  expect(worstError(P.data, Float64Array.from(expected))).toBeLessThan(1e-14)
})

test('probabilities need the context of every row', async () => {
  const device = await openDevice({ device: 'reference' })
  const encoder = new Encoder({ vocabulary: 9, dModel: 3, layers: LAYERS }, { device, seed: 7 })
  const classes = new Classes({ width: 5, count: 2 }, { device, seed: 7 })
  const pass = encoder.forward([[1, 2, 3]], { queryRows: Int32Array.of(0, 2) })
  await expect(classes.probabilities(pass)).rejects.toThrow('the context of row 1 was not computed')
  classes.free()
  await expect(classes.probabilities(pass)).rejects.toThrow('Classes.probabilities: it was freed')
})
