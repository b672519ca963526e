import { describe, expect, test } from 'vitest'
import {
  constant,
  type Initializer,
  kaimingNormal,
  kaimingUniform,
  normal,
  philox,
  Random,
  uniform,
  uniformAt,
  uniformsAt,
  xavierNormal,
  xavierUniform,
  zeros,
} from '../src/random.ts'

const hexadecimal = (numbers: readonly number[]): string =>
  numbers.map((word) => word.toString(16).padStart(8, '0')).join(' ')
const mean = (x: readonly number[]): number => x.reduce((sum, value) => sum + value, 0) / x.length
const variance = (x: readonly number[]): number => {
  const middle = mean(x)
  return mean(x.map((value) => (value - middle) ** 2))
}
const draws = (count: number, draw: () => number): number[] => Array.from({ length: count }, draw)

describe('Philox 4×32-10 gives the known answers of Random123 (kat_vectors)', () => {
  const all = 0xffffffff
  test.each([
    [[0, 0, 0, 0], [0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    [[all, all, all, all], [all, all], '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      'd16cfe09 94fdcceb 5001e420 24126ea1',
    ],
  ])('counter %j, key %j', (counter, key, words) => {
    expect(hexadecimal(philox(counter, key))).toBe(words)
  })
})

describe('the moments of many draws', () => {
  const count = 100_003
  const uniforms = new Random(17, 'uniform')
  const normals = new Random(19, 'normal')
  const u = draws(count, () => uniforms.uniform(-2, 3))
  const z = draws(count, () => normals.normal(0.5, 2))

  test('uniform numbers have the mean of the middle', () => {
    expect(Math.abs(mean(u) - 0.5)).toBeLessThan(0.02)
  })

  test('uniform numbers have a twelfth of the squared width as variance', () => {
    expect(Math.abs(variance(u) - 25 / 12)).toBeLessThan(0.02)
  })

  test('uniform numbers stay in their range and come near both of its ends', () => {
    expect([
      Math.min(...u.slice(0, 50_000)) < -1.999,
      Math.max(...u.slice(0, 50_000)) > 2.999,
      u.every((x) => x >= -2 && x < 3),
    ]).toEqual([true, true, true])
  })

  test('normal numbers have the mean asked for', () => {
    expect(Math.abs(mean(z) - 0.5)).toBeLessThan(0.03)
  })

  test('normal numbers have the deviation asked for', () => {
    expect(Math.abs(Math.sqrt(variance(z)) - 2)).toBeLessThan(0.02)
  })

  test('normal numbers have no skew and a kurtosis of three', () => {
    const standard = z.map((x) => (x - 0.5) / 2)
    expect(Math.abs(mean(standard.map((x) => x ** 3)))).toBeLessThan(0.04)
    expect(Math.abs(mean(standard.map((x) => x ** 4)) - 3)).toBeLessThan(0.12)
  })

  test('neighbouring numbers are uncorrelated', () => {
    const pairs = u.slice(1).map((x, n) => (x - 0.5) * (u[n] - 0.5))
    expect(Math.abs(mean(pairs)) / variance(u)).toBeLessThan(0.015)
  })
})

describe('streams', () => {
  test('the same seed and name give the same numbers', () => {
    const [a, b] = [new Random(7, 'W_Q'), new Random(7, 'W_Q')]
    expect(draws(101, () => a.uniform())).toEqual(draws(101, () => b.uniform()))
  })

  test.each([
    ['name', 7, 'W_K'],
    ['seed', 11, 'W_Q'],
    ['upper half of the seed', 7 + 2 ** 32, 'W_Q'],
  ])('another %s gives uncorrelated numbers', (_what, seed, name) => {
    const [a, b] = [new Random(7, 'W_Q'), new Random(seed, name)]
    const products = draws(10_007, () => (a.uniform() - 0.5) * (b.uniform() - 0.5))
    expect(Math.abs(mean(products)) * 12).toBeLessThan(0.05)
  })

  test('drawing from one stream leaves another as it is', () => {
    const [alone, beside, other] = [new Random(7, 'a'), new Random(7, 'a'), new Random(7, 'b')]
    const expected = draws(23, () => alone.uniform())
    const found = draws(23, () => {
      other.normal()
      return beside.uniform()
    })
    expect(found).toEqual(expected)
  })

  test('uniformAt gives each place its number in whatever order it is asked', () => {
    const forwards = draws(31, () => 0).map((_, n) => uniformAt(7, 3, 5, n))
    const backwards = draws(31, () => 0).map((_, n) => uniformAt(7, 3, 5, 30 - n))
    expect(backwards.reverse()).toEqual(forwards)
  })

  test('uniformsAt gives the four numbers of a block that uniformAt gives one by one', () => {
    const four = new Float64Array(4)
    uniformsAt(2 ** 40 + 7, 3, 5, 11, four)
    expect([...four]).toEqual([44, 45, 46, 47].map((index) => uniformAt(2 ** 40 + 7, 3, 5, index)))
  })

  test.each([
    ['seed', uniformAt(8, 3, 5, 2)],
    ['stream', uniformAt(7, 4, 5, 2)],
    ['step', uniformAt(7, 3, 6, 2)],
    ['index', uniformAt(7, 3, 5, 3)],
  ])('uniformAt depends on the %s', (_what, other) => {
    expect(other).not.toBe(uniformAt(7, 3, 5, 2))
  })

  test.each([-1, 1.5, 2 ** 53, NaN])('a seed of %s is refused', (seed) => {
    expect(() => new Random(seed)).toThrow(
      new RangeError(`Random: seed must be an integer from 0 to 2^53 - 1, got ${seed}`),
    )
  })
})

describe('integers and orders', () => {
  test('every integer below n is drawn about equally often', () => {
    const random = new Random(29)
    const counts = new Array<number>(7).fill(0)
    for (let n = 0; n < 70_001; n++) counts[random.integer(7)]++
    // chi-squared with 6 degrees of freedom is below 22.5 in 999 of 1000
    expect(counts.reduce((sum, found) => sum + (found - 10_000) ** 2 / 10_000, 0)).toBeLessThan(
      22.5,
    )
  })

  test('words that would favour small integers are drawn again', () => {
    // of 3·2^30 values a plain remainder would give the first third twice as often
    const random = new Random(31)
    const low = draws(20_011, () => random.integer(3 * 2 ** 30)).filter(
      (value) => value < 2 ** 30,
    ).length
    expect(Math.abs(low / 20_011 - 1 / 3)).toBeLessThan(0.015)
  })

  test('integer(1) is 0 and integer(2^32) any word', () => {
    const random = new Random(37)
    expect([random.integer(1), random.integer(2 ** 32) > 0]).toEqual([0, true])
  })

  test.each([0, -3, 2.5, 2 ** 32 + 1, NaN])('integer(%s) is refused', (n) => {
    expect(() => new Random(7).integer(n)).toThrow(
      new RangeError(`Random.integer: n must be an integer from 1 to 2^32, got ${n}`),
    )
  })

  test('shuffle keeps every item once', () => {
    const items = Array.from({ length: 97 }, (_, n) => n)
    expect(new Random(41).shuffle(items).sort((a, b) => a - b)).toEqual(items)
  })

  test('shuffle leaves its argument as it is', () => {
    const items = [2, 3, 5, 7, 11]
    new Random(43).shuffle(items)
    expect(items).toEqual([2, 3, 5, 7, 11])
  })

  test('each order of three is as likely as another', () => {
    const random = new Random(47)
    const counts = new Map<string, number>()
    for (let n = 0; n < 6007; n++) {
      const order = random.shuffle(['a', 'b', 'c']).join('')
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    expect([...counts.values()].map((count) => Math.abs(count - 1001) < 110)).toEqual(
      new Array(6).fill(true),
    )
  })
})

describe('initial values for 11 → 23', () => {
  const sample = (initializer: Initializer): number[] => {
    const random = new Random(53, initializer.name)
    return draws(20_011, () => initializer.draw(random, 11, 23))
  }

  test.each([
    ['xavierUniform', xavierUniform, 2 / (11 + 23)],
    ['xavierNormal', xavierNormal, 2 / (11 + 23)],
    ['kaimingUniform', kaimingUniform, 2 / 11],
    ['kaimingNormal', kaimingNormal, 2 / 11],
    ['uniform:-1,2', uniform(-1, 2), 9 / 12],
    ['normal:0.3', normal(0.3), 0.09],
  ])('%s has the variance of its source', (name, initializer, expected) => {
    expect(initializer.name).toBe(name)
    expect(Math.abs(variance(sample(initializer)) / expected - 1)).toBeLessThan(0.04)
  })

  test.each([
    ['xavierUniform', xavierUniform, Math.sqrt(6 / 34)],
    ['kaimingUniform', kaimingUniform, Math.sqrt(6 / 11)],
  ])('%s fills its range and never leaves it', (_name, initializer, bound) => {
    const reach = Math.max(...sample(initializer).map(Math.abs))
    expect([reach <= bound, reach > 0.999 * bound]).toEqual([true, true])
  })

  test('constant and zeros give their number', () => {
    const random = new Random(59)
    expect([constant(0.25).draw(random, 2, 3), zeros.draw(random, 2, 3)]).toEqual([0.25, 0])
  })
})

describe('normals', () => {
  test.each(['float32', 'float64'] as const)('fills a tensor of %s', (dtype) => {
    const tensor = new Random(61).normals([3, 5], dtype)
    expect([tensor.shape, tensor.dtype, tensor.data.every((value) => value !== 0)]).toEqual([
      [3, 5],
      dtype,
      true,
    ])
  })

  test('float32 rounds the numbers of float64', () => {
    const [narrow, wide] = [
      new Random(67).normals([7], 'float32', 0.5),
      new Random(67).normals([7], 'float64', 0.5),
    ]
    expect([...narrow.data]).toEqual([...wide.as('float32').data])
  })
})
