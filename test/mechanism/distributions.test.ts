import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Parameters } from '../../src/mechanism/alignment.ts'
import type { Distribution } from '../../src/mechanism/distribution.ts'
import {
  entmax,
  entmax15,
  sigmoid,
  softmax,
  sparsemax,
  topK,
} from '../../src/mechanism/distributions.ts'

const all: Distribution[] = [
  softmax,
  sigmoid,
  sparsemax,
  entmax15,
  entmax(1.05),
  entmax(1.33),
  entmax(3),
  entmax('learned'),
  topK(1),
  topK(3),
]
const summing = all.filter(({ sumsToOne }) => sumsToOne)
const parametersOf = ({ parameters = {} }: Distribution): Parameters =>
  Object.fromEntries(Object.keys(parameters).map((name) => [name, Float64Array.of(0.4)]))
const weigh = (
  p: Distribution,
  scores: readonly number[],
  parameters = parametersOf(p),
): number[] => [...p.weights(Float64Array.from(scores), parameters)]
const total = (x: readonly number[]): number => x.reduce((sum, value) => sum + value, 0)
const worst = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((value, n) => Math.abs(value - b[n])))

// multiples of 2^-10, so that sums are exact; small integers, so that there are ties
const score = fc.oneof(
  fc.integer({ min: -51_200, max: 51_200 }).map((n) => n / 1024),
  fc.integer({ min: -2, max: 2 }),
)
const rows = fc.array(score, { minLength: 1, maxLength: 13 })
const runs = { seed: 71, numRuns: 200 }

describe('worked examples', () => {
  const rounded = (p: Distribution, scores: number[]): number[] =>
    weigh(p, scores).map((a) => Number(a.toFixed(4)))

  // printed by the published entmax package; rounded to four places
  test.each([
    [softmax, [-2, 0, 0.5], [0.0486, 0.3592, 0.5922]],
    [sparsemax, [-2, 0, 0.5], [0, 0.25, 0.75]],
    [entmax15, [-2, 0, 0.5], [0, 0.326, 0.674]],
    [entmax(1.33), [-1, 0, 0.5], [0.046, 0.3276, 0.6264]],
    [topK(2), [Math.log(2), Math.log(3), 0], [0.4, 0.6, 0]],
    [sigmoid, [0, Math.log(3), -Math.log(3)], [0.5, 0.75, 0.25]],
  ])('$name', (p, scores, expected) => {
    expect(rounded(p, scores)).toEqual(expected)
  })

  test('∂p₀/∂α is −0.2562 at α = 1.33 on the scores [−1, 0, 0.5]', () => {
    const learned = entmax('learned')
    const a = Math.log(0.33 / 0.67)
    const scores = Float64Array.of(-1, 0, 0.5)
    const weights = learned.weights(scores, { a: Float64Array.of(a) })
    const { dParameters } = learned.backward(Float64Array.of(1, 0, 0), weights, scores, {
      a: Float64Array.of(a),
    })
    // α = 1 + σ(a): the derivative by a holds σ(a)(1 − σ(a))
    expect((dParameters?.a[0] ?? 0) / (0.33 * 0.67)).toBeCloseTo(-0.2562, 4)
  })

  test('entmax(1.5) is entmax15', () => {
    expect(
      worst(weigh(entmax(1.5), [-2, 0, 0.5, 0.3]), weigh(entmax15, [-2, 0, 0.5, 0.3])),
    ).toBeLessThan(1e-14)
  })

  test('entmax(2) is sparsemax', () => {
    expect(
      worst(weigh(entmax(2), [-2, 0, 0.5, 0.3]), weigh(sparsemax, [-2, 0, 0.5, 0.3])),
    ).toBeLessThan(1e-14)
  })

  test('entmax comes near softmax as α comes near 1', () => {
    expect(worst(weigh(entmax(1.01), [-2, 0, 0.5]), weigh(softmax, [-2, 0, 0.5]))).toBeLessThan(
      0.01,
    )
  })

  test('learned entmax begins at α = 1.5', () => {
    const begin = Float64Array.of(Number(entmax('learned').parameters?.a.initial))
    expect(
      worst(weigh(entmax('learned'), [-2, 0, 0.5], { a: begin }), weigh(entmax15, [-2, 0, 0.5])),
    ).toBeLessThan(1e-14)
  })
})

describe('laws of a row of weights', () => {
  test.each(summing)('$name sums to one', (p) => {
    fc.assert(
      fc.property(rows, (s) => Math.abs(total(weigh(p, s)) - 1) < 1e-12),
      runs,
    )
  })

  test('sigmoid says that it does not sum to one, and does not', () => {
    expect([sigmoid.sumsToOne, total(weigh(sigmoid, [0, 0, 0]))]).toEqual([false, 1.5])
  })

  test.each(all)('$name gives weights from 0 to 1', (p) => {
    fc.assert(
      fc.property(rows, (s) => weigh(p, s).every((a) => a >= 0 && a <= 1 + 1e-15)),
      runs,
    )
  })

  test.each(all)('$name never gives a better score a smaller weight', (p) => {
    fc.assert(
      fc.property(rows, (s) => {
        const a = weigh(p, s)
        return s.every((si, i) => s.every((sj, j) => si <= sj || a[i] >= a[j]))
      }),
      runs,
    )
  })

  test.each(summing)('$name does not change when a number is added to every score', (p) => {
    expect(p.shiftInvariant).toBe(true)
    fc.assert(
      fc.property(
        rows,
        score,
        (s, shift) =>
          worst(
            weigh(p, s),
            weigh(
              p,
              s.map((x) => x + shift),
            ),
          ) < 1e-12,
      ),
      runs,
    )
  })

  test('sigmoid says that it changes when a number is added to every score, and does', () => {
    expect([sigmoid.shiftInvariant, weigh(sigmoid, [0])[0] === weigh(sigmoid, [1])[0]]).toEqual([
      false,
      false,
    ])
  })

  test.each(all)('$name moves each weight with its score', (p) => {
    fc.assert(
      fc.property(rows, (s) => worst(weigh(p, s.toReversed()), weigh(p, s).reverse()) < 1e-12),
      runs,
    )
  })

  test.each(all)('$name says truly whether a weight can be exactly zero', (p) => {
    expect(weigh(p, [40, 0, -40, -53]).includes(0)).toBe(p.exactZeros)
  })

  test.each(summing)('$name gives a key alone all the weight', (p) => {
    expect(weigh(p, [-3.7])).toEqual([1])
  })
})

