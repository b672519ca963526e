import type { AnswerSheet, Unread } from '../grading.ts'
import { type ChoiceItem, itemsOf, type Quiz, type QuizItem, type Response } from '../quiz.ts'
import { RESULT_COLUMNS } from '../result.ts'
import { inLanguage } from '../texts.ts'
import { unicodeText } from '../unicode.ts'
import { nameLabel } from './apps-script.ts'
import { formOptions, formTitle, plainText } from './form-texts.ts'
import { SheetOrder, SheetOrders } from './sheet-orders.ts'

/** A row of a table, and the number of its first line in the file, from 1. */
export interface Row {
  readonly cells: readonly string[]
  readonly line: number
}

export interface Responses {
  readonly sheets: readonly AnswerSheet[]
  readonly unread: readonly Unread[]
}

/**
 * Answers from a table with a row for each person, as Google Forms gives it: a header with the
 * titles of the questions, answers as the texts of the options, in any language of the quiz. Where
 * titles are the same, columns and items are matched in their order.
 *
 * In a table that was typed from paper, columns may be headed by the numbers of the questions, and
 * answers are letters. A column `sheet` holds the seed that is printed on each sheet: numbers and
 * letters are then those of that sheet.
 *
 * @param rows the header and all other rows
 * @param file what the table is called in errors
 * @throws {RangeError} where no column is a question of the quiz, and for an invalid sheet number
 */
export function readResponses(quiz: Quiz, rows: readonly Row[], file: string): Responses {
  const [header, ...people] = rows
  if (!header) throw new RangeError(`${file}: it is empty; give a table with a header`)
  const table = new Table(quiz, header, people, file)
  return {
    sheets: people.filter((row) => table.isOfQuiz(row)).map((row) => table.sheetOf(row)),
    unread: table.unread,
  }
}

/** A text without what tables and forms change: one form of letters, one blank. */
const same = (text: string): string => text.normalize('NFC').replace(/\s+/g, ' ').trim()

/** Titles that an item may have: as a form shows it, as the quiz writes it, its id. */
const titlesOf = (item: QuizItem): string[] =>
  [formTitle(item).title, String(item.text), item.id].map(same)

class Table {
  readonly unread: Unread[] = []
  readonly #file: string
  /** The quiz in each of its languages, the one of the header first. */
  readonly #quizzes: readonly Quiz[]
  /** The column of each item that has one. */
  readonly #columns = new Map<string, number>()
  /** The column of each number of a question that heads one. */
  readonly #numbers = new Map<number, number>()
  /** The columns of names and of the seeds of sheets, -1 where there is none. */
  readonly #name: number
  readonly #sheet: number
  readonly #orders: SheetOrders
  /** The order where no column names sheets. */
  readonly #plain: SheetOrder
  /** Whether it is a table of regard's own results. */
  readonly #own: boolean
  /** Texts of options by item, one map for each language. */
  readonly #options = new Map<string, readonly ReadonlyMap<string, string>[]>()

