import { describe, expect, test } from 'vitest'
import type { Alignment, AlignmentBlock, Parameters } from '../../src/mechanism/alignment.ts'
import {
  additive,
  cosine,
  dot,
  general,
  negativeDistance,
  scaledDot,
} from '../../src/mechanism/alignments.ts'
import { type Matrix, matrix } from '../../src/mechanism/matrix.ts'
import { Random } from '../../src/random.ts'
import { worstError } from '../differences.ts'

const of = (...rows: number[][]): Matrix =>
  matrix(rows.length, rows[0].length, Float64Array.from(rows.flat()))
const numbers = (...values: number[]): Float64Array => Float64Array.from(values)
const block = (Q: Matrix, K: Matrix, parameters: Parameters = {}): AlignmentBlock => ({
  Q,
  K,
  firstQuery: 0,
  firstKey: 0,
  parameters,
})
const scores = (
  alignment: Alignment,
  Q: Matrix,
  K: Matrix,
  parameters: Parameters = {},
): number[] => [...alignment.scores(block(Q, K, parameters)).data]

describe('worked examples of one query and two keys', () => {
  const q = of([3, 4])
  const K = of([4, 3], [-3, -4])

  test('dot is the inner product', () => {
    expect(scores(dot, q, K)).toEqual([24, -25])
  })

  test('scaledDot divides it by the root of the width', () => {
    expect(worstError(scores(scaledDot, q, K), [24 / Math.SQRT2, -25 / Math.SQRT2])).toBeLessThan(
      1e-15,
    )
  })

  test('cosine is the cosine of the angle times s', () => {
    expect(worstError(scores(cosine, q, K, { s: numbers(5) }), [(5 * 24) / 25, -5])).toBeLessThan(
      1e-15,
    )
  })

  test('negativeDistance is the squared distance over −2σ²', () => {
    expect(scores(negativeDistance, q, K, { sigma: numbers(2) })).toEqual([-2 / 8, -100 / 8])
  })

  const W = numbers(1, 2, 3, 0, -1, 5)
  const keys = of([1, 0, 2], [0, 3, 1])

  test('general is qᵀWk', () => {
    // qᵀW = (3, 2, 29)
    expect(scores(general(), q, keys, { W })).toEqual([61, 35])
  })

  test('general with a bias adds bᵀk', () => {
    expect(scores(general({ bias: true }), q, keys, { W, b: numbers(7, 11, 13) })).toEqual([
      61 + 33,
      35 + 46,
    ])
  })

  test.each([
    ['tanh', Math.tanh],
    ['sigmoid', (x: number) => 1 / (1 + Math.exp(-x))],
    ['relu', (x: number) => Math.max(x, 0)],
  ] as const)('general with %s applies it', (activation, f) => {
    const small = W.map((w) => w / 50)
    expect(
      worstError(scores(general({ activation }), q, keys, { W: small }), [f(61 / 50), f(35 / 50)]),
    ).toBeLessThan(1e-15)
  })

  test('general with an activation and a bias adds one number before it', () => {
    const found = scores(general({ bias: true, activation: 'relu' }), q, keys, {
      W,
      b: numbers(-50),
    })
    expect(found).toEqual([11, 0])
  })

  test('additive is wᵀ tanh(W_1ᵀ q + W_2ᵀ k + b)', () => {
    const parameters = {
      W_1: numbers(0.1, 0, 0, 0.2),
      W_2: numbers(0, 0.3, -0.1, 0),
      b: numbers(0.5, -0.5),
      w: numbers(2, 3),
    }
    // k = (4, 3): W_1ᵀq = (0.3, 0.8), W_2ᵀk = (−0.3, 1.2); k = (−3, −4): W_2ᵀk = (0.4, −0.9)
    const expected = [
      2 * Math.tanh(0.5) + 3 * Math.tanh(1.5),
      2 * Math.tanh(1.2) + 3 * Math.tanh(-0.6),
    ]
    expect(worstError(scores(additive({ hidden: 2 }), q, K, parameters), expected)).toBeLessThan(
      1e-15,
    )
  })
})

