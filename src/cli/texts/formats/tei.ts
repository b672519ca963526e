import type { SaxesParser, SaxesTagNS } from 'saxes'
import type { Line, TextStream } from '../../../doors/internal.ts'
import { inputError } from '../../terminal/errors.ts'
import type { LeaveOut, TextFormat } from '../format.ts'
import { TeiHeader } from './tei-header.ts'
import { TeiText } from './tei-text.ts'

/**
 * TEI: the text of head, p, ab, l and said, a line each, of s and u where a text has them, and of
 * item, titlePart, salute and the like outside of these; title, author and year of its header as
 * metadata. The words of note, speaker, stage and whatever else are left out and counted.
 *
 * Entities are XML's own and those that the document declares as plain text; nothing outside the
 * document is ever read.
 *
 * @see https://tei-c.org/release/doc/tei-p5-doc/en/html/
 */
export const tei: TextFormat = {
  ...{ name: 'tei', title: 'TEI', paragraphs: true },
  recognises,
  read,
}

/** What is there in another reading, or is no text at all. */
const ELSEWHERE = /^(?:orig|sic|abbr|reg|corr|expan|facsimile|sourceDoc)$/
const TEXTS = /^(?:TEI|TEI\.2|teiCorpus|teiCorpus\.2)$/
const SAXES_ERROR = /^(\d+):(\d+): (.*?)\.?$/s
const ENTITY = /<!ENTITY\s+([\p{L}_][\p{L}\p{N}._-]*)\s+(?:"([^"%<]*)"|'([^'%<]*)')\s*>/gu
const CHARACTER = /&#(?:(\d{1,7})|x([\da-f]{1,6}));/gi

async function* read(stream: TextStream, name: string, leaveOut: LeaveOut): AsyncGenerator<Line> {
  const lines: Line[] = []
  // no other command waits for it
  const { SaxesParser } = await import('saxes')
  const parser = new SaxesParser({ xmlns: true })
  listen(parser, name, lines, leaveOut)
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

type Parser = SaxesParser<{ xmlns: true }>

/** Adds what a parser reads to lines. */
function listen(parser: Parser, name: string, lines: Line[], leaveOut: LeaveOut) {
  const corpora: TeiHeader[] = []
  let header = new TeiHeader()
  const leave = (element: string, text: string) => {
    const words = text.match(/\S+/g)?.length ?? 0
    if (words > 0 && !ELSEWHERE.test(element)) leaveOut(`words of ${element}`, words)
  }
  const text = new TeiText((line) => lines.push(line), leave)
  let root: SaxesTagNS | undefined
  /** Elements that are open within one that is no text. */
  let skipped = 0
  /** The outermost of them. */
  let skips = ''
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
    const remedy = what.startsWith('undefined entity')
      ? 'entities that a DTD elsewhere declares are not read; put them in first, such as with: xmllint --loaddtd --noent FILE'
      : 'this is no well-formed XML'
    throw inputError(`${name}: line ${line}, column ${column}: ${what}; ${remedy}`)
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
    if (skipped === 0) skips = isForeign ? tag.name : tag.local
    if (skipped === 0 && isForeign && tag.local === 'include')
      leaveOut('files of xi:include, which are read where they are named', 1)
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
    if (skipped > 0) leave(skips, piece)
    else if (!header.add(piece)) text.add(piece, begins)
    after()
  }
  parser.on('text', add)
  parser.on('cdata', add)
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
