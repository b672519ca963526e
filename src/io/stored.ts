import { atText, type DType, type Numbers, numbers, Tensor, unravelIndex } from '../tensor.ts'
import { fromFloat16 } from './float16.ts'
import type { HeaderEntry } from './header.ts'

/** A number type of files, and its type in memory. */
interface Stored {
  readonly dtype: DType
  /** Converts bytes; returns them unchanged if there is nothing to convert. */
  numbersOf?(bytes: ArrayBuffer, refuse: (n: number, value: bigint) => never): Numbers
}

/** The supported types, by the format's names. */
const STORED: Readonly<Record<string, Stored>> = {
  F64: { dtype: 'float64' },
  F32: { dtype: 'float32' },
  F16: {
    dtype: 'float32',
    numbersOf: (bytes) => Float32Array.from(new Uint16Array(bytes), fromFloat16),
  },
  BF16: { dtype: 'float32', numbersOf: fromBfloat16 },
  I64: { dtype: 'int32', numbersOf: fromInt64 },
  I32: { dtype: 'int32' },
  I16: { dtype: 'int32', numbersOf: (bytes) => Int32Array.from(new Int16Array(bytes)) },
  I8: { dtype: 'int32', numbersOf: (bytes) => Int32Array.from(new Int8Array(bytes)) },
  U16: { dtype: 'int32', numbersOf: (bytes) => Int32Array.from(new Uint16Array(bytes)) },
  U8: { dtype: 'uint8' },
  BOOL: { dtype: 'uint8' },
}

/** Types that are the same in file and memory, and float16, which can be written. */
const KEPT = ['F64', 'F32', 'F16', 'I32', 'U8']

/** Whether a type is converted to another in memory, and then written as that. */
export const isConverted = (type: string): boolean => !KEPT.includes(type)

/** bfloat16 is the upper half of a float32. */
function fromBfloat16(bytes: ArrayBuffer): Float32Array {
  return new Float32Array(Uint32Array.from(new Uint16Array(bytes), (half) => half << 16).buffer)
}

/** 64-bit integers whose upper half is only the sign of the lower. */
function fromInt64(bytes: ArrayBuffer, refuse: (n: number, value: bigint) => never): Int32Array {
  const words = new Int32Array(bytes)
  const found = new Int32Array(words.length / 2)
  for (let n = 0; n < found.length; n++) {
    if (words[2 * n + 1] !== words[2 * n] >> 31) refuse(n, new BigInt64Array(bytes)[n])
    found[n] = words[2 * n]
  }
  return found
}

/**
 * The tensor of an entry.
 *
 * @param bytes its numbers in the file; copied
 * @param file name of the file in errors
 * @throws {RangeError} for an unsupported type, and for an integer beyond int32, with its index
 */
export function tensorOf(
  { name, type, shape }: HeaderEntry,
  bytes: Uint8Array,
  file: string,
): Tensor {
  const stored = storedAs(name, type, file)
  const buffer = new ArrayBuffer(bytes.length)
  new Uint8Array(buffer).set(bytes)
  const refuse = (n: number, value: bigint): never => {
    throw new RangeError(
      `${file}: the tensor ${JSON.stringify(name)} holds ${value}${atText(unravelIndex(n, shape))}, beyond int32`,
    )
  }
  return new Tensor(
    shape,
    stored.numbersOf?.(buffer, refuse) ??
      new (numbers(stored.dtype, 0).constructor as NumbersOf)(buffer),
  )
}

type NumbersOf = new (bytes: ArrayBuffer) => Numbers

/** @throws {RangeError} for an unsupported type */
function storedAs(name: string, type: string, file: string): Stored {
  if (Object.hasOwn(STORED, type)) return STORED[type]
  throw new RangeError(
    `${file}: the tensor ${JSON.stringify(name)} is of ${JSON.stringify(type)}, which is not read; read are ${Object.keys(STORED).join(', ')}`,
  )
}
