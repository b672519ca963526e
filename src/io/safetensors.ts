import { type DType, type Numbers, numbers, shapeText, sizeOf, Tensor } from '../tensor.ts'
import { fromFloat16, halvesOf } from './float16.ts'

/** Tensors by name and one text of metadata for each key. */
export interface TensorFile {
  readonly tensors: Readonly<Record<string, Tensor>>
  readonly metadata: Readonly<Record<string, string>>
  /** Names of those whose numbers the file holds as float16; in memory they are float32. */
  readonly float16?: ReadonlySet<string>
}

/** Types of numbers in the file. */
export type StoredType = DType | 'float16'

/** Names of types in the file, the widest first: the order of the tensors. */
const TYPES: readonly { readonly name: string; readonly dtype: StoredType; readonly bytes: number }[] = [
  { name: 'F64', dtype: 'float64', bytes: 8 },
  { name: 'F32', dtype: 'float32', bytes: 4 },
  { name: 'I32', dtype: 'int32', bytes: 4 },
  { name: 'F16', dtype: 'float16', bytes: 2 },
  { name: 'U8', dtype: 'uint8', bytes: 1 },
]
const rankOf = (dtype: StoredType): number => TYPES.findIndex((type) => type.dtype === dtype)

/** Longest header that is read, in bytes. */
export const LONGEST_HEADER = 100_000_000

const METADATA = '__metadata__'

/** A tensor that is not at hand yet. */
export interface TensorEntry {
  readonly name: string
  readonly dtype: StoredType
  readonly shape: readonly number[]
}

/**
 * A safetensors file: 8 bytes of header length, a JSON header padded with blanks to a multiple of 8, then all numbers,
 * little-endian, without holes; tensors by type, the widest first, then by name.
 *
 * @throws {RangeError} for a tensor that is called `__metadata__`, and for a number that float16 cannot hold where it should
 */
export function encodeTensors({ tensors, metadata, float16 }: TensorFile): Uint8Array {
  const storedAs = (name: string, dtype: DType): StoredType => (float16?.has(name) ? 'float16' : dtype)
  const entries = inOrder(Object.entries(tensors).map(([name, { dtype, shape }]) => ({ name, dtype: storedAs(name, dtype), shape })))
  const pieces = [headerOf(entries, metadata), ...entries.map((entry) => bytesOf(tensors[entry.name], entry))]
  const file = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    file.set(piece, at)
    at += piece.length
  }
  return file
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
  const { buffer, byteOffset, byteLength } = dtype === 'float16' ? halvesOf(data, `encodeTensors: ${name}`) : data
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** The length of the header, and the header. */
function headerOf(entries: readonly TensorEntry[], metadata: TensorFile['metadata']): Uint8Array {
  const header: Record<string, unknown> = Object.keys(metadata).length ? { [METADATA]: metadata } : {}
  let offset = 0
  for (const { name, dtype, shape } of entries) {
    if (name === METADATA) throw new RangeError(`encodeTensors: ${METADATA} is not a name for a tensor; use another`)
    const type = TYPES[rankOf(dtype)]
    const end = offset + sizeOf(shape) * type.bytes
    header[name] = { dtype: type.name, shape, data_offsets: [offset, end] }
    offset = end
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const length = Math.ceil(json.length / 8) * 8
  const bytes = new Uint8Array(8 + length).fill(0x20, 8 + json.length)
  new DataView(bytes.buffer).setUint32(0, length, true)
  bytes.set(json, 8)
  return bytes
}

/**
 * The tensors of a safetensors file.
 *
 * @param name what the file is called in errors
 * @throws {RangeError} for anything that is not such a file, naming the byte: a wrong length, a header that is not UTF-8
 * or JSON, a name that comes twice, an unknown type, ranges that overlap, leave holes, run out or do not fit the shape
 */
export function decodeTensors(file: Uint8Array, name = 'file'): TensorFile {
  const refuse = (byte: number, why: string): never => {
    throw new RangeError(`${name}: not a safetensors file at byte ${byte}: ${why}`)
  }
  if (file.length < 8) refuse(file.length, `it ends within the 8 bytes of the header's length`)
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const headerLength = view.getUint32(0, true)
  if (view.getUint32(4, true) !== 0 || headerLength > LONGEST_HEADER) refuse(0, `the header would be longer than ${LONGEST_HEADER} bytes`)
  if (8 + headerLength > file.length) refuse(0, `the header would have ${headerLength} bytes, and ${file.length - 8} follow`)
  const header = parsedHeader(file.subarray(8, 8 + headerLength), refuse)
  const { [METADATA]: metadata = {}, ...found } = header
  const entries = Object.entries(found).map(([entry, value]) => entryOf(entry, value, refuse))
  const halves = entries.filter(({ type }) => type.dtype === 'float16')
  return {
    tensors: decodedTensors(entries, file.subarray(8 + headerLength), 8 + headerLength, refuse),
    metadata: checkedMetadata(metadata, refuse),
    ...(halves.length ? { float16: new Set(halves.map((half) => half.name)) } : {}),
  }
}

type Refuse = (byte: number, why: string) => never

function parsedHeader(bytes: Uint8Array, refuse: Refuse): Record<string, unknown> {
  let json = ''
  try {
    json = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    refuse(8, 'the header is not UTF-8')
  }
  if (!json.startsWith('{')) refuse(8, 'the header must begin with {')
  let header: unknown
  try {
    header = JSON.parse(json)
  } catch (error) {
    refuse(8, `the header is not JSON (${error instanceof Error ? error.message : error})`)
  }
  const twice = repeatedKey(json)
  if (twice !== undefined)
    refuse(8 + new TextEncoder().encode(json.slice(0, twice.at)).length, `the name ${JSON.stringify(twice.key)} comes twice`)
  return header as Record<string, unknown>
}

/** The first key of the outermost object that comes twice; JSON.parse would keep the last without a word. */
function repeatedKey(json: string): { key: string; at: number } | undefined {
  const seen = new Set<string>()
  let depth = 0
  for (const match of json.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g)) {
    if (match[0] === '{' || match[0] === '[') depth++
    else if (match[0] === '}' || match[0] === ']') depth--
    else if (match[1] !== undefined && depth === 1) {
      const key = JSON.parse(match[0].slice(0, match[0].length - match[1].length)) as string
      if (seen.has(key)) return { key, at: match.index }
      seen.add(key)
    }
  }
  return undefined
}

