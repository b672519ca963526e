import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dot } from '../../src/mechanism/alignments.ts'
import { attend } from '../../src/mechanism/attention.ts'
import { sigmoid } from '../../src/mechanism/distributions.ts'
import { matrix, row } from '../../src/mechanism/matrix.ts'
import {
  alignedPosition,
  learned,
  none,
  relative,
  rotary,
  rotate,
  sinusoidal,
} from '../../src/mechanism/position.ts'
import { Random } from '../../src/random.ts'
import { Tensor } from '../../src/tensor.ts'
import { innerProduct, worstError } from '../differences.ts'

describe('sinusoidal', () => {
  test('has the sines and cosines of the paper', () => {
    const P = sinusoidal.table(3, 4)
    const expected = [
      0,
      1,
      0,
      1,
      Math.sin(1),
      Math.cos(1),
      Math.sin(0.01),
      Math.cos(0.01),
      Math.sin(2),
      Math.cos(2),
      Math.sin(0.02),
      Math.cos(0.02),
    ]
    expect(worstError(P.data, expected)).toBeLessThan(1e-15)
  })

  test('of an odd width ends with a sine', () => {
    const P = sinusoidal.table(2, 3)
    expect(P.data[5]).toBeCloseTo(Math.sin(10_000 ** (-2 / 3)), 15)
  })
})

describe('learned', () => {
  test('has the longest text in its name', () => {
    expect(learned(97)).toMatchObject({ name: 'learned:97', on: 'embeddings', longest: 97 })
  })

  test.each([0, 2.5, NaN])('of %d places is refused', (longest) => {
    expect(() => learned(longest)).toThrow(
      new RangeError(`learned: longest must be an integer ≥ 1, got ${longest}`),
    )
  })
})

describe('places', () => {
  test('stand side by side from the start', () => {
    expect(alignedPosition(2, 3, 7, 'start')).toBe(2)
  })

  test('stand side by side from the end', () => {
    expect([alignedPosition(2, 3, 7, 'end'), alignedPosition(0, 7, 3, 'end')]).toEqual([6, -4])
  })
})

/** Scores read off sigmoid weights: ln(A / (1 − A)). */
function scoresOf(
  nQuery: number,
  nKey: number,
  position: ReturnType<typeof relative>,
  bias: number[],
): number[][] {
  const { weights } = attend(
    Tensor.zeros([nQuery, 1]),
    Tensor.zeros([nKey, 1]),
    Tensor.zeros([nKey, 1]),
    {
      alignment: dot,
      distribution: sigmoid,
      position,
      positionParameters: { bias: Tensor.from([bias], 'float64') },
      want: { weights: true },
    },
  )
  const found = [...(weights?.data ?? [])].map((a) => Math.round(Math.log(a / (1 - a)) * 1e9) / 1e9)
  return Array.from({ length: nQuery }, (_, i) => found.slice(i * nKey, (i + 1) * nKey))
}

describe('relative', () => {
  test('adds the bias of the offset j − i, the last one beyond the clip', () => {
    expect(scoresOf(3, 5, relative(1), [0.2, 0.3, 0.5])).toEqual([
      [0.3, 0.5, 0.5, 0.5, 0.5],
      [0.2, 0.3, 0.5, 0.5, 0.5],
      [0.2, 0.2, 0.3, 0.5, 0.5],
    ])
  })

  test('aligned to the end counts offsets from the last query and key', () => {
    expect(scoresOf(2, 5, relative(2, { align: 'end' }), [0.2, 0.3, 0.5, 0.7, 1.1])).toEqual([
      [0.2, 0.2, 0.3, 0.5, 0.7],
      [0.2, 0.2, 0.2, 0.3, 0.5],
    ])
  })

  test('of clip 0 adds one number everywhere', () => {
    expect(scoresOf(2, 3, relative(0), [0.7])).toEqual([
      [0.7, 0.7, 0.7],
      [0.7, 0.7, 0.7],
    ])
  })

  test.each([-1, 1.5])('of clip %d is refused', (clip) => {
    expect(() => relative(clip)).toThrow(
      new RangeError(`relative: clip must be an integer ≥ 0, got ${clip}`),
    )
  })
})

describe('rotary', () => {
  const rotation = { base: 10_000, shift: 0 }
  const random = new Random(79)
  const X = matrix(
    3,
    7,
    Float64Array.from({ length: 21 }, () => random.normal()),
  )

  test('turns the first pair by its place and the second by its place over a hundred', () => {
    const turned = rotate(matrix(1, 4, Float64Array.of(1, 0, 0, 1)), 2, rotation)
    expect(
      worstError(turned.data, [Math.cos(2), Math.sin(2), -Math.sin(0.02), Math.cos(0.02)]),
    ).toBeLessThan(1e-15)
  })

  test('leaves an odd last column alone', () => {
    const turned = rotate(X, 5, rotation)
    expect([0, 1, 2].map((r) => row(turned, r)[6])).toEqual([0, 1, 2].map((r) => row(X, r)[6]))
  })

  test('keeps the length of every row', () => {
    const turned = rotate(X, 5, rotation)
    const lengths = (A: typeof X) => [0, 1, 2].map((r) => Math.hypot(...row(A, r)))
    expect(worstError(lengths(turned), lengths(X))).toBeLessThan(1e-14)
  })

  test('direction −1 turns back', () => {
    expect(worstError(rotate(rotate(X, 11, rotation), 11, rotation, -1).data, X.data)).toBeLessThan(
      1e-14,
    )
  })

  test('makes the product of two rows depend on their offset alone', () => {
    const [q, k] = [matrix(1, 7, row(X, 0)), matrix(1, 7, row(X, 1))]
    const score = (i: number, j: number): number =>
      innerProduct(rotate(q, i, rotation).data, rotate(k, j, rotation).data)
    const places = fc.nat(997)
    fc.assert(
      fc.property(
        places,
        places,
        places,
        (i, j, shift) => Math.abs(score(i, j) - score(i + shift, j + shift)) < 1e-11,
      ),
      { seed: 83, numRuns: 200 },
    )
  })

  test('aligned to the end turns the last query as far as the last key', () => {
    const [Q, K] = [
      Tensor.from([[1, 0]], 'float64'),
      Tensor.from(
        [
          [0, 0],
          [0, 0],
          [1, 0],
        ],
        'float64',
      ),
    ]
    const { weights } = attend(Q, K, K, {
      alignment: dot,
      distribution: sigmoid,
      position: rotary({ align: 'end' }),
      want: { weights: true },
    })
    expect(weights?.at(0, 2)).toBeCloseTo(1 / (1 + Math.exp(-1)), 15)
  })

  test.each([1, Infinity, NaN])('of base %d is refused', (base) => {
    expect(() => rotary({ base })).toThrow(
      new RangeError(`rotary: base must be a number above 1, got ${base}`),
    )
  })
})

test.each([
  [none.name, 'none'],
  [relative(3).name, 'relative:3'],
  [relative(3, { align: 'end' }).name, 'relative:3,end'],
  [rotary().name, 'rotary'],
  [rotary({ base: 500, align: 'end' }).name, 'rotary:500,end'],
])('the name %s holds its arguments', (name, expected) => {
  expect(name).toBe(expected)
})
