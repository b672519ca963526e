import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { type Line, LONGEST_LINE, type TextStream } from '../../doors/internal.ts'
import { inputError } from '../terminal/errors.ts'
import { type Foreign, foreignBytes, isUtf8 } from './signatures.ts'

/** Bytes of a file that show what it is. */
const LOOKED_AT = 2 ** 16

/** A text of whatever bytes, as UTF-8, with its beginning. */
export interface Beginning {
  /** What it is where it is no text. */
  readonly foreign?: Foreign | undefined
  /** Of the text, where it is not UTF-8. */
  readonly encoding?: string | undefined
  /** Its first lines; without the last one where that may not be whole, but for long markup. */
  readonly lines: readonly Line[]
  readonly stream: TextStream
  /** Lets go of a stream that is not read any more. */
  close(): Promise<void>
}

/**
 * Looks at the first bytes of a stream, and undoes gzip and UTF-16.
 *
 * @param once whether a line shows what the text is, so that nobody waits for more
 * @throws {CommandError} from the stream for gzip that is cut or damaged, and for half a character
 */
export async function beginningOf(
  name: string,
  stream: TextStream,
  once = false,
): Promise<Beginning> {
  const iterator = (
    Symbol.asyncIterator in stream ? stream[Symbol.asyncIterator]() : stream[Symbol.iterator]()
  ) as AsyncIterator<Uint8Array | string>
  const seen: Uint8Array[] = []
  let ended = false
  for (let size = 0, ends = false; ; ) {
    if (size >= LOOKED_AT && (ends || size > LONGEST_LINE || !OBJECT.test(begins(seen)))) break
    const next = await iterator.next()
    ended = next.done === true
    if (next.done) break
    const piece = Buffer.from(next.value)
    seen.push(piece)
    size += piece.length
    ends ||= endsLine(piece)
    if (once && ends) break
  }
  const close = async () => {
    await iterator.return?.()
  }
  async function* all() {
    try {
      yield* seen
      for (let next = await iterator.next(); !next.done; next = await iterator.next())
        yield next.value
    } finally {
      await close()
    }
  }
  const bytes = Buffer.concat(seen)
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return beginningOf(name, gunzipped(all(), name), once)
  const encoding = utf16Of(bytes)
  const text = new TextDecoder(encoding).decode(bytes)
  return {
    ...{ close, encoding, lines: linesIn(text, ended) },
    foreign: encoding ? undefined : foreignBytes(bytes),
    stream: encoding ? decoded(all(), encoding, name) : all(),
  }
}

/** A line of JSON, which is looked at whole. */
const OBJECT = /^\uFEFF?\s*\{\s*"/
const begins = (pieces: readonly Uint8Array[]) =>
  Buffer.concat(pieces.slice(0, 16)).subarray(0, 16).toString()
const endsLine = (bytes: Uint8Array) => bytes.includes(10) || bytes.includes(13)

function linesIn(text: string, whole: boolean): Line[] {
  const lines = text.split(/\r\n|\n|\r/)
  const last = lines[lines.length - 1]
  // XML may be one line below its declaration
  const isMarkup = last.startsWith('<') && last.length > text.length / 2
  if (!whole && lines.length > 1 && !isMarkup) lines.pop()
  return lines.map((line, n) => ({ text: line, number: n + 1 }))
}

async function* gunzipped(stream: AsyncIterable<Uint8Array | string>, name: string) {
  const gunzip = createGunzip()
  pipeline(Readable.from(stream, { objectMode: true }), gunzip, () => {})
  let line = 1
  try {
    for await (const bytes of gunzip as AsyncIterable<Uint8Array>) {
      yield bytes
      for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) line++
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const where = `${name}: line ${line} or after: its gzip`
    if (code === 'Z_BUF_ERROR') throw inputError(`${where} ends too early; is the file whole?`)
    if (code?.startsWith('Z_')) throw inputError(`${where} is damaged; get it again`)
    throw error
  }
}

/** What UTF-16 of a text has none of. */
const CONTROLS = /[^\P{Cc}\s]|\uFFFD(?!$)/u

/** UTF-16 by its mark, or by NULs in every other byte. */
function utf16Of(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const mark = Buffer.from(bytes.subarray(0, 4)).toString('hex')
  if (/^fffe(?!0000)/.test(mark)) return 'utf-16le'
  if (mark.startsWith('feff')) return 'utf-16be'
  if (bytes.indexOf(0, bytes.indexOf(0) + 1) <= 0) return undefined
  const isWide = !isUtf8(bytes)
  return ([1, 0] as const)
    .filter((high) =>
      isOfOneScript(
        bytes.filter((_, at) => at % 2 === high),
        isWide,
      ),
    )
    .map((high) => (high ? 'utf-16le' : 'utf-16be'))
    .find((encoding) => !CONTROLS.test(new TextDecoder(encoding).decode(bytes)))
}

/**
 * Whether nine high bytes of ten are 0, as those of blanks and ASCII, or one other.
 *
 * @param isWide whether they may be those of Chinese and Japanese instead
 */
function isOfOneScript(high: Uint8Array, isWide: boolean) {
  const counts = new Uint32Array(256)
  for (const byte of high) counts[byte]++
  const wide = high.filter(
    (byte) => byte === 0x30 || (byte >= 0x4e && byte <= 0x9f) || byte === 0xff,
  )
  const most = Math.max(...counts.subarray(1), isWide ? wide.length : 0)
  return counts[0] > 1 && counts[0] + most >= 0.9 * high.length
}

async function* decoded(
  stream: AsyncIterable<Uint8Array | string>,
  encoding: string,
  name: string,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  let lines = 1
  const part = (bytes?: Uint8Array) => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined })
    } catch {
      throw inputError(`${name}: line ${lines} or after is not UTF-16; is the file whole?`)
    }
  }
  for await (const piece of stream) {
    const text = part(Buffer.from(piece))
    lines += text.split('\n').length - 1
    yield text
  }
  yield part()
}
