import { describe, expect, test } from 'vitest'
import { cos, erf, erfc, exp, log, sigmoid, sin, tanh } from '../src/elementary.ts'

const words = new BigInt64Array(1)
const double = new Float64Array(words.buffer)

/** A float64 as an integer, such that neighbours differ by one. */
function ordinal(x: number): bigint {
  double[0] = x
  return words[0] < 0n ? -(words[0] & 0x7fff_ffff_ffff_ffffn) : words[0]
}

/** The float64 that lies n places above x. */
function neighbour(x: number, n: number): number {
  const place = ordinal(x) + BigInt(n)
  words[0] = place < 0n ? -place | (1n << 63n) : place
  return double[0]
}

/** Largest number of float64 values between f(x) and g(x), in units in the last place. */
const worstUlps = (
  f: (x: number) => number,
  g: (x: number) => number,
  xs: readonly number[],
): number =>
  xs.reduce((worst, x) => {
    const places = Number(ordinal(f(x)) - ordinal(g(x)))
    return Math.max(worst, Number.isNaN(f(x)) === Number.isNaN(g(x)) ? Math.abs(places) : Infinity)
  }, 0)

const POINTS = 99_991
const evenly = (low: number, high: number): number[] =>
  Array.from({ length: POINTS }, (_, n) => low + ((high - low) * (n + 0.37)) / POINTS)
/** Both signs of numbers from 2^low to 2^high. */
const byMagnitude = (low: number, high: number): number[] =>
  evenly(low, high).flatMap((power, n) => (n % 2 ? [2 ** power] : [-(2 ** power)]))

describe('within two units in the last place of Math over the whole range', () => {
  test('exp, from the least to the largest result', () => {
    expect(
      worstUlps(exp, Math.exp, [...evenly(-745.13, 709.78), ...byMagnitude(-60, 9)]),
    ).toBeLessThanOrEqual(2)
  })

  test('log, subnormal numbers too', () => {
    const positive = [...evenly(-1074, 1023.9).map((power) => 2 ** power), ...evenly(0.5, 2)]
    expect(worstUlps(log, Math.log, positive)).toBeLessThanOrEqual(2)
  })

  test('tanh, subnormal numbers too, to three units, of which Math.tanh itself errs by two', () => {
    expect(
      worstUlps(tanh, Math.tanh, [...evenly(-20, 20), ...byMagnitude(-1074, 9)]),
    ).toBeLessThanOrEqual(3)
  })

  test('sigmoid agrees with 1 / (1 + e^-x) to four units', () => {
    expect(worstUlps(sigmoid, (x) => 1 / (1 + Math.exp(-x)), evenly(-700, 40))).toBeLessThanOrEqual(
      4,
    )
  })
})

/** Largest absolute difference. */
const worstDifference = (
  f: (x: number) => number,
  g: (x: number) => number,
  xs: readonly number[],
): number => xs.reduce((worst, x) => Math.max(worst, Math.abs(f(x) - g(x))), 0)

describe('within 2^-52 of Math, up to the largest angle', () => {
  const quarters = Array.from({ length: 9941 }, (_, n) => (n * 64 * Math.PI) / 2)
  const angles = [...evenly(-10, 10), ...evenly(-1e6, 1e6), ...byMagnitude(-30, 19), ...quarters]

  test('sin', () => {
    expect(worstDifference(sin, Math.sin, angles)).toBeLessThanOrEqual(2 ** -52)
  })

  test('cos', () => {
    expect(worstDifference(cos, Math.cos, angles)).toBeLessThanOrEqual(2 ** -52)
  })
})

describe('special numbers give what Math gives', () => {
  const specials = [
    0,
    -0,
    Infinity,
    -Infinity,
    NaN,
    Number.MIN_VALUE,
    -Number.MIN_VALUE,
    2 ** -1022,
    -(2 ** -1030),
    Number.MAX_VALUE,
  ]

  test.each([
    ['exp', exp, Math.exp],
    ['log', log, Math.log],
    ['tanh', tanh, Math.tanh],
    [
      'sigmoid',
      sigmoid,
      (x: number) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))),
    ],
  ])('%s', (_name, ours, theirs) => {
    expect(specials.map((x) => [x, ours(x)])).toEqual(specials.map((x) => [x, theirs(x)]))
  })

  test('erf and erfc', () => {
    expect([0, -0, Infinity, -Infinity, NaN].map(erf)).toEqual([0, -0, 1, -1, NaN])
    expect([0, Infinity, -Infinity, NaN].map(erfc)).toEqual([1, 0, 2, NaN])
  })

  test('sin of zero is zero', () => {
    expect(sin(0)).toBe(0)
  })

  test('cos of zero is one', () => {
    expect([cos(0), cos(-0)]).toEqual([1, 1])
  })
})

describe('where the range ends', () => {
  test('exp is finite up to ln of the largest number and infinite above', () => {
    expect([Number.isFinite(exp(709.782712893384)), exp(neighbour(709.782712893384, 1))]).toEqual([
      true,
      Infinity,
    ])
  })

  test('exp is the least number down to its logarithm and zero below', () => {
    expect([exp(-745.1332191019411), exp(neighbour(-745.1332191019411, -1))]).toEqual([
      Number.MIN_VALUE,
      0,
    ])
  })

  test.each([
    ['sin', sin],
    ['cos', cos],
  ])('%s refuses an angle beyond a million', (_name, f) => {
    expect(() => f(1_000_001)).toThrow(
      new RangeError('sin, cos: the angle must lie within ±1000000, got 1000001'),
    )
  })

  test.each([Infinity, NaN])('sin refuses %s', (x) => {
    expect(() => sin(x)).toThrow(RangeError)
  })
})

describe('nothing falls where one formula hands over to the next', () => {
  /** Steps of 2^-45 of x across an edge. */
  const across = (edge: number): number[] =>
    Array.from({ length: 41 }, (_, n) => edge * (1 + (n - 20) * 2 ** -45))
  const rises = (f: (x: number) => number, xs: readonly number[]): boolean =>
    xs.toSorted((a, b) => a - b).every((x, n, sorted) => n === 0 || f(x) >= f(sorted[n - 1]))

  test('exp at odd multiples of half of ln 2', () => {
    const edges = Array.from({ length: 401 }, (_, n) => (n - 200 + 0.5) * Math.LN2)
    expect(edges.filter((edge) => !rises(exp, across(edge)))).toEqual([])
  })

  test('log at √2 times powers of two', () => {
    const edges = Array.from({ length: 401 }, (_, n) => Math.SQRT2 * 2 ** (n - 200))
    expect(edges.filter((edge) => !rises(log, across(edge)))).toEqual([])
  })

  test('tanh at 0.625, at half of ln 2 and where it reaches one', () => {
    expect(
      [0.625, -0.625, Math.LN2 / 2, 1.5 * Math.LN2, 19.06].filter(
        (edge) => !rises(tanh, across(edge)),
      ),
    ).toEqual([])
  })

  test('erf and erfc where a polynomial follows a series', () => {
    expect([0.5, -0.5].filter((edge) => !rises(erf, across(edge)))).toEqual([])
    expect(rises((x) => -erfc(x), across(0.5))).toBe(true)
  })

  test('sin and cos at eighths of a turn', () => {
    const eighths = [1, 3, 5, 7].map((n) => (n * Math.PI) / 4)
    expect([
      rises(sin, across(eighths[0])),
      rises((x) => -sin(x), across(eighths[1])),
      rises((x) => -cos(x), across(eighths[0])),
    ]).toEqual([true, true, true])
  })
})
