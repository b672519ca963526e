import { valueText } from '../kinds.ts'

/** Bytes at hand: a buffer, or an array or view of one. */
export type Bytes = ArrayBufferLike | ArrayBufferView

/** What has its bytes after a wait: a `Response`, a `Blob` or a `File`. */
export interface Fetched {
  arrayBuffer(): Promise<ArrayBuffer>
}

/** Bytes, in whatever holds them: an array, a buffer, a `Response`, a `Blob`. */
export type ByteSource = Bytes | Fetched

/** The bytes of a buffer or of a view of one, not copied; undefined for what is neither. */
function bytesOf(value: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(value))
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  // by its tag, for a buffer of another realm is none of this one's
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
 * @throws {TypeError} for what holds none at hand
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
 * The bytes of a source; of an array or a buffer they are not copied.
 *
 * @throws {Error} for a response that brought no file, or was read before
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
