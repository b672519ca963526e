import { COUNT, checkOptions, oneOf, valueText } from '../kinds.ts'
import { expectModel, expectTexts, type Reader, type TextInput } from '../model/modules.ts'
import { SEARCH_OPTIONS, type SearchOptions, type SearchResult } from '../model/occurrences.ts'
import { normalized } from '../text/fold.ts'
import { assigned, clusterings, type Points, pointsOf } from './clusters.ts'
import {
  type Descriptor,
  expectedWords,
  learnedCounts,
  neighbourCounts,
  only,
  summed,
  telling,
} from './describing.ts'
import { type Occurrence, occurrencesOf, type SenseView } from './occurrences.ts'
import { choose, type Parting, parting, sampleOf, silhouettes } from './silhouette.ts'

/** Options of finding and grouping occurrences. */
export interface SensesOptions extends Omit<SearchOptions, 'word'> {
  /**
   * Number of groups; default: the best number, which may be one, without groups of fewer than 5
   * different occurrences or 2 %.
   */
  readonly groups?: number
  /**
   * The vector of an occurrence; default `place` if the model learned hidden words, else `word`.
   */
  readonly view?: SenseView
  /** Largest number of occurrences to read, if no sample is drawn; default 50 000. */
  readonly most?: number
}

/** An occurrence and its group. */
export interface SenseLine extends Occurrence {
  /** Number of the group, from 0. */
  readonly group: number
  /** Silhouette: near 1 well within its group, near 0 between two, below 0 rather in another. */
  readonly margin: number
  /** Whether the two nearest groups are about equally near. */
  readonly uncertain: boolean
  /** Whether it was moved by hand. */
  readonly moved?: boolean
}

/** A group of occurrences. */
export interface SenseGroup {
  /** Its name, if given by hand. */
  readonly name?: string
  readonly size: number
  /**
   * Neighbours that it has more often than the others, or than the training text if it is the only
   * group.
   */
  readonly telling: readonly Descriptor[]
  /** Neighbours that no other group has. */
  readonly only: readonly Descriptor[]
  /** Substitutes for its occurrences; none if the model did not learn hidden words. */
  readonly expected: readonly Descriptor[]
}

/** Occurrences of a word, grouped. */
export interface Senses {
  readonly words: readonly string[]
  readonly view: SenseView
  readonly seed: number
  /** Number of distinct vectors. */
  readonly distinct: number
  /** Number of vectors that the groups were found on; the others were assigned to the nearest. */
  readonly sampled: number
  /** Whether there are more occurrences than were read. */
  readonly more: boolean
  /** How much was read, and what of it could be meant. */
  readonly read: SearchResult
  /** Silhouette of the groups; 0 for one group. */
  readonly silhouette: number
  /** The numbers of groups that were tried; empty if the number was given. */
  readonly tried: readonly Parting[]
  /** Largest first. */
  readonly groups: readonly SenseGroup[]
  /** In the order of the texts. */
  readonly lines: readonly SenseLine[]
  /** Distinct words of the texts, to suggest one if there are no lines. */
  readonly seen: ReadonlySet<string>
}

/** A margin below this is uncertain. */
export const UNCERTAIN = 0.1
/** Largest number of distinct occurrences that groups are found on. */
const MOST_SAMPLED = 4000

const { word: _, ...SEARCH } = SEARCH_OPTIONS
const OPTIONS = { ...SEARCH, groups: COUNT, view: oneOf('place', 'word'), most: COUNT }

/**
 * Finds the occurrences of a word in some texts and groups them by their contexts.
 *
 * @param model a model that learned from text
 * @param word a word or a phrase, with wildcards, or several, any of which is found, as
 *   `WordSearch` has it; `[]` for a lemma or a part of speech alone
 * @param texts each a string, or an array of tokens
 * @returns the groups and every occurrence in its group
 * @throws {RangeError} for options out of range, {TypeError} for wrong types
 */
export async function findSenses(
  model: Reader,
  word: string | readonly string[],
  texts: Iterable<TextInput> | AsyncIterable<TextInput>,
  options: SensesOptions = {},
): Promise<Senses> {
  expectModel('findSenses', model)
  expectTexts('findSenses', texts)
  const words = typeof word === 'string' ? [word] : word
  checkSenses(words, options)
  const { seed = 7 } = options
  const view = viewOf(model, options.view)
  const search = words.length ? { ...options, word: words } : options
  const { occurrences, read, seen } = await occurrencesOf(model, texts, search, view)
  const { of, ...found } = grouped(occurrences, options.groups, seed)
  const lines = occurrences.map((one, n) => ({ ...one, group: of[n], margin: 0, uncertain: false }))
  const { more } = read
  const senses = { words, view, seed, more, read, seen, ...found, silhouette: 0, groups: [], lines }
  return described(model, senses, [])
}

