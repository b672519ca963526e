import { expect, test } from 'vitest'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { drawParameter } from '../../src/layer/parameters.ts'
import { Stack } from '../../src/layer/stack.ts'
import { xavierUniform } from '../../src/random.ts'

const device = new ReferenceDevice({ dtype: 'float64' })
const layer = { dQuery: 3, dKey: 3, dValue: 3, heads: 1 }

test('every parameter of every layer begins by numbers of its own', async () => {
  const { parameters } = new Stack(
    { dModel: 3, layers: [layer, layer, layer] },
    { device, seed: 11 },
  )
  const drawn = await Promise.all(
    Object.values(parameters).map(async (handle) => String((await device.read(handle)).data)),
  )
  expect(drawn.length).toBeGreaterThanOrEqual(9)
  expect(new Set(drawn).size).toBe(drawn.length)
})

test('a parameter begins by its seed and its whole name, whatever else is drawn', async () => {
  const read = async (name: string, prefix?: string, seed = 11) => {
    const context = prefix === undefined ? { device, seed } : { device, seed, prefix }
    return String(
      (
        await device.read(
          drawParameter(context, name, { shape: [2, 5], initializer: xavierUniform }),
        )
      ).data,
    )
  }
  expect(await read('W', 'layers.1.')).toBe(await read('layers.1.W'))
  expect(
    new Set([
      await read('W'),
      await read('W', 'layers.0.'),
      await read('W', 'layers.1.'),
      await read('W', '', 12),
    ]).size,
  ).toBe(4)
})