test('additive is concat with its two matrices stacked', () => {
  const random = new Random(89)
  const draw = (rows: number, columns: number): Matrix =>
    matrix(rows, columns, random.normals([rows, columns], 'float64').data as Float64Array)
  const [Q, K, W_1, W_2, b, w] = [
    draw(3, 2),
    draw(5, 7),
    draw(2, 11),
    draw(7, 11),
    draw(1, 11),
    draw(11, 1),
  ]
  const W = [...W_1.data, ...W_2.data]
  const concat = Array.from({ length: 15 }, (_, pair) => {
    const [i, j] = [Math.floor(pair / 5), pair % 5]
    const both = [...Q.data.subarray(2 * i, 2 * i + 2), ...K.data.subarray(7 * j, 7 * j + 7)]
    return w.data.reduce(
      (sum, weight, c) =>
        sum + weight * Math.tanh(b.data[c] + both.reduce((z, x, r) => z + x * W[r * 11 + c], 0)),
      0,
    )
  })
  const found = scores(additive({ hidden: 11 }), Q, K, {
    W_1: W_1.data,
    W_2: W_2.data,
    b: b.data,
    w: w.data,
  })
  expect(worstError(found, concat)).toBeLessThan(1e-14)
})

describe('cosine at a zero vector', () => {
  const here = block(of([0, 0], [3, 4]), of([1, 2], [0, 0], [2, 1]), { s: numbers(1.5) })
  const S = cosine.scores(here)
  const { dQ, dK } = cosine.backward(of([2, 3, 5], [7, 11, 13]), S, here)

  test('scores 0 for a zero query', () => {
    expect([...S.data.subarray(0, 3)]).toEqual([0, 0, 0])
  })

  test('scores 0 for a zero key', () => {
    expect([S.data[1], S.data[4]]).toEqual([0, 0])
  })

  test('has no gradient for them', () => {
    expect([...dQ.data.subarray(0, 2), ...dK.data.subarray(2, 4)]).toEqual([0, 0, 0, 0])
  })

  test('still has gradients for the others', () => {
    expect(
      [...dQ.data.subarray(2), ...dK.data.subarray(0, 2)].every(
        (d) => d !== 0 && Number.isFinite(d),
      ),
    ).toBe(true)
  })
})

test('the distance of two rows far from the origin keeps its digits', () => {
  const found = scores(negativeDistance, of([1e8, 1e8 + 1]), of([1e8 + 2, 1e8]), {
    sigma: numbers(1),
  })
  expect(found).toEqual([-2.5])
})

describe('names and parameters', () => {
  test.each([
    [general(), 'general'],
    [general({ bias: true }), 'general:bias'],
    [general({ activation: 'tanh' }), 'general:tanh'],
    [general({ bias: true, activation: 'relu' }), 'general:bias,relu'],
    [additive({ hidden: 64 }), 'additive:64'],
    [scaledDot, 'scaledDot'],
  ])('the name %# holds its arguments', (alignment, name) => {
    expect(alignment.name).toBe(name)
  })

  test.each<[Alignment, Record<string, number[]>]>([
    [dot, {}],
    [cosine, { s: [1] }],
    [negativeDistance, { sigma: [1] }],
    [general(), { W: [3, 5] }],
    [general({ bias: true }), { W: [3, 5], b: [5] }],
    [general({ bias: true, activation: 'tanh' }), { W: [3, 5], b: [1] }],
    [additive({ hidden: 7 }), { W_1: [3, 7], W_2: [5, 7], b: [7], w: [7, 1] }],
  ])('$name has the parameters of its formula', (alignment, shapes) => {
    const forms = alignment.parameters?.(3, 5) ?? {}
    expect(
      Object.fromEntries(Object.entries(forms).map(([name, { shape }]) => [name, shape])),
    ).toEqual(shapes)
  })

  test.each([0, 1.5, NaN])('additive with a hidden width of %d is refused', (hidden) => {
    expect(() => additive({ hidden })).toThrow(
      new RangeError(`additive: hidden must be an integer ≥ 1, got ${hidden}`),
    )
  })

  test('an unknown activation is refused with those that there are', () => {
    expect(() => general({ activation: 'gelu' as 'relu' })).toThrow(
      new RangeError('general: activation must be one of tanh, sigmoid, relu, got "gelu"'),
    )
  })
})
