import type { DType, Numbers } from '../../tensor.ts'
import type { Store, Stored } from '../memory.ts'

const PAGE = 65536
const SMALLEST = 64
const views = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint8: Uint8Array } as const
/** Bytes that addresses of 32 bits reach. */
export const LARGEST_MEMORY = 2 ** 32

/** Room for so many bytes of numbers, with what the size classes waste. */
export const pagesFor = (bytes: number): number => Math.min(LARGEST_MEMORY / PAGE, Math.ceil((1.25 * bytes) / PAGE))

/** Sizes that are handed out: 64 bytes, then four from each power of two to the next, so that at most a fifth is wasted. */
function sizeClass(bytes: number): number {
  if (bytes <= SMALLEST) return SMALLEST
  const step = Math.max(SMALLEST, 2 ** (Math.floor(Math.log2(bytes - 1)) - 2))
  return Math.ceil(bytes / step) * step
}

/**
 * Numbers in a WebAssembly memory, which grows as they need it.
 *
 * Room that is freed waits in a list for the next of its size class. When the memory grows, views of an unshared one
 * lose their numbers, and views of a shared one go on without the new room: `Stored.numbers` makes them anew.
 */
export class Arena implements Store {
  readonly memory: WebAssembly.Memory
  readonly #freed = new Map<number, number[]>()
  #end: number

  /** @param from first address that may be given away */
  constructor(memory: WebAssembly.Memory, from: number) {
    this.memory = memory
    this.#end = from
  }

  allocate(dtype: DType, length: number): Stored {
    const size = sizeClass(length * views[dtype].BYTES_PER_ELEMENT)
    const address = this.reserve(size)
    let view = this.#view(dtype, address, length)
    return {
      numbers: () => {
        if (view.buffer !== this.memory.buffer) view = this.#view(dtype, address, length)
        return view
      },
      free: () => this.#listOf(size).push(address),
    }
  }

  /** Address of so many bytes, all zero. @throws {RangeError} if the memory cannot grow so far */
  reserve(bytes: number): number {
    const size = sizeClass(bytes)
    const again = this.#listOf(size).pop()
    if (again !== undefined) {
      new Uint8Array(this.memory.buffer, again, size).fill(0)
      return again
    }
    const address = Math.ceil(this.#end / SMALLEST) * SMALLEST
    this.#growTo(address + size)
    this.#end = address + size
    return address
  }

  #listOf(size: number): number[] {
    const list = this.#freed.get(size) ?? []
    this.#freed.set(size, list)
    return list
  }

  #growTo(bytes: number): void {
    const missing = Math.ceil((bytes - this.memory.buffer.byteLength) / PAGE)
    if (missing <= 0) return
    try {
      this.memory.grow(missing)
    } catch (cause) {
      const megabytes = (bytes / 1e6).toPrecision(3)
      throw new RangeError(
        `device: the WebAssembly memory cannot grow to ${megabytes} MB; free what is not needed, or use smaller batches`,
        {
          cause,
        },
      )
    }
  }

  #view(dtype: DType, address: number, length: number): Numbers {
    return new views[dtype](this.memory.buffer, address, length)
  }
}
