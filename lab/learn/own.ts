import { signal } from '@preact/signals'
import { bytesOf } from '../state/files.ts'
import { t, whole } from '../words/words.ts'

/** A text of the reader's own: what was written or pasted, or a file that was dropped. */
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

/** Takes a text. @throws {RangeError} for one that is too long; the one before stays */
export function takeText(text: string): void {
  if (text.length > LONGEST_OWN) throw new RangeError(t().learn.tooLong(whole(text.length), whole(LONGEST_OWN)))
  own.value = text.trim() ? { name: PASTED, text } : undefined
}

/** Takes a file. @throws {RangeError} for one that is too long; the one before stays */
export async function takeFile(file: File): Promise<void> {
  own.value = { name: file.name, text: await bytesOf(file, LONGEST_OWN) }
}
