import fc from 'fast-check'
import { expect, test } from 'vitest'
import { withinTolerance } from '../../src/quiz/score.ts'

const SCALES = [1, 10, 100, 1000, 1e6]

test('a number is within its tolerance where its decimals are, whatever their float64 numbers leave', () => {
  const whole = fc.integer({ min: -999_999, max: 999_999 })
  fc.assert(
    fc.property(
      whole,
      fc.integer({ min: -50, max: 50 }),
      fc.nat(40),
      fc.constantFrom(...SCALES),
      (value, difference, tolerance, scale) => {
        const given = (value + difference) / scale
        expect(withinTolerance({ value: value / scale, tolerance: tolerance / scale }, given)).toBe(
          Math.abs(difference) <= tolerance,
        )
      },
    ),
    { seed: 7, numRuns: 3000 },
  )
})

test.each([
  // 0.4 − 0.3 and 1.1 − 1 are a little more than 0.1
  [0.3, 0.1, 0.4, true],
  [1, 0.1, 1.1, true],
  [0.3, 0.1, 0.4000001, false],
  [1e9, 0.1, 1e9 + 0.1, true],
  [1e9, 1, 1e9 + 1.01, false],
  [1e-7, 0, 1e-7, true],
  [1e-7, 0, 1.000001e-7, false],
])('%d ± %d and %d: %s', (value, tolerance, given, expected) => {
  expect(withinTolerance({ value, tolerance }, given)).toBe(expected)
})

test('without a tolerance a number is right where it is the answer, and nothing is right without an answer', () => {
  expect(withinTolerance({ value: 0.1 + 0.2 }, 0.3)).toBe(true)
  expect(withinTolerance({ value: 0.3 }, 0.30001)).toBe(false)
  expect(withinTolerance(undefined, 0.3)).toBe(false)
})
