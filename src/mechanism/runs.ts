/**
 * Runs of keys [from, to), side by side: from, to, from, to, … strictly rising, so that no run is
 * empty and none touches the next.
 */
export type Runs = readonly number[]

/** The run cut to 0 … nKey. */
export const within = (from: number, to: number, nKey: number): readonly [number, number] => [
  Math.min(Math.max(from, 0), nKey),
  Math.max(Math.min(to, nKey), 0),
]

/** The keys [from, to) of 0 … nKey − 1: one run, or none. */
export function between(from: number, to: number, nKey: number): Runs {
  const run = within(from, to, nKey)
  return run[0] < run[1] ? run : []
}

/** Adds [from, to), which does not begin before the last run, and merges the two if they touch. */
function append(runs: number[], from: number, to: number): void {
  const last = runs.length - 1
  if (last >= 0 && from <= runs[last]) runs[last] = Math.max(runs[last], to)
  else runs.push(from, to)
}

/** a ∩ b. */
export function intersection(a: Runs, b: Runs): Runs {
  const runs: number[] = []
  for (let m = 0, n = 0; m < a.length && n < b.length; ) {
    const from = Math.max(a[m], b[n])
    const to = Math.min(a[m + 1], b[n + 1])
    if (from < to) runs.push(from, to)
    if (to === a[m + 1]) m += 2
    else n += 2
  }
  return runs
}

/** a ∪ b. */
export function union(a: Runs, b: Runs): Runs {
  const runs: number[] = []
  for (let m = 0, n = 0; m < a.length || n < b.length; ) {
    if (n === b.length || a[m] <= b[n]) {
      append(runs, a[m], a[m + 1])
      m += 2
    } else {
      append(runs, b[n], b[n + 1])
      n += 2
    }
  }
  return runs
}

/** {0 … nKey − 1} ∖ a. */
export function complement(a: Runs, nKey: number): Runs {
  const runs: number[] = []
  let from = 0
  for (let n = 0; n < a.length; n += 2) {
    if (from < a[n]) runs.push(from, a[n])
    from = a[n + 1]
  }
  if (from < nKey) runs.push(from, nKey)
  return runs
}

/** {j ∈ a : open(j)}. */
export function where(a: Runs, open: (j: number) => boolean): Runs {
  const runs: number[] = []
  for (let n = 0; n < a.length; n += 2) {
    for (let j = a[n]; j < a[n + 1]; j++) {
      if (!open(j)) continue
      const from = j++
      while (j < a[n + 1] && open(j)) j++
      runs.push(from, j)
    }
  }
  return runs
}

/** The runs of the keys of each document; NaN equals no document. */
export function runsOfDocuments(keys: readonly number[]): ReadonlyMap<number, Runs> {
  const documents = new Map<number, number[]>()
  for (let j = 0; j < keys.length; j++) {
    if (Number.isNaN(keys[j])) continue
    const runs = documents.get(keys[j])
    if (runs) append(runs, j, j + 1)
    else documents.set(keys[j], [j, j + 1])
  }
  return documents
}
