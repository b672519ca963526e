import { type SenseLine, spread, visible } from '../../doors/internal.ts'
import { usageError } from '../terminal/errors.ts'
import type { Source } from '../terminal/input.ts'

/** A line of a concordance: a word with what stands before and after it. */
export interface ConcordanceLine
  extends Source,
    Pick<SenseLine, 'group' | 'at' | 'margin' | 'uncertain'> {
  readonly word: string
  readonly left: string
  readonly right: string
  /** The words before it, the nearest first, and those after it. */
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly moved: boolean
  /** The sense that a table of labels gives it. */
  readonly gold?: string
}

/**
 * A word to sort by: its distance from the word in the middle, negative to the left; or the order
 * of the files.
 */
export type SortKey = number | 'file'

/** Reads 1L,2L,1R,0,file. @throws {CommandError} for anything else */
export function sortKeys(text: string): SortKey[] {
  return text.split(',').map((key) => {
    const [, distance, side] = /^([1-9]\d?)([LR])$/i.exec(key.trim()) ?? []
    if (side) return side.toUpperCase() === 'L' ? -Number(distance) : Number(distance)
    if (key.trim() === '0') return 0
    if (key.trim() === 'file') return 'file'
    throw usageError(
      `--sort takes 1L, 2L, 1R, … (words to the left or right), 0 (the word itself) and file, with commas, got ${JSON.stringify(key)}`,
    )
  })
}

/** A line of a concordance, its contexts cut to so many words. */
export function concordanceLine(
  sense: SenseLine,
  source: Source,
  context = Number.POSITIVE_INFINITY,
  gold?: string,
): ConcordanceLine {
  const { tokens, at, group, margin, uncertain, moved = false } = sense
  const { text } = source.line
  const from = at - context > 0 ? tokens[at - context].start : 0
  const to = at + context < tokens.length - 1 ? tokens[at + context].end : text.length
  const { start, end } = tokens[at]
  const words = tokens.map(({ token }) => token)
  return {
    ...{ ...source, group, at, margin, uncertain, moved, word: text.slice(start, end) },
    ...{ left: text.slice(from, start), right: text.slice(end, to) },
    ...{ before: words.slice(0, at).reverse(), after: words.slice(at + 1) },
    ...(gold === undefined ? {} : { gold }),
  }
}

/** Lines in the order of some keys; those that are equal stay as they are. */
export function sorted(
  lines: readonly ConcordanceLine[],
  keys: readonly SortKey[] = ['file'],
): ConcordanceLine[] {
  if (keys[0] === 'file') return [...lines]
  const until = keys.includes('file') ? keys.indexOf('file') : keys.length
  const words = keys.slice(0, until) as readonly number[]
  const keyed = lines.map((line) => ({ line, key: words.map((key) => plain(wordAt(line, key))) }))
  return keyed.sort((a, b) => compared(a.key, b.key)).map(({ line }) => line)
}

const wordAt = ({ word, before, after }: ConcordanceLine, key: number) =>
  (key === 0 ? word : key < 0 ? before[-key - 1] : after[key - 1]) ?? ''

/** Letters without accents and capitals, the same in every engine. */
const plain = (word: string) => word.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()

function compared(a: readonly string[], b: readonly string[]): number {
  const n = a.findIndex((key, position) => key !== b[position])
  return n < 0 ? 0 : a[n] < b[n] ? -1 : 1
}

/** At most so many lines, evenly spaced, so that what is shown is like what is there. */
export const sampled = (
  lines: readonly ConcordanceLine[],
  limit = Number.POSITIVE_INFINITY,
): ConcordanceLine[] => spread(lines, limit)

/**
 * What a line is called: file, line from 1, and the position of the word in it, from 0; on one line,
 * whatever the file is called.
 */
export const labelOf = ({ at, ...source }: Source & { readonly at: number }): string =>
  `${lineLabel(source)}:${at}`

/** File, and line from 1. */
export const lineLabel = ({ file, line }: Source): string => visible(`${file}:${line.number}`)
