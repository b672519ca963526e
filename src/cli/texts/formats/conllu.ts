import { type Line, linesOf } from '../../../doors/internal.ts'
import { inputError } from '../../terminal/errors.ts'
import type { TextFormat } from '../format.ts'
import { type AnnotatedWord, cell, merged, sentenceOf } from './sentence.ts'

const COLUMNS = 'ID FORM LEMMA UPOS XPOS FEATS HEAD DEPREL DEPS MISC'
const GLOBAL = /^#\s*global\.columns\s*=\s*(.+)/
const NEW_DOCUMENT = /^#\s*newdoc(?:\s+id\s*=\s*(.*))?\s*$/
const COMMENT = /^#\s*([^=]+?)\s*=\s*(.*)$/
const ID = /^(\d+)(?:-(\d+)|\.\d+)?$/
/** Columns that hold the part of speech, the first that says one. */
const POS = ['UPOS', 'XPOS', 'POS', 'CPOSTAG', 'POSTAG', 'PPOS']
/** The first comment of a sentence after those of its document. */
const OF_SENTENCE = /^#\s*(?:sent_id|newpar)/
/** Comments that are no metadata. */
const NO_METADATA = /^(?:text|newpar.*|global\..*)$/
/** Lines that fit, of those that are looked at: beside its comments, and without them. */
const NAMED = 0.5
const MOST = 0.9

/**
 * CoNLL-U, and CoNLL-U Plus by its `# global.columns`: a word on each line, a blank line between
 * sentences. CoNLL-X, of ten columns too, is read alike.
 *
 * A multiword token is one word, with the lemmas and parts of speech of its words joined by +;
 * empty nodes are left out; a blank follows a word unless MISC says SpaceAfter=No. Metadata are the
 * comments beside `# newdoc`, until the next, and those of the sentence itself.
 *
 * @see https://universaldependencies.org/format.html
 */
export const conllu: TextFormat = { name: 'conllu', title: 'CoNLL-U', recognises, read }

async function* read(
  stream: Parameters<TextFormat['read']>[0],
  name: string,
): AsyncGenerator<Line> {
  let columns = COLUMNS.split(' ')
  let sentence = new Sentence(columns)
  let document: Metadata = {}
  let comments: Metadata = {}
  let isDocument = false
  const ended = function* () {
    const line = sentence.line({ ...document, ...comments })
    if (line) yield line
    sentence = new Sentence(columns)
    comments = {}
  }
  for await (const { text, number } of linesOf(stream, name)) {
    if (!text.trim()) {
      if (!sentence.isEmpty) yield* ended()
    } else if (text.startsWith('#') && (columns[0] === 'ID' || !text.includes('\t'))) {
      const names = GLOBAL.exec(text)?.[1]
      if (names) {
        columns = names.trim().split(/\s+/)
        if (!columns.includes('FORM'))
          throw inputError(`${name}: line ${number}: expected FORM among the columns, got ${names}`)
        sentence = new Sentence(columns)
      }
      const begins = NEW_DOCUMENT.exec(text)
      if (begins) document = begins[1] ? { document: begins[1] } : {}
      isDocument = begins !== null || (isDocument && !OF_SENTENCE.test(text))
      const [, key, value = ''] = begins ? [] : (COMMENT.exec(text) ?? [])
      if (!key || NO_METADATA.test(key)) continue
      const entry = { [key.replace(/^meta::/, '')]: value.trim() }
      if (isDocument) document = { ...document, ...entry }
      else comments = { ...comments, ...entry }
    } else {
      isDocument = false
      const wrong = sentence.add(text.split('\t'), number)
      if (wrong) throw inputError(`${name}: line ${number}: ${wrong}`)
    }
  }
  yield* ended()
}

type Metadata = Readonly<Record<string, string>>

/** The words of a sentence, as its lines come. */
class Sentence {
  readonly #columns: readonly string[]
  readonly #at: (name: string) => number
  readonly #words: AnnotatedWord[] = []
  #number = 0
  #last = 0
  /** A multiword token whose words are to come. */
  #multiword:
    | { readonly word: AnnotatedWord; readonly last: number; readonly words: AnnotatedWord[] }
    | undefined

