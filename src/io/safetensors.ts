import { expectOptions, valueText } from '../kinds.ts'
import { type DType, expectTensor, sizeOf, type Tensor } from '../tensor.ts'
import { type Bytes, bytesIn } from './bytes.ts'
import { halvesOf } from './float16.ts'
import { headerLength, METADATA, readHeader, refusalOf } from './header.ts'
import { isConverted, tensorOf } from './stored.ts'

/** Tensors by name, and metadata: a string for each key. */
export interface TensorFile {
  readonly tensors: Readonly<Record<string, Tensor>>
  readonly metadata: Readonly<Record<string, string>>
  /** Names of tensors that are float16 in the file; in memory they are float32. */
  readonly float16?: ReadonlySet<string>
  /**
   * Types in the file of tensors with another type in memory, such as BF16; they are written with
   * the type in memory.
   */
  readonly converted?: ReadonlyMap<string, string>
}

/** Number types for writing. */
type StoredType = DType | 'float16'

/** Their names in the file, the widest first: the order of the tensors. */
const TYPES: readonly {
  readonly name: string
  readonly dtype: StoredType
  readonly bytes: number
}[] = [
  { name: 'F64', dtype: 'float64', bytes: 8 },
  { name: 'F32', dtype: 'float32', bytes: 4 },
  { name: 'I32', dtype: 'int32', bytes: 4 },
  { name: 'F16', dtype: 'float16', bytes: 2 },
  { name: 'U8', dtype: 'uint8', bytes: 1 },
]
const rankOf = (dtype: StoredType): number => TYPES.findIndex((type) => type.dtype === dtype)

/** A tensor that is computed later. */
interface TensorEntry {
  readonly name: string
  readonly dtype: StoredType
  readonly shape: readonly number[]
}

/**
 * A safetensors file: 8 bytes of header length, a JSON header padded with blanks to a multiple of
 * 8, then all numbers, little-endian, without holes; tensors by type, the widest first, then by
 * name.
 *
 * @throws {RangeError} for a tensor that is called `__metadata__`, and for a number beyond float16;
 *   {TypeError} for anything but tensors, and metadata other than strings
 */
export function encodeTensors(given: TensorFile): Uint8Array {
  expectOptions('encodeTensors', given, '{ tensors: { W }, metadata: {} }')
  const { tensors, metadata, float16 } = given
  expectByName('tensors', tensors, '{ W: Tensor.zeros([2, 3]) }')
  for (const [name, tensor] of Object.entries(tensors)) expectTensor('encodeTensors', name, tensor)
  const storedAs = (name: string, dtype: DType): StoredType =>
    float16?.has(name) ? 'float16' : dtype
  const entries = inOrder(
    Object.entries(tensors).map(([name, { dtype, shape }]) => ({
      name,
      dtype: storedAs(name, dtype),
      shape,
    })),
  )
  const pieces = [
    headerOf(entries, metadata),
    ...entries.map((entry) => bytesOf(tensors[entry.name], entry)),
  ]
  const file = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    file.set(piece, at)
    at += piece.length
  }
  return file
}

/** @throws {TypeError} unless the value is an object of named values */
function expectByName(name: string, value: unknown, example: string): void {
  const isNamed = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isNamed || value instanceof Promise)
    throw new TypeError(
      `encodeTensors: ${name} must be an object such as ${example}, got ${valueText(value)}`,
    )
}

/** The same file in pieces, with one tensor in memory at a time. */
export async function* encodeInPieces(
  tensors: readonly TensorEntry[],
  metadata: TensorFile['metadata'],
  read: (name: string) => Promise<Tensor>,
): AsyncGenerator<Uint8Array> {
  const entries = inOrder(tensors)
  yield headerOf(entries, metadata)
  for (const entry of entries) yield bytesOf(await read(entry.name), entry)
}

const inOrder = (entries: readonly TensorEntry[]): TensorEntry[] =>
  [...entries].sort((a, b) => rankOf(a.dtype) - rankOf(b.dtype) || (a.name < b.name ? -1 : 1))

function bytesOf({ data }: Tensor, { name, dtype }: TensorEntry): Uint8Array {
  const { buffer, byteOffset, byteLength } =
    dtype === 'float16' ? halvesOf(data, `encodeTensors: ${name}`) : data
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** The length of the header, and the header. */
function headerOf(entries: readonly TensorEntry[], metadata: TensorFile['metadata']): Uint8Array {
  expectByName('metadata', metadata, "{ format: 'pt' }, or {}")
  for (const [key, text] of Object.entries(metadata))
    if (typeof text !== 'string')
      throw new TypeError(`encodeTensors: metadata ${key} must be a text, got ${valueText(text)}`)
  const header = new Map<string, unknown>(
    Object.keys(metadata).length ? [[METADATA, metadata]] : [],
  )
  let offset = 0
  for (const { name, dtype, shape } of entries) {
    if (name === METADATA)
      throw new RangeError(`encodeTensors: ${METADATA} is not a name for a tensor; use another`)
    const type = TYPES[rankOf(dtype)]
    const end = offset + sizeOf(shape) * type.bytes
    header.set(name, { dtype: type.name, shape, data_offsets: [offset, end] })
    offset = end
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)))
  const length = Math.ceil(json.length / 8) * 8
  const bytes = new Uint8Array(8 + length).fill(0x20, 8 + json.length)
  new DataView(bytes.buffer).setUint32(0, length, true)
  bytes.set(json, 8)
  return bytes
}

/**
 * The tensors of a safetensors file.
 *
 * F64, F32, I32 and U8 are as in the file; F16 and BF16 become float32, I64, I16, I8 and U16 int32,
 * BOOL uint8.
 *
 * @param name name of the file in errors
 * @throws {RangeError} for anything that is not such a file, naming the byte: a wrong length, a
 *   header that is not UTF-8 or JSON, a duplicate name, ranges that overlap, leave holes, exceed
 *   the file or do not fit the shape; for a tensor of another type; for an I64 beyond int32, with
 *   its index
 * @throws {TypeError} for anything but bytes
 * @see openTensors, which reads single tensors
 */
export function decodeTensors(file: Bytes, name = 'file'): TensorFile {
  const bytes = bytesIn('decodeTensors', file)
  const refuse = refusalOf(name)
  const { entries, metadata } = readHeader(
    bytes.subarray(8, 8 + headerLength(bytes, bytes.length, refuse)),
    bytes.length,
    refuse,
  )
  const halves = entries.filter(({ type }) => type === 'F16')
  const converted = entries.filter(({ type }) => isConverted(type))
  return {
    tensors: Object.fromEntries(
      entries.map((entry) => [
        entry.name,
        tensorOf(entry, bytes.subarray(entry.from, entry.to), name),
      ]),
    ),
    metadata,
    ...(halves.length ? { float16: new Set(halves.map((half) => half.name)) } : {}),
    ...(converted.length
      ? { converted: new Map(converted.map((entry) => [entry.name, entry.type])) }
      : {}),
  }
}
