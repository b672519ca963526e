import type { AnnotatedToken, Line, SenseLine, TextMatch } from '../../doors/internal.ts'
import { spread, visible } from '../../doors/internal.ts'
import { usageError } from '../terminal/errors.ts'
import type { Source } from '../terminal/input.ts'

/** Words of a line that are searched for, with what stands before and after them. */
export interface Context {
  readonly left: string
  readonly word: string
  readonly right: string
  /** Whether the line goes on before it, and after it. */
  readonly cut: readonly [boolean, boolean]
}

/** A line of a concordance: a word with what stands before and after it. */
export interface ConcordanceLine
  extends Source,
    Pick<Context, 'left' | 'word' | 'right'>,
    Pick<SenseLine, 'group' | 'at' | 'length' | 'tokens' | 'margin' | 'uncertain'> {
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

/** Words on either side that the model reads: those of a longer line are not shown. */
const REACH = 128

/**
 * Words of a line with so many on either side; without a number, as many as the model reads, with …
 * where there are more.
 */
export function contextOf(
  { text }: Line,
  { tokens, at, length }: Omit<TextMatch, 'text'>,
  context?: number,
): Context {
  const words = context ?? REACH
  const cut = [at > words, at + length + words < tokens.length] as const
  const from = cut[0] ? tokens[at - words].start : 0
  const to = cut[1] ? tokens[at + length - 1 + words].end : text.length
  const [start, end] = [tokens[at].start, tokens[at + length - 1].end]
  const [before, after] = cut.map((one) => (one && context === undefined ? '…' : ''))
  return {
    ...{ left: before + text.slice(from, start), word: text.slice(start, end) },
    ...{ right: text.slice(end, to) + after, cut },
  }
}

/** A line of a concordance, its contexts cut to so many words. */
export function concordanceLine(
  sense: SenseLine,
  source: Source,
  context?: number,
  gold?: string,
): ConcordanceLine {
  const { tokens, at, length, group, margin, uncertain, moved = false } = sense
  const { left, word, right } = contextOf(source.line, sense, context)
  return {
    ...{ ...source, group, at, length, tokens, margin, uncertain, moved, left, word, right },
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

const wordAt = ({ word, tokens, at, length }: ConcordanceLine, key: number) =>
  key === 0 ? word : (tokens[key < 0 ? at + key : at + length - 1 + key]?.token ?? '')

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

/** A line of a text that words were found in. */
type Annotated = Source & Omit<TextMatch, 'text'>

/** Columns of what the texts say: of the lines, in the order in which they first have them; lemma and pos. */
export interface AnnotationColumns {
  readonly metadata: readonly string[]
  readonly tags: readonly ('lemma' | 'pos')[]
}

/** What some lines are annotated with. */
export function annotationsOf(found: readonly Annotated[]): AnnotationColumns {
  const metadata = new Set<string>()
  const tags = new Set<'lemma' | 'pos'>()
  for (const one of found) {
    for (const name of Object.keys(one.line.metadata ?? {})) metadata.add(name)
    for (const tag of ['lemma', 'pos'] as const) if (tagOf(one, tag)) tags.add(tag)
  }
  return { metadata: [...metadata], tags: [...tags].sort() }
}

/** The cells of those columns. */
export const annotationCells = (
  one: Annotated,
  { metadata, tags }: AnnotationColumns,
): readonly string[] => [
  ...metadata.map((name) => one.line.metadata?.[name] ?? ''),
  ...tags.map((tag) => tagOf(one, tag)),
]

/** Their names: one that another column has is called after the line. */
export const annotationNames = (
  { metadata, tags }: AnnotationColumns,
  others: readonly string[],
): readonly string[] => [
  ...metadata.map((name) => ([...others, ...tags].includes(name as 'pos') ? `line.${name}` : name)),
  ...tags,
]

/** What a record has of them, where there is any. */
export const annotationFields = (one: Annotated): object => ({
  metadata: one.line.metadata,
  ...{ lemma: tagOf(one, 'lemma') || undefined, pos: tagOf(one, 'pos') || undefined },
})

/** The lemma or part of speech of a word, those of a phrase with spaces between them. */
const tagOf = ({ tokens, at, length }: Annotated, tag: 'lemma' | 'pos') =>
  (tokens as readonly AnnotatedToken[])
    .slice(at, at + length)
    .map((token) => token[tag] ?? '')
    .join(' ')
    .trim()