function checkedMetadata(metadata: unknown, refuse: Refuse): Record<string, string> {
  const isText = typeof metadata === 'object' && metadata !== null && Object.values(metadata).every((value) => typeof value === 'string')
  if (!isText || Array.isArray(metadata)) refuse(8, `${METADATA} must hold texts`)
  return metadata as Record<string, string>
}

interface Entry {
  readonly name: string
  readonly type: (typeof TYPES)[number]
  readonly shape: readonly number[]
  readonly from: number
  readonly to: number
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

function entryOf(name: string, value: unknown, refuse: Refuse): Entry {
  const { dtype, shape, data_offsets: offsets } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  const type = TYPES.find((known) => known.name === dtype)
  if (!type)
    return refuse(
      8,
      `the tensor ${JSON.stringify(name)} has the unknown type ${JSON.stringify(dtype)}; known: ${TYPES.map((known) => known.name).join(', ')}`,
    )
  if (!Array.isArray(shape) || !shape.every(isCount))
    return refuse(8, `the shape of ${JSON.stringify(name)} must be a list of integers ≥ 0`)
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    return refuse(8, `data_offsets of ${JSON.stringify(name)} must be two integers ≥ 0`)
  }
  const [from, to] = offsets as [number, number]
  if (to - from !== sizeOf(shape) * type.bytes) {
    return refuse(
      8,
      `${JSON.stringify(name)} ${shapeText(shape)} of ${type.name} needs ${sizeOf(shape) * type.bytes} bytes, data_offsets give ${to - from}`,
    )
  }
  return { name, type, shape: shape as number[], from, to }
}

/** Reads every tensor; their ranges must follow each other from 0 to the end. */
function decodedTensors(entries: Entry[], bytes: Uint8Array, start: number, refuse: Refuse): Record<string, Tensor> {
  entries.sort((a, b) => a.from - b.from || a.to - b.to)
  const tensors: [string, Tensor][] = []
  let end = 0
  for (const { name, type, shape, from, to } of entries) {
    if (from !== end)
      refuse(
        start + Math.min(from, end),
        `${JSON.stringify(name)} ${from < end ? 'overlaps the tensor before it' : 'leaves a hole before it'}`,
      )
    if (to > bytes.length) refuse(start + bytes.length, `the file ends before the numbers of ${JSON.stringify(name)} do`)
    tensors.push([name, new Tensor(shape, numbersOf(type.dtype, bytes.subarray(from, to)))])
    end = to
  }
  if (end !== bytes.length) refuse(start + end, `${bytes.length - end} bytes belong to no tensor`)
  return Object.fromEntries(tensors)
}

function numbersOf(dtype: StoredType, bytes: Uint8Array): Numbers {
  const { bytes: size } = TYPES[rankOf(dtype)]
  const data = dtype === 'float16' ? new Uint16Array(bytes.length / size) : numbers(dtype, bytes.length / size)
  new Uint8Array(data.buffer).set(bytes)
  return data instanceof Uint16Array ? Float32Array.from(data, fromFloat16) : data
}
