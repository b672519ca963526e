import { checkOptions, TEXT } from '../../kinds.ts'
import { present } from '../present.ts'
import {
  type ChoiceItem,
  type NumericItem,
  type Quiz,
  type QuizItem,
  type QuizSection,
  textIn,
} from '../quiz.ts'
import type { Imported, Remarks } from './remark.ts'

/** An item that has no name yet. */
export type ItemBody = Omit<ChoiceItem, 'id'> | Omit<NumericItem, 'id'>

/** What stands in a bank of questions, in the order of its file. */
export type Entry =
  | { readonly kind: 'category'; readonly path: readonly string[]; readonly id?: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'item'; readonly name: string; readonly item: ItemBody }

/**
 * Path of a category as Moodle writes it; a stroke within a name is doubled, and kept apart from
 * those between names.
 */
export const categoryOf = (names: readonly string[]): string =>
  ['$course$', 'top', ...names.map(stroked)].join('/')

const stroked = (name: string): string =>
  name.replace(/\s+/g, ' ').trim().replaceAll('/', '//').replace(/^\//, ' /').replace(/\/$/, '/ ')

/** Names of a path of Moodle's, without the context that it begins with. */
export function categoryNames(category: string): string[] {
  const names = category.split(/(?<!\/)\/(?!\/)/).map((name) => name.trim().replaceAll('//', '/'))
  if (/^\$\w+\$$/.test(names[0])) names.shift()
  if (names[0] === 'top') names.shift()
  return names.filter(Boolean)
}

/**
 * The entries of a quiz in one language: a category for it with its description, one for each
 * section with what must be read before.
 */
export function entriesOf(quiz: Quiz): Entry[] {
  const language = quiz.languages[0]
  const title = textIn(quiz.title, language, quiz)
  const text = (given: Quiz['description']): Entry[] =>
    given === undefined ? [] : [{ kind: 'text', text: textIn(given, language, quiz) }]
  return [
    { kind: 'category', path: [title], id: quiz.id },
    ...text(quiz.description),
    ...quiz.sections.flatMap((section): Entry[] => [
      { kind: 'category', path: [title, textIn(section.title, language, quiz)] },
      ...text(section.text),
      ...section.items.map((item): Entry => ({ kind: 'item', name: item.id, item })),
    ]),
  ]
}

/** What is said of a quiz that a bank does not say itself. */
export interface ImportOptions {
  /** What the file is called in errors. */
  readonly name: string
  /** Language of its texts; default `en`. */
  readonly language?: string
}

/** @throws {TypeError} for wrong types and unknown options */
export function checkImport(where: string, options: ImportOptions): void {
  checkOptions(where, options, { name: TEXT, language: TEXT }, "{ name: 'bank.gift' }")
  TEXT(where, 'name', options.name)
}

interface Group {
  readonly path: readonly string[]
  readonly id?: string
  readonly texts: string[]
  readonly items: QuizItem[]
}

/**
 * A quiz of the entries of a bank: one section for each category with questions. Where all lie in
 * one category, that is the title.
 *
 * @throws {RangeError} where there is no question
 */
export function quizOfEntries(
  entries: readonly Entry[],
  { name, language = 'en' }: ImportOptions,
  remarks: Remarks,
): Imported {
  const groups = grouped(entries, remarks)
  const full = groups.filter(({ items }) => items.length > 0)
  if (full.length === 0)
    throw new RangeError(
      `${name}: there is no question in it that a quiz could hold; name a file that has some`,
    )
  const [first] = full
  const title = first.path[0] ?? titleOf(name)
  const nested = full.every(({ path }) => path.length > 1 && path[0] === title)
  const heading = nested
    ? groups.find(({ path, items }) => path.length === 1 && path[0] === title && items.length === 0)
    : undefined
  for (const { texts } of groups.filter((group) => group !== heading && group.items.length === 0))
    if (texts.length > 0) remarks.add('text', 'a text in a category without questions is left out')
  const description = heading?.texts.join('\n\n')
  const sections = full.map((group) => sectionOf(group, nested, title))
  const id = groups.find((group) => group.id)?.id ?? slugOf(title)
  const head = { regardQuiz: 1, id, title, ...present({ description }) } as const
  return { quiz: { ...head, languages: [language], sections }, remarks: remarks.all }
}

function sectionOf({ path, texts, items }: Group, nested: boolean, title: string): QuizSection {
  const names = nested ? path.slice(1) : path
  return {
    title: names.join(' / ') || title,
    ...present({ text: texts.join('\n\n') }),
    items,
  }
}

function grouped(entries: readonly Entry[], remarks: Remarks): Group[] {
  const groups: Group[] = [{ path: [], texts: [], items: [] }]
  const taken = new Set<string>()
  for (const entry of entries) {
    const { texts, items } = groups[groups.length - 1]
    if (entry.kind === 'category')
      groups.push({ path: entry.path, ...present({ id: entry.id }), texts: [], items: [] })
    else if (entry.kind === 'text') {
      if (items.length > 0)
        remarks.add(
          'text',
          'a text between questions now stands before them',
          items[items.length - 1].id,
        )
      texts.push(entry.text)
    } else items.push({ id: freeId(entry, taken, remarks), ...entry.item } as QuizItem)
  }
  return groups
}

const ID = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,63}$/u

/** The name of a question where it can name an item, one made from it otherwise. */
function freeId({ name }: { readonly name: string }, taken: Set<string>, remarks: Remarks): string {
  const wanted = ID.test(name) ? name : slugOf(name)
  let id = wanted
  for (let n = 2; taken.has(id); n++) id = `${wanted}-${n}`
  taken.add(id)
  if (id !== name)
    remarks.add('names', 'the name of a question is shortened or made unique, to name an item', id)
  return id
}

/** Letters, digits and hyphens of a text, such that it can name an item or a quiz. */
function slugOf(text: string): string {
  const words = text
    .normalize('NFC')
    .toLowerCase()
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter(Boolean)
  return [...words.join('-')].slice(0, 40).join('').replace(/-$/, '') || 'item'
}

/** The name of a file without its folder and its end. */
const titleOf = (name: string): string =>
  name.replace(/^.*[/\\]/, '').replace(/\.\w+$/, '') || 'Quiz'
