import { valueText } from '../kinds.ts'

/** Bytes in memory: a buffer, or an array or view of one. */
export type Bytes = ArrayBufferLike | ArrayBufferView

/** A source whose bytes are awaited: a `Response`, a `Blob` or a `File`. */
export interface Fetched {
  arrayBuffer(): Promise<ArrayBuffer>
}

/** Any source of bytes: an array, a buffer, a `Response`, a `Blob`. */
export type ByteSource = Bytes | Fetched

/** The bytes of a buffer or of a view of one, not copied; undefined for anything else. */
function bytesOf(value: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(value))
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  // by its tag: a buffer of another realm is not an instance of this one's class
  return /^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(value))
    ? new Uint8Array(value as ArrayBuffer)
    : undefined
}

/** Whether a value holds bytes. */
export const holdsBytes = (value: unknown): value is ByteSource =>
  bytesOf(value) !== undefined ||
  typeof (value as Fetched | null | undefined)?.arrayBuffer === 'function'

/**
 * The bytes of a buffer or of a view of one, not copied.
 *
 * @throws {TypeError} for anything else
 */
export function bytesIn(where: string, given: Bytes): Uint8Array {
  const bytes = bytesOf(given)
  if (bytes) return bytes
  const found = holdsBytes(given)
    ? 'what holds them after a wait; give await source.arrayBuffer()'
    : valueText(given)
  throw new TypeError(
    `${where}: needs the bytes of a file (a Uint8Array or an ArrayBuffer), got ${found}`,
  )
}

/**
 * The bytes of a source; those of an array or a buffer are not copied.
 *
 * @throws {Error} for a response without a file, or one that was read before
 */
export async function bytesFrom(where: string, source: ByteSource): Promise<Uint8Array> {
  const bytes = bytesOf(source)
  if (bytes) return bytes
  const { ok, status, url, bodyUsed, body } = source as Partial<Response>
  if (ok === false)
    throw new Error(
      `${where}: ${url || 'the response'} was answered with status ${status}; check the address`,
    )
  if (bodyUsed || body?.locked)
    throw new Error(
      `${where}: the body of ${url || 'the response'} was read already; fetch it again, or keep its bytes`,
    )
  return new Uint8Array(await (source as Fetched).arrayBuffer())
}