  constructor(columns: readonly string[]) {
    this.#columns = columns
    this.#at = (name) => columns.indexOf(name)
  }

  get isEmpty(): boolean {
    return this.#number === 0
  }

  /** Takes a line; says what is wrong with it, if anything is. */
  add(cells: readonly string[], number: number): string | undefined {
    const expected = this.#columns.length
    if (cells.length !== expected)
      return (
        `expected ${expected} columns between tabs, got ${cells.length}; ` +
        'other columns are named by a first line # global.columns = ID FORM …'
      )
    this.#number ||= number
    const word = this.#word(cells)
    if (!this.#columns.includes('ID')) {
      if (word) this.#words.push(word)
      return undefined
    }
    const id = cells[this.#at('ID')]
    const [, first, end] = ID.exec(id) ?? []
    if (!first) return `expected a number of a word as its ID, got '${id}'`
    if (id.includes('.') || !word) return undefined
    if (Number(first) <= this.#last)
      return `word ${id} comes after word ${this.#last}; a blank line parts sentences`
    if (end) this.#close()
    if (end) this.#multiword = { word, last: Number(end), words: [] }
    else this.#plain(word, Number(first))
    return undefined
  }

  /** The sentence, if it has words. */
  line(metadata: Metadata): Line | undefined {
    this.#close()
    return this.#words.length ? sentenceOf(this.#words, this.#number, metadata) : undefined
  }

  #word(cells: readonly string[]): AnnotatedWord | undefined {
    const value = (name: string) => cell(cells[this.#at(name)]?.trim())
    const pos = POS.map(value).find((tag) => tag)
    const surface = cells[this.#at('FORM')]?.trim()
    // an underscore is a word where it is tagged as a sign, and a text left out elsewhere
    if (!surface || (surface === '_' && pos !== 'PUNCT' && pos !== 'SYM')) return undefined
    const joined = value('MISC')?.split('|').includes('SpaceAfter=No')
    return {
      surface,
      lemma: value('LEMMA') ?? (surface === '_' ? surface : undefined),
      pos,
      joined,
    }
  }

  #plain(word: AnnotatedWord, id: number): void {
    this.#last = id
    if (this.#multiword && id > this.#multiword.last) this.#close()
    ;(this.#multiword?.words ?? this.#words).push(word)
    if (this.#multiword?.last === id) this.#close()
  }

  #close(): void {
    if (!this.#multiword) return
    const { word, words } = this.#multiword
    this.#multiword = undefined
    const joined = word.joined || words.at(-1)?.joined
    this.#words.push(merged({ ...word, joined }, words))
  }
}

/**
 * Lines of ten columns, none of them empty, with the number of a word in the first and that of its
 * head in the seventh, beside comments of CoNLL-U or cells that say nothing (_); or any beneath
 * `# global.columns`.
 */
function recognises(lines: readonly Line[]): boolean {
  const texts = lines.map(({ text }) => text).filter((text) => text.trim())
  if (texts.some((text, n) => n < 10 && GLOBAL.test(text) && /\bFORM\b/.test(text))) return true
  const rows = texts.filter((text) => !text.startsWith('#')).map((text) => text.split('\t'))
  const fits = (row: readonly string[]) =>
    row.length === 10 && row.every((one) => one) && ID.test(row[0]) && /^(?:_|\d+)$/.test(row[6])
  if (!rows.length || !fits(rows[0]) || !/^(?:0\.1|1(?:-\d+)?)$/.test(rows[0][0])) return false
  const many = rows.filter(fits)
  const named = texts.some((text) => /^#\s*(?:sent_id|text|newdoc|newpar)\b/.test(text))
  const silent = many.filter((row) => row.includes('_')).length >= many.length / 2
  return many.length >= rows.length * (named ? NAMED : MOST) && (named || silent)
}
