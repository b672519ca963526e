import { Random } from '../random.ts'
import { type Clusters, clusterings, dotRow, type Points, subsetOf, unit } from './clusters.ts'

/** Points whose length does not matter. */
export type Directions = Omit<Points, 'lengths'>

/** The group of each point, and the number of groups. */
export interface Grouping {
  readonly of: Int32Array
  readonly count: number
}

/**
 * s(x) = (b − a) / max(a, b) of every point: a is its mean distance 1 − ⟨x, y⟩ to its own group, b
 * to the nearest other.
 *
 * Near 1 it lies well within its group, near 0 between two, below 0 rather in another. It is 0 if
 * its group has no other member, or if there is one group. The mean over a group is a product with
 * the group's sum, so no pair is computed.
 *
 * @see Rousseeuw 1987, §2
 */
export function silhouettes(points: Directions, { of, count }: Grouping): Float64Array {
  const { width, rows } = points
  const sums = Array.from({ length: count }, () => new Float64Array(width))
  const counts = sums.map(() => 0)
  of.forEach((own, n) => {
    counts[own]++
    for (let c = 0; c < width; c++) sums[own][c] += rows[n * width + c]
  })
  return Float64Array.from(of, (own, n) => {
    if (counts[own] <= 1) return 0
    const self = dotRow(points, n, rows.subarray(n * width, (n + 1) * width))
    const a = 1 - (dotRow(points, n, sums[own]) - self) / (counts[own] - 1)
    const others = sums.flatMap((sum, k) =>
      k === own || counts[k] === 0 ? [] : [1 - dotRow(points, n, sum) / counts[k]],
    )
    if (others.length === 0) return 0
    const b = Math.min(...others)
    return Math.max(a, b) > 1e-12 ? (b - a) / Math.max(a, b) : 0
  })
}

/** Quality of a number of groups. */
export interface Parting {
  readonly groups: number
  /** Mean silhouette of all points. */
  readonly silhouette: number
  /** The largest mean silhouette of the reference clouds with as many groups. */
  readonly cloud: number
  /** Number of points in the smallest group. */
  readonly smallest: number
}

/** The mean silhouette of all points, each once; 0 for one group. */
export function parting(points: Directions, grouping: Grouping): number {
  const each = silhouettes(points, grouping)
  return each.reduce((sum, one) => sum + one, 0) / Math.max(1, each.length)
}

const groupingOf = ({ of, centres }: Clusters): Grouping => ({ of, count: centres.length })

/** Largest number of groups that is tried. */
export const MOST_GROUPS = 8
/** Number of reference clouds, and largest number of points in each. */
const CLOUDS = 5
const CLOUD_POINTS = 1000
/** Least margin of a grouping above the clouds: the largest of a few is not a bound. */
const ABOVE = 0.03
/** Points, and share of all points, of the smallest group that is looked for. */
const LEAST_POINTS = 5
const LEAST_SHARE = 0.02
/** Of groupings within this of the best, the one with fewest groups is chosen. */
const AS_GOOD = 0.05

/**
 * Tries 1 to MOST_GROUPS groups and chooses.
 *
 * A grouping counts only if its silhouette exceeds by ABOVE what the same method finds in clouds
 * without clusters: normal ones with the mean and the covariance of the vectors, brought to length
 * 1 like them; and only if none of its groups has fewer than LEAST_POINTS points, or less than
 * LEAST_SHARE of all. If no grouping does, there is one group.
 *
 * @see Tibshirani, Walther & Hastie 2001, §3, for the thought; Liu et al. 2008, §2, for clouds of
 *   the same covariance
 */
export function choose(
  points: Points,
  seed: number,
): { readonly clusters: Clusters; readonly tried: readonly Parting[] } {
  const found = clusterings(points, MOST_GROUPS)
  const levels = found.length > 1 ? cloudLevels(points, found.length, seed) : []
  const tried = found.slice(1).map((clusters, n) => ({
    groups: n + 2,
    silhouette: parting(points, groupingOf(clusters)),
    cloud: levels[n],
    smallest: smallestOf(clusters),
  }))
  const least = leastOf(points.lengths.length)
  const parted = tried.filter(
    ({ silhouette, cloud, smallest }) => silhouette > cloud + ABOVE && smallest >= least,
  )
  const best = Math.max(...parted.map(({ silhouette }) => silhouette))
  const chosen = parted.find(({ silhouette }) => silhouette >= best - AS_GOOD)
  return { clusters: found[(chosen?.groups ?? 1) - 1], tried }
}

