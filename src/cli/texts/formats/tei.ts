import { SaxesParser, type SaxesTagNS } from 'saxes'
import type { Line, TextStream } from '../../../doors/internal.ts'
import { inputError } from '../../terminal/errors.ts'
import type { TextFormat } from '../format.ts'
import { TeiHeader } from './tei-header.ts'
import { TeiText } from './tei-text.ts'

/**
 * TEI: the text of head, p, ab, l and said, a line each, and of s and u where a text has them; title,
 * author and year of its header as metadata.
 *
 * Entities are XML's own and those that the document declares as plain text; nothing outside the
 * document is ever read.
 *
 * @see https://tei-c.org/release/doc/tei-p5-doc/en/html/
 */
export const tei: TextFormat = { name: 'tei', title: 'TEI', recognises, read }

const TEXTS = /^(?:TEI|TEI\.2|teiCorpus|teiCorpus\.2)$/
const SAXES_ERROR = /^(\d+):(\d+): (.*?)\.?$/s
const ENTITY = /<!ENTITY\s+([\p{L}_][\p{L}\p{N}._-]*)\s+(?:"([^"%<]*)"|'([^'%<]*)')\s*>/gu
const CHARACTER = /&#(?:(\d{1,7})|x([\da-f]{1,6}));/gi

async function* read(stream: TextStream, name: string): AsyncGenerator<Line> {
  const lines: Line[] = []
  const parser = parserOf(name, lines)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const write = (piece: Uint8Array | string | undefined) => {
    let text: string
    try {
      text =
        typeof piece === 'string' ? piece : decoder.decode(piece, { stream: piece !== undefined })
    } catch {
      throw inputError(
        `${name}: line ${parser.line} or after is not UTF-8; convert the file to UTF-8`,
      )
    }
    parser.write(text)
  }
  for await (const piece of stream) {
    write(piece)
    yield* lines.splice(0)
  }
  write(undefined)
  parser.close()
  yield* lines.splice(0)
}

/** A parser that adds what it reads to lines. */
function parserOf(name: string, lines: Line[]) {
  const parser = new SaxesParser({ xmlns: true })
  const corpora: TeiHeader[] = []
  let header = new TeiHeader()
  const text = new TeiText((line) => lines.push(line))
  let root: SaxesTagNS | undefined
  /** Elements that are open within one that is no text. */
  let skipped = 0
  /** The line in which what comes next begins. */
  let begins = 1
  const after = () => {
    begins = parser.line
  }

  parser.on('error', ({ message }) => {
    const [, line, column, what] = SAXES_ERROR.exec(message) ?? [
      '',
      parser.line,
      parser.column,
      message,
    ]
    throw inputError(`${name}: line ${line}, column ${column}: ${what}; this is no well-formed XML`)
  })
  parser.on('doctype', (doctype) => {
    for (const [, entity, double, single] of doctype.matchAll(ENTITY)) {
      const value = (double ?? single).replace(CHARACTER, (_, decimal, hex) =>
        String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex, 16)),
      )
      if (!value.includes('&')) parser.ENTITIES[entity] = value
    }
    after()
  })
  parser.on('comment', after)
  parser.on('processinginstruction', after)
  parser.on('opentag', (tag) => {
    root ??= tag
    if (!TEXTS.test(root.local))
      throw inputError(
        `${name}: line ${parser.line}: expected TEI, got XML with the root ${tag.name}`,
      )
    const isForeign = tag.uri !== root.uri
    if (skipped > 0 || isForeign) skipped++
    else if (TEXTS.test(tag.local)) {
      corpora.push(header)
      header = new TeiHeader(header)
    } else if (!header.open(tag) && !text.open(tag, header.metadata)) skipped++
    after()
  })
  parser.on('closetag', ({ local }) => {
    if (skipped > 0) skipped--
    else if (TEXTS.test(local)) {
      header = corpora.pop() ?? header
    } else if (!header.close(local)) text.close(header.metadata)
    after()
  })
  const add = (piece: string) => {
    if (skipped === 0 && !header.add(piece)) text.add(piece, begins)
    after()
  }
  parser.on('text', add)
  parser.on('cdata', add)
  return parser
}

const PROLOGUE = /^\uFEFF?\s*(?:<\?[^>]*\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^>[]*(?:\[.*?\]\s*)?>\s*)*/s
const ROOT =
  /^<(?:\w+:)?(?:TEI|TEI\.2|teiCorpus|teiCorpus\.2)(?=[\s>])([^>]*)>\s*(?:<!--.*?-->\s*)*(?:<(?:\w+:)?(\w+)|$)?/s
const CHILDREN = /^(?:teiHeader|TEI|text|standOff|facsimile|sourceDoc|include)$/

/** XML whose root is TEI's, by its namespace or by the element that comes first in it. */
function recognises(lines: readonly Line[]): boolean {
  const text = lines.map((line) => line.text).join('\n')
  const [, attributes, child] = ROOT.exec(text.replace(PROLOGUE, '')) ?? []
  if (attributes === undefined) return false
  return attributes.includes('http://www.tei-c.org/ns/1.0') || CHILDREN.test(child ?? '')
}
