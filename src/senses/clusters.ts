/** Different points of one width, each of length 1 (or 0); float64. */
export interface Points {
  readonly width: number
  /** One after the other, in an order determined by their numbers alone. */
  readonly rows: Float64Array
  /** Norms of the vectors, one for each point; for equal directions, the mean. */
  readonly lengths: Float64Array
}

/** A grouping of points. */
export interface Clusters {
  /** Each of length 1, or 0 if its points cancel out. */
  readonly centres: readonly Float64Array[]
  /** The group of each point. */
  readonly of: Int32Array
}

/** Candidates for the centre of one more group. */
const CANDIDATES = 64
/** Largest number of iterations. */
const ROUNDS = 100
/** Least improvement that counts as nearer. */
const LEAST_GAIN = 1e-9

/**
 * Unit vectors as points: equal vectors are one point, however many they are, and the order of the
 * vectors does not matter.
 *
 * @param vectors of one width
 * @returns the points, and for each vector the number of its point
 */
export function pointsOf(vectors: readonly ArrayLike<number>[]): {
  readonly points: Points
  readonly of: Int32Array
} {
  const width = vectors[0]?.length ?? 0
  const units = vectors.map(unit)
  const order = units.map((_, n) => n).sort((a, b) => compared(units[a], units[b]))
  const of = new Int32Array(units.length)
  const rows: Float64Array[] = []
  const [counts, lengths]: [number[], number[]] = [[], []]
  for (const n of order) {
    if (rows.length === 0 || compared(rows[rows.length - 1], units[n]) !== 0) {
      rows.push(units[n])
      counts.push(0)
      lengths.push(0)
    }
    of[n] = rows.length - 1
    counts[of[n]]++
    lengths[of[n]] += lengthOf(vectors[n])
  }
  const all = new Float64Array(rows.length * width)
  rows.forEach((row, n) => void all.set(row, n * width))
  const means = Float64Array.from(lengths, (sum, n) => sum / counts[n])
  return { points: { width, rows: all, lengths: means }, of }
}

/** x / ‖x‖, and 0 for 0. */
export function unit(x: ArrayLike<number>): Float64Array {
  const length = lengthOf(x) || 1
  return Float64Array.from(x, (value) => value / length)
}

/** ‖x‖ */
function lengthOf(x: ArrayLike<number>): number {
  let sum = 0
  for (let c = 0; c < x.length; c++) sum += x[c] * x[c]
  return Math.sqrt(sum)
}

function compared(a: Float64Array, b: Float64Array): number {
  for (let c = 0; c < a.length; c++) if (a[c] !== b[c]) return a[c] - b[c]
  return 0
}

/** Some of the points. */
export function subsetOf({ width, rows, lengths }: Points, chosen: readonly number[]): Points {
  const some = new Float64Array(chosen.length * width)
  chosen.forEach(
    (from, n) => void some.set(rows.subarray(from * width, (from + 1) * width), n * width),
  )
  return { width, rows: some, lengths: Float64Array.from(chosen, (n) => lengths[n]) }
}

/**
 * Groups for 1, 2, … centres: spherical k-means, Σ_x max_k ⟨x, c_k⟩ to a local maximum.
 *
 * The first centre is the mean. Each further one begins at the candidate that would raise the sum
 * most, and then all move. Nothing is random. The list ends early if no candidate raises the sum,
 * as when all points are equal.
 *
 * @param most centres
 * @see Dhillon & Modha 2001, §3.1; Likas, Vlassis & Verbeek 2003, §3.1 (the fast global k-means)
 */
export function clusterings(points: Points, most: number): Clusters[] {
  const found = [settled(points, [meanOf(points, () => true)])]
  while (found.length < most) {
    const { centres } = found[found.length - 1]
    const next = nextCentre(points, centres)
    if (!next) break
    const grown = settled(points, [...centres, next])
    if (new Set(grown.of).size < grown.centres.length) break
    found.push(grown)
  }
  return found
}

/** The point that would raise the sum most as a new centre; undefined if none would. */
function nextCentre(points: Points, centres: readonly Float64Array[]): Float64Array | undefined {
  const { lengths, rows, width } = points
  const nearest = Float64Array.from(lengths, (_, n) =>
    Math.max(...centres.map((centre) => dotRow(points, n, centre))),
  )
  let best = LEAST_GAIN
  let chosen: Float64Array | undefined
  const candidates = Math.min(CANDIDATES, lengths.length)
  for (let m = 0; m < candidates; m++) {
    const at = Math.floor(((m + 0.5) * lengths.length) / candidates)
    const candidate = rows.slice(at * width, (at + 1) * width)
    let gain = 0
    for (let n = 0; n < lengths.length; n++)
      gain += Math.max(0, dotRow(points, n, candidate) - nearest[n])
    if (gain > best) [best, chosen] = [gain, candidate]
  }
  return chosen
}

/**
 * Assigns points to their nearest centre and moves centres to the mean of their points, until
 * nothing changes.
 */
function settled(points: Points, begun: readonly Float64Array[]): Clusters {
  let centres = begun
  let of = assigned(points, centres)
  for (let round = 0; round < ROUNDS; round++) {
    centres = centres.map((_, k) => meanOf(points, (n) => of[n] === k))
    const moved = assigned(points, centres)
    if (moved.every((k, n) => k === of[n])) break
    of = moved
  }
  return { centres, of }
}

/** The nearest centre of each point, the first of equals. */
export function assigned(points: Points, centres: readonly Float64Array[]): Int32Array {
  return Int32Array.from(points.lengths, (_, n) => {
    let [best, most] = [0, Number.NEGATIVE_INFINITY]
    for (const [k, centre] of centres.entries()) {
      const similarity = dotRow(points, n, centre)
      if (similarity > most) [best, most] = [k, similarity]
    }
    return best
  })
}

/** Σ x / ‖Σ x‖ over some points. */
function meanOf({ width, rows, lengths }: Points, among: (n: number) => boolean): Float64Array {
  const sum = new Float64Array(width)
  for (let n = 0; n < lengths.length; n++) {
    if (!among(n)) continue
    for (let c = 0; c < width; c++) sum[c] += rows[n * width + c]
  }
  return unit(sum)
}

/** ⟨x_n, y⟩ */
export function dotRow(
  { width, rows }: Pick<Points, 'width' | 'rows'>,
  n: number,
  y: Float64Array,
): number {
  let sum = 0
  for (let c = 0, at = n * width; c < width; c++, at++) sum += rows[at] * y[c]
  return sum
}
