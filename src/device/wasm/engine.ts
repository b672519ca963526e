import { Arena, LARGEST_MEMORY, pagesFor } from './arena.ts'
import { availableThreads, Helpers, nodeThreads } from './helpers.ts'
import {
  compileKernels,
  expectFused,
  instantiateKernels,
  type KernelArithmetic,
  type Kernels,
} from './load.ts'
import type { GivenKernels } from './modules.ts'
import { type Kernel, Pool } from './pool.ts'

/** An engine: a memory, the kernels over it, and helper threads that share it. */
export interface Engine {
  readonly arena: Arena
  /** Threads that there is scratch for: a block is computed by one of 0 … threads − 1. */
  readonly threads: number
  /** Current number of helpers. */
  readonly helpers: number
  /** One sentence for each current choice. */
  readonly why: readonly string[]
  /** Why computing stopped, if it did. */
  readonly failure: Error | undefined
  readonly constants: Kernels['constants']
  /** Address of the scratch that all threads share: panels. */
  readonly panels: number
  /** Address of the threads' own scratch, one behind the other. */
  readonly scratch: number
  /**
   * Address of so many bytes for the length of one operation; they hold stale numbers.
   *
   * The memory may grow, and views of it go stale: take the addresses of operands first.
   */
  room(bytes: number): number
  /** The memory as words, as large as it is now. */
  words(): Int32Array
  /**
   * Computes blocks 0 … blocks − 1 of a kernel; `alone` where waking others would take longer than
   * the work.
   *
   * @param job the kernel's operands: integers, addresses and numbers, by the names of their fields
   * @throws {Error} if a kernel or a helper failed, now or before
   */
  run<Job>(kernel: Kernel<Job>, job: Job, blocks: number, alone: boolean): void
  close(): Promise<void>
}

/** Room that operations use one after the other: as much as the largest of them asked for. */
function roomIn(arena: Arena): (bytes: number) => number {
  let address = 0
  let size = 0
  return (bytes) => {
    if (bytes > size) {
      if (size) arena.release(address, size)
      size = 0
      address = arena.reserve(bytes)
      size = bytes
    }
    return address
  }
}

/** A view of the memory that is made anew when it has grown. */
function wordsOf({ memory }: Arena): () => Int32Array {
  let words = new Int32Array(memory.buffer)
  return () => {
    if (words.buffer !== memory.buffer) words = new Int32Array(memory.buffer)
    return words
  }
}

/**
 * Opens a memory with its kernels and, where they can share it, helper threads.
 *
 * @param threads how many to use, the calling one included; default: as many as the machine runs at
 *   once
 * @param memoryLimit bytes of numbers that the memory must have room for
 * @param given compiled kernels; they say whether the memory is shared
 */
export async function openEngine(
  arithmetic: KernelArithmetic,
  threads: number | undefined,
  memoryLimit: number,
  given?: GivenKernels,
): Promise<Engine> {
  const wanted = threads ?? availableThreads()
  const obstacles = wanted > 1 ? obstaclesToSharing(given) : []
  const helped = wanted > 1 && obstacles.length === 0
  const shared = given?.shared ?? helped
  const module = given?.module ?? (await compileKernels(arithmetic, shared))
  const memory = openMemory(shared, pagesFor(memoryLimit) + 64 + 2 * wanted)
  const kernels = await instantiateKernels(module, memory)
  if (arithmetic === 'fused') expectFused(kernels)
  const helpers = new Helpers()
  if (helped) await helpers.start(wanted - 1, module, memory)
  return engineOf(kernels, new Arena(memory, kernels.constants.FREE), helpers, wanted, obstacles)
}

function engineOf(
  kernels: Kernels,
  arena: Arena,
  helpers: Helpers,
  wanted: number,
  obstacles: readonly string[],
): Engine {
  const { constants } = kernels
  const pool = new Pool(arena.memory, kernels, helpers)
  // some may have failed, and the numbers of the others stay
  const threads = helpers.count > 0 ? wanted : 1
  return {
    arena,
    constants,
    threads,
    get helpers() {
      return helpers.count
    },
    get why() {
      return [threadsSentence(helpers.count + 1, wanted), ...obstacles, ...helpers.why]
    },
    get failure() {
      return pool.failure
    },
    panels: arena.reserve(constants.PANEL_BYTES),
    scratch: arena.reserve(threads * constants.THREAD_BYTES),
    room: roomIn(arena),
    words: wordsOf(arena),
    run: (kernel, job, blocks, alone) => pool.run(kernel, job, blocks, alone),
    close: () => helpers.close(),
  }
}

function openMemory(shared: boolean, pages: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({
      initial: 64,
      maximum: Math.min(pages, LARGEST_MEMORY / 65536),
      shared,
    })
  } catch (cause) {
    const remedy = shared
      ? 'ask for a lower memoryLimit or for one thread, without kernels for shared memory'
      : 'ask for a lower memoryLimit'
    throw new Error(
      `openDevice: no ${shared ? 'shared ' : ''}WebAssembly memory of this size to be had; ${remedy}`,
      { cause },
    )
  }
}

/** Why no other thread can share the memory; undefined if one can. */
function obstaclesToSharing(given?: GivenKernels): string[] {
  if (typeof Worker === 'undefined' && !nodeThreads())
    return ['no other thread can be started here: there are no workers, as in a service worker']
  const reasons: string[] = []
  if (given?.shared === false)
    reasons.push(
      `the kernels given are for a memory of one thread; give regard/wasm/${given.arithmetic}.wasm for one that threads share`,
    )
  if (typeof SharedArrayBuffer === 'undefined' || globalThis.crossOriginIsolated === false) {
    reasons.push(
      'memory cannot be shared, because the page is not cross-origin isolated; serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp',
    )
  }
  if (typeof document !== 'undefined') {
    reasons.push(
      "the calling thread may not wait for others, because it is the page's main thread; open the device in a worker",
    )
  }
  return reasons
}

function threadsSentence(count: number, wanted: number): string {
  const threads = count === 1 ? 'one thread' : `${count} threads over one memory`
  return count === wanted ? threads : `${threads}, where ${wanted} were wanted`
}