/** Of so many points, how many the smallest group has that is not asked for. */
export const leastOf = (points: number): number => Math.max(LEAST_POINTS, LEAST_SHARE * points)

function smallestOf({ of, centres }: Clusters): number {
  const sizes = centres.map(() => 0)
  for (const group of of) sizes[group]++
  return Math.min(...sizes)
}

/** The largest silhouette with 2, 3, … groups among the clouds. */
function cloudLevels(points: Points, most: number, seed: number): number[] {
  const levels = Array.from({ length: most - 1 }, () => 0)
  const shape = shapeOf(points)
  for (let n = 0; n < CLOUDS; n++) {
    const cloud = cloudOf(
      shape,
      Math.min(points.lengths.length, CLOUD_POINTS),
      new Random(seed, `senses.cloud.${n}`),
    )
    const found = clusterings(cloud, most)
    for (let k = 1; k < found.length; k++)
      levels[k - 1] = Math.max(levels[k - 1], parting(cloud, groupingOf(found[k])))
  }
  return levels
}

/** Mean and covariance: x ~ mean + L g, where L Lᵀ is the covariance. */
interface Shape {
  readonly mean: Float64Array
  readonly L: readonly Float64Array[]
}

function shapeOf({ width, rows: units, lengths }: Points): Shape {
  const rows = units.map((x, n) => x * lengths[Math.floor(n / width)])
  const total = lengths.length
  const mean = new Float64Array(width)
  for (let n = 0; n < total; n++)
    for (let c = 0; c < width; c++) mean[c] += rows[n * width + c] / total
  const S = Array.from({ length: width }, () => new Float64Array(width))
  for (let n = 0; n < total; n++) {
    for (let i = 0; i < width; i++) {
      const x = (rows[n * width + i] - mean[i]) / total
      for (let j = 0; j <= i; j++) S[i][j] += x * (rows[n * width + j] - mean[j])
    }
  }
  return { mean, L: cholesky(S) }
}

/** L with L Lᵀ = S; a column is 0 if no variance is left. */
function cholesky(S: readonly Float64Array[]): Float64Array[] {
  const L = S.map(({ length }) => new Float64Array(length))
  for (let j = 0; j < S.length; j++) {
    let left = S[j][j]
    for (let c = 0; c < j; c++) left -= L[j][c] * L[j][c]
    // rounding leaves a little of nothing
    if (left <= 1e-12 * S[j][j]) continue
    L[j][j] = Math.sqrt(left)
    for (let i = j + 1; i < S.length; i++) {
      let sum = S[i][j]
      for (let c = 0; c < j; c++) sum -= L[i][c] * L[j][c]
      L[i][j] = sum / L[j][j]
    }
  }
  return L
}

function cloudOf({ mean, L }: Shape, count: number, random: Random): Points {
  const width = mean.length
  const rows = new Float64Array(count * width)
  for (let n = 0; n < count; n++) {
    const g = Float64Array.from(mean, () => random.normal())
    const x = mean.map((value, i) => {
      let sum = value
      for (let c = 0; c <= i; c++) sum += L[i][c] * g[c]
      return sum
    })
    rows.set(unit(x), n * width)
  }
  return { width, rows, lengths: new Float64Array(count).fill(1) }
}

/** A sample of the points by seed; all if there are few. */
export function sampleOf(points: Points, most: number, seed: number): Points {
  const all = Array.from(points.lengths, (_, n) => n)
  if (all.length <= most) return points
  return subsetOf(
    points,
    new Random(seed, 'senses.sample')
      .shuffle(all)
      .slice(0, most)
      .sort((a, b) => a - b),
  )
}
