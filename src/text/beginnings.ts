import type { LineSource, TextSource } from './corpus.ts'
import { type Line, linesOf } from './decode.ts'

/** How much of a text is looked at: bytes, or UTF-16 units. */
const LOOKED_AT = 2 ** 16
/** How many texts are looked at. */
const TEXTS = 32

type Piece = Uint8Array | string | Line

/** Texts whose beginnings were looked at. */
export interface Begun {
  /** Lines of the beginnings. */
  readonly lines: readonly string[]
  /** The same texts, whole, to be read once. */
  readonly sources: readonly (TextSource | LineSource)[]
  /** Releases those that were not read to their end. */
  close(): Promise<void>
}

/** Looks at the beginnings of texts that can be read once. */
export async function beginningsOf(sources: readonly (TextSource | LineSource)[]): Promise<Begun> {
  const opened: (AsyncIterator<Piece> | Iterator<Piece>)[] = []
  const close = async (): Promise<void> => {
    for (const iterator of opened) await iterator.return?.()
  }
  const lines: string[] = []
  const begun: (TextSource | LineSource)[] = []
  try {
    for (const source of sources) {
      if (opened.length === TEXTS) {
        begun.push(source)
        continue
      }
      const iterator = iteratorOf('lines' in source ? source.lines : source.stream)
      opened.push(iterator)
      const pieces: Piece[] = []
      for (let size = 0; size < LOOKED_AT; ) {
        const { value, done } = await iterator.next()
        if (done) break
        pieces.push(value)
        size += lengthOf(value)
      }
      lines.push(...(await beginningIn(pieces)))
      const whole = replayed(pieces, iterator)
      begun.push(
        'lines' in source
          ? { ...source, lines: whole as AsyncGenerator<Line> }
          : { ...source, stream: whole as AsyncGenerator<Uint8Array | string> },
      )
    }
  } catch (error) {
    await close()
    throw error
  }
  return { lines, sources: begun, close }
}

const iteratorOf = (pieces: AsyncIterable<Piece> | Iterable<Piece>) =>
  Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]()

const isLine = (piece: Piece): piece is Line =>
  typeof piece !== 'string' && !(piece instanceof Uint8Array)

const lengthOf = (piece: Piece): number =>
  isLine(piece) ? piece.text.length + 1 : Math.max(1, piece.length)

async function* replayed(
  pieces: Piece[],
  iterator: AsyncIterator<Piece> | Iterator<Piece>,
): AsyncGenerator<Piece> {
  for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) yield piece
  for (;;) {
    const { value, done } = await iterator.next()
    if (done) return
    yield value
  }
}

/** Lines of the first pieces; what is wrong in them is told by who reads the text. */
async function beginningIn(pieces: readonly Piece[]): Promise<string[]> {
  const lines = pieces.filter(isLine).map(({ text }) => text)
  const stream = pieces.flatMap((piece) => (isLine(piece) ? [] : [piece.slice(0, LOOKED_AT)]))
  try {
    for await (const { text } of linesOf(stream, '')) lines.push(text)
  } catch {
    // the beginning may end within a character
  }
  return lines
}