function checkSenses(words: readonly string[], options: SensesOptions): void {
  checkOptions('findSenses', options, OPTIONS, '{ groups: 2 }')
  if (!Array.isArray(words))
    throw new TypeError(
      `findSenses: needs a word, or an array of its forms, got ${valueText(words)}`,
    )
  const needed = options.lemma === undefined && options.pos === undefined
  if (
    (needed && words.length === 0) ||
    !words.every((word) => typeof word === 'string' && word.trim())
  )
    throw new RangeError(
      `findSenses: needs a word, or an array of its forms, got ${valueText(words)}`,
    )
}

function viewOf({ config }: Reader, view?: SenseView): SenseView {
  if (view === 'place' && config.objective !== 'hidden')
    throw new RangeError(
      `findSenses: this model did not learn hidden words (its objective is ${config.objective}); take the view 'word', or learn one that does`,
    )
  return view ?? (config.objective === 'hidden' ? 'place' : 'word')
}

/** The group of each occurrence, and how the groups were found. */
function grouped(occurrences: readonly Occurrence[], groups: number | undefined, seed: number) {
  if (occurrences.length === 0) return { of: [] as number[], distinct: 0, sampled: 0, tried: [] }
  const { points, of } = pointsOf(occurrences.map(({ vector }) => vector))
  const sample = sampleOf(points, MOST_SAMPLED, seed)
  const chosen =
    groups === undefined ? choose(sample, seed) : { clusters: split(sample, groups), tried: [] }
  const found = assigned(points, chosen.clusters.centres)
  const [distinct, sampled] = [points, sample].map(({ lengths }) => lengths.length)
  return { of: Array.from(of, (point) => found[point]), distinct, sampled, tried: chosen.tried }
}

/** The given number of groups, or as many as there are points. */
export function split(points: Points, groups: number) {
  const found = clusterings(points, groups)
  return found[found.length - 1]
}

/** Computes margins and descriptions of grouped lines; the groups in order, largest first. */
export async function described(
  model: Reader,
  senses: Senses,
  names: readonly (string | undefined)[],
): Promise<Senses> {
  const { lines } = senses
  const order = orderOf(lines)
  const rank = new Map(order.map((group, n) => [group, n]))
  const ranked = lines.map((line) => ({ ...line, group: rank.get(line.group) as number }))
  const { margins, silhouette } = withMargins(ranked, order.length)
  const placed = ranked.map((line, n) => ({
    ...line,
    margin: margins[n],
    uncertain: order.length > 1 && !line.moved && margins[n] < UNCERTAIN,
  }))
  const groups = await descriptions(model, senses, placed, order.length)
  return {
    ...senses,
    silhouette,
    lines: placed,
    groups: groups.map((group, n) => ({ ...group, ...named(names[order[n]]) })),
  }
}

const named = (name: string | undefined) => (name === undefined ? {} : { name })

/** Ranks of the groups, largest first, ties by first occurrence. */
function orderOf(lines: readonly SenseLine[]): number[] {
  const sizes = new Map<number, number>()
  for (const { group } of lines) sizes.set(group, (sizes.get(group) ?? 0) + 1)
  return [...sizes].sort(([, a], [, b]) => b - a).map(([group]) => group)
}

/**
 * Margins of the grouped lines; 0 for moved ones, which need not lie near their group. Lines that
 * are equal and in one group are one point.
 */
function withMargins(
  lines: readonly SenseLine[],
  count: number,
): { readonly margins: readonly number[]; readonly silhouette: number } {
  const found = lines.filter(({ moved }) => !moved)
  const { points, of } = pointsOf(found.map(({ vector }) => vector))
  const { width } = points
  const numbers = new Map<string, number>()
  const kept: number[] = []
  // groups by hand may part equal vectors
  const keys = found.map(({ group }, n) => `${of[n]} ${group}`)
  keys.forEach((key, n) => {
    if (!numbers.has(key)) numbers.set(key, kept.push(n) - 1)
  })
  const rows = new Float64Array(kept.length * width)
  kept.forEach((from, n) => {
    rows.set(points.rows.subarray(of[from] * width, (of[from] + 1) * width), n * width)
  })
  const groups = { of: Int32Array.from(kept, (n) => found[n].group), count }
  const each = silhouettes({ width, rows }, groups)
  const margin = new Map(found.map((line, n) => [line, each[numbers.get(keys[n]) as number]]))
  return {
    margins: lines.map((line) => margin.get(line) ?? 0),
    silhouette: parting({ width, rows }, groups),
  }
}

async function descriptions(
  model: Reader,
  { words, view }: Senses,
  lines: readonly SenseLine[],
  count: number,
): Promise<SenseGroup[]> {
  const members = Array.from({ length: count }, (_, n) => lines.filter(({ group }) => group === n))
  const counts = members.map(neighbourCounts)
  const found = new Set([...words, ...lines.map(({ token }) => token)])
  const spelled = new Set(Array.from(found, (word) => normalized(word, true)))
  const expected =
    view === 'place' ? await expectedWords(model, members, spelled) : members.map(() => [])
  return members.map(({ length }, n) => {
    const others = count > 1 ? summed(counts.filter((_, m) => m !== n)) : learnedCounts(model)
    return {
      size: length,
      telling: telling(counts[n], others),
      only: count > 1 ? only(counts[n], others) : [],
      expected: expected[n],
    }
  })
}
