import type { Command } from 'commander'
import {
  type Model,
  nearest,
  type SearchResult,
  searcherFor,
  visible,
  type WordSearch,
} from '../../doors/internal.ts'
import { grouped } from './decimals.ts'
import { CommandError, EXIT, usageError } from './errors.ts'
import { integerFrom } from './options.ts'

/** What is searched for, as it was typed. */
export interface SearchFlags {
  readonly word?: readonly string[]
  readonly ignoreCase?: boolean
  readonly lemma?: readonly string[]
  readonly pos?: readonly string[]
}

const several = (one: string, before: readonly string[] = []) => [...new Set([...before, one])]

/** Options of a search for words, the same for every command. */
export const withSearch = (command: Command, word: string): Command =>
  command
    .option(
      '--word <word>',
      `${word}, or a phrase; again for another. * is any letters, ? one, \\* and \\? the signs themselves`,
      several,
    )
    .option('--ignore-case', 'whatever the capitals')
    .option(
      '--lemma <lemma>',
      'words of this lemma, where the text has lemmas; again for another',
      several,
    )
    .option(
      '--pos <tag>',
      'words of this part of speech, where the text has them, such as NOUN or NOM*; again for another',
      several,
    )

/** How many occurrences are drawn. */
export const withSample = (command: Command): Command =>
  command
    .option('--sample <number>', 'so many occurrences, drawn by --seed from all', integerFrom(1))
    .option('--seed <number>', 'what samples are drawn from', integerFrom(0), 7)

/**
 * What a search looks for.
 *
 * @throws {CommandError} for a word without a letter or sign
 */
export function searchOf({ word, ignoreCase, lemma, pos }: SearchFlags): WordSearch {
  for (const [name, all] of Object.entries({ word, lemma, pos }))
    if (all?.some((one) => !one.trim())) throw usageError(`--${name} takes a word, got none`)
  return {
    ...(word && { word }),
    ...(ignoreCase !== undefined && { ignoreCase }),
    ...(lemma && { lemma }),
    ...(pos && { pos }),
  }
}

/** Whether anything is searched for. */
export const isSearch = ({ word, lemma, pos }: SearchFlags): boolean =>
  [word, lemma, pos].some((all) => all !== undefined)

/** What is searched for, as a title has it: été, étés, lemma être, NOUN. */
export const searchText = ({ word = [], lemma = [], pos = [] }: SearchFlags): string =>
  [...word, ...lemma.map((one) => `lemma ${one}`), ...pos].join(', ')

/** «12 000 lines, 140 000 words» */
export const readText = ({ texts, words }: Pick<SearchResult, 'texts' | 'words'>): string =>
  `${counted(texts, 'line')}, ${counted(words, 'word')}`

/** How many, with the noun. */
export const counted = (n: number, noun: string): string =>
  `${grouped(n)} ${noun}${n === 1 ? '' : 's'}`

/** What was found, in which files. */
export const foundText = (
  flags: SearchFlags,
  read: Pick<SearchResult, 'texts' | 'words' | 'occurrences'>,
  files: readonly string[],
): string =>
  `${counted(read.occurrences, 'occurrence')}${isSearch(flags) ? ` of ${searchText(flags)}` : ''} in ${placeText(files)} (${readText(read)})`

/** One file by its name, several by their number. */
export const placeText = (files: readonly string[]): string =>
  files.length === 1 ? visible(files[0].replace(/^-$/, 'stdin')) : counted(files.length, 'file')

/** What could be meant besides, where little was found. */
export function otherCaseText({ otherCase }: Pick<SearchResult, 'otherCase'>): string | undefined {
  if (otherCase === 0) return undefined
  return `${grouped(otherCase)} ${otherCase === 1 ? 'is' : 'are'} in other capitals; --ignore-case finds ${otherCase === 1 ? 'it' : 'them'}`
}

/** What a search that found nothing came upon. */
interface Besides extends Pick<SearchResult, 'otherCase'> {
  readonly seen: ReadonlySet<string>
  /** Whether it found the query itself, which is no answer. */
  readonly itself?: boolean
}

/** That nothing was found, and what is there instead. */
export function nothingFound(
  flags: SearchFlags,
  { otherCase, seen, itself = false }: Besides,
): CommandError {
  if (!itself && (!isSearch(flags) || (flags.word && seen.size === 0)))
    return new CommandError(EXIT.nothing, 'no words found')
  const what = isSearch(flags) ? `no occurrence of ${quoted(flags)}` : 'no words'
  const known = itself ? [] : [...seen]
  const near = flags.word?.map((word) => nearest(word, known)).find((word) => word !== undefined)
  const hint = otherCaseText({ otherCase }) ?? (near && `the nearest word there is «${near}»`)
  return new CommandError(
    EXIT.nothing,
    `${what} found${itself ? ' but the query itself' : ''}${hint ? `; ${hint}` : ''}`,
  )
}

const quoted = ({ word = [], lemma = [], pos = [] }: SearchFlags) => {
  const all = [word.map((one) => `«${one}»`), lemma.map((one) => `lemma «${one}»`), pos]
  return all.flatMap((some) => (some.length ? [some.join(' or ')] : [])).join(' with ')
}

/** Finds words in lines as they come, for commands that read them by themselves. */
export const searcherOf = (command: string, model: Model, flags: SearchFlags) =>
  searcherFor(command, model, searchOf(flags))
