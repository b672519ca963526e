import { decimal, t } from '../words/words.ts'

/** Hands a file to the reader; nothing leaves the page. */
export function download(name: string, content: Uint8Array | string, type: string): void {
  const address = URL.createObjectURL(new Blob([content as BlobPart], { type }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // it is read once the click has been dealt with
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}

/**
 * The bytes of a file.
 *
 * @throws {RangeError} for one that the page does not hold, before it is read
 */
export async function bytesOf(file: File, most: number): Promise<Uint8Array<ArrayBuffer>> {
  if (file.size > most)
    throw new RangeError(t().files.tooLarge(file.name, megabytes(file.size), megabytes(most)))
  return new Uint8Array(await file.arrayBuffer())
}

/** Bytes as MB, to a decimal. */
export const megabytes = (bytes: number): string => decimal(Math.ceil(bytes / 1e5) / 10, 1)
