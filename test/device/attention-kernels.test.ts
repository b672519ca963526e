import { afterAll, describe, expect, test } from 'vitest'
import { openDevice } from '../../src/device/open.ts'
import { alignments, distributions } from '../every.ts'
import { Comparison, foundBy, measured } from './attention-cases.ts'
import { masks, positionsOf, widthsOf } from './attention-grid.ts'

const reference = await openDevice({ device: 'reference', dtype: 'float64' })
const device = await openDevice({ device: 'wasm', threads: 1 })
const comparison = new Comparison()
afterAll(async () => {
  console.log(`every alignment, distribution, mask and position\n${comparison}`)
  await Promise.all([reference.close(), device.close()])
})

const named = <One extends { readonly name: string }>(values: readonly One[]) => values.map((value) => ({ name: value.name, value }))

// discontinuous are: topK where two scores around the k-th are equal, general with relu where a score is 0, and the gradient of
// sparsemax where a score is the threshold. The seed keeps all of these away by more than float32 rounds.
describe.each(named(alignments))('$name', ({ value: alignment }) => {
  test.each(named(distributions))('$name: with every mask and position, errors are those of float32', async ({ value: distribution }) => {
    for (const [m, { leastHeads = 1, ...mask }] of masks.entries()) {
      for (const [n, position] of positionsOf(alignment).entries()) {
        const heads = (m + n) % 2 ? 3 : leastHeads
        const widths = widthsOf(alignment, [3, 5])
        const one = await measured(reference, { alignment, distribution, ...mask, position, heads, ...widths, dValue: 4 })
        comparison.add(one, await foundBy(device, one.given, one.numbers))
      }
    }
    expect(comparison.beyond()).toEqual([])
  })
})
