import { valueText } from './kinds.ts'

/** Element types of a tensor. */
export type DType = 'float32' | 'float64' | 'int32' | 'uint8'

/** The arrays that hold them. */
export type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array

/** Numbers in nested arrays, as written by hand. */
export type Nested = number | readonly Nested[]

/** A tensor as JSON has it; data in row-major order. */
export interface TensorJSON {
  readonly shape: readonly number[]
  readonly dtype: DType
  /** Numbers that JSON lacks, or whose sign it loses, are strings. */
  readonly data: readonly (number | '-0' | 'NaN' | 'Infinity' | '-Infinity')[]
}

const NOT_IN_JSON: TensorJSON['data'] = ['-0', 'NaN', 'Infinity', '-Infinity']

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint8: Uint8Array,
} as const

/** Number of elements of a shape; 1 for the empty shape. */
export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((size, length) => size * length, 1)

/** Shape as people write it: (2, 3). */
export const shapeText = (shape: readonly number[]): string =>
  shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`

/** An array of zeros of an element type. */
export const numbers = (dtype: DType, length: number): Numbers => new arrays[dtype](length)

/** @throws {TypeError} unless the shape is an array, {RangeError} unless it holds integers ≥ 0 */
export function checkShape(where: string, shape: readonly number[]): void {
  if (!Array.isArray(shape))
    throw new TypeError(`${where}: shape must be an array such as [2, 3], got ${valueText(shape)}`)
  if (!shape.every((length) => Number.isInteger(length) && length >= 0))
    throw new RangeError(
      `${where}: every axis must be an integer ≥ 0, got shape ${shapeText(shape)}`,
    )
}

function checkDType(where: string, dtype: DType): void {
  if (!Object.hasOwn(arrays, dtype))
    throw new TypeError(
      `${where}: dtype must be one of ${Object.keys(arrays).join(', ')}, got ${valueText(dtype)}`,
    )
}

/** @throws {TypeError} unless the value is a tensor */
export function expectTensor(where: string, name: string, value: unknown): void {
  if (!(value instanceof Tensor))
    throw new TypeError(
      `${where}: ${name} must be a Tensor, got ${valueText(value)}; use Tensor.from for nested arrays`,
    )
}

/** A shape and its numbers in row-major order (the last axis varies fastest). */
export class Tensor {
  readonly shape: readonly number[]
  readonly data: Numbers

  /**
   * @param shape lengths of the axes, integers ≥ 0
   * @param data as many numbers as the shape has elements; kept, not copied
   * @throws {RangeError} if shape and data disagree
   * @throws {TypeError} if data is not a typed array of a known type
   */
  constructor(shape: readonly number[], data: Numbers) {
    checkShape('Tensor', shape)
    if (!Object.values(arrays).some((array) => data instanceof array)) {
      throw new TypeError(
        'Tensor: data must be a Float32Array, Float64Array, Int32Array or Uint8Array; use Tensor.from for nested arrays',
      )
    }
    if (data.length !== sizeOf(shape)) {
      throw new RangeError(
        `Tensor: shape ${shapeText(shape)} needs ${sizeOf(shape)} numbers, got ${data.length}`,
      )
    }
    this.shape = [...shape]
    this.data = data
  }

  static zeros(shape: readonly number[], dtype: DType = 'float32'): Tensor {
    checkShape('Tensor.zeros', shape)
    checkDType('Tensor.zeros', dtype)
    try {
      return new Tensor(shape, numbers(dtype, sizeOf(shape)))
    } catch (cause) {
      throw new RangeError(
        `Tensor.zeros: there is no memory for shape ${shapeText(shape)}; use smaller sizes`,
        { cause },
      )
    }
  }

  /**
   * A tensor from nested arrays; floating numbers are rounded to the type.
   *
   * @param dtype float32 by default
   * @throws {RangeError} if rows differ in length or depth, and for a number out of range of int32
   *   or uint8, {TypeError} if a value is not a number, each with its index
   */
  static from(nested: Nested, dtype: DType = 'float32'): Tensor {
    checkDType('Tensor.from', dtype)
    const shape: number[] = []
    for (let level = nested; Array.isArray(level); level = level[0]) shape.push(level.length)
    const flat: number[] = []
    flatten(nested, shape, [], flat)
    checkIntegers('Tensor.from', dtype, flat, shape, Number.isInteger)
    return new Tensor(shape, arrays[dtype].from(flat))
  }

  /**
   * The tensor of what `toJSON` returned, after JSON.parse.
   *
   * @throws {TypeError} for any other object, {RangeError} if shape and data disagree
   */
  static fromJSON(json: TensorJSON): Tensor {
    const { shape, dtype, data } = Object(json) as TensorJSON
    checkShape('Tensor.fromJSON', shape)
    checkDType('Tensor.fromJSON', dtype)
    if (!Array.isArray(data))
      throw new TypeError(`Tensor.fromJSON: data must be an array, got ${valueText(data)}`)
    const wrong = data.findIndex((x) => typeof x !== 'number' && !NOT_IN_JSON.includes(x))
    if (wrong >= 0)
      throw new TypeError(
        `Tensor.fromJSON: data must be numbers, got ${valueText(data[wrong])} at [${wrong}]`,
      )
    const given = data.map(Number)
    checkIntegers('Tensor.fromJSON', dtype, given, [given.length], Number.isInteger)
    return new Tensor(shape, arrays[dtype].from(given))
  }

  /** What JSON.stringify writes: every number exact; −0, NaN and ±∞ as strings. */
  toJSON(): TensorJSON {
    const data = Array.from(this.data, (x) => {
      if (Object.is(x, -0)) return '-0'
      return Number.isFinite(x) ? x : (String(x) as TensorJSON['data'][number])
    })
    return { shape: this.shape, dtype: this.dtype, data }
  }

  get dtype(): DType {
    if (this.data instanceof Float32Array) return 'float32'
    if (this.data instanceof Float64Array) return 'float64'
    return this.data instanceof Int32Array ? 'int32' : 'uint8'
  }

  /** Number of elements. */
  get size(): number {
    return this.data.length
  }

  /** The same numbers in another shape; nothing is copied. */
  reshape(shape: readonly number[]): Tensor {
    return new Tensor(shape, this.data)
  }

  /**
   * A copy of another element type; int32 and uint8 truncate.
   *
   * @throws {RangeError} for a number out of their range, with its index
   */
  as(dtype: DType): Tensor {
    checkDType('Tensor.as', dtype)
    checkIntegers('Tensor.as', dtype, this.data, this.shape, Number.isFinite)
    return new Tensor(this.shape, arrays[dtype].from(this.data))
  }

  /** One number. @throws {RangeError} outside of the shape */
  at(...index: number[]): number {
    let offset = 0
    for (let axis = 0; axis < this.shape.length; axis++) {
      if (!(Number.isInteger(index[axis]) && index[axis] >= 0 && index[axis] < this.shape[axis])) {
        throw new RangeError(
          `Tensor.at: [${index.join(', ')}] lies outside of shape ${shapeText(this.shape)}`,
        )
      }
      offset = offset * this.shape[axis] + index[axis]
    }
    return this.data[offset]
  }

  /** One entry of the first axis; shares the numbers. */
  slice(n: number): Tensor {
    if (!(Number.isInteger(n) && n >= 0 && n < (this.shape[0] ?? 0)))
      throw new RangeError(`Tensor.slice: no entry ${n} in shape ${shapeText(this.shape)}`)
    const shape = this.shape.slice(1)
    return new Tensor(
      shape,
      this.data.subarray(n * sizeOf(shape), (n + 1) * sizeOf(shape)) as Numbers,
    )
  }
}

/** Least and largest number of the integer types. */
const INTEGERS: Partial<Record<DType, readonly [number, number]>> = {
  int32: [-2147483648, 2147483647],
  uint8: [0, 255],
}

/**
 * @throws {RangeError} for a number that an integer type would wrap, with its index; `serves` says
 *   what counts as an integer
 */
function checkIntegers(
  where: string,
  dtype: DType,
  values: ArrayLike<number>,
  shape: readonly number[],
  serves: (x: number) => boolean,
): void {
  const range = INTEGERS[dtype]
  if (!range) return
  for (let n = 0; n < values.length; n++) {
    const whole = Math.trunc(values[n])
    if (serves(values[n]) && whole >= range[0] && whole <= range[1]) continue
    throw new RangeError(
      `${where}: ${dtype} holds integers from ${range.join(' to ')}, got ${values[n]}${atText(unravelIndex(n, shape))}`,
    )
  }
}

/** The index of the n-th number of a shape, in row-major order. */
export function unravelIndex(n: number, shape: readonly number[]): number[] {
  const index: number[] = []
  for (
    let axis = shape.length - 1, rest = n;
    axis >= 0;
    rest = Math.floor(rest / shape[axis]), axis--
  )
    index.unshift(rest % shape[axis])
  return index
}

/** An index as errors show it: empty for a scalar. */
export const atText = (index: readonly number[]): string =>
  index.length ? ` at [${index.join(', ')}]` : ''

/** @param index position of `nested`; changed during the call, and restored */
function flatten(nested: Nested, shape: readonly number[], index: number[], flat: number[]): void {
  const axis = index.length
  if (axis === shape.length && typeof nested === 'number') flat.push(nested)
  else if (axis < shape.length && Array.isArray(nested) && nested.length === shape[axis]) {
    for (let n = 0; n < nested.length; n++) {
      index.push(n)
      if (!(n in nested)) throw new TypeError(`${NUMBERS}, got a hole${atText(index)}`)
      flatten(nested[n], shape, index, flat)
      index.pop()
    }
  } else refuseNested(nested, shape, index)
}

const NUMBERS = 'Tensor.from: needs numbers in nested arrays'

function refuseNested(nested: Nested, shape: readonly number[], index: readonly number[]): never {
  if (typeof nested !== 'number' && !Array.isArray(nested)) {
    const remedy = ArrayBuffer.isView(nested)
      ? '; spread it as [...numbers], or use new Tensor(shape, numbers)'
      : ''
    throw new TypeError(`${NUMBERS}, got ${valueText(nested)}${atText(index)}${remedy}`)
  }
  if (index.length === shape.length)
    throw new RangeError('Tensor.from: every row must have the same depth')
  const found = Array.isArray(nested) ? nested.length : 'a number'
  throw new RangeError(
    `Tensor.from: every row along axis ${index.length} must have ${shape[index.length]} entries, got ${found}`,
  )
}
