import type { Random } from '../src/random.ts'
import type { Tensor } from '../src/tensor.ts'

/**
 * Central differences of f with respect to every number of X, which is changed in place and put
 * back.
 */
export function centralDifferences(X: Tensor, f: () => number, step = 1e-5): Float64Array {
  return Float64Array.from(X.data, (value, n) => {
    X.data[n] = value + step
    const above = f()
    X.data[n] = value - step
    const below = f()
    X.data[n] = value
    return (above - below) / (2 * step)
  })
}

/** Largest |a − b| / max(1, largest |b|). */
export function worstError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let scale = 1
  let worst = 0
  for (let n = 0; n < b.length; n++) {
    scale = Math.max(scale, Math.abs(b[n]))
    const difference = Math.abs(a[n] - b[n])
    worst = Math.max(worst, Number.isNaN(difference) ? Infinity : difference)
  }
  return a.length === b.length ? worst / scale : Infinity
}

/** Σ xy. */
export const innerProduct = (x: ArrayLike<number>, y: ArrayLike<number>): number =>
  Array.from(x).reduce((sum, value, n) => sum + value * y[n], 0)

/**
 * |⟨dX, U⟩ − (f(X + hU) − f(X − hU))/2h| / max(1, |⟨dX, U⟩|) along a random direction U: a wrong number anywhere in dX shows.
 */
export function directionalError(
  X: Tensor,
  dX: Tensor,
  f: () => number,
  random: Random,
  step?: number,
): number
export function directionalError(
  X: Tensor,
  dX: Tensor,
  f: () => Promise<number>,
  random: Random,
  step?: number,
): Promise<number>
export function directionalError(
  X: Tensor,
  dX: Tensor,
  f: () => number | Promise<number>,
  random: Random,
  step = 3e-6,
) {
  const start = X.data.slice()
  const direction = Float64Array.from(start, () => random.normal())
  const at = (t: number): number | Promise<number> => {
    X.data.forEach((_, n) => {
      X.data[n] = start[n] + t * direction[n]
    })
    return f()
  }
  const compare = (above: number, below: number): number => {
    X.data.set(start)
    const expected = innerProduct(dX.data, direction)
    return dX.size === X.size
      ? Math.abs(expected - (above - below) / (2 * step)) / Math.max(1, Math.abs(expected))
      : Infinity
  }
  const above = at(step)
  if (typeof above === 'number') return compare(above, at(-step) as number)
  return above.then(async (value) => compare(value, await at(-step)))
}