  constructor(quiz: Quiz, header: Row, people: readonly Row[], file: string) {
    this.#file = file
    const titles = header.cells.map(same)
    const matching = (one: Quiz): number =>
      itemsOf(one).filter((item) => titlesOf(item).some((title) => titles.includes(title))).length
    this.#quizzes = quiz.languages
      .map((language) => inLanguage(quiz, language))
      .sort((a, b) => matching(b) - matching(a))
    this.#own = RESULT_COLUMNS.every((column, n) => titles[n] === column)
    this.#orders = new SheetOrders(quiz)
    this.#plain = new SheetOrder(quiz, true)
    const taken = new Set<number>()
    /** Takes the first column whose title fits, of those that are left. */
    const take = (fits: (title: string) => boolean): number => {
      const column = titles.findIndex((title, at) => !taken.has(at) && fits(title))
      taken.add(column)
      return column
    }
    for (const [n, item] of itemsOf(this.#quizzes[0]).entries()) {
      const wanted = this.#quizzes.flatMap((one) => titlesOf(itemsOf(one)[n]))
      const column = take((title) => wanted.includes(title))
      if (column >= 0) this.#columns.set(item.id, column)
    }
    this.#sheet = this.#own ? -1 : take((title) => /^(sheet|sujet)$/i.test(title))
    for (const n of this.#columns.size > 0 ? [] : itemsOf(quiz).keys()) {
      const column = take((title) => title === String(n + 1))
      if (column >= 0) this.#numbers.set(n + 1, column)
    }
    if (this.#columns.size + this.#numbers.size === 0)
      throw new RangeError(
        `${file}: line ${header.line}: no column is a question of the quiz ${quiz.id}; is it the answers to this quiz?`,
      )
    const labels = this.#quizzes.flatMap(({ name, languages }) => [
      same(plainText(name?.label)),
      nameLabel(languages[0]),
    ])
    const names = [...labels, 'name', 'Name', 'Nom'].filter(Boolean)
    const exact = take((title) => names.includes(title))
    this.#name =
      exact >= 0
        ? exact
        : take((title) =>
            /^(full name|your name|nom |prénom|name\b|e-?mail|username|adresse)/i.test(title),
          )
    if (this.#name < 0)
      this.#report(header.line, 'no column holds the names; people are identified by their lines')
    for (const [n, { id }] of itemsOf(quiz).entries())
      if (!this.#columns.has(id) && !this.#numbers.has(n + 1))
        this.#report(
          header.line,
          `no column for ${this.#numbers.size > 0 ? `question ${n + 1}` : `item ${id}`}; it counts as not answered`,
        )
    for (const [at, title] of titles.entries()) {
      if (taken.has(at) || (this.#own && at < RESULT_COLUMNS.length)) continue
      if (!isOfGoogle(title, at, titles, people))
        this.#report(
          header.line,
          `column ${at + 1}, ${JSON.stringify(short(title))}, is no question of the quiz; it is left out`,
        )
    }
  }

  #report(line: number, text: string, given?: string): void {
    this.unread.push({ file: this.#file, line, text, ...(given === undefined ? {} : { given }) })
  }

  /** Whether a row answers this quiz; one of another is reported. */
  isOfQuiz({ cells, line }: Row): boolean {
    const id = this.#own ? cells[RESULT_COLUMNS.indexOf('quiz')] : undefined
    if (id === undefined || id === this.#quizzes[0].id) return true
    this.#report(line, `it answers the quiz ${JSON.stringify(id)}; it is left out`)
    return false
  }

  /** Somebody's answers; what is not understood is reported and counts as no answer. */
  sheetOf({ cells, line }: Row): AnswerSheet {
    const cell = (at = -1): string => cells[at]?.trim() ?? ''
    const order = this.#sheet < 0 ? this.#plain : this.#orderOf(cell(this.#sheet), line)
    const answers = itemsOf(this.#quizzes[0]).map((item): [string, Response] => {
      const column = this.#columns.get(item.id) ?? this.#numbers.get(order.numberOf(item.id) ?? 0)
      return [item.id, this.#answer(item, cell(column), line, order)]
    })
    return { name: cell(this.#name), file: this.#file, line, answers: Object.fromEntries(answers) }
  }

  #orderOf(seed: string, line: number): SheetOrder {
    try {
      return this.#orders.orderOf(seed)
    } catch (error) {
      throw new RangeError(`${this.#file}: line ${line}: ${(error as Error).message}`)
    }
  }

  #answer(item: QuizItem, cell: string, line: number, order: SheetOrder): Response {
    if (cell === '') return null
    const isNumber = item.kind === 'numeric'
    const answer = isNumber ? numberOf(cell) : this.#chosen(item, cell, order)
    if (answer === undefined)
      this.#report(
        line,
        `item ${item.id}: ${JSON.stringify(short(cell))} ${isNumber ? 'is no number' : 'is none of the options'}; it counts as no answer`,
        cell,
      )
    return answer ?? null
  }

  /**
   * Where a column names sheets, letters are those of the sheet, and else first of all the ids of
   * options.
   */
  #chosen(item: ChoiceItem, cell: string, order: SheetOrder): readonly string[] | undefined {
    const given = same(cell)
    for (const texts of this.#sheet < 0 ? this.#optionsOf(item.id) : []) {
      const one = texts.get(given)
      const found =
        one !== undefined ? [one] : item.kind === 'multiple' ? parted(given, texts) : undefined
      if (found) return found
    }
    return order.chosen(item, given)
  }

  #optionsOf(id: string): readonly ReadonlyMap<string, string>[] {
    const known = this.#options.get(id)
    if (known) return known
    const maps = this.#quizzes.map((quiz) =>
      optionTexts(itemsOf(quiz).find((item) => item.id === id)),
    )
    this.#options.set(id, maps)
    return maps
  }
}

