import {
  type Agreement,
  agreement,
  leastOf,
  type SenseGroup,
  type Senses,
  visible,
} from '../../doors/internal.ts'
import { brief, counted, grouped } from '../terminal/decimals.ts'
import {
  occurrencesText,
  placeText,
  readText,
  type SearchFlags,
  searchText,
} from '../terminal/searching.ts'
import { type ConcordanceLine, lineLabel, type SortKey, sampled, sorted } from './concordance.ts'

/** A group, and the lines that are shown of it. */
export interface ShownGroup extends SenseGroup {
  /** From 0. */
  readonly number: number
  readonly uncertain: number
  readonly lines: readonly ConcordanceLine[]
}

/** What is shown: the groups in order, each with the lines that are shown of it. */
export interface ShownSenses {
  /** What was searched for. */
  readonly title: string
  readonly senses: Senses
  readonly agreement?: Agreement
  readonly files: readonly string[]
  readonly groups: readonly ShownGroup[]
  /** Lines that have the word several times, as file:line. */
  readonly repeated: ReadonlySet<string>
  /** Groups and lines that are too small to be shown. */
  readonly left: { readonly groups: number; readonly lines: number }
}

/** The groups with their lines, sorted and limited. */
export function shownOf(
  senses: Senses,
  lines: readonly ConcordanceLine[],
  files: readonly string[],
  {
    sort,
    limit,
    min,
    ...flags
  }: {
    readonly sort?: readonly SortKey[]
    readonly limit: number | undefined
    readonly min: number
  } & SearchFlags,
): ShownSenses {
  const members = senses.groups.map((group, number) => {
    const mine = lines.filter((line) => line.group === number)
    const uncertain = mine.filter((line) => line.uncertain).length
    return { ...group, number, uncertain, lines: mine }
  })
  const labelled = lines.filter(({ gold }) => gold !== undefined)
  const small = members.filter((group) => group.lines.length < min)
  const agreed = agreement(
    labelled.map(({ group }) => group),
    labelled.map(({ gold }) => gold),
  )
  return {
    ...{ senses, title: searchText(flags), files, repeated: repeatedOf(lines) },
    ...(labelled.length ? { agreement: agreed } : {}),
    groups: members
      .filter((group) => !small.includes(group))
      .map((group) => ({ ...group, lines: sampled(sorted(group.lines, sort), limit) })),
    left: { groups: small.length, lines: small.reduce((sum, { lines }) => sum + lines.length, 0) },
  }
}

function repeatedOf(lines: readonly ConcordanceLine[]) {
  const once = new Set<string>()
  return new Set(lines.map(lineLabel).filter((label) => once.has(label) || !once.add(label)))
}

/**
 * Where a line is: its number alone where there is one file, with the position of the word where the
 * line has it twice.
 */
export const labelsOf =
  ({ files, repeated }: ShownSenses) =>
  (one: ConcordanceLine): string => {
    const where = files.length === 1 ? String(one.line.number) : lineLabel(one)
    return repeated.has(lineLabel(one)) ? `${where}:${one.at}` : where
  }

/** What a group is called: its name, or its number from 1. */
export const titleOf = ({ name, number }: ShownGroup): string =>
  visible(name ?? `group ${number + 1}`)

/** Lines above the groups: what they are, how they part, how well they agree with labels. */
export function headLines({ senses, title, files, agreement: found }: ShownSenses): string[] {
  const { lines, read, view } = senses
  const by = view === 'place' ? 'what could stand in their place' : 'their own embeddings'
  const occurrences = occurrencesText(lines.length, read.occurrences)
  const where = `${placeText(files)} (${readText(read)})`
  const head = `${title} · ${occurrences} in ${where} · told apart by ${by}`
  if (!found) return [head, measureLine(senses)]
  const { labelled, vMeasure, adjustedRand, homogeneity, completeness } = found
  return [
    head,
    measureLine(senses),
    `against ${counted(labelled, 'label')}: V-measure ${brief(vMeasure)} (homogeneity ${brief(homogeneity)}, completeness ${brief(completeness)}), adjusted Rand index ${brief(adjustedRand)}`,
  ]
}

/** How the groups part, and what else was tried. */
function measureLine(senses: Senses) {
  const { groups, silhouette, tried, sampled: points, distinct, seed, lines } = senses
  const least = leastOf(points)
  const parted =
    groups.length > 1
      ? `${groups.length} groups, silhouette ${brief(silhouette)}`
      : tried.some(({ smallest }) => smallest >= least)
        ? 'one group: nothing parts more than clouds without parts do'
        : 'one group'
  const others = tried
    .map((one) => {
      const small = one.smallest < least ? `, one of ${one.smallest}` : ''
      return `${one.groups} ${brief(one.silhouette)} (${brief(one.cloud)}${small})`
    })
    .join(' · ')
  const parts = [
    parted,
    ...(distinct < lines.length
      ? [`${counted(lines.length, 'line')}, ${grouped(distinct)} different`]
      : []),
    ...(others ? [`tried, and clouds: ${others}`] : []),
    ...(points < distinct ? [`found on ${points} of ${distinct}, seed ${seed}`] : []),
  ]
  return parts.join(' · ')
}

/** How large a group is. */
export function sizeLine({ size, uncertain }: ShownGroup, { senses }: ShownSenses): string {
  const share = Math.round((100 * size) / senses.lines.length)
  return `${counted(size, 'line')}, ${share} %${uncertain ? `, ${uncertain} uncertain` : ''}`
}

/** The words that describe a group, each list with what it is. */
export function wordLists({ expected, telling, only }: ShownGroup): [string, string][] {
  const words = (list: SenseGroup['only']) => list.map(({ word }) => word).join(' · ')
  const lists: [string, string][] = [
    ['in its place', words(expected)],
    ['beside it', words(telling)],
    ['only here', words(only)],
  ]
  return lists.filter(([, list]) => list)
}

/** What is not shown of all groups; nothing where nothing is left out. */
export function leftLine({ left, senses }: ShownSenses): string | undefined {
  if (left.groups === 0) return undefined
  return `${counted(left.groups, 'group')} with ${counted(left.lines, 'line')} of ${senses.lines.length} not shown: smaller than --min`
}
