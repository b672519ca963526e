import { valueText } from './kinds.ts'

/** Types of numbers that a tensor holds. */
export type DType = 'float32' | 'float64' | 'int32' | 'uint8'

/** The arrays that hold them. */
export type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array

/** Numbers in nested arrays, as written by hand. */
export type Nested = number | readonly Nested[]

const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint8: Uint8Array } as const

/** Number of elements of a shape; 1 for the empty shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1)

/** Shape as people write it: (2, 3). */
export const shapeText = (shape: readonly number[]): string => (shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`)

/** Zeros of a type. */
export const numbers = (dtype: DType, length: number): Numbers => new arrays[dtype](length)

/** @throws {TypeError} unless the shape is an array, {RangeError} unless it holds integers ≥ 0 */
export function checkShape(where: string, shape: readonly number[]): void {
  if (!Array.isArray(shape)) throw new TypeError(`${where}: shape must be an array such as [2, 3], got ${valueText(shape)}`)
  if (!shape.every((length) => Number.isInteger(length) && length >= 0))
    throw new RangeError(`${where}: every axis must be an integer ≥ 0, got shape ${shapeText(shape)}`)
}

function checkDType(where: string, dtype: DType): void {
  if (!Object.hasOwn(arrays, dtype))
    throw new TypeError(`${where}: dtype must be one of ${Object.keys(arrays).join(', ')}, got ${valueText(dtype)}`)
}

/** @throws {TypeError} unless the value is a tensor */
export function expectTensor(where: string, name: string, value: unknown): void {
  if (!(value instanceof Tensor))
    throw new TypeError(`${where}: ${name} must be a Tensor, got ${valueText(value)}; use Tensor.from for nested arrays`)
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
      throw new TypeError('Tensor: data must be a Float32Array, Float64Array, Int32Array or Uint8Array; use Tensor.from for nested arrays')
    }
    if (data.length !== sizeOf(shape)) {
      throw new RangeError(`Tensor: shape ${shapeText(shape)} needs ${sizeOf(shape)} numbers, got ${data.length}`)
    }
    this.shape = [...shape]
    this.data = data
  }

  static zeros(shape: readonly number[], dtype: DType = 'float32'): Tensor {
    checkShape('Tensor.zeros', shape)
    checkDType('Tensor.zeros', dtype)
    return new Tensor(shape, numbers(dtype, sizeOf(shape)))
  }

  /** A tensor from nested arrays. @throws {RangeError} if rows differ in length */
  static from(nested: Nested, dtype: DType = 'float32'): Tensor {
    checkDType('Tensor.from', dtype)
    if (typeof nested !== 'number' && !Array.isArray(nested))
      throw new TypeError(`Tensor.from: needs numbers in nested arrays, got ${valueText(nested)}`)
    const shape: number[] = []
    for (let level = nested; Array.isArray(level); level = level[0]) shape.push(level.length)
    const flat: number[] = []
    flatten(nested, shape, 0, flat)
    return new Tensor(shape, arrays[dtype].from(flat))
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

  /** Same numbers under another shape; nothing is copied. */
  reshape(shape: readonly number[]): Tensor {
    return new Tensor(shape, this.data)
  }

  /** A copy with numbers of another type. */
  as(dtype: DType): Tensor {
    checkDType('Tensor.as', dtype)
    return new Tensor(this.shape, arrays[dtype].from(this.data))
  }

  /** One number. @throws {RangeError} outside of the shape */
  at(...index: number[]): number {
    let offset = 0
    for (let axis = 0; axis < this.shape.length; axis++) {
      if (!(Number.isInteger(index[axis]) && index[axis] >= 0 && index[axis] < this.shape[axis])) {
        throw new RangeError(`Tensor.at: [${index.join(', ')}] lies outside of shape ${shapeText(this.shape)}`)
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
    return new Tensor(shape, this.data.subarray(n * sizeOf(shape), (n + 1) * sizeOf(shape)) as Numbers)
  }
}

function flatten(nested: Nested, shape: readonly number[], axis: number, flat: number[]): void {
  if (axis === shape.length) {
    if (typeof nested !== 'number') throw new RangeError('Tensor.from: every row must have the same depth')
    flat.push(nested)
    return
  }
  if (!Array.isArray(nested) || nested.length !== shape[axis]) {
    const found = Array.isArray(nested) ? nested.length : 'a number'
    throw new RangeError(`Tensor.from: every row along axis ${axis} must have ${shape[axis]} entries, got ${found}`)
  }
  for (const entry of nested) flatten(entry, shape, axis + 1, flat)
}
