import { afterAll, describe, expect, test } from 'vitest'
import { ReferenceDevice } from '../../src/device/reference.ts'
import { bitsOf, openKernels, outputsOn, withEdges, worstShare } from './against-reference.ts'
import {
  adamWCase,
  addBiasBackwardCase,
  addBiasCase,
  type Case,
  clipCase,
  combineCase,
  dropoutCase,
  gatherCase,
  normalizeBackwardCase,
  normalizeCase,
  sgdCase,
  squaredNormCase,
  sumRowsCase,
} from './step-cases.ts'

const SIZES = [1, 2, 3, 5, 7, 8, 9, 16, 17, 31, 33, 63, 64, 65, 97, 257]
// the last ones are shared by two threads
const PAIRS: [number, number][] = [
  ...SIZES.flatMap((size): [number, number][] => [
    [size, 13],
    [11, size],
  ]),
  [0, 5],
  [257, 97],
  [1031, 128],
]
const over = (make: (rows: number, columns: number) => Case): Case[] => PAIRS.map(([rows, columns]) => make(rows, columns))

const KINDS = [false, true].flatMap((factors) => [false, true].map((accumulate) => ({ factors, accumulate })))
const CASES: Readonly<Record<string, Case[]>> = {
  combine: over(combineCase),
  addBias: over(addBiasCase),
  addBiasBackward: over(addBiasBackwardCase),
  normalize: [...over(normalizeCase), normalizeCase(31, 64, 1000), normalizeCase(7, 13, -30)],
  normalizeBackward: [...over(normalizeBackwardCase), normalizeBackwardCase(31, 64, 100), normalizeBackwardCase(9000, 3)],
  dropout: over(dropoutCase),
  gather: [false, true].flatMap((accumulate) => over((rows, columns) => gatherCase(rows, columns, accumulate))),
  sumRows: KINDS.flatMap((kind) => [
    ...over((rows, columns) => sumRowsCase(rows, columns, 3 * rows, kind)),
    sumRowsCase(1, 65, 257, kind),
    sumRowsCase(5, 65, 0, kind),
  ]),
  squaredNorm: [...SIZES, 0, 4095, 4096, 4097, 200_001].map((size) => squaredNormCase([size, 3, size])),
  clip: [...SIZES, 0, 70_001].flatMap((size) => [clipCase([size, 5], 0.7), clipCase([3, size], 7)]),
  adamW: [false, true].flatMap((touched) => over((rows, columns) => adamWCase(rows, columns, touched))),
  sgd: [false, true].flatMap((touched) =>
    [false, true].flatMap((velocity) => over((rows, columns) => sgdCase(rows, columns, touched, velocity))),
  ),
}

const reference = new ReferenceDevice({ dtype: 'float64' })
const opened = await openKernels()
afterAll(async () => {
  for (const device of opened.flat()) await device.close()
})

describe.each(Object.keys(CASES))('%s', (name) => {
  describe.each(opened.map(([one, two]) => [one.arithmetic, one, two] as const))('%s', (_arithmetic, one, two) => {
    test('errs no more than twice as much as plain float32 loops, and 4 units in the last place of its row', async () => {
      for (const given of CASES[name]) {
        const exact = await outputsOn(reference, given)
        const loops = given.loops(given.inputs.map(({ data }) => data))
        const share = worstShare(await outputsOn(one, given), exact, loops, given)
        expect({ name: given.name, share, within: share <= 1 }).toMatchObject({ within: true })
      }
    })

    test('has the same bits on one thread and on two', async () => {
      for (const given of CASES[name]) {
        const [alone, shared] = [await outputsOn(one, given), await outputsOn(two, given)]
        expect({ name: given.name, bits: shared.map(bitsOf) }).toEqual({ name: given.name, bits: alone.map(bitsOf) })
      }
    })

    test('makes NaN, ∞ and the sign of 0 of what the reference makes them of', async () => {
      for (const given of CASES[name].slice(0, 32)) {
        for (const edges of [[Number.NaN], [Number.POSITIVE_INFINITY], [Number.NEGATIVE_INFINITY, 0], [-0, 1e-40]]) {
          const edged = withEdges(given, edges)
          const [found, exact] = [await outputsOn(one, edged), await outputsOn(reference, edged)]
          const kinds = KINDS_OF[name] ?? kindsWithSigns
          expect({ name: edged.name, edges, kinds: found.map(kinds) }).toEqual({ name: edged.name, edges, kinds: exact.map(kinds) })
        }
      }
    })
  })
})

/** What kind of number each is: NaN, ∞, 1 for what is no smaller than 10⁻³⁰, and below that the number itself. */
const kindsWithSigns = (numbers: ArrayLike<number>): number[] =>
  Array.from(numbers, (x) => (Number.isFinite(x) && Math.abs(Math.fround(x)) > 1e-30 ? 1 : Math.fround(x)))

/** Where differences of equal numbers are multiplied, 0 and what is near it are one kind. */
const kindsAlone = (numbers: ArrayLike<number>): number[] => kindsWithSigns(numbers).map((x) => (Math.abs(x) < 1 ? 0 : x))
const KINDS_OF: Readonly<Record<string, typeof kindsAlone>> = { normalizeBackward: kindsAlone }
