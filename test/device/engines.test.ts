import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { expect, test } from 'vitest'
import { openDevice } from '../../src/device/open.ts'
import { kernelFingerprints } from '../browser/kernel-fingerprints.ts'

// Node 20 knows relaxed vectors behind a switch
if (process.versions.v8.startsWith('11.')) setFlagsFromString('--experimental-wasm-relaxed-simd')

/**
 * What portable arithmetic gives in every engine, on any number of threads; it changes only where
 * kernels change their order of operations.
 */
const PORTABLE = { products: 'f868fbe1', attention: 'acb2b1ae', learning: '90715bdf' }

async function found(arithmetic: 'portable' | 'fused', threads: number) {
  const device = await openDevice({ device: 'wasm', arithmetic, threads })
  const fingerprints = await kernelFingerprints(device)
  await device.close()
  return fingerprints
}

test.each([1, 2])(
  'portable arithmetic gives the bits that are written here, on threads: %i',
  async (threads) => {
    expect(await found('portable', threads)).toEqual(PORTABLE)
  },
)

test('fused arithmetic gives the same bits on one thread and two, and in every engine that runs this test', async () => {
  const fused = await found('fused', 1)
  expect(await found('fused', 2)).toEqual(fused)
  // engines that run this test one after the other meet in a file: the first writes it
  const file = process.env.FUSED_FINGERPRINTS
  if (!file) return
  if (!existsSync(file)) writeFileSync(file, JSON.stringify(fused))
  expect(fused).toEqual(JSON.parse(readFileSync(file, 'utf8')))
})
