import { afterAll, describe, expect, test } from 'vitest'
import { openDevice } from '../../src/device/open.ts'
import { drops } from '../../src/device/reference/dropout.ts'
import { scaledDot } from '../../src/mechanism/alignments.ts'
import type { MaskSizes } from '../../src/mechanism/mask.ts'
import { relative } from '../../src/mechanism/position.ts'
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

const named = <One extends { readonly name: string }>(values: readonly One[]) =>
  values.map((value) => ({ name: value.name, value }))

// discontinuous are: topK where two scores around the k-th are equal, general with relu where a
// score is 0, and the gradient of sparsemax where a score is the threshold. The seed keeps all of
// these away by more than float32 rounds.
describe.each(named(alignments))('$name', ({ value: alignment }) => {
  test.each(named(distributions))(
    '$name: with every mask and position, errors are those of float32',
    async ({ value: distribution }) => {
      for (const [m, { leastHeads = 1, ...mask }] of masks.entries()) {
        for (const [n, position] of positionsOf(alignment).entries()) {
          const heads = (m + n) % 2 ? 3 : leastHeads
          const widths = widthsOf(alignment, [3, 5])
          const one = await measured(reference, {
            alignment,
            distribution,
            ...mask,
            position,
            heads,
            ...widths,
            dValue: 4,
          })
          comparison.add(one, await foundBy(device, one.given, one.numbers))
        }
      }
      expect(comparison.beyond()).toEqual([])
    },
  )
})

describe('with dropout, which drops the weights that the reference drops', () => {
  const dropout = { rate: 0.4, seed: 2 ** 40 + 19, stream: 23, step: 29 }
  // as the reference has it: a stream for each head of each text, and 131072 keys of a text with draws of their own
  const keep = ({ text, head }: MaskSizes, i: number, j: number): number => {
    const stream = (dropout.stream ^ Math.imul(3 * text + head, 0x9e3779b1)) >>> 0
    return drops({ ...dropout, stream })(i * 131072 + j) ? 0 : 1 / (1 - dropout.rate)
  }
  test.each(named(distributions))(
    '$name: errors are those of float32',
    async ({ value: distribution }) => {
      for (const { mask, ...sizes } of masks) {
        const given = {
          alignment: scaledDot,
          distribution,
          mask,
          ...sizes,
          position: relative(2),
          heads: 3,
          dQuery: 5,
          dKey: 5,
          dValue: 4,
        }
        const one = await measured(reference, { ...given, dropout, keep })
        comparison.add(one, await foundBy(device, one.given, one.numbers))
      }
      expect(comparison.beyond()).toEqual([])
    },
  )
})
