import { shapeText, sizeOf } from '../tensor.ts'

/** Longest accepted header, in bytes. */
const LONGEST_HEADER = 100_000_000

export const METADATA = '__metadata__'

/** A tensor in a file. */
export interface HeaderEntry {
  readonly name: string
  /** Number type by its name in the format, such as BF16. */
  readonly type: string
  readonly shape: readonly number[]
  /** Its numbers are the bytes from … to − 1 of the file. */
  readonly from: number
  readonly to: number
}

/** The header of a file. */
interface Header {
  /** In the order of their numbers. */
  readonly entries: readonly HeaderEntry[]
  readonly metadata: Readonly<Record<string, string>>
}

/** Bits per number of each known type; sizes of other types cannot be checked. */
const BITS: Readonly<Record<string, number>> = {
  ...{
    F64: 64,
    F32: 32,
    F16: 16,
    BF16: 16,
    I64: 64,
    I32: 32,
    I16: 16,
    I8: 8,
    U64: 64,
    U32: 32,
    U16: 16,
    U8: 8,
    BOOL: 8,
    C64: 64,
  },
  ...{
    F8_E5M2: 8,
    F8_E4M3: 8,
    F8_E8M0: 8,
    F8_E4M3FNUZ: 8,
    F8_E5M2FNUZ: 8,
    F6_E2M3: 6,
    F6_E3M2: 6,
    F4: 4,
  },
}

/** An error for a file that is not of the format, naming the byte. */
type Refuse = (byte: number, why: string) => never

export const refusalOf =
  (file: string): Refuse =>
  (byte, why) => {
    throw new RangeError(`${file}: not a safetensors file at byte ${byte}: ${why}`)
  }

/**
 * Length of the header, from the first 8 bytes of a file, or as many as it has.
 *
 * @param size of the file, in bytes
 */
export function headerLength(begin: Uint8Array, size: number, refuse: Refuse): number {
  if (size < 8) refuse(size, `it ends within the 8 bytes of the header's length`)
  const view = new DataView(begin.buffer, begin.byteOffset, begin.byteLength)
  const length = view.getUint32(0, true)
  if (view.getUint32(4, true) !== 0 || length > LONGEST_HEADER)
    refuse(0, `the header would be longer than ${LONGEST_HEADER} bytes`)
  if (8 + length > size) refuse(0, `the header would have ${length} bytes, and ${size - 8} follow`)
  return length
}

/** @param bytes the header alone @param size of the file, in bytes */
export function readHeader(bytes: Uint8Array, size: number, refuse: Refuse): Header {
  const { [METADATA]: metadata = {}, ...found } = parsed(bytes, refuse)
  const start = 8 + bytes.length
  const entries = Object.entries(found).map(([name, value]) => entryOf(name, value, start, refuse))
  checkRanges(entries, start, size, refuse)
  return { entries, metadata: checkedMetadata(metadata, refuse) }
}

function parsed(bytes: Uint8Array, refuse: Refuse): Record<string, unknown> {
  let json = ''
  try {
    // a copy: browsers decode no memory that is shared
    json = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.slice())
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
    refuse(
      8 + new TextEncoder().encode(json.slice(0, twice.at)).length,
      `the name ${JSON.stringify(twice.key)} comes twice`,
    )
  return header as Record<string, unknown>
}

/** The first duplicate key of the outermost object; JSON.parse would silently keep the last. */
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
  const isText =
    typeof metadata === 'object' &&
    metadata !== null &&
    Object.values(metadata).every((value) => typeof value === 'string')
  if (!isText || Array.isArray(metadata)) refuse(8, `${METADATA} must hold texts`)
  return metadata as Record<string, string>
}

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0

function entryOf(name: string, value: unknown, start: number, refuse: Refuse): HeaderEntry {
  const {
    dtype: type,
    shape,
    data_offsets: offsets,
  } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  const tensor = JSON.stringify(name)
  if (typeof type !== 'string')
    return refuse(
      8,
      `the type of ${tensor} must be a text such as "F32", got ${JSON.stringify(type)}`,
    )
  if (!Array.isArray(shape) || !shape.every(isCount))
    return refuse(8, `the shape of ${tensor} must be a list of integers ≥ 0`)
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    return refuse(8, `data_offsets of ${tensor} must be two integers ≥ 0`)
  const [from, to] = offsets as [number, number]
  const needed = Object.hasOwn(BITS, type)
    ? (sizeOf(shape) * BITS[type]) / 8
    : Math.max(0, to - from)
  if (to - from !== needed)
    refuse(
      8,
      `${tensor} ${shapeText(shape)} of ${type} needs ${needed} bytes, data_offsets give ${to - from}`,
    )
  return { name, type, shape: shape as number[], from: start + from, to: start + to }
}

/**
 * Sorts the entries by their bytes, which must follow each other from the header's end to the
 * file's.
 */
function checkRanges(entries: HeaderEntry[], start: number, size: number, refuse: Refuse): void {
  entries.sort((a, b) => a.from - b.from || a.to - b.to)
  let end = start
  for (const { name, from, to } of entries) {
    const tensor = JSON.stringify(name)
    if (from !== end)
      refuse(
        Math.min(from, end),
        `${tensor} ${from < end ? 'overlaps the tensor before it' : 'leaves a hole before it'}`,
      )
    if (to > size) refuse(size, `the file ends before the numbers of ${tensor} do`)
    end = to
  }
  if (end !== size) refuse(end, `${size - end} bytes belong to no tensor`)
}
