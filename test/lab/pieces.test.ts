import fc from 'fast-check'
import {
  alignmentNamed,
  distributionNamed,
  masks,
  matrices,
  positionNamed,
  SENTENCE,
} from 'regard/internal'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import {
  type Cell,
  type MatrixName,
  namesOf,
  shownOf,
  sourcesOf,
} from '../../lab/compute/matrices.ts'
import { DIRECTIONS, ground, LENGTH, plane } from '../../lab/needle/plane.ts'
import { apart, passIn, tried, tryAll } from '../../lab/order/orders.ts'
import { readAddress } from '../../lab/state/address.ts'
import { type LayerConfig, passOf } from '../../lab/state/pass.ts'
import { settings } from '../../lab/state/settings.ts'
import { planeOf } from '../../lab/worker/pca.ts'

// The parts of the page that need no page.

beforeEach(() => readAddress('', ''))

const FORM: LayerConfig = {
  ...{ dModel: 7, dQuery: 3, dKey: 3, dValue: 5, heads: 2, seed: 13, mask: masks.causal() },
  ...{
    alignment: alignmentNamed('scaledDot'),
    distribution: distributionNamed('softmax'),
    position: positionNamed('relative:2'),
  },
}

describe('matrices as they are shown', () => {
  const pass = passOf(FORM, SENTENCE)

  test('hide as −∞ the scores that the mask hides, and only those', () => {
    for (const head of [0, 1]) {
      const { matrix } = shownOf('S', pass, head)
      matrix.data.forEach((score, n) => {
        const [i, j] = [Math.floor(n / 6), n % 6]
        expect(score).toBe(j > i ? Number.NEGATIVE_INFINITY : pass.scores[head].data[n])
      })
    }
  })

  test.each([0, 1])(
    'can be edited cell by cell: a number of head %i is set there, and nowhere else',
    (head) => {
      for (const name of ['X', 'W_Q', 'W_K', 'W_V', 'bias'] as const) {
        const shown = shownOf(name, pass, head)
        const [row, column] = [shown.matrix.rows - 1, shown.matrix.columns - 2]
        const key = `${name}.${row + (shown.edited?.row ?? 0) + 1}.${column + (shown.edited?.column ?? 0) + 1}`
        const after = passOf(FORM, SENTENCE, new Map([[key, 42]]))
        for (const other of [0, 1]) {
          const expected = Float64Array.from(shownOf(name, pass, other).matrix.data)
          if (other === head || name === 'X') expected[row * shown.matrix.columns + column] = 42
          expect(shownOf(name, after, other).matrix.data).toEqual(expected)
        }
      }
    },
  )

  test('are computed from their sources: what changes elsewhere changes no cell', () => {
    // an edit of one word, or of one column of a W, reaches only the cells that have it among their
    // sources
    for (const [edit, of] of [
      ['X.3.1', { row: 2 }],
      ['X.5.7', { row: 4 }],
    ] as const) {
      const after = passOf(FORM, SENTENCE, new Map([[edit, 3]]))
      for (const name of ['Q', 'K', 'V'] as const)
        shownOf(name, after, 1).matrix.data.forEach((x, n) => {
          const columns = shownOf(name, after, 1).matrix.columns
          const cell: Cell = { name, row: Math.floor(n / columns), column: n % columns }
          expect(x !== shownOf(name, pass, 1).matrix.data[n]).toBe(
            sourcesOf(cell).X?.row === of.row,
          )
        })
      shownOf('S', after, 1).matrix.data.forEach((x, n) => {
        const { Q, K } = sourcesOf({ name: 'S', row: Math.floor(n / 6), column: n % 6 })
        const hidden = x === Number.NEGATIVE_INFINITY
        expect(x !== shownOf('S', pass, 1).matrix.data[n]).toBe(
          !hidden && (Q?.row === of.row || K?.row === of.row),
        )
      })
    }
    expect(sourcesOf({ name: 'A', row: 3, column: 1 })).toEqual({ S: { row: 3 } })
    expect(sourcesOf({ name: 'C', row: 3, column: 1 })).toEqual({ A: { row: 3 }, V: { column: 1 } })
    expect(sourcesOf({ name: 'V', row: 3, column: 1 }).W_V).toEqual({ column: 1 })
  })

  test('follow from one another, with P and bias where the positions have them', () => {
    const names = (position: string): MatrixName[] =>
      (['projections', 'scores'] as const).flatMap((stage) => [
        ...namesOf(stage, { ...pass, config: { ...FORM, position: positionNamed(position) } }),
      ])
    expect(names('none')).toEqual(['X', 'W_Q', 'Q', 'W_K', 'K', 'W_V', 'V', 'Q', 'K', 'S'])
    expect(names('sinusoidal')).toContain('P')
    expect(names('relative:2')).toEqual([
      'X',
      'W_Q',
      'Q',
      'W_K',
      'K',
      'W_V',
      'V',
      'Q',
      'K',
      'bias',
      'S',
    ])
  })

  test('take no edit beyond their rows and columns', () => {
    for (const key of ['X.7.1', 'X.1.8', 'W_Q.8.1', 'W_Q.1.7', 'bias.3.1', 'bias.1.6']) {
      const after = passOf(FORM, SENTENCE, new Map([[key, 42]]))
      expect(after.X).toEqual(pass.X)
      expect(after.parameters).toEqual(pass.parameters)
    }
  })
})

