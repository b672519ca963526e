import { batch, signal } from '@preact/signals'
import { bytesOf, megabytes } from '../parts/files.ts'
import { t, whole } from '../words/words.ts'

/** The reader's own text: typed, pasted, or from a dropped file. */
export interface OwnText {
  readonly name: string
  readonly text: string | Uint8Array
}

/** The text that is learned from where it is not the one that ships; it is kept nowhere. */
export const own = signal<OwnText | undefined>(undefined)

/** Longest text that a page learns from, in bytes. */
export const LONGEST_OWN = 5_000_000
/** Longest text that stands in a field; a longer one is kept beside it. */
export const LONGEST_FIELD = 100_000

/** What was written or pasted. */
export const PASTED = 'text.txt'

/** What stands in the field. */
export const field = signal('')

/** Takes a text. @throws {RangeError} for a text that is too long; the one before stays */
export function takeText(text: string): void {
  if (text.length > LONGEST_OWN)
    throw new RangeError(t().learn.tooLong(whole(text.length), whole(LONGEST_OWN)))
  own.value = text.trim() ? { name: PASTED, text } : undefined
}

/**
 * Takes a file, whole or gzipped, in UTF-8 or in UTF-16 with its mark; one that is short stands in
 * the field.
 *
 * @throws {RangeError} for a text that is too long, and for gzip that is damaged; the one before stays
 */
export async function takeFile(file: File): Promise<void> {
  const bytes = await unpacked(await bytesOf(file, LONGEST_OWN), file.name)
  const text = decoded(bytes)
  batch(() => {
    own.value = { name: file.name, text: text ?? bytes }
    field.value = text && text.length <= LONGEST_FIELD ? text : ''
  })
}

/** What is in gzip, or the bytes as they are. */
async function unpacked(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  const pieces: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')).getReader()
  const next = () =>
    reader.read().catch(() => {
      throw new RangeError(t().files.damaged(name))
    })
  for (let piece = await next(); !piece.done; piece = await next()) {
    pieces.push(piece.value)
    size += piece.value.length
    if (size <= LONGEST_OWN) continue
    await reader.cancel()
    throw new RangeError(t().files.tooLarge(name, megabytes(size), megabytes(LONGEST_OWN)))
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer())
}

/**
 * Bytes as text; undefined if they are neither UTF-8 nor UTF-16 with its mark, which the library
 * reports with the line.
 */
function decoded(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
  const encoding = isUtf16 ? `utf-16${first === 0xff ? 'le' : 'be'}` : 'utf-8'
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
