/** A line of a vertical that is no word: `<doc id="1">`, `</s>`, `<g/>`. */
export interface Structure {
  readonly name: string
  readonly kind: 'open' | 'close' | 'empty' | 'comment'
  readonly attributes: Readonly<Record<string, string>>
}

const STRUCTURE = /^<(\/?)([\p{L}_][\p{L}\p{N}_.:-]*)((?:\s[^\t]*?)?)(\/?)>$/u
const ATTRIBUTE = /([\p{L}_][\p{L}\p{N}_.:-]*)\s*=\s*(?:"([^"]*)"|'([^']*)')/gu
const COMMENT = /^<(?:\?|!--|!DOCTYPE).*>$/i
/** Whole documents, whose attributes are named as they are. */
const DOCUMENTS = /^(?:corpus|doc|document|file|text)$/i
/** What no sentence goes over. */
const BLOCKS =
  /^(?:s|sent|sentence|p|par|para|head|title|heading|h[1-6]|div|section|chapter|article|item|li|lg?|u|sp|speech|turn|quote)$/i
const SENTENCES = /^(?:s|sent|sentence)$/i

/** The structure that a line is, if it is one and no word. */
export function structureIn(line: string): Structure | undefined {
  const text = line.trim()
  if (!text.startsWith('<')) return undefined
  if (COMMENT.test(text)) return { name: '', kind: 'comment', attributes: {} }
  const [, close, name, attributes, empty] = STRUCTURE.exec(text) ?? []
  if (!name) return undefined
  const kind = close ? 'close' : empty ? 'empty' : 'open'
  const pairs = [...attributes.matchAll(ATTRIBUTE)].map(([, key, double, single]) => [
    key,
    decoded(double ?? single),
  ])
  return { name, kind, attributes: Object.fromEntries(pairs) }
}

/** Whether a structure is one that verticals have: of documents, paragraphs or sentences. */
export const isKnown = ({ name }: Structure): boolean =>
  DOCUMENTS.test(name) || BLOCKS.test(name) || name === 'g'

/** Whether a structure is a sentence. */
export const isSentence = ({ name }: Structure): boolean => SENTENCES.test(name)

const ENTITY = /&(amp|lt|gt|quot|apos|#\d{1,7}|#x[\da-f]{1,6});/gi
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** With the characters that entities stand for: XML's five, and numbers. */
export const decoded = (text: string): string =>
  text.includes('&')
    ? text.replace(ENTITY, (entity, name: string) => NAMED[name.toLowerCase()] ?? numbered(entity))
    : text

/** The character of &#8217; or &#x2019;, if there is such. */
function numbered(entity: string): string {
  const code = Number(entity.slice(2, -1).replace(/^x/i, '0x'))
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : entity
}

/** The structures that are open, from the outermost. */
export class Structures {
  readonly #open: Structure[] = []
  #metadata: Readonly<Record<string, string>> = {}

  /** Attributes of documents by their names, those of structures within them as `p.id`. */
  get metadata(): Readonly<Record<string, string>> {
    return this.#metadata
  }

  get isInSentence(): boolean {
    return this.#open.some(isSentence)
  }

  /** Whether a sentence ends where a structure begins or ends: a block, or what is around it. */
  parts({ name, kind }: Structure): boolean {
    if (kind === 'comment') return false
    if (DOCUMENTS.test(name) || BLOCKS.test(name)) return true
    const at = this.#open.findLastIndex((one) => one.name === name)
    return kind === 'close' && at >= 0 && this.#open.slice(at).some(isSentence)
  }

  /** Opens a structure, or closes one with all that was left open in it. */
  take({ name, kind, attributes }: Structure): void {
    if (kind !== 'open' && kind !== 'close') return
    const at = this.#open.findLastIndex((one) => one.name === name)
    if (at >= 0) this.#open.splice(at)
    if (kind === 'open') this.#open.push({ name, kind, attributes })
    this.#metadata = this.#attributes()
  }

  #attributes(): Readonly<Record<string, string>> {
    const pairs = this.#open
      .filter((structure) => !isSentence(structure))
      .flatMap(({ name, attributes }) =>
        Object.entries(attributes).map(([key, value]) => [
          DOCUMENTS.test(name) ? key : `${name}.${key}`,
          value,
        ]),
      )
    return Object.fromEntries(pairs)
  }
}
