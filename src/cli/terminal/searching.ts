import type { Command } from 'commander'
import {
  LEARN_OPTIONS,
  type Model,
  nearest,
  type SearchResult,
  searcherFor,
  visible,
  type WordSearch,
} from '../../doors/internal.ts'
import { listed } from '../texts/metadata.ts'
import { counted, grouped } from './decimals.ts'
import { CommandError, EXIT, usageError } from './errors.ts'
import { integerFrom } from './options.ts'
import type { Reporter } from './progress.ts'

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
    .option('--seed <number>', LEARN_OPTIONS.seed.help, integerFrom(0), 7)

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

/** «100 of 2 670 occurrences» */
export const occurrencesText = (kept: number, all: number): string =>
  `${kept < all ? `${grouped(kept)} of ` : ''}${counted(all, 'occurrence')}`

/**
 * What was found, in which files.
 *
 * @param kept of the occurrences, where a sample was drawn
 */
export const foundText = (
  flags: SearchFlags,
  read: Pick<SearchResult, 'texts' | 'words' | 'occurrences'>,
  files: readonly string[],
  kept = read.occurrences,
): string =>
  `${occurrencesText(kept, read.occurrences)}${isSearch(flags) ? ` of ${searchText(flags)}` : ''} in ${placeText(files)} (${readText(read)})`

/** One file by its name, several by their number. */
export const placeText = (files: readonly string[]): string =>
  files.length === 1 ? visible(files[0].replace(/^-$/, 'stdin')) : counted(files.length, 'file')

/** Says what a search left out, and what could be meant besides. */
export function remark(
  searched: Pick<SearchResult, 'otherCase' | 'unannotated'>,
  { note, warn }: Pick<Reporter, 'note' | 'warn'>,
): void {
  const { unannotated } = searched
  if (unannotated)
    warn(`${counted(unannotated, 'line')} without lemmas or parts of speech left out`)
  const others = otherCaseText(searched)
  if (others) note(others)
}

/** What could be meant besides, where little was found. */
function otherCaseText({ otherCase }: Pick<SearchResult, 'otherCase'>): string | undefined {
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
  if (!itself && (!isSearch(flags) || seen.size === 0))
    return new CommandError(EXIT.nothing, 'no words found')
  const what = isSearch(flags) ? `no occurrence of ${quoted(flags)}` : 'no words'
  const [typed, kind] = flags.word ? [flags.word, 'word'] : [flags.lemma ?? [], 'lemma']
  const known = itself ? [] : [...seen]
  const near = typed.map((one) => nearestOf(one, known)).find((one) => one !== undefined)
  const tags = itself || flags.word || flags.lemma ? '' : `the texts have ${listed(known)}`
  const hint =
    otherCaseText({ otherCase }) ?? (near ? `the nearest ${kind} there is «${near}»` : tags)
  return new CommandError(
    EXIT.nothing,
    `${what} found${itself ? ' but the query itself' : ''}${hint ? `; ${hint}` : ''}`,
  )
}

/** What was meant by a typed word: the same but for its accents, or the nearest; not itself. */
function nearestOf(typed: string, known: readonly string[]): string | undefined {
  const plain = (word: string) => word.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
  const near = known.find((one) => plain(one) === plain(typed)) ?? nearest(typed, known)
  return near === typed ? undefined : near
}

const quoted = ({ word = [], lemma = [], pos = [] }: SearchFlags) => {
  const all = [word.map((one) => `«${one}»`), lemma.map((one) => `lemma «${one}»`), pos]
  return all.flatMap((some) => (some.length ? [some.join(' or ')] : [])).join(' with ')
}

/** Finds words in lines as they come, for commands that read them by themselves. */
export const searcherOf = (command: string, model: Model, flags: SearchFlags) =>
  searcherFor(command, model, searchOf(flags))
