import { exp, log } from '../elementary.ts'
import type { Reader } from '../model/modules.ts'
import { isWord } from '../text/letters.ts'
import { folded } from '../text/vocabulary.ts'
import type { Occurrence } from './occurrences.ts'

/** A word that describes a group. */
export interface Descriptor {
  readonly word: string
  /**
   * For neighbours: the weighted log-odds in standard deviations. For substitutes: their mean
   * probability.
   */
  readonly weight: number
  /** Its count beside the group's occurrences. */
  readonly count: number
}

/** Window on either side, in words. */
const WINDOW = 5
/** Words that describe a group. */
const DESCRIPTORS = 8
/** Least count of a neighbour. */
const LEAST = 2
/** Weight of the prior, in words. */
const PRIOR = 50
/** z above which a neighbour counts. */
const TELLING = 1.96

/** Counts of words beside occurrences, in lower case. */
export function neighbourCounts(occurrences: readonly Occurrence[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { tokens, at, length } of occurrences) {
    const beside = [
      ...tokens.slice(Math.max(0, at - WINDOW), at),
      ...tokens.slice(at + length, at + length + WINDOW),
    ]
    for (const { token } of beside) {
      if (isWord(token)) counts.set(folded(token), (counts.get(folded(token)) ?? 0) + 1)
    }
  }
  return counts
}

/**
 * Neighbours that a group has more often than others, the most telling first: z = δ/√(1/(y + α) +
 * 1/(y′ + α)).
 *
 * δ is the difference of log-odds in the group and in the others, each with a prior α in the
 * proportions of both together, so that a word that occurred once or twice does not win.
 *
 * @see Monroe, Colaresi & Quinn 2008, §3.5.1, eqs. 16–20
 */
export function telling(
  mine: ReadonlyMap<string, number>,
  others: ReadonlyMap<string, number>,
): Descriptor[] {
  const [n, m] = [total(mine), total(others)]
  const found = [...mine].flatMap(([word, y]) => {
    const rest = others.get(word) ?? 0
    const prior = (PRIOR * (y + rest)) / (n + m)
    const delta =
      log((y + prior) / (n + PRIOR - y - prior)) - log((rest + prior) / (m + PRIOR - rest - prior))
    const weight = delta / Math.sqrt(1 / (y + prior) + 1 / (rest + prior))
    return y >= LEAST && weight > TELLING ? [{ word, weight, count: y }] : []
  })
  return found.sort(byWeight).slice(0, DESCRIPTORS)
}

/**
 * Neighbours that no other group has, though at least one would be expected there, the commonest
 * first.
 */
export function only(
  mine: ReadonlyMap<string, number>,
  others: ReadonlyMap<string, number>,
): Descriptor[] {
  const share = total(others) / Math.max(total(mine), 1)
  return [...mine]
    .flatMap(([word, count]) =>
      count >= LEAST && count * share >= 1 && !others.has(word)
        ? [{ word, weight: count, count }]
        : [],
    )
    .sort(byWeight)
    .slice(0, DESCRIPTORS)
}

const byWeight = (a: Descriptor, b: Descriptor): number =>
  b.weight - a.weight || (a.word < b.word ? -1 : 1)

const total = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((sum, count) => sum + count, 0)

/** Adds up counts. */
export function summed(all: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const sum = new Map<string, number>()
  for (const counts of all)
    for (const [word, count] of counts) sum.set(word, (sum.get(word) ?? 0) + count)
  return sum
}

/** Counts of the vocabulary's words in the model's training text. */
export function learnedCounts({ modules: { prediction } }: Reader): Map<string, number> {
  const { words } = prediction.vocabulary
  return new Map(
    words.flatMap((word, n) =>
      isWord(word) ? [[word, prediction.options.counts[n]] as const] : [],
    ),
  )
}

/**
 * Number of candidate words, the commonest; and number of positions of each group that are used.
 */
const COMMONEST = 5000
const OCCURRENCES = 100

/**
 * Substitutes for each group's occurrences: the mean over its positions of softmax(P Eᵀ + log
 * p(w)).
 *
 * Ranked by p log(p / mean over the groups), with the probability itself if there is one group.
 *
 * @param groups occurrences whose vectors come from the view `place`
 * @param spelled words to leave out: the occurrences themselves
 */
export async function expectedWords(
  model: Reader,
  groups: readonly (readonly Occurrence[])[],
  spelled: ReadonlySet<string>,
): Promise<Descriptor[][]> {
  const E = await wordRows(model)
  const { words } = model.modules.prediction.vocabulary
  const means = groups.map((group) => meanProbabilities(model, spread(group, OCCURRENCES), E))
  const every = E.map((_, w) => means.reduce((sum, mean) => sum + mean[w], 0) / means.length)
  return means.map((mean) =>
    E.flatMap((_, w) => {
      if (!isWord(words[w]) || spelled.has(words[w])) return []
      return [
        {
          word: words[w],
          weight: mean[w],
          count: 0,
          rank: means.length > 1 ? mean[w] * log(mean[w] / every[w]) : mean[w],
        },
      ]
    })
      .sort((a, b) => b.rank - a.rank)
      .filter(({ rank }) => rank > 0)
      .slice(0, DESCRIPTORS)
      .map(({ rank: _, ...descriptor }) => descriptor),
  )
}

/** At most so many of some items, evenly spaced. */
export function spread<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items]
  return Array.from(
    { length: most },
    (_, n) => items[Math.floor(((n + 0.5) * items.length) / most)],
  )
}

/** Static vectors of the commonest words. */
async function wordRows({
  device,
  modules: { encoder, lexicon, prediction },
}: Reader): Promise<readonly Float32Array[]> {
  const count = Math.min(COMMONEST, prediction.vocabulary.size)
  const features = Array.from({ length: count }, (_, n) => lexicon.featuresOfNumber(n))
  const { X } = device.scope(() => ({ X: encoder.embeddings.forward([], features).vectors }))
  const read = await device.read(X)
  device.free(X)
  const [, D] = read.shape
  const all = Float32Array.from(read.data)
  return features.map((_, n) => all.subarray(n * D, (n + 1) * D))
}

function meanProbabilities(
  { modules: { prediction } }: Reader,
  occurrences: readonly Occurrence[],
  rows: readonly Float32Array[],
): Float64Array {
  const mean = new Float64Array(rows.length)
  for (const { vector } of occurrences) {
    const logits = Float64Array.from(
      rows,
      (row, w) => prediction.logFrequency[w] + row.reduce((sum, x, c) => sum + x * vector[c], 0),
    )
    const most = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
    const powers = logits.map((logit) => exp(logit - most))
    const sum = powers.reduce((a, b) => a + b, 0)
    for (let w = 0; w < mean.length; w++) mean[w] += powers[w] / sum / occurrences.length
  }
  return mean
}