/**
 * What may stand in a cell for each option: its text in a form or in the quiz, behind its letter or
 * not, its letter.
 */
function optionTexts(item: QuizItem | undefined): Map<string, string> {
  const texts = new Map<string, string>()
  if (!item || item.kind === 'numeric') return texts
  const shown = formOptions(item)
  const ways: readonly ((option: { id: string; text: string }, n: number) => string)[] = [
    (_, n) => shown[n],
    ({ text }) => unicodeText(text),
    ({ text }) => text,
    ({ id, text }) => `(${id}) ${unicodeText(text)}`,
    ({ id }) => id,
    ({ id }) => `(${id})`,
  ]
  for (const way of ways) {
    const found = item.options.map(({ id, text }, n) => same(way({ id, text: String(text) }, n)))
    // a text that two options share names neither
    for (const [n, text] of found.entries())
      if (!texts.has(text) && found.indexOf(text) === found.lastIndexOf(text))
        texts.set(text, item.options[n].id)
  }
  return texts
}

/**
 * Options of a cell that holds several, parted by commas, semicolons or blanks, which the options
 * may hold too.
 */
function parted(cell: string, texts: ReadonlyMap<string, string>): string[] | undefined {
  const dead = new Set<number>()
  const from = (at: number): string[] | undefined => {
    if (at >= cell.length) return []
    if (dead.has(at)) return undefined
    for (const [text, id] of texts) {
      if (!cell.startsWith(text, at)) continue
      const rest = cell.slice(at + text.length)
      const gap = rest === '' ? 0 : (/^( ?[,;|+] ?| )/.exec(rest)?.[0].length ?? -1)
      const found = gap < 0 ? undefined : from(at + text.length + gap)
      if (found) return [id, ...found]
    }
    dead.add(at)
    return undefined
  }
  const found = from(0)
  return found && new Set(found).size === found.length ? found : undefined
}

/** A number as people type it: with a point or a comma, with any minus. */
function numberOf(cell: string): number | undefined {
  const plain = cell
    .replace(/[\s\u00a0\u202f]/g, '')
    .replace('−', '-')
    .replace(/^([^.,]*),([^.,]*)$/, '$1.$2')
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : undefined
}

/**
 * Whether a column is one that Google adds by itself: the time, the score, or the score or feedback
 * of a question.
 */
function isOfGoogle(
  title: string,
  at: number,
  titles: readonly string[],
  people: readonly Row[],
): boolean {
  const question = /^(.*) \[[^\]]*\]$/.exec(title)?.[1]
  if (
    title === '' ||
    /^(total )?score$/i.test(title) ||
    (question !== undefined && titles.includes(question))
  )
    return true
  const cells = people.map(({ cells: all }) => (all[at] ?? '').trim()).filter(Boolean)
  const all = (pattern: RegExp): boolean =>
    cells.length > 0 && cells.every((cell) => pattern.test(cell))
  if (all(/^\d+([.,]\d+)? ?\/ ?\d+([.,]\d+)?$/)) return true
  return (
    at === 0 &&
    (/^(timestamp|horodat|started|zeitstempel)/i.test(title) ||
      all(/^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*\d{1,2}:\d{2}/))
  )
}

const short = (text: string): string =>
  [...text].length > 60 ? `${[...text].slice(0, 50).join('')}…` : text
