import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Random } from '../../src/random.ts'
import { assigned, clusterings, pointsOf } from '../../src/senses/clusters.ts'
import { choose, parting, sampleOf, silhouettes } from '../../src/senses/silhouette.ts'

/** So many vectors around each centre. */
function around(
  centres: readonly (readonly number[])[],
  each: number,
  spread: number,
  seed = 11,
): number[][] {
  const random = new Random(seed, 'around')
  return centres.flatMap((centre) =>
    Array.from({ length: each }, () => centre.map((x) => x + spread * random.normal())),
  )
}

const vectors = fc.array(
  fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 3, maxLength: 3 }),
  { minLength: 1, maxLength: 23 },
)

/** The groups of vectors, by the numbers of the first in each. */
function groupsOf(given: readonly (readonly number[])[], groups: number): number[] {
  const { points, of } = pointsOf(given)
  const found = clusterings(points, groups)
  const last = found[found.length - 1].of
  return Array.from(of, (point) => last[point])
}

describe('clusterings', () => {
  test('find what lies apart', () => {
    const given = around(
      [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, -1],
      ],
      13,
      0.1,
    )
    const groups = groupsOf(given, 3)
    expect([0, 13, 26].map((n) => new Set(groups.slice(n, n + 13)).size)).toEqual([1, 1, 1])
    expect(new Set(groups).size).toBe(3)
  })

  test('are the same in whatever order the vectors come', () => {
    fc.assert(
      fc.property(
        vectors,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 99 }),
        (given, groups, seed) => {
          const order = new Random(seed).shuffle(given.map((_, n) => n))
          const shuffled = groupsOf(
            order.map((n) => given[n]),
            groups,
          )
          const plain = groupsOf(given, groups)
          expect(shuffled).toEqual(order.map((n) => plain[n]))
        },
      ),
    )
  })

  test('put equal vectors into one group', () => {
    fc.assert(
      fc.property(vectors, fc.integer({ min: 1, max: 5 }), (given, groups) => {
        const found = groupsOf([...given, ...given], groups)
        expect(found.slice(given.length)).toEqual(found.slice(0, given.length))
      }),
    )
  })

  test('never lose of their sum by one more group', () => {
    fc.assert(
      fc.property(vectors, (given) => {
        const { points } = pointsOf(given)
        const sums = clusterings(points, 6).map(({ centres, of }) =>
          points.lengths.reduce(
            (sum, _, n) =>
              sum +
              centres[of[n]].reduce((dot, x, c) => dot + x * points.rows[n * points.width + c], 0),
            0,
          ),
        )
        for (let k = 1; k < sums.length; k++) expect(sums[k]).toBeGreaterThan(sums[k - 1])
      }),
    )
  })

  test('end where no group is left to find, as of equal vectors', () => {
    const { points } = pointsOf([
      [1, 2],
      [1, 2],
      [2, 4],
    ])
    expect([points.lengths.length, clusterings(points, 5).length]).toEqual([1, 1])
  })

  test('leave every point with the centre that is nearest', () => {
    const { points } = pointsOf(
      around(
        [
          [1, 0],
          [0, 1],
        ],
        17,
        0.5,
      ),
    )
    for (const { centres, of } of clusterings(points, 4))
      expect(assigned(points, centres)).toEqual(of)
  })

  test('take vectors of zeros, which have no direction', () => {
    const found = groupsOf(
      [
        [0, 0],
        [0, 0],
        [1, 0],
      ],
      2,
    )
    expect(found[0]).toBe(found[1])
  })
})

