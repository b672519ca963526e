import { log } from '../elementary.ts'

/** Agreement of a grouping with labels. */
export interface Agreement {
  /** Number of labelled occurrences. */
  readonly labelled: number
  /** 1 if every group has a single label. */
  readonly homogeneity: number
  /** 1 if every label is in a single group. */
  readonly completeness: number
  /** Their harmonic mean. */
  readonly vMeasure: number
  /** 1 for the same grouping, 0 expected by chance, below 0 for less. */
  readonly adjustedRand: number
}

/**
 * Compares a grouping with labels, regardless of their names.
 *
 * h = 1 − H(label | group)/H(label), c = 1 − H(group | label)/H(group), V = 2hc/(h + c); the Rand
 * index, corrected for chance, counts pairs.
 *
 * @param groups the group of each item
 * @param labels the label of each item, of the same length
 * @throws {RangeError} if the lengths differ
 * @see Rosenberg & Hirschberg 2007, §2; Hubert & Arabie 1985, eq. 5
 */
export function agreement(groups: readonly unknown[], labels: readonly unknown[]): Agreement {
  if (groups.length !== labels.length)
    throw new RangeError(
      `agreement: needs a label for each member, got ${groups.length} members and ${labels.length} labels`,
    )
  const [inGroup, ofLabel, inBoth] = [new Counts(), new Counts(), new Counts()]
  const cells = new Map<unknown, Map<unknown, number>>()
  groups.forEach((group, n) => {
    inGroup.add(group)
    ofLabel.add(labels[n])
    inBoth.add(cellOf(cells, group, labels[n]))
  })
  const shared = Math.max(0, inGroup.entropy + ofLabel.entropy - inBoth.entropy)
  const homogeneity = ofLabel.entropy > 0 ? shared / ofLabel.entropy : 1
  const completeness = inGroup.entropy > 0 ? shared / inGroup.entropy : 1
  const both = homogeneity + completeness
  return {
    ...{ labelled: groups.length, homogeneity, completeness },
    vMeasure: both > 0 ? (2 * homogeneity * completeness) / both : 0,
    adjustedRand: adjustedRand(inGroup, ofLabel, inBoth),
  }
}

/** The index of a cell of the table, from 0 in order of first occurrence. */
function cellOf(cells: Map<unknown, Map<unknown, number>>, group: unknown, label: unknown): number {
  const row = cells.get(group) ?? new Map<unknown, number>()
  cells.set(group, row)
  if (!row.has(label))
    row.set(
      label,
      [...cells.values()].reduce((sum, { size }) => sum + size, 0),
    )
  return row.get(label) as number
}

function adjustedRand(inGroup: Counts, ofLabel: Counts, inBoth: Counts): number {
  const pairs = (inGroup.total * (inGroup.total - 1)) / 2
  const expected = pairs > 0 ? (inGroup.pairs * ofLabel.pairs) / pairs : 0
  const most = (inGroup.pairs + ofLabel.pairs) / 2
  return most === expected ? 1 : (inBoth.pairs - expected) / (most - expected)
}

/** Counts of values. */
class Counts {
  readonly #counts = new Map<unknown, number>()
  total = 0

  add(value: unknown): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1)
    this.total++
  }

  /** −Σ p log p, in nats. */
  get entropy(): number {
    let sum = 0
    for (const count of this.#counts.values()) sum -= (count / this.total) * log(count / this.total)
    return sum
  }

  /** Pairs of equal values. */
  get pairs(): number {
    let sum = 0
    for (const count of this.#counts.values()) sum += (count * (count - 1)) / 2
    return sum
  }
}
