import type { SaxesTagNS } from 'saxes'

/** Where the year of a text stands in its header or standOff, the first that is there. */
const DATES = [
  /\b(?:creation|written)\b/,
  /\b(?:firstEdition|print|premiere)\b/,
  /\bsourceDesc\b/,
  /\bpublicationStmt\b/,
]
/** Types by which ELTeC and DraCor name what a bibl or an event is. */
const OF_WORK = /^(?:firstEdition|written|print|premiere)$/
/** What is no part of the name around it. */
const BESIDE = /^(?:idno|note|ref)$/
const YEAR = /(?<!\d)\d{4}(?!\d)/
const TITLE = 'teiHeader fileDesc titleStmt title'
const AUTHOR = 'teiHeader fileDesc titleStmt author'

/** Title, author and year of a text, from its header as it is read. */
export class TeiHeader {
  readonly #inherited: Readonly<Record<string, string>>
  readonly #path: string[] = []
  readonly #authors: string[] = []
  readonly #years: (string | undefined)[] = []
  #title = ''
  #text = ''
  #when = ''
  #metadata: Readonly<Record<string, string>> | undefined

  /** @param corpus header of the corpus that the text is of */
  constructor(corpus?: TeiHeader) {
    this.#inherited = corpus?.metadata ?? {}
  }

  /** What it says, and its corpus where it says nothing; the same object for all lines of a text. */
  get metadata(): Readonly<Record<string, string>> {
    this.#metadata ??= this.#said()
    return this.#metadata
  }

  #said(): Readonly<Record<string, string>> {
    const author = this.#authors.join('; ')
    const year = this.#years.find((one) => one)
    return {
      ...this.#inherited,
      ...(this.#title && { title: this.#title }),
      ...(author && { author }),
      ...(year && { year }),
    }
  }

  /** Takes an element that opens; false where it is none of a header. */
  open({ local, attributes }: SaxesTagNS): boolean {
    if (!this.#path.length && local !== 'teiHeader' && local !== 'standOff') return false
    const type = attributes.type?.value ?? ''
    this.#path.push(OF_WORK.test(type) ? type : local)
    if (/^(?:title|author|date|event)$/.test(local)) {
      this.#text = ''
      const { when, from, notBefore } = attributes
      this.#when = (when ?? from ?? notBefore)?.value ?? ''
    }
    return true
  }

  /** Takes text; false where it is none of a header. */
  add(text: string): boolean {
    if (!BESIDE.test(this.#path.at(-1) ?? '')) this.#text += this.#path.length ? text : ''
    return this.#path.length > 0
  }

  /** Takes an element that closes; false where it is none of a header. */
  close(local: string): boolean {
    if (!this.#path.length) return false
    const path = this.#path.join(' ')
    const text = this.#text.replace(/\s+/g, ' ').trim()
    if (path === TITLE) this.#title ||= text
    if (path === AUTHOR && text) this.#authors.push(text)
    if (local === 'date' || local === 'event')
      DATES.forEach((where, n) => {
        if (where.test(path)) this.#years[n] ??= YEAR.exec(this.#when || text)?.[0]
      })
    this.#path.pop()
    this.#metadata = undefined
    return true
  }
}