describe('the plane of vectors', () => {
  const clouds = fc.array(
    fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 3, maxLength: 3 }),
    { minLength: 4, maxLength: 12 },
  )
  const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
    Array.from(a).reduce((sum, x, n) => sum + x * b[n], 0)

  test('has axes of length 1 at right angles, and what lies along them are shares of the whole, the larger first', () => {
    fc.assert(
      fc.property(clouds, (vectors) => {
        const { axes, points, shares } = planeOf(vectors)
        const mean = [0, 1, 2].map(
          (c) => vectors.reduce((sum, vector) => sum + vector[c], 0) / vectors.length,
        )
        const rows = vectors.map((vector) => vector.map((x, c) => x - mean[c]))
        const total = rows.reduce((sum, row) => sum + dot(row, row), 0)
        if (total === 0) return
        expect(dot(axes[0], axes[0])).toBeCloseTo(1, 9)
        expect(dot(axes[0], axes[1])).toBeCloseTo(0, 6)
        expect(shares[0]).toBeGreaterThanOrEqual(shares[1] - 1e-6)
        for (const axis of [0, 1] as const) {
          expect(shares[axis]).toBeCloseTo(
            rows.reduce((sum, row) => sum + dot(row, axes[axis]) ** 2, 0) / total,
            9,
          )
          for (const [n, row] of rows.entries())
            expect(points[n][axis]).toBeCloseTo(dot(row, axes[axis]), 9)
        }
      }),
      { seed: 7, numRuns: 60 },
    )
  })

  test('has the axes of an ellipsoid, in the order of their lengths', () => {
    const vectors = [
      ...[-1, 1].map((sign) => [0, 9 * sign, 0]),
      ...[-1, 1].map((sign) => [0, 0, 4 * sign]),
      ...[-1, 1].map((sign) => [2 * sign, 0, 0]),
    ]
    const { axes, shares } = planeOf(vectors)
    expect(axes.map((axis) => [...axis].map((x) => Math.round(Math.abs(x) * 1e6) / 1e6))).toEqual([
      [0, 1, 0],
      [0, 0, 1],
    ])
    expect(shares.map((share) => share.toFixed(6))).toEqual(
      [81 / 101, 16 / 101].map((share) => share.toFixed(6)),
    )
  })

  test('does not flip as the vectors move: its axes are turned to those before', () => {
    const vectors = [
      [1, 5, 0],
      [-1, -5, 1],
      [3, -1, 2],
      [-3, 1, -3],
    ]
    const { axes } = planeOf(vectors)
    const moved = vectors.map((vector) => vector.map((x) => x + 0.01))
    for (const [s, t] of [
      [1, 1],
      [-1, 1],
      [1, -1],
      [-1, -1],
    ]) {
      const before = {
        axes: [axes[0].map((x) => s * x), axes[1].map((x) => t * x)] as const,
        points: [],
        shares: [0, 0] as const,
      }
      const after = planeOf(moved, { ...before, axes: [before.axes[0], before.axes[1]] })
      for (const n of [0, 1] as const)
        expect(dot(after.axes[n], before.axes[n])).toBeGreaterThan(0.99)
    }
  })
})

