import type { DType, Numbers } from '../../tensor.ts'
import type { MemoryStore, Stored } from '../memory.ts'

const PAGE = 65536
// a line of the cache: no two arrays share one
const LINE = 64
const views = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint8: Uint8Array,
} as const
/** Bytes behind the last array that may be read, by vectors that go beyond its end. */
const MARGIN = 64
/** Bytes that addresses of 32 bits reach. */
export const LARGEST_MEMORY = 2 ** 32

/**
 * Room for so many bytes of numbers, and half as much again for holes between them, as far as
 * addresses reach.
 */
export const pagesFor = (bytes: number): number =>
  Math.min(LARGEST_MEMORY / PAGE, Math.ceil((1.5 * bytes) / PAGE))

const inLines = (bytes: number): number => Math.max(1, Math.ceil(bytes / LINE)) * LINE
const inMegabytes = (bytes: number): string => `${(bytes / 1e6).toPrecision(3)} MB`

/** Addresses from … to − 1, which are free. */
interface Hole {
  from: number
  to: number
}

/**
 * Numbers in a WebAssembly memory, which grows as they need it.
 *
 * Each array lies in the lowest hole that has room for it, and freed room merges with the holes
 * beside it. Numbers are never moved, so holes stay between those that live, and a request may be
 * refused though more bytes are free.
 *
 * It is never refused while live + (arrays + 1) · request ≤ room, all rounded up to multiples of 64
 * bytes, because n arrays leave at most n + 1 holes. Beyond that nothing is promised: no
 * store that moves nothing can promise a constant factor. Measured, random sizes needed about twice
 * the most bytes that lived at once, so half the limit was always available.
 *
 * Some bytes beyond the end of any array may be read, and are the next array's, or nobody's.
 *
 * When the memory grows, views of an unshared one lose their numbers, and views of a shared one go
 * on without the new room: `Stored.numbers` makes them anew.
 *
 * @see Robson 1974, "Bounds for some functions concerning dynamic storage allocation"
 */
export class Arena implements MemoryStore {
  readonly memory: WebAssembly.Memory
  /** By address; the last has no end, and no two touch. */
  readonly #holes: Hole[]
  /** From here on, the memory is as it was made: zero. */
  #untouched: number

  /** @param from first address that may be given away */
  constructor(memory: WebAssembly.Memory, from: number) {
    this.memory = memory
    this.#untouched = inLines(from)
    this.#holes = [{ from: this.#untouched, to: Number.POSITIVE_INFINITY }]
  }

  allocate(dtype: DType, length: number): Stored {
    // from here on nothing lies in memory that another array left
    const clean = this.#untouched
    const address = this.reserve(length * views[dtype].BYTES_PER_ELEMENT)
    return new ArenaNumbers(this, dtype, address, length, address < clean)
  }

  /**
   * Address of so many bytes, with what another left in them.
   *
   * @throws {RangeError} if no hole has room and the memory cannot grow so far
   */
  reserve(bytes: number): number {
    const size = inLines(bytes)
    const index = this.#holes.findIndex(({ from, to }) => to - from >= size)
    const hole = this.#holes[index]
    const [from, to] = [hole.from, hole.from + size]
    this.#growTo(to, size)
    hole.from = to
    if (hole.from === hole.to) this.#holes.splice(index, 1)
    this.#untouched = Math.max(this.#untouched, to)
    return from
  }

  /** Gives back what `reserve` gave. */
  release(from: number, bytes: number): void {
    const to = from + inLines(bytes)
    const index = this.#holes.findIndex((hole) => hole.from >= to)
    this.#holes.splice(index, 0, { from, to })
    this.#mergeWithNext(index)
    this.#mergeWithNext(index - 1)
  }

  #mergeWithNext(index: number): void {
    const [hole, next] = [this.#holes[index], this.#holes[index + 1]]
    if (!hole || hole.to !== next.from) return
    next.from = hole.from
    this.#holes.splice(index, 1)
  }

  #growTo(bytes: number, wanted: number): void {
    const missing = Math.ceil((bytes + MARGIN - this.memory.buffer.byteLength) / PAGE)
    if (missing <= 0) return
    try {
      this.memory.grow(missing)
    } catch (cause) {
      throw new RangeError(
        `device: no hole in the WebAssembly memory has ${inMegabytes(wanted)}, and it cannot grow to ${inMegabytes(bytes)}; free what is not needed (passes with pass.free()), use smaller batches, or open the device with a higher memoryLimit`,
        { cause },
      )
    }
  }
}

/** One array of an arena. */
class ArenaNumbers implements Stored {
  readonly #arena: Arena
  readonly #dtype: DType
  readonly #address: number
  readonly #length: number
  #view: Numbers
  /** Whether another's numbers may be left in it. */
  #stale: boolean

  constructor(arena: Arena, dtype: DType, address: number, length: number, stale: boolean) {
    this.#arena = arena
    this.#dtype = dtype
    this.#address = address
    this.#length = length
    this.#stale = stale
    this.#view = this.#look()
  }

  numbers(): Numbers {
    if (this.#stale) this.room().fill(0)
    this.#stale = false
    return this.room()
  }

  room(): Numbers {
    // a view of what an unshared memory was before it grew has no length
    if (this.#view.length !== this.#length || this.#length === 0) this.#view = this.#look()
    return this.#view
  }

  written(): void {
    this.#stale = false
  }

  free(): void {
    this.#arena.release(this.#address, this.#length * views[this.#dtype].BYTES_PER_ELEMENT)
  }

  #look(): Numbers {
    return new views[this.#dtype](this.#arena.memory.buffer, this.#address, this.#length)
  }
}