describe('silhouettes', () => {
  test('are those that pairs give', () => {
    const { points } = pointsOf([
      [1, 0],
      [0.8, 0.6],
      [0, 1],
    ])
    const at = (x: number): number =>
      Array.from(points.lengths).findIndex((_, n) => Math.abs(points.rows[2 * n] - x) < 1e-12)
    const of = new Int32Array(3)
    of[at(0)] = 1
    // distances: .2 between the first two, 1 and .4 to the third, which is alone
    const found = silhouettes(points, { of, count: 2 })
    expect(found[at(1)]).toBeCloseTo((1 - 0.2) / 1, 12)
    expect(found[at(0.8)]).toBeCloseTo((0.4 - 0.2) / 0.4, 12)
    expect(found[at(0)]).toBe(0)
  })

  test('count alike in how well all of them part, however small their group, and however often they occur', () => {
    const many = around([[1, 0]], 9, 0.3)
    const once = [...many, ...around([[0, 1]], 2, 0.3)]
    const measured = (vectors: readonly (readonly number[])[]) => {
      const { points, of } = pointsOf(vectors)
      const groups = new Int32Array(points.lengths.length)
      of.forEach((point, n) => {
        groups[point] = once.indexOf(vectors[n] as number[]) < many.length ? 0 : 1
      })
      const grouping = { of: groups, count: 2 }
      return { each: silhouettes(points, grouping), mean: parting(points, grouping) }
    }
    const { each, mean } = measured(once)
    expect(mean).toBeCloseTo(each.reduce((sum, one) => sum + one) / 11, 12)
    expect(measured([...once, ...many.slice(0, 3), once[10]])).toEqual({ each, mean })
  })

  test('of one group are 0', () => {
    const { points } = pointsOf(around([[1, 0]], 7, 0.3))
    expect(parting(points, { of: new Int32Array(7), count: 1 })).toBe(0)
  })
})

describe('the number of groups', () => {
  const axes = (count: number) =>
    Array.from({ length: count }, (_, k) => Array.from({ length: 7 }, (_, c) => (c === k ? 1 : 0)))

  test('leaves no group of fewer than 5, or 2 %, unless it is asked for', () => {
    const [large, small] = [axes(2)[0], axes(2)[1]]
    const found = (most: number, least: number) =>
      choose(pointsOf([...around([large], most, 0.05), ...around([small], least, 0.05)]).points, 7)
    const groups = (most: number, least: number) => found(most, least).clusters.centres.length
    expect([groups(50, 4), groups(50, 5), groups(490, 9), groups(490, 11)]).toEqual([1, 2, 1, 2])
    expect(found(50, 4).tried[0]).toMatchObject({ groups: 2, smallest: 4 })
  })

  test.each([2, 3, 5])('is %i where so many lie apart', (count) => {
    const { points } = pointsOf(around(axes(count), 29, 0.12))
    expect(choose(points, 7).clusters.centres.length).toBe(count)
  })

  test.each([3, 4, 5])('is one for a cloud without parts, seed %i', (seed) => {
    const { points } = pointsOf(around([[1, 1, 1, 0, 0, 0, 0]], 211, 0.4, seed))
    expect(choose(points, 7).clusters.centres.length).toBe(1)
  })

  test('is one for one vector, and for equal ones', () => {
    for (const given of [
      [[1, 2, 3]],
      [
        [1, 2, 3],
        [2, 4, 6],
      ],
    ]) {
      const { clusters, tried } = choose(pointsOf(given).points, 7)
      expect([clusters.centres.length, tried]).toEqual([1, []])
    }
  })

  test('is chosen anew to the last bit', () => {
    const { points } = pointsOf(around(axes(3), 17, 0.3))
    expect(choose(points, 5)).toEqual(choose(points, 5))
  })
})

test('a sample is the same for the same seed, and everything where there is no more', () => {
  const { points } = pointsOf(around([[1, 0, 0]], 31, 0.5))
  expect(sampleOf(points, 31, 7)).toBe(points)
  const some = sampleOf(points, 13, 7)
  expect([some.lengths.length, some.rows.length]).toEqual([13, 39])
  expect(sampleOf(points, 13, 7)).toEqual(some)
  expect(sampleOf(points, 13, 8)).not.toEqual(some)
})
