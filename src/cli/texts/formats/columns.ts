import { type Line, linesOf, type TextStream } from '../../../doors/internal.ts'
import { inputError } from '../../terminal/errors.ts'
import { sentenceOf, type Word } from './sentence.ts'
import { decoded, Structures, structureIn } from './structures.ts'

/** What each column after the form holds, by its index; −1 for none. */
export interface Columns {
  readonly form: number
  readonly pos: number
  readonly lemma: number
  /** Whether the lemma ends with its part of speech, such as tour-n. */
  readonly lempos: boolean
}

export type Row = readonly string[]

/** Rows by which columns are told. */
const LOOKED_AT = 1000
/** Words of a sentence whose end nothing shows. */
const MOST_WORDS = 10_000
const FORM = /^(?:form|word|token)$/i
const POS = /^(?:u?pos|tag|xpos)$/i
const LEMMA = /^(?:lemma|lempos)$/i
const NAME = /^(?:form|word|token|u?pos|x?pos|tag|lemma|lempos|lc|lemma_lc|feats|morph|id)$/i
const LEMPOS = /^.+-[a-z]$/u
/** Tags of the mark that ends a sentence: TreeTagger's, STTS, its Spanish, EAGLES, Penn. */
const END_TAG = /^(?:SENT|\$\.|FS|Fp|Fat|Fit|\.)$/
const END_MARK = /^[.?!。！？؟।]+$/

/** Whether a word ends a sentence where nothing else does. */
export const isEnd = ({ form, pos }: Word): boolean =>
  END_TAG.test(pos ?? '') || END_MARK.test(form)

/** Whether only the tag of a mark says that a sentence ends. */
export const isTaggedEnd = (form: string, tag: string): boolean =>
  END_TAG.test(tag) && !/[\p{L}\p{N}]/u.test(form)

/** Whether a row names columns: two or more, each by a known name. */
export const isHeader = (row: Row): boolean =>
  row.length > 1 && row.every((name) => NAME.test(name)) && row.some((name) => FORM.test(name))

const share = <T>(all: readonly T[], has: (one: T) => boolean) =>
  all.filter(has).length / Math.max(1, all.length)

/**
 * How much of a column is lemmas: the share of words that it has as they are, or with the same
 * first two letters.
 */
export function lemmasIn(rows: readonly Row[], column: number): number {
  const words = rows.filter(([form]) => /\p{L}/u.test(form))
  return share(words, (row) => {
    const [form, lemma = ''] = [row[0].toLowerCase(), row[column]?.toLowerCase()]
    return form === lemma || /^<?unknown>?$/.test(lemma) || form.slice(0, 2) === lemma.slice(0, 2)
  })
}

/** What the columns of rows hold, by their header or by what is in them. */
export function columnsOf(rows: readonly Row[]): Columns {
  const [head = []] = rows
  const index = (name: RegExp) => head.findIndex((one) => name.test(one))
  if (isHeader(head))
    return {
      form: index(FORM),
      pos: index(POS),
      lemma: index(LEMMA),
      lempos: /^lempos$/i.test(head[index(LEMMA)] ?? ''),
    }
  const others = Array.from({ length: Math.max(0, ...rows.map(({ length }) => length)) - 1 }).map(
    (_, n) => ({ column: n + 1, share: lemmasIn(rows, n + 1) }),
  )
  const isCopy = (column: number) =>
    rows.every((row) => row[0].toLowerCase() === row[column]?.toLowerCase())
  const lemmas = others.filter((other) => other.share >= 0.5)
  const best = lemmas.find(({ column }) => !isCopy(column)) ?? lemmas[0]
  const lemma = best?.column ?? (others.length > 1 ? 2 : -1)
  const pos = others.find((other) => other.column !== lemma && other.share < 0.5)?.column ?? -1
  const lempos = share(rows, (row) => LEMPOS.test(row[lemma] ?? '')) >= 0.8
  return { form: 0, pos, lemma, lempos }
}

/** The word of a row. */
function wordOf(row: Row, { form, pos, lemma, lempos }: Columns): Word {
  const said = row[lemma]?.trim()
  const [, plain, letter] = (lempos && /^(.+)-([a-z])$/u.exec(said ?? '')) || ['', said, undefined]
  const word = decoded(row[form].trim())
  return {
    form: word,
    lemma: /^<?unknown>?$/.test(plain ?? '') && plain !== word ? word : plain && decoded(plain),
    pos: row[pos]?.trim() || letter,
  }
}

/**
 * Sentences of a text with a word on each line, and beside it, between tabs, its tag and its lemma.
 *
 * A sentence is what stands in `<s>`; outside, it ends with the mark that ends one, with a blank
 * line, and where another structure begins or ends that is no part of a sentence.
 *
 * @param columns where they are not told by what is in them
 */
export async function* columnLines(
  stream: TextStream,
  name: string,
  columns?: Columns,
): AsyncGenerator<Line> {
  const structures = new Structures()
  let roles = columns
  let waiting: Line[] = []
  let words: Word[] = []
  let begun = { number: 0, metadata: structures.metadata }

  const ended = function* () {
    if (words.length) yield sentenceOf(words, begun.number, begun.metadata)
    words = []
  }
  const take = function* ({ text, number }: Line, told: Columns) {
    const structure = text.trim() ? structureIn(text) : undefined
    if (structure?.name === 'g') {
      const last = words.pop()
      if (last) words.push({ ...last, joined: true })
    } else if (structure) {
      if (structures.parts(structure)) yield* ended()
      structures.take(structure)
    } else if (!text.trim()) {
      if (!structures.isInSentence) yield* ended()
    } else {
      const row = text.split('\t')
      if (isHeader(row) && !words.length) return
      const wrong = problem(row, told.form)
      if (wrong) throw inputError(`${name}: line ${number}: ${wrong}`)
      if (!words.length) begun = { number, metadata: structures.metadata }
      const word = wordOf(row, told)
      words.push(word)
      const isOver = !structures.isInSentence && isEnd(word)
      if (isOver || words.length >= MOST_WORDS) yield* ended()
    }
  }
  const takeWaiting = function* () {
    roles ??= columnsOf(rowsIn(waiting))
    for (const line of waiting) yield* take(line, roles)
    waiting = []
  }

  for await (const line of linesOf(stream, name)) {
    if (roles) yield* take(line, roles)
    else if (waiting.push(line) >= LOOKED_AT) yield* takeWaiting()
  }
  yield* takeWaiting()
  yield* ended()
}

/** The rows of lines: those that are neither blank nor a structure. */
export const rowsIn = (lines: readonly Line[]): Row[] =>
  lines
    .filter(({ text }) => text.trim() && !structureIn(text))
    .map(({ text }) => text.split('\t').map((one) => one.trim()))

/** What is wrong with a row, if anything is. */
function problem(row: Row, form: number): string | undefined {
  if (!row[form]?.trim()) return `expected a word in column ${form + 1}, got none`
  return row.length === 1 && /\S\s+\S/.test(row[0])
    ? `expected a word, and its tag and lemma between tabs, got '${row[0].trim().slice(0, 40)}'`
    : undefined
}
