import { describe, expect, test } from 'vitest'
import { Random } from '../../src/random.ts'
import { pointsOf } from '../../src/senses/clusters.ts'
import { choose, type Parting } from '../../src/senses/silhouette.ts'

/** Vectors of one normal cloud: so long along an axis, so wide in all directions. */
function cloud(
  long: number,
  wide: number,
  { axis, mean, seed }: { axis: readonly number[]; mean: readonly number[]; seed: number },
) {
  const random = new Random(seed, 'v')
  return Array.from({ length: 211 }, () => {
    const g = random.normal()
    return mean.map((m, i) => m + long * g * axis[i] + wide * random.normal())
  })
}

const HALF = Math.SQRT1_2
/**
 * Long in a direction between two axes: only its covariance tells so, no variance of a coordinate.
 */
const rotated = (seed: number) =>
  cloud(0.8, 0.1, { axis: [0, HALF, HALF, 0, 0], mean: [1, 0, 0, 0, 0], seed })
const throughZero = (seed: number) =>
  cloud(1, 0.2, { axis: [0.5, 0.5, 0.5, 0.5, 0], mean: [0, 0, 0, 0, 0], seed })

describe.each([3, 4, 5])('a long cloud without parts, seed %i,', (seed) => {
  const { points } = pointsOf(rotated(seed))
  const { clusters, tried } = choose(points, 7)

  test('is one group, for clouds of its covariance part as well', () => {
    expect(clusters.centres.length).toBe(1)
  })

  test('parts as well as clouds of its mean and covariance do', () => {
    for (const { silhouette, cloud } of tried.slice(0, 2))
      expect(Math.abs(silhouette - cloud)).toBeLessThan(0.05)
  })
})

/** The number of groups by the words of the documentation, with margins of its own. */
function groupsBy(tried: readonly Parting[], above: number, asGood: number): number {
  const parted = tried.filter(({ silhouette, cloud }) => silhouette - cloud > above)
  const best = Math.max(...parted.map(({ silhouette }) => silhouette))
  return parted.find(({ silhouette }) => best - silhouette <= asGood)?.groups ?? 1
}

test('groups are the fewest of those that exceed the clouds by .03 and are as good as the best within .05', () => {
  /** Three groups, of which two lie so near that two groups are nearly as good. */
  const around = (gap: number): number[][] => {
    const random = new Random(3, 'around')
    const centres = [0, gap, 2.6].map((angle) => [Math.cos(angle), Math.sin(angle), 0.2])
    return centres.flatMap((centre) =>
      Array.from({ length: 37 }, () => centre.map((x) => x + 0.1 * random.normal())),
    )
  }
  const all = [...[3, 5].map(throughZero), ...[0.8, 0.9].map(around)]
  const tried = all.map((vectors) => choose(pointsOf(vectors).points, 7))
  const chosen = tried.map(({ clusters }) => clusters.centres.length)
  const by = (above: number, asGood: number): number[] =>
    tried.map(({ tried }) => groupsBy(tried, above, asGood))
  expect(chosen).toEqual(by(0.03, 0.05))
  // where the margins were others, some would be other groups
  for (const [above, asGood] of [
    [0, 0.05],
    [0.06, 0.05],
    [0.03, 0],
    [0.03, 0.1],
  ])
    expect(chosen).not.toEqual(by(above, asGood))
})