describe('topK', () => {
  test('keeps every score that ties with the k-th', () => {
    expect(weigh(topK(2), [1, 1, 1, 0])).toEqual([1 / 3, 1 / 3, 1 / 3, 0])
  })

  test('is softmax where there are fewer than k keys', () => {
    expect(weigh(topK(7), [0.3, -1, 2])).toEqual(weigh(softmax, [0.3, -1, 2]))
  })

  test('keeps at least k keys, and more than k only on ties', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 13 }), (s, k) => {
        const kept = s.filter(
          (_, j) =>
            topK(k).weights(
              Float64Array.from(s, (x) => x / 25),
              {},
            )[j] > 0,
        )
        const least = Math.min(...kept)
        return kept.length >= Math.min(k, s.length) && kept.filter((x) => x > least).length < k
      }),
      runs,
    )
  })
})

describe('scores that nearly break a computation', () => {
  test.each(all)('$name of 200 equal scores is 200 equal weights', (p) => {
    const weights = weigh(p, new Array(200).fill(0.7))
    expect(worst(weights, new Array(200).fill(weights[0]))).toBe(0)
  })

  test.each(summing)('$name of scores around 10^15 still sums to one', (p) => {
    expect(total(weigh(p, [1e15, 1e15 - 1, 1e15 - 3]))).toBeCloseTo(1, 12)
  })

  test.each(all)('$name of the largest numbers ends without NaN', (p) => {
    expect(weigh(p, [Number.MAX_VALUE, 0, -Number.MAX_VALUE]).some(Number.isNaN)).toBe(false)
  })

  test.each(all)('$name of a score of +∞ ends', (p) => {
    expect(weigh(p, [1, Infinity, 2])).toHaveLength(3)
  })

  test.each([-800, 800])('learned entmax with a = %d gives finite weights and gradients', (a) => {
    const [learned, scores, parameters] = [
      entmax('learned'),
      Float64Array.of(0.3, -1, 2),
      { a: Float64Array.of(a) },
    ]
    const weights = learned.weights(scores, parameters)
    const { dScores, dParameters } = learned.backward(
      Float64Array.of(0.5, 0.25, -1),
      weights,
      scores,
      parameters,
    )
    expect([...weights, ...dScores, ...(dParameters?.a ?? [NaN])].every(Number.isFinite)).toBe(true)
  })
})

describe('learned entmax with α = 1 + σ(a) at its floor', () => {
  const [learned, scores] = [entmax('learned'), Float64Array.of(0.3, -1, 2, 0.7)]
  const at = (a: number) => {
    const parameters = { a: Float64Array.of(a) }
    const weights = learned.weights(scores, parameters)
    return {
      weights,
      ...learned.backward(Float64Array.of(0.5, 0.25, -1, 3), weights, scores, parameters),
    }
  }

  test.each([-20, -53])('gives a = %d a gradient of 0', (a) => {
    expect(Math.abs(at(a).dParameters?.a[0] ?? NaN)).toBe(0)
  })

  test('stays at one α, to the bit', () => {
    expect([...at(-20).weights]).toEqual([...at(-53).weights])
  })

  test('keeps the gradient of the scores', () => {
    expect(at(-20).dScores.some((d) => Math.abs(d) > 0.01)).toBe(true)
  })

  test('gives the gradient of differences above it', () => {
    const loss = (a: number): number =>
      at(a).weights.reduce((sum, weight, j) => sum + weight * [0.5, 0.25, -1, 3][j], 0)
    const difference = (loss(-4 + 1e-4) - loss(-4 - 1e-4)) / 2e-4
    expect(Math.abs((at(-4).dParameters?.a[0] ?? 0) / difference - 1)).toBeLessThan(1e-6)
  })
})

describe('names and errors', () => {
  test('a name holds its arguments', () => {
    expect([entmax(1.3).name, entmax('learned').name, topK(3).name]).toEqual([
      'entmax:1.3',
      'entmax:learned',
      'topK:3',
    ])
  })

  test.each([1, 0.5, 11, NaN, -2])('entmax(%d) is refused', (alpha) => {
    expect(() => entmax(alpha)).toThrow(
      new RangeError(
        `entmax: alpha must lie from 1.01 to 10, got ${alpha}; softmax is the limit at 1, 'learned' lets it be learned`,
      ),
    )
  })

  test.each([0, -1, 2.5, NaN])('topK(%d) is refused', (k) => {
    expect(() => topK(k)).toThrow(new RangeError(`topK: k must be an integer ≥ 1, got ${k}`))
  })
})
