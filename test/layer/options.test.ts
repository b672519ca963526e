import { expect, test } from 'vitest'
import { openDevice } from '../../src/device/open.ts'
import { initialParameters } from '../../src/layer/options.ts'
import { SelfAttention } from '../../src/layer/self-attention.ts'
import { additive } from '../../src/mechanism/alignments.ts'
import { relative } from '../../src/mechanism/position.ts'

test('what a layer begins with is what it uploads to its device, by the same names', async () => {
  const device = await openDevice({ device: 'reference', dtype: 'float64' })
  const options = {
    dModel: 5,
    dQuery: 3,
    dKey: 2,
    dValue: 7,
    heads: 2,
    alignment: additive({ hidden: 11 }),
    position: relative(2),
  }
  const layer = new SelfAttention(options, { device, seed: 11 })
  const initial = initialParameters(options, 11)
  expect(Object.keys(initial)).toEqual(Object.keys(layer.parameters))
  for (const [name, handle] of Object.entries(layer.parameters))
    expect(await device.read(handle)).toEqual(initial[name])
  expect(initialParameters(options, 12).W_K.data).not.toEqual(initial.W_K.data)
  await device.close()
})

test('widths that do not meet have no parameters', () => {
  expect(() => initialParameters({ dModel: 5, dQuery: 3, dKey: 2, dValue: 7 }, 11)).toThrow(
    'needs dQuery = dKey, got dQuery 3 and dKey 2',
  )
})
