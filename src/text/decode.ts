import type { Token } from './tokens.ts'

/** Longest line in bytes. */
export const LONGEST_LINE = 1_000_000

/** Bytes or text, in pieces of any size. */
export type TextStream = AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>

/** A line of a text, without its end, and its number from 1. */
export interface Line {
  readonly text: string
  /** Where several lines are one, that of the first. */
  readonly number: number
  /** Its words, where the text has them cut: they are never cut again. */
  readonly words?: readonly AnnotatedToken[]
  /**
   * Whether it is a paragraph of its own, such as a cell of a table: never joined to others. With
   * words, it may hold several sentences.
   */
  readonly paragraph?: boolean
  /** What is known of it, such as author and year, by column. */
  readonly metadata?: Readonly<Record<string, string>>
}

/** A word with what its text says of it; offsets are those of the line. */
export interface AnnotatedToken extends Token {
  readonly lemma?: string
  /** Its part of speech, as the text names it. */
  readonly pos?: string
}

/**
 * Lines of a stream: only UTF-8, with or without a byte order mark. A line ends with a line feed, a
 * carriage return, or both; U+0085, U+2028 and U+2029 end none.
 *
 * @param name name of the text in errors
 * @throws {RangeError} for bytes that are not UTF-8, for NUL characters, and for a line longer than
 *   LONGEST_LINE; with the line's number
 */
export async function* linesOf(stream: TextStream, name: string): AsyncGenerator<Line> {
  let pending: Uint8Array[] = []
  let size = 0
  let number = 0
  let returned = false
  for await (const piece of stream) {
    const bytes = typeof piece === 'string' ? encoder.encode(piece) : piece
    const [feed, carriage] = [finder(bytes, NEW_LINE), finder(bytes, RETURN)]
    let from = 0
    for (;;) {
      const at = Math.min(feed(from), carriage(from))
      if (at === Infinity) break
      // the second half of a line's end
      const isHalf = returned && bytes[at] === NEW_LINE && at === from && pending.length === 0
      if (!isHalf) yield decoded(joined([...pending, bytes.subarray(from, at)]), ++number, name)
      returned = bytes[at] === RETURN
      pending = []
      size = 0
      from = at + 1
    }
    if (from === bytes.length) continue
    pending.push(bytes.slice(from))
    size += bytes.length - from
    if (size > LONGEST_LINE) throw tooLong(name, number + 1)
  }
  if (pending.length) yield decoded(joined(pending), number + 1, name)
}

/** Where a byte comes next, from an offset that never goes back; Infinity where it does not. */
function finder(bytes: Uint8Array, byte: number): (from: number) => number {
  let at = -1
  return (from) => {
    if (at < from) at = bytes.indexOf(byte, from)
    if (at < 0) at = Infinity
    return at
  }
}

/**
 * The whole of a text, of lines of any length: only UTF-8, with or without a byte order mark.
 *
 * @param name name of the text in errors
 * @throws {RangeError} for bytes that are not UTF-8 and for NUL characters; with the line's number
 */
export function wholeText(bytes: Uint8Array, name: string): string {
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    const number = lineOf(bytes)
    throw new RangeError(
      `${name}: line ${number} is not UTF-8${hint(bytes)}; convert the file to UTF-8`,
    )
  }
  const nul = text.indexOf('\0')
  if (nul >= 0)
    throw new RangeError(
      `${name}: line ${text.slice(0, nul).split(/\r\n?|\n/).length} holds a NUL character; this is not plain text`,
    )
  return text.replace(/^\uFEFF/, '')
}

/** The first line of bytes that are not UTF-8. */
function lineOf(bytes: Uint8Array): number {
  const [feed, carriage] = [finder(bytes, NEW_LINE), finder(bytes, RETURN)]
  for (let number = 1, from = 0; ; number++) {
    const end = Math.min(feed(from), carriage(from), bytes.length)
    try {
      decoder.decode(bytes.subarray(from, end))
    } catch {
      return number
    }
    if (end === bytes.length) return number
    from = end + (bytes[end] === RETURN && bytes[end + 1] === NEW_LINE ? 2 : 1)
  }
}

const NEW_LINE = 10
const RETURN = 13
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

const tooLong = (name: string, number: number): RangeError =>
  new RangeError(
    `${name}: line ${number} has more than ${LONGEST_LINE} bytes; put each sentence on a line of its own`,
  )

/** One line of bytes as text, on the first line without a byte order mark. */
function decoded(bytes: Uint8Array, number: number, name: string): Line {
  if (bytes.length > LONGEST_LINE) throw tooLong(name, number)
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    throw new RangeError(
      `${name}: line ${number} is not UTF-8${hint(bytes)}; convert the file to UTF-8`,
    )
  }
  if (text.includes('\0'))
    throw new RangeError(`${name}: line ${number} holds a NUL character; this is not plain text`)
  return { text: number === 1 ? text.replace(/^\uFEFF/, '') : text, number }
}

/** The likely encoding of the bytes, if recognisable. */
function hint(bytes: Uint8Array): string {
  if (bytes.length < 2) return ''
  const mark = (bytes[0] << 8) | bytes[1]
  if (mark === 0xfffe || mark === 0xfeff) return ' (it looks like UTF-16)'
  return bytes.includes(0) ? '' : ' (perhaps Latin-1 or Windows-1252)'
}
