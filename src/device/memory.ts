import { FUNCTION, valueText } from '../kinds.ts'
import {
  checkShape,
  type DType,
  expectTensor,
  type Numbers,
  numbers,
  shapeText,
  sizeOf,
  Tensor,
} from '../tensor.ts'
import type { DeviceStats, Handle } from './device.ts'
import { isFollowed, openOf, type Scope, Scopes, type Within } from './scopes.ts'

/** Where a device keeps its numbers. */
export interface MemoryStore {
  /** Allocates numbers, as zeros. */
  allocate(dtype: DType, length: number): Stored
}

export interface Stored {
  /** The current numbers: call it again after any other allocation. */
  numbers(): Numbers
  /**
   * Their memory, for a caller that writes every number: it may hold stale numbers of another
   * array. Until `written` is called, all others read zeros.
   */
  room(): Numbers
  written(): void
  free(): void
}

/** Numbers on the JavaScript heap. */
export const heap: MemoryStore = {
  allocate(dtype, length) {
    const kept = numbers(dtype, length)
    return { numbers: () => kept, room: () => kept, written: () => {}, free: () => {} }
  },
}

/** A store without memory: that of a rehearsal, which computes nothing. */
export const nowhere: MemoryStore = {
  allocate(dtype) {
    const none = () => numbers(dtype, 0)
    return { numbers: none, room: none, written: () => {}, free: () => {} }
  },
}

/** Default limit of the bytes of all handles: 2 GiB. */
export const DEFAULT_MEMORY_LIMIT = 2 ** 31

/** A handle of this memory. */
class StoredHandle implements Handle {
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly owner: Memory
  stored: Stored | undefined
  scope: Scope<StoredHandle> | undefined

  constructor(owner: Memory, shape: readonly number[], dtype: DType, stored: Stored) {
    this.owner = owner
    this.shape = shape
    this.dtype = dtype
    this.stored = stored
  }

  /** Moves it into a scope, or out of all. */
  moveTo(scope: Scope<StoredHandle> | undefined): void {
    this.scope?.items.delete(this)
    this.scope = scope
    scope?.items.add(this)
  }
}

const bytesOf = (dtype: DType, shape: readonly number[]): number =>
  sizeOf(shape) * (dtype === 'float64' ? 8 : 4)
const inMegabytes = (bytes: number): string => `${(bytes / 1e6).toPrecision(3)} MB`

/** Whether a tensor is uploaded as int32 rather than as floating numbers. */
export const isIndices = ({ dtype }: Tensor): boolean => dtype === 'int32' || dtype === 'uint8'

/**
 * Handles, scopes and the account of bytes, the same for every device whose numbers lie in this
 * process.
 */
export class Memory {
  readonly #store: MemoryStore
  readonly #float: 'float32' | 'float64'
  readonly #limit: number
  readonly #open = new Set<StoredHandle>()
  readonly #scopes = new Scopes<StoredHandle>()
  #bytes = 0
  #peak = 0
  #closed = false
  #running = false

  constructor(store: MemoryStore, float: 'float32' | 'float64', limitBytes: number) {
    this.#store = store
    this.#float = float
    this.#limit = limitBytes
  }

  allocate(shape: readonly number[], kind: 'float' | 'int32' = 'float'): Handle {
    this.#checkOpen()
    checkShape('device.allocate', shape)
    if (kind !== 'float' && kind !== 'int32')
      throw new TypeError(
        `device.allocate: the kind must be 'float' (${this.#float} here) or 'int32', got ${valueText(kind)}`,
      )
    const dtype = kind === 'float' ? this.#float : kind
    const bytes = bytesOf(dtype, shape)
    if (!this.#hasRoom(bytes)) throw this.#beyondLimit(bytes, `${shapeText(shape)} of ${dtype}`)
    const handle = new StoredHandle(
      this,
      [...shape],
      dtype,
      this.#store.allocate(dtype, sizeOf(shape)),
    )
    this.#open.add(handle)
    handle.moveTo(this.#scopes.innermost)
    this.#bytes += bytes
    this.#peak = Math.max(this.#peak, this.#bytes)
    return handle
  }

  /**
   * Accounts for bytes that are needed during one operation.
   *
   * @throws {RangeError} if they would pass the limit
   */
  scratch(bytes: number, what: string): void {
    if (!this.#hasRoom(bytes)) throw this.#beyondLimit(bytes, what)
    this.#peak = Math.max(this.#peak, this.#bytes + bytes)
  }

  #hasRoom(bytes: number): boolean {
    return this.#bytes + bytes <= this.#limit
  }

  #beyondLimit(bytes: number, what: string): RangeError {
    return new RangeError(
      `device: ${what} needs ${inMegabytes(bytes)} beside the ${inMegabytes(this.#bytes)} in use, and the limit is ${inMegabytes(this.#limit)}; free what is not needed (passes with pass.free()), use shorter texts or smaller batches, or open the device with a higher memoryLimit`,
    )
  }

  /**
   * The numbers of a handle.
   *
   * @throws {Error} if it was freed, {TypeError} if it belongs to another device
   */
  readonly numbersOf = (handle: Handle): Numbers => this.#storedOf(handle).numbers()

  /**
   * As `numbersOf`, for an operation that writes every number and reads none: until then, all
   * others read zeros.
   */
  outputOf(handle: Handle): Numbers {
    return this.#storedOf(handle).room()
  }

  #storedOf(handle: Handle): Stored {
    if (this.#closed) throw closed()
    if (!(handle instanceof StoredHandle) || handle.owner !== this) {
      throw new TypeError(
        'device: needs a handle of this device; upload the tensor first, or read it from the device that it belongs to',
      )
    }
    if (!handle.stored)
      throw new Error(
        `device: the handle ${shapeText(handle.shape)} was freed already; return it from the scope, or call free() after the last use`,
      )
    return handle.stored
  }

  /**
   * Runs an operation. A user's function that asks for memory while it runs is refused, because the
   * numbers might move.
   */
  undisturbed(operate: () => void, outputs: readonly Handle[] = []): void {
    this.#running = true
    try {
      operate()
      for (const handle of outputs) this.#storedOf(handle).written()
    } finally {
      this.#running = false
    }
  }

  write(into: Handle, tensor: Tensor): void {
    this.#checkOpen()
    expectTensor('device.write', 'what is written', tensor)
    if (into?.dtype === 'int32' && !isIndices(tensor))
      throw new TypeError(
        `device.write: a handle of int32 takes indices, got a tensor of ${tensor.dtype}; use tensor.as('int32')`,
      )
    if (shapeText(tensor.shape) !== shapeText(into.shape)) {
      throw new RangeError(
        `device.write: the handle has shape ${shapeText(into.shape)}, got a tensor ${shapeText(tensor.shape)}`,
      )
    }
    this.outputOf(into).set(tensor.data)
    this.#storedOf(into).written()
  }

  read(handle: Handle): Tensor {
    const found = this.numbersOf(handle)
    const copy = numbers(handle.dtype, found.length)
    copy.set(found)
    return new Tensor(handle.shape, copy)
  }

  free(handle: Handle): void {
    this.numbersOf(handle)
    this.#release(handle as StoredHandle)
  }

  #release(handle: StoredHandle): void {
    handle.stored?.free()
    handle.stored = undefined
    handle.moveTo(undefined)
    this.#open.delete(handle)
    this.#bytes -= bytesOf(handle.dtype, handle.shape)
  }