describe('orders', () => {
  test('of a pass: f(PX) is P f(X) without positions, and f(X) only where words are alike', () => {
    const pass = passOf(
      { ...FORM, mask: masks.everything, position: positionNamed('none') },
      SENTENCE,
    )
    const order = [0, 1, 5, 3, 4, 2]
    expect(apart(pass, passIn(pass, order), order)).toEqual({
      equivariant: expect.closeTo(0, 14),
      invariant: expect.closeTo(0, 14),
    })
    const other = [3, 1, 2, 0, 4, 5]
    const found = apart(pass, passIn(pass, other), other)
    expect(found.equivariant).toBeLessThan(1e-14)
    expect(found.invariant).toBeGreaterThan(0.01)
  })

  test.each([
    [3, 6],
    [6, 720],
    [7, 720],
  ])('of %i words are tried: %i of them', async (count, expected) => {
    readAddress(
      '',
      `all&width=4&text=${Array.from({ length: count }, (_, n) => `w${n}`).join('+')}`,
    )
    const stop = tryAll()
    await vi.waitFor(() => expect(tried.value?.done).toBe(expected), { timeout: 30_000 })
    stop()
    expect([tried.value?.orders, tried.value?.differences.length]).toEqual([expected, expected])
    // the order that the words have moves nothing
    if (count < 7) expect(tried.value?.moved).toBe(expected - 1)
  })

  test('begin anew when the layer changes, and end when they are stopped', async () => {
    readAddress('', 'all&width=4')
    const stop = tryAll()
    await vi.waitFor(() => expect(tried.value?.done).toBeGreaterThan(0))
    settings.position.state.value = 'sinusoidal'
    expect(tried.value).toBeUndefined()
    await vi.waitFor(() => expect(tried.value?.done).toBeGreaterThan(0))
    expect(Math.min(...(tried.value?.differences.slice(1) ?? []))).toBeGreaterThan(1e-6)
    stop()
    const { done } = tried.value ?? { done: 0 }
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(tried.value?.done).toBe(done)
  })
})

describe('the plane of the needle', () => {
  const vectors = () =>
    Array.from({ length: 6 }, (_, n) => [...matrices.row(ground.value?.K as never, n)])

  test('has each word by its own vector, equal words by one, and with positions their sines and cosines added', () => {
    const plain = vectors()
    expect(plain[2]).toEqual(plain[5])
    expect(new Set(plain.map(String)).size).toBe(5)
    settings.position.state.value = 'sinusoidal'
    vectors().forEach(([x, y], place) => {
      expect(x - plain[place][0]).toBeCloseTo(Math.sin(place), 12)
      expect(y - plain[place][1]).toBeCloseTo(Math.cos(place), 12)
    })
  })

  test('weighs the words by softmax of needle · key / √2, and its context is their mean by these weights', () => {
    settings.needle.state.value = DIRECTIONS.when
    const { needle, weights, context } = plane.value ?? {
      needle: [0, 0],
      weights: new Float64Array(),
      context: [0, 0],
    }
    expect(Math.hypot(...needle)).toBeCloseTo(LENGTH, 12)
    const K = vectors()
    const powers = K.map(([x, y]) => Math.exp((needle[0] * x + needle[1] * y) / Math.SQRT2))
    const sum = powers.reduce((total, one) => total + one, 0)
    for (const [n, power] of powers.entries()) expect(weights[n]).toBeCloseTo(power / sum, 12)
    for (const c of [0, 1])
      expect(context[c]).toBeCloseTo(
        K.reduce((total, key, n) => total + (powers[n] / sum) * key[c], 0),
        12,
      )
  })
})
