import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  brief,
  decimalIn,
  decimals,
  grouped,
  jsonText,
  shortest,
} from '../../src/cli/terminal/decimals.ts'

const anyFloat = fc.float({ noNaN: true, noDefaultInfinity: true })

function shortestByTrial(x: number): number {
  const fewest = [1, 2, 3, 4, 5, 6, 7, 8, 9].find(
    (digits) => Math.fround(Number(x.toPrecision(digits))) === x,
  )
  return Number(x.toPrecision(fewest))
}

describe('a float32 as the shortest decimal', () => {
  test.each([
    [0.1, '0.1'],
    [1 / 3, '0.33333334'],
    [-0, '-0'],
    [16777216, '16777216'],
    [1e-45, '1e-45'],
    [3.4028234663852886e38, '3.4028235e+38'],
    [0.52, '0.52'],
    // halves between two decimals, the ends of what is written without an exponent, powers of ten
    // and their neighbours
    [0.125, '0.125'],
    [5e-324, '0'],
    [1e-6, '0.000001'],
    [9.999999974752427e-7, '0.000001'],
    [9.9999988e-7, '9.999999e-7'],
    [999999936, '999999940'],
    [1e9, '1000000000'],
    [0.00012345679, '0.00012345679'],
    [-12.5, '-12.5'],
    [1000, '1000'],
    [9.999999, '9.999999'],
    [Number.NaN, 'NaN'],
    [-Infinity, '-Infinity'],
  ])('%f is %s', (x, text) => {
    expect(decimalIn(Float32Array.of(x), 0)).toBe(text)
    expect(decimals(Float32Array.of(x, x))).toEqual([text, text])
  })

  test('a whole array has the decimals of its numbers, as String writes them', () => {
    fc.assert(
      fc.property(
        fc.float32Array({ maxLength: 20 }),
        fc.integer({ min: -9, max: 11 }),
        (numbers, power) => {
          const scaled = numbers.map((x) => x * 10 ** power)
          expect(decimals(scaled)).toEqual(
            Array.from(scaled, (x) => (Object.is(x, -0) ? '-0' : String(shortestByTrial(x)))),
          )
        },
      ),
      { seed: 11, numRuns: 1000 },
    )
    const usual = Float32Array.from(
      { length: 20_000 },
      (_, n) => Math.sin(n * n) * 10 ** ((n % 13) - 4),
    )
    expect(decimals(usual)).toEqual(Array.from(usual, (x) => String(shortestByTrial(x))))
  })

  test('reads back to the same float32', () => {
    fc.assert(
      fc.property(anyFloat, (x) => {
        expect(Object.is(Math.fround(Number(decimalIn(Float32Array.of(x), 0))), x)).toBe(true)
      }),
      { seed: 3, numRuns: 1000 },
    )
  })

  test('has no decimal of fewer digits that reads back', () => {
    fc.assert(
      fc.property(
        anyFloat.filter((x) => x !== 0),
        (x) => void expect(shortest(x)).toBe(shortestByTrial(x)),
      ),
      { seed: 5, numRuns: 1000 },
    )
  })
})

test('a float64 keeps all its digits', () => {
  expect(decimals(Float64Array.of(0.1, 1 / 3))).toEqual(['0.1', '0.3333333333333333'])
})

test('JSON has the shortest decimals of a Float32Array, null for what it lacks, and drops what is undefined', () => {
  const value = {
    a: Float32Array.of(0.1, -0, Number.NaN, Infinity),
    b: [1, 'é"', null, undefined],
    c: undefined,
    d: { e: true },
  }
  expect(jsonText(value)).toBe('{"a":[0.1,-0,null,null],"b":[1,"é\\"",null,null],"d":{"e":true}}')
})

test('numbers for people', () => {
  expect([
    brief(0.584),
    brief(1),
    brief(-0.2),
    grouped(1234567),
    grouped(999),
    grouped(1000),
  ]).toEqual([...['.58', '1.00', '-.20', '1 234 567', '999', '1 000']])
})
