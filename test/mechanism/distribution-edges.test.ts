import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Distribution } from '../../src/mechanism/distribution.ts'
import {
  entmax,
  entmax15,
  sigmoid,
  softmax,
  sparsemax,
  topK,
} from '../../src/mechanism/distributions.ts'
import { Tensor } from '../../src/tensor.ts'
import { centralDifferences } from '../differences.ts'

const learned = entmax('learned')
const weigh = (p: Distribution, scores: ArrayLike<number>, a = 0.4): Float64Array =>
  p.weights(Float64Array.from(scores), { a: Float64Array.of(a) })
const total = (x: ArrayLike<number>): number => Array.from(x).reduce((sum, value) => sum + value, 0)
const worst = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(
    ...Array.from(a, (value, n) =>
      Object.is(value, b[n]) ? 0 : Number.isNaN(value - b[n]) ? Infinity : Math.abs(value - b[n]),
    ),
  )

/** Groups of equal scores below a largest: many keys that are all nearly as good. */
const groups = fc.array(
  fc.tuple(
    fc.constantFrom(0, 0.3, 0.98, 1, 1.4, 1.7, 2, 2.1, 5, 1e6),
    fc.integer({ min: 1, max: 60 }),
  ),
  {
    minLength: 1,
    maxLength: 5,
  },
)
const clustered = fc
  .tuple(groups, fc.constantFrom(0, -3, 17, 400))
  .map(([all, top]) => [
    top,
    ...all.flatMap(([gap, count]) => Array<number>(count).fill(top - gap)),
  ])
const runs = { seed: 71, numRuns: 100 }

describe('weights of many scores that lie in groups', () => {
  test('of entmax15: four at 0, a hundred at −.98 and one at −2', () => {
    const A = weigh(entmax15, [...Array<number>(4).fill(0), ...Array<number>(100).fill(-0.98), -2])
    // halved, the largest score has the height h: 4h² + 100(h − .49)² = 1; the four alone would
    // have h = ½
    let [low, high] = [0.49, 0.5]
    for (let n = 0; n < 60; n++) {
      const h = (low + high) / 2
      if (4 * h * h + 100 * (h - 0.49) ** 2 < 1) low = h
      else high = h
    }
    const expected = [
      ...Array<number>(4).fill(low ** 2),
      ...Array<number>(100).fill((low - 0.49) ** 2),
      0,
    ]
    expect(worst(A, expected)).toBeLessThan(1e-12)
  })

  test.each([
    [entmax15, entmax(1.5)],
    [sparsemax, entmax(2)],
  ])('of $name are those that bisection finds', (sorted, bisected) => {
    fc.assert(
      fc.property(clustered, (scores) => {
        expect(worst(weigh(sorted, scores), weigh(bisected, scores))).toBeLessThan(1e-9)
      }),
      runs,
    )
  })

  test.each(
    [
      softmax,
      sparsemax,
      entmax15,
      entmax(1.01),
      entmax(1.33),
      entmax(3),
      entmax(10),
      learned,
      topK(3),
    ].map((p) => [p.name, p] as const),
  )('of %s are numbers from 0 to 1, sum to one, and rise with the scores', (_name, p) => {
    fc.assert(
      fc.property(clustered, (scores) => {
        const A = weigh(p, scores)
        expect(total(A)).toBeCloseTo(1, 9)
        for (let j = 0; j < A.length; j++) {
          expect(A[j] >= 0 && A[j] <= 1 + 1e-12).toBe(true)
          if (j > 0)
            expect(
              Math.sign(A[j] - A[j - 1]) * Math.sign(scores[j] - scores[j - 1]),
            ).toBeGreaterThanOrEqual(0)
        }
      }),
      runs,
    )
  })
})

describe('scores so far apart that their squares leave float64', () => {
  test.each(
    [softmax, sigmoid, sparsemax, entmax15, entmax(1.01), entmax(3), learned, topK(2)].map(
      (p) => [p.name, p] as const,
    ),
  )('%s gives no weight to what lies far below', (_name, p) => {
    const A = weigh(p, [-1e200, 0, -1e308, 0.25])
    expect([A[0], A[2]]).toEqual([0, 0])
    const near = weigh(p, [0, 0.25])
    expect(worst([A[1], A[3]], near)).toBeLessThan(1e-12)
  })
})

describe('learned entmax', () => {
  const scores = [0.3, -0.2, 0.9, 0.1]

  test.each([-1000, -50, -20])('is softmax where a = %d', (a) => {
    expect(worst(weigh(learned, scores, a), weigh(softmax, scores))).toBeLessThan(1e-5)
  })

  test.each([50, 1000])('is sparsemax where a = %d', (a) => {
    expect(worst(weigh(learned, scores, a), weigh(sparsemax, scores))).toBeLessThan(1e-9)
  })

  test.each([-1000, -50, -14, 40, 1000])('does not move a where α is at its end, a = %d', (a) => {
    const A = weigh(learned, scores, a)
    const { dScores, dParameters } = learned.backward(
      Float64Array.of(1, -2, 0.5, 3),
      A,
      Float64Array.from(scores),
      {
        a: Float64Array.of(a),
      },
    )
    expect(Math.abs(dParameters?.a[0] ?? Number.NaN)).toBeLessThan(1e-15)
    for (const d of dScores) expect(Number.isFinite(d)).toBe(true)
  })

  test.each([-6, -3, 0, 2])('has the gradient of central differences at a = %d', (at) => {
    const dA = Float64Array.of(1, -2, 0.5, 3)
    const a = new Tensor([1], Float64Array.of(at))
    const lossAt = (): number =>
      weigh(learned, scores, a.data[0]).reduce((sum, weight, j) => sum + weight * dA[j], 0)
    const { dParameters } = learned.backward(
      dA,
      weigh(learned, scores, at),
      Float64Array.from(scores),
      { a: Float64Array.of(at) },
    )
    expect(dParameters?.a[0]).toBeCloseTo(centralDifferences(a, lossAt, 1e-3)[0], 5)
  })
})
