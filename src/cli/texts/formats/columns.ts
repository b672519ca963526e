import { type Line, linesOf, type TextStream } from '../../../doors/internal.ts'
import { inputError } from '../../terminal/errors.ts'
import { type AnnotatedWord, sentenceOf } from './sentence.ts'
import { decoded, Structures, structureIn } from './structures.ts'

/** What columns hold, by their index; −1 for none. */
export interface Columns {
  readonly word: number
  readonly pos: number
  readonly lemma: number
  /** Whether the lemma ends with its part of speech, such as tour-n. */
  readonly lempos: boolean
}

export type Cells = readonly string[]

/** Rows by which columns are told. */
const LOOKED_AT = 1000
/** Words of a sentence whose end nothing shows. */
const MOST_WORDS = 10_000
const WORD = /^(?:form|word|token)$/i
const POS = /^(?:u?pos|tag|xpos)$/i
const LEMMA = /^(?:lemma|lempos)$/i
const NAME = /^(?:form|word|token|u?pos|x?pos|tag|lemma|lempos|lc|lemma_lc|feats|morph|id)$/i
/** Lemma of a word that TreeTagger does not know, or of a number. */
const UNKNOWN = /^<unknown>$/
const NUMBER = /^@\w+@$/
const LEMPOS = /^.+-[a-z]$/u
/** Tags of the mark that ends a sentence: TreeTagger's, STTS, its Spanish, EAGLES, Penn. */
const END_TAG = /^(?:SENT|\$\.|FS|Fp|Fat|Fit|\.)$/
const END_MARK = /^[.?!。！？؟।]+$/

/** Whether a word ends a sentence where nothing else does. */
const isEnd = ({ surface, pos }: AnnotatedWord): boolean =>
  END_TAG.test(pos ?? '') || END_MARK.test(surface)

/** Whether only the tag of a mark says that a sentence ends. */
export const isTaggedEnd = (surface: string, tag: string): boolean =>
  END_TAG.test(tag) && !/[\p{L}\p{N}]/u.test(surface)

/** Whether a row names columns: two or more, each by a known name. */
export const isHeader = (row: Cells): boolean =>
  row.length > 1 && row.every((name) => NAME.test(name)) && row.some((name) => WORD.test(name))

const share = <T>(all: readonly T[], has: (one: T) => boolean) =>
  all.filter(has).length / Math.max(1, all.length)

/**
 * How much of a column is lemmas: the share of words that it has as they are, or with the same
 * first two letters.
 */
export function lemmasIn(rows: readonly Cells[], column: number): number {
  const words = rows.filter(([word]) => /\p{L}/u.test(word))
  return share(words, (row) => {
    const [word, lemma = ''] = [row[0].toLowerCase(), row[column]?.toLowerCase()]
    return UNKNOWN.test(lemma) || NUMBER.test(lemma) || word.slice(0, 2) === lemma.slice(0, 2)
  })
}

/** Words that a column of lower case or regular forms has as they are; lemmas are others. */
const COPIED = 0.95

/** What the columns of rows hold, by their header or by what is in them. */
export function columnsOf(rows: readonly Cells[]): Columns {
  const [head = []] = rows
  const index = (name: RegExp) => head.findIndex((one) => name.test(one))
  if (isHeader(head))
    return {
      word: index(WORD),
      pos: index(POS),
      lemma: index(LEMMA),
      lempos: /^lempos$/i.test(head[index(LEMMA)] ?? ''),
    }
  const others = Array.from({ length: Math.max(0, ...rows.map(({ length }) => length)) - 1 }).map(
    (_, n) => ({ column: n + 1, share: lemmasIn(rows, n + 1) }),
  )
  // a form made regular has several words where de|le is du
  const isCopy = (column: number) =>
    share(rows, (row) => {
      const value = row[column]?.toLowerCase() ?? ''
      return row[0].toLowerCase() === value || (value.length > 1 && value.includes('|'))
    }) >= COPIED
  const lemmas = others.filter((other) => other.share >= 0.5)
  const best = lemmas.find(({ column }) => !isCopy(column)) ?? lemmas[0]
  const lemma = best?.column ?? (others.length > 1 ? 2 : -1)
  const pos = others.find((other) => other.column !== lemma && other.share < 0.5)?.column ?? -1
  const lempos = share(rows, (row) => LEMPOS.test(row[lemma] ?? '')) >= 0.8
  return { word: 0, pos, lemma, lempos }
}

/** The word of a row. */
function wordOf(row: Cells, columns: Columns): AnnotatedWord {
  const { pos, lemma, lempos } = columns
  const said = row[lemma]
  const [, plain, letter] = (lempos && /^(.+)-([a-z])$/u.exec(said ?? '')) || ['', said, undefined]
  const surface = decoded(row[columns.word])
  return {
    surface,
    lemma: UNKNOWN.test(plain ?? '') ? surface : plain && decoded(plain),
    pos: row[pos] || letter,
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
  let words: AnnotatedWord[] = []
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
      const row = cellsOf(text)
      if (isHeader(row) && !words.length) return
      const wrong = problem(row, told.word)
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

/** Cells of a line that may be indented by blanks. */
const cellsOf = (line: string): Cells => line.split('\t').map((cell) => cell.trim())

/** The rows of lines: those that are neither blank nor a structure. */
export const rowsIn = (lines: readonly Line[]): Cells[] =>
  lines
    .filter(({ text }) => text.trim() && !structureIn(text))
    .map(({ text }) =>
      text
        .trim()
        .split('\t')
        .map((one) => one.trim()),
    )

/** What is wrong with a row, if anything is. */
function problem(row: Cells, column: number): string | undefined {
  if (!row[column]) return `expected a word in column ${column + 1}, got none`
  return row.length === 1 && /\s/.test(row[0])
    ? `expected a word, and its tag and lemma between tabs, got '${row[0].slice(0, 40)}'`
    : undefined
}
