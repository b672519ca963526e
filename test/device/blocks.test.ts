import { expect, test } from 'vitest'
import { openDevice } from '../../src/device/open.ts'
import { inBlocks } from '../../src/device/wasm/blocks.ts'
import type { Engine } from '../../src/device/wasm/engine.ts'
import { kernels } from '../../src/device/wasm/jobs.generated.ts'

const ENGINE = {} as Engine

test('a field of a kernel that names nothing of its operation is refused when the device is made', async () => {
  const { combine } = kernels
  const misspelt = { ...combine, fields: combine.fields.replace('b:f32', 'beta:f32') }
  expect(misspelt.fields).not.toBe(combine.fields)
  const table = kernels as { combine: typeof combine }
  table.combine = misspelt
  try {
    const refused = 'the kernel combine has a field beta; expected an operand, an axis or a setting'
    expect(() => inBlocks(ENGINE, 'combine')).toThrow(refused)
    await expect(openDevice({ device: 'wasm' })).rejects.toThrow(refused)
  } finally {
    table.combine = combine
  }
  expect(inBlocks(ENGINE, 'combine')).toBeInstanceOf(Function)
})

test('what computes no operation by itself is refused', () => {
  expect(() => inBlocks(ENGINE, 'product')).toThrow('no kernel computes product')
})