  scope<Result>(body: (within: Within) => Result, owns?: (kept: { free(): void }) => void): Result {
    this.#checkOpen()
    FUNCTION('device.scope', 'body', body)
    const scope = this.#scopes.begin()
    const within: Within = (work) => {
      if (!scope.open)
        throw new Error(
          'device.scope: it has ended; await all work of a scope before its body ends',
        )
      return this.#scopes.enter(scope, work)
    }
    const end = <Ended>(result: Ended): Ended => {
      const kept = this.#end(scope, result)
      owns?.({ free: () => this.#releaseAll(kept) })
      return result
    }
    const fail = (error: unknown): never => {
      this.#end(scope, undefined)
      throw error
    }
    const followed = isFollowed(body)
    try {
      const result = this.#scopes.enter(scope, () => body(within), followed)
      if (!isPromise(result)) return end(result)
      if (followed || body.length > 0) return result.then(end, fail) as Result
      result.then(undefined, () => {})
      throw new TypeError(
        'device.scope: the body gave a promise, and what it allocates after an await cannot be told; give an async function, async () => { … }, or in a browser one that takes the scope: async (within) => { …; await …; within(() => …) }',
      )
    } catch (error) {
      return fail(error)
    }
  }

  /** Frees what a scope holds, except the handles in a value: they go to the enclosing scope. */
  #end(scope: Scope<StoredHandle>, result: unknown): ReadonlySet<StoredHandle> {
    const kept = new Set<StoredHandle>()
    findHandles(result, scope.items, kept)
    scope.open = false
    const outer = openOf(scope.outer)
    for (const handle of scope.items) {
      if (kept.has(handle)) handle.moveTo(outer)
      else this.#release(handle)
    }
    return kept
  }

  #releaseAll(handles: Iterable<StoredHandle>): void {
    for (const handle of handles) if (handle.stored) this.#release(handle)
  }

  stats(operations: number): DeviceStats {
    return {
      bytes: this.#bytes,
      peakBytes: this.#peak,
      limitBytes: this.#limit,
      handles: this.#open.size,
      operations,
    }
  }

  close(): void {
    for (const handle of this.#open) this.#release(handle)
    this.#closed = true
  }

  #checkOpen(): void {
    if (this.#closed) throw closed()
    if (this.#running)
      throw new Error(
        'device: an alignment or distribution must not use the device while it runs; compute on the numbers that it is given',
      )
  }
}

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof (value as Promise<unknown> | undefined)?.then === 'function'

const closed = (): Error => new Error('device: it was closed; open another one')

/**
 * Finds which of some handles are in a value: itself, or in its arrays and fields, at any depth.
 * Ends when all are found.
 */
function findHandles(
  value: unknown,
  wanted: ReadonlySet<unknown>,
  found: Set<StoredHandle>,
  seen = new Set<unknown>(),
): void {
  if (found.size === wanted.size || typeof value !== 'object' || value === null || seen.has(value))
    return
  if (value instanceof StoredHandle) {
    if (wanted.has(value)) found.add(value)
  } else if (!ArrayBuffer.isView(value) && !(value instanceof Memory)) {
    seen.add(value)
    for (const part of value instanceof Map || value instanceof Set
      ? value.values()
      : Object.values(value))
      findHandles(part, wanted, found, seen)
  }
}
