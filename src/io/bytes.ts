/** What has its bytes after a wait: a `Response`, a `Blob` or a `File`. */
export interface Fetched {
  arrayBuffer(): Promise<ArrayBuffer>
}

/** Bytes, in whatever holds them: an array, a buffer, a `Response`, a `Blob`. */
export type ByteSource = ArrayBufferView | ArrayBufferLike | Fetched

/** Whether a value holds bytes. */
export const holdsBytes = (value: unknown): value is ByteSource =>
  ArrayBuffer.isView(value) ||
  isBuffer(value) ||
  typeof (value as Fetched | null | undefined)?.arrayBuffer === 'function'

// by its tag, for a buffer of another realm is none of this one's
const isBuffer = (value: unknown): value is ArrayBufferLike =>
  /^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(value))

/**
 * The bytes of a source; of an array or a buffer they are not copied.
 *
 * @throws {Error} for a response that brought no file, or was read before
 */
export async function bytesFrom(name: string, source: ByteSource): Promise<Uint8Array> {
  if (ArrayBuffer.isView(source))
    return new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
  if (isBuffer(source)) return new Uint8Array(source)
  const { ok, status, url, bodyUsed } = source as Partial<Response>
  if (ok === false)
    throw new Error(
      `${name}: ${url || 'the response'} was answered with status ${status}; check the address`,
    )
  if (bodyUsed)
    throw new Error(
      `${name}: the body of ${url || 'the response'} was read already; fetch it again, or keep its bytes`,
    )
  return new Uint8Array(await source.arrayBuffer())
}
