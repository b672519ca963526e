import { batch, signal } from '@preact/signals'
import { bytesOf } from '../parts/files.ts'
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
 * Takes a file; one that is short stands in the field.
 *
 * @throws {RangeError} for a text that is too long; the one before stays
 */
export async function takeFile(file: File): Promise<void> {
  const bytes = await bytesOf(file, LONGEST_OWN)
  const text = bytes.length <= LONGEST_FIELD ? decoded(bytes) : undefined
  batch(() => {
    own.value = { name: file.name, text: text ?? bytes }
    field.value = text ?? ''
  })
}

/** Bytes as text; undefined if they are not UTF-8, which the library reports with the line. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
