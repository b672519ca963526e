import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Device } from '../../src/device/device.ts'
import { openDevice } from '../../src/device/open.ts'
import { cosine, scaledDot } from '../../src/mechanism/alignments.ts'
import { softmax, sparsemax } from '../../src/mechanism/distributions.ts'
import { and, causal, everything, lengths, type Mask, window } from '../../src/mechanism/mask.ts'
import { none, rotary } from '../../src/mechanism/position.ts'
import { alignments, distributions } from '../every.ts'
import { type AttentionCase, type Found, foundBy, numbersOf, texts } from './attention-cases.ts'
import { widthsOf } from './attention-grid.ts'
import { manhattan } from './own-alignment.ts'

const plain = {
  alignment: scaledDot,
  distribution: softmax,
  mask: everything,
  position: none,
  dQuery: 6,
  dKey: 6,
  dValue: 5,
  heads: 2,
}

let wasm: Device
let exact: Device
beforeAll(async () => {
  ;[wasm, exact] = await Promise.all([
    openDevice({ device: 'wasm', threads: 2 }),
    openDevice({ dtype: 'float64' }),
  ])
})
afterAll(() => Promise.all([wasm, exact].map((device) => device.close())))

/**
 * Largest |a − b| as a part of the largest |b|, but for numbers that are not finite, which must be
 * alike.
 */
function worst(found: Found, expected: Found): number {
  let most = 0
  for (const [name, numbers] of Object.entries(expected)) {
    let largest = 1
    for (const x of numbers) if (Number.isFinite(x)) largest = Math.max(largest, Math.abs(x))
    numbers.forEach((x: number, n: number) => {
      const finite = Number.isFinite(x) && Number.isFinite(found[name][n])
      if (!Object.is(x, found[name][n]))
        most = Math.max(most, finite ? Math.abs(x - found[name][n]) / largest : Infinity)
    })
  }
  return most
}

/** The error of the wasm device on a case whose numbers may be changed first. */
async function errorOf(
  given: AttentionCase,
  change: (numbers: ReturnType<typeof numbersOf>) => void = () => {},
): Promise<number> {
  const numbers = numbersOf(given)
  change(numbers)
  const wants = { weights: true, statistics: true }
  return worst(
    await foundBy(wasm, given, numbers, wants),
    await foundBy(exact, given, numbers, wants),
  )
}

describe('numbers that are not finite reach only what may look at them', () => {
  const cases = alignments.flatMap((alignment) =>
    [Number.NaN, Infinity, -Infinity].map((bad) => ({
      name: `${alignment.name}, ${bad}`,
      alignment,
      bad,
    })),
  )
  test.each(cases)('$name', async ({ alignment, bad }) => {
    // keys and values from 7 on are hidden from the first text, key 3 of the second from its first
    // queries
    const given = {
      ...plain,
      alignment,
      mask: and(lengths([7, 9]), causal()),
      ...texts([11, 9], [11, 9]),
      ...widthsOf(alignment, [4, 6]),
    }
    for (const places of [[8], [14], [8, 14]]) {
      const error = await errorOf(given, ({ K, V, Q, dC }) => {
        for (const place of places) {
          K.data[place * K.shape[1] + 2] = bad
          V.data[(place + 1) * V.shape[1] + 1] = bad
          Q.data[(place + 2) * Q.shape[1] + 3] = bad
          dC.data[place * dC.shape[1]] = bad
        }
      })
      expect(error).toBeLessThan(1e-4)
    }
  })

  test.each(distributions)('$name, with keys that nobody may look at', async (distribution) => {
    const given = { ...plain, distribution, mask: lengths([5]), ...texts([30], [9]) }
    const numbers = numbersOf(given)
    const clean = await foundBy(wasm, given, numbers)
    for (let n = 5 * 12; n < 9 * 12; n++) numbers.K.data[n] = Number.NaN
    for (let n = 5 * 10; n < 9 * 10; n++) numbers.V.data[n] = Infinity
    const found = await foundBy(wasm, given, numbers)
    expect(worst(found, clean)).toBeLessThan(1e-5)
  })
})

