/** Points of many axes on the two along which they differ most. */
export interface Plane {
  /** One (x, y) for each point, from the mean of all. */
  readonly points: readonly (readonly [number, number])[]
  /** The two directions, each of length 1. */
  readonly axes: readonly [Float64Array, Float64Array]
  /** Share of the whole spread that lies along each. */
  readonly shares: readonly [number, number]
}

/** Rounds of the iteration: the next direction weighs less by the ratio of the spreads in each. */
const ROUNDS = 200

/**
 * Principal components: the two orthogonal directions u with the largest Σₙ ((xₙ − x̄)·u)².
 *
 * Directions have no sign of their own: each is turned to that of the plane before, so that a map
 * does not flip as it moves.
 *
 * @param vectors points, each of the same width
 * @param before the plane of a moment ago
 */
export function planeOf(vectors: readonly ArrayLike<number>[], before?: Plane): Plane {
  const rows = centred(vectors)
  const total = rows.reduce((sum, row) => sum + dot(row, row), 0)
  const first = direction(rows, before?.axes[0])
  const second = direction(
    // again, for what rounding leaves along the first
    rows.map((row) => without(without(row, first), first)),
    before?.axes[1],
  )
  const points = rows.map((row) => [dot(row, first), dot(row, second)] as const)
  const share = (axis: 0 | 1): number =>
    total > 0 ? points.reduce((sum, point) => sum + point[axis] ** 2, 0) / total : 0
  return { points, axes: [first, second], shares: [share(0), share(1)] }
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let c = 0; c < a.length; c++) sum += a[c] * b[c]
  return sum
}

function centred(vectors: readonly ArrayLike<number>[]): Float64Array[] {
  const mean = new Float64Array(vectors[0]?.length ?? 0)
  for (const vector of vectors)
    for (let c = 0; c < mean.length; c++) mean[c] += vector[c] / vectors.length
  return vectors.map((vector) => mean.map((m, c) => vector[c] - m))
}

const without = (row: Float64Array, axis: Float64Array): Float64Array => {
  const along = dot(row, axis)
  return row.map((x, c) => x - along * axis[c])
}

/**
 * The direction of the largest spread by iteration, begun at `before` or at the longest row; zero
 * where nothing is spread.
 */
function direction(rows: readonly Float64Array[], before: Float64Array | undefined): Float64Array {
  const longest = rows.reduce(
    (best, row) => (dot(row, row) > dot(best, best) ? row : best),
    new Float64Array(rows[0]?.length ?? 0),
  )
  let axis = unit(longest)
  for (let round = 0; round < ROUNDS; round++) {
    const next = new Float64Array(axis.length)
    for (const row of rows) {
      const along = dot(row, axis)
      for (let c = 0; c < next.length; c++) next[c] += along * row[c]
    }
    const turned = unit(next)
    const still = 1 - Math.abs(dot(turned, axis)) < 1e-14
    axis = turned
    if (still) break
  }
  return before && dot(axis, before) < 0 ? axis.map((x) => -x) : axis
}

/** A vector at length 1; zero stays zero. */
export function unit(vector: ArrayLike<number>): Float64Array {
  const length = Math.sqrt(dot(vector, vector))
  return Float64Array.from(vector, (x) => (length > 0 ? x / length : 0))
}
