import { nearest, valueText } from '../kinds.ts'
import type { Tensor } from '../tensor.ts'
import { type ByteSource, bytesFrom, holdsBytes } from './bytes.ts'
import { type OpenFile, openFile } from './files.ts'
import { headerLength, readHeader, refusalOf } from './header.ts'
import { type FilePath, isFilePath, pathOf } from './path.ts'
import { tensorOf } from './stored.ts'

/** A tensor in a file, not read yet. */
export interface StoredTensor {
  /** Number type by its name in the format, such as BF16. */
  readonly type: string
  readonly shape: readonly number[]
  readonly bytes: number
}

/** An open safetensors file; only its header was read. */
export interface TensorReader {
  /** Its tensors by name, in the order of the file. */
  readonly entries: ReadonlyMap<string, StoredTensor>
  readonly metadata: Readonly<Record<string, string>>
  /**
   * One tensor; nothing else is read or kept.
   *
   * @throws {RangeError} for an unknown name, an unsupported type, an I64 beyond int32, and if the
   *   file has become shorter
   */
  read(name: string): Promise<Tensor>
  /** Closes the file; does nothing for bytes. */
  close(): Promise<void>
}

/**
 * Opens a safetensors file without its numbers: each tensor is read on demand, as by decodeTensors.
 *
 * A file may hold unsupported types; only their tensors are refused.
 *
 * @param file a path or a file URL, or its bytes from any source
 * @throws {RangeError} for anything that is not such a file, naming the byte, {TypeError} for
 *   anything but a path or bytes, {Error} if a file cannot be read
 */
export async function openTensors(file: FilePath | ByteSource): Promise<TensorReader> {
  const { open, name } = await opened(file)
  try {
    return await readerOf(open, name)
  } catch (error) {
    await open.close()
    throw error
  }
}

async function opened(file: FilePath | ByteSource): Promise<{ open: OpenFile; name: string }> {
  if (holdsBytes(file))
    return { open: inMemory(await bytesFrom('openTensors', file)), name: 'file' }
  if (!isFilePath(file))
    throw new TypeError(
      `openTensors: needs a path, or the bytes of a file (a Uint8Array, an ArrayBuffer, a Response or a Blob), got ${valueText(file)}`,
    )
  const path = pathOf('openTensors', file, 'download it first, or give what fetch brings')
  return { open: await openFile(path), name: path }
}

const inMemory = (bytes: Uint8Array): OpenFile => ({
  size: bytes.length,
  read: async (from, to) => bytes.subarray(from, to),
  close: async () => {},
})

async function readerOf(file: OpenFile, name: string): Promise<TensorReader> {
  const refuse = refusalOf(name)
  const length = headerLength(await file.read(0, 8), file.size, refuse)
  const { entries, metadata } = readHeader(await file.read(8, 8 + length), file.size, refuse)
  const named = new Map(entries.map((entry) => [entry.name, entry]))
  return {
    entries: new Map(
      entries.map(({ name, type, shape, from, to }) => [name, { type, shape, bytes: to - from }]),
    ),
    metadata,
    async read(tensor) {
      const entry = named.get(tensor)
      if (!entry) {
        const near = nearest(String(tensor), [...named.keys()])
        throw new RangeError(
          `${name}: has no tensor ${JSON.stringify(tensor)} among its ${named.size}${near ? `; it has ${JSON.stringify(near)}` : ''}`,
        )
      }
      const bytes = await file.read(entry.from, entry.to)
      if (bytes.length < entry.to - entry.from)
        refuse(
          entry.from + bytes.length,
          `the file ends before the numbers of ${JSON.stringify(tensor)} do`,
        )
      return tensorOf(entry, bytes, name)
    },
    close: () => file.close(),
  }
}