describe('sizes and numbers at the edge', () => {
  test.each([
    ['no texts', texts([], [])],
    ['texts without rows', texts([0, 0], [0, 0])],
    ['queries without keys', texts([3, 40], [0, 0])],
    ['keys without queries', texts([0, 0], [5, 33])],
    ['a long text without keys beside another', texts([300, 90], [0, 200])],
    ['a long text without queries beside another', texts([0, 200], [300, 90])],
  ])('%s', async (_name, sizes) => {
    for (const alignment of alignments) {
      const widths = widthsOf(alignment, [4, 6])
      expect(await errorOf({ ...plain, alignment, ...sizes, ...widths })).toBeLessThan(1e-5)
    }
  })

  test('rows of zeros, whose cosine is 0', async () => {
    const given = { ...plain, alignment: cosine, ...texts([9], [11]) }
    expect(
      await errorOf(given, ({ Q, K }) => {
        Q.data.fill(0, 24, 36)
        K.data.fill(0, 48, 60)
      }),
    ).toBeLessThan(1e-6)
  })

  test('numbers so small that their squares vanish in float32', async () => {
    for (const alignment of [cosine, scaledDot]) {
      const error = await errorOf({ ...plain, alignment, ...texts([9], [11]) }, ({ Q, K }) => {
        for (const X of [Q, K]) X.data.set(X.data.map((x) => x * 1e-25))
      })
      expect(error).toBeLessThan(alignment === cosine ? 1e-5 : 1e-6)
    }
  })

  test('scores that leave float32 are computed another way', async () => {
    const error = await errorOf({ ...plain, ...texts([9], [11]) }, ({ Q, K }) => {
      for (const X of [Q, K]) X.data.set(X.data.map((x) => x * 1e25))
    })
    expect(error).toBeLessThan(1e-5)
  })
})

describe("a user's own", () => {
  const doubled: typeof scaledDot.scores = (block) => {
    const S = scaledDot.scores(block)
    return { ...S, data: S.data.map((s) => 2 * s) }
  }
  const twice: typeof scaledDot.backward = (dS, S, block) =>
    scaledDot.backward({ ...dS, data: dS.data.map((d) => 2 * d) }, S, block)
  const own: [string, Partial<AttentionCase>][] = [
    ['alignment', { alignment: manhattan }],
    [
      'spread of an alignment with other scores',
      { alignment: { ...scaledDot, name: 'twice', scores: doubled, backward: twice } },
    ],
    [
      'distribution',
      {
        distribution: {
          ...softmax,
          name: 'half',
          weights: (s, p) => softmax.weights(s, p).map((a) => a / 2),
        },
      },
    ],
    [
      'spread of a distribution of the same name',
      { distribution: { ...sparsemax, weights: (s) => s.map(() => 1 / s.length) } },
    ],
    [
      'mask without runs',
      {
        mask: {
          name: 'odd',
          allows: (i, j) => (i + j) % 2 === 1,
          span: (_first, _last, { nKey }) => [0, nKey],
        },
      },
    ],
    [
      'mask with runs',
      {
        mask: {
          name: 'two',
          allows: (_i, j) => j === 0 || j === 5,
          span: () => [0, 6],
          runs: () => [0, 1, 5, 6],
        },
      },
    ],
    [
      'spread of a mask with other keys',
      {
        mask: {
          ...window(1, 1),
          allows: (_i, j) => j % 4 === 0,
          span: (_f, _l, { nKey }) => [0, nKey],
        },
      },
    ],
    ['spread of a position with another base', { position: { ...rotary(), base: 7 } }],
  ]
  test.each(own)('%s is what is computed', async (_name, change) => {
    // the same names first, as the package has them: nothing of theirs may stay
    const sizes = texts([9, 30], [11, 13])
    await errorOf({ ...plain, position: rotary(), ...sizes })
    expect(await errorOf({ ...plain, ...sizes, ...change })).toBeLessThan(1e-5)
  })

  test('mask is asked by head unless it says that heads are alike', async () => {
    const mask: Mask = {
      name: 'heads',
      allows: (i, j, { head }) => j <= i + head,
      span: (_first, _last, { nKey }) => [0, nKey],
    }
    expect(await errorOf({ ...plain, mask, ...texts([9, 30], [11, 13]) })).toBeLessThan(1e-5)
  })
})
