import { setFlagsFromString } from 'node:v8'
import { afterAll, expect, test } from 'vitest'
import { openDevice } from '../../src/device/open.ts'
import { additive, general } from '../../src/mechanism/alignments.ts'
import { entmax, softmax } from '../../src/mechanism/distributions.ts'
import { causal, everything } from '../../src/mechanism/mask.ts'
import { none, relative } from '../../src/mechanism/position.ts'
import { alignments, distributions } from '../every.ts'
import {
  type AttentionCase,
  Comparison,
  foundBy,
  type Measured,
  measured,
  nameOf,
  texts,
} from './attention-cases.ts'
import { masksFor, positionsOf, widthsOf } from './attention-grid.ts'

// Node 20 knows relaxed vectors behind a switch
if (process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd')

const reference = await openDevice({ device: 'reference', dtype: 'float64' })
const opened = ['portable', 'fused'] as const
const devices = await Promise.all(
  opened.map(async (arithmetic) => ({
    comparison: new Comparison(),
    threads: await Promise.all(
      [1, 2].map((threads) => openDevice({ device: 'wasm', arithmetic, threads })),
    ),
  })),
)
afterAll(async () => {
  for (const { comparison, threads } of devices)
    console.log(`sizes around tiles, ${threads[0].arithmetic}\n${comparison}`)
  await Promise.all(
    [reference, ...devices.flatMap(({ threads }) => threads)].map((device) => device.close()),
  )
})

/** Both arithmetics are held to float64; in each, one thread and two give the same bits. */
async function holds(cases: readonly AttentionCase[]): Promise<void> {
  for (const given of cases) {
    const one = await measured(reference, given)
    for (const { comparison, threads } of devices) {
      const [alone, shared] = [
        await foundBy(threads[0], given, one.numbers),
        await foundBy(threads[1], given, one.numbers),
      ]
      expect({ case: nameOf(given), differ: differences(alone, shared) }).toEqual({
        case: nameOf(given),
        differ: [],
      })
      comparison.add(one, alone)
    }
  }
  for (const { comparison } of devices) expect(comparison.beyond()).toEqual([])
}

/** Quantities whose bits differ. */
const differences = (a: Measured['exact'], b: Measured['exact']): string[] =>
  Object.keys(a).filter((name) => !a[name].every((value, n) => Object.is(value, b[name][n])))

// around the tiles of 4 rows and 8 columns, the strips of 24 rows, the groups of 96 and the blocks
// of 64 keys
const SIZES = [1, 2, 3, 5, 7, 8, 9, 16, 17, 25, 31, 33, 63, 64, 65, 97, 257]

const usual = { Tq: 13, Tk: 11, d: 5, dQuery: 7, dValue: 6 }

test.each(['Tq', 'Tk', 'd', 'dQuery', 'dValue'] as const)(
  '%s of every size beside small others',
  async (which) => {
    const cases = SIZES.map((size, n): AttentionCase => {
      const { Tq, Tk, d, dQuery, dValue }: typeof usual = { ...usual, [which]: size }
      const alignment =
        which === 'dQuery'
          ? [general({ bias: true }), additive({ hidden: 9 })][n % 2]
          : alignments[n % alignments.length]
      const rule = {
        alignment,
        distribution: distributions[n % distributions.length],
        mask: everything,
        position: none,
      }
      return {
        ...rule,
        heads: 2,
        ...texts([Tq], [Tk]),
        ...widthsOf(alignment, [dQuery, d]),
        dValue,
      }
    })
    await holds(cases)
  },
)

/**
 * An orthogonal array over the integers modulo 17: any two of its columns together have every pair
 * of sizes.
 */
const design = SIZES.flatMap((_, i) =>
  SIZES.map(
    (_, j) =>
      (column: number): number =>
        (i + column * j) % SIZES.length,
  ),
)

test.each(SIZES.map((size, block) => ({ size, block })))(
  'any two sizes together, for $size queries',
  async ({ size: Tq, block }) => {
    const cases = design
      .slice(block * SIZES.length, (block + 1) * SIZES.length)
      .map((at, j): AttentionCase => {
        const Tk = SIZES[j]
        const alignment = alignments[at(4) % alignments.length]
        const positions = positionsOf(alignment)
        const masks = masksFor(Tq, Tk)
        return {
          alignment,
          distribution: distributions[at(5) % distributions.length],
          mask: masks[at(6) % masks.length],
          position: positions[at(7) % positions.length],
          heads: at(8) % 3 === 0 && Tq * Tk < 5000 ? 3 : 1,
          ...texts([Tq], [Tk]),
          ...widthsOf(alignment, [SIZES[at(3)], SIZES[at(1)]]),
          dValue: SIZES[at(2)],
        }
      })
    await holds(cases)
  },
)

test('texts of every size packed together, empty ones among them', async () => {
  const queries = [0, ...SIZES.slice(0, -1), 0]
  const keys = [3, ...SIZES.slice(0, -1).reverse(), 0]
  const rule = {
    distribution: softmax,
    mask: causal({ align: 'end' }),
    position: relative(4, { align: 'end' }),
  }
  const sizes = { heads: 3, ...texts(queries, keys), dValue: 5 }
  await holds(
    alignments.map((alignment) => ({
      ...rule,
      ...sizes,
      alignment,
      ...widthsOf(alignment, [4, 6]),
    })),
  )
  await holds([
    {
      ...rule,
      ...sizes,
      distribution: entmax('learned'),
      alignment: alignments[1],
      ...widthsOf(alignments[1], [4, 6]),
    },
  ])
})
