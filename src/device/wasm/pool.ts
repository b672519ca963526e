import type { Helpers } from './helpers.ts'
import type { Kernels } from './load.ts'

/** Looks, a tenth of a second apart, at which no helper had finished anything. */
const PATIENCE = 100

/**
 * A kernel: its number, its operands' fields (`name`, or `name:f32`), and what writes them, 32 bits
 * each.
 */
export interface Kernel<Job> {
  readonly number: number
  readonly fields: string
  write(words: Int32Array, floats: Float32Array, at: number, job: Job): void
}

const REMEDY =
  'its numbers are lost; close the device, open another one, and go on from numbers that were read before'

/**
 * Runs kernels on the calling thread and its helpers.
 *
 * A helper that ends while idle does no harm. In the middle of a block it is a failure: blocks add
 * to what is there, so none can be computed again, and nothing is computed any more.
 */
export class Pool {
  readonly #memory: WebAssembly.Memory
  readonly #kernels: Kernels
  readonly #helpers: Pick<Helpers, 'count' | 'close'>
  readonly #patience: number
  #words: Int32Array
  #floats: Float32Array
  /** Why computing stopped, if it did. */
  failure: Error | undefined

  constructor(
    memory: WebAssembly.Memory,
    kernels: Kernels,
    helpers: Pick<Helpers, 'count' | 'close'>,
    patience = PATIENCE,
  ) {
    this.#memory = memory
    this.#kernels = kernels
    this.#helpers = helpers
    this.#patience = patience
    this.#words = this.#look(Int32Array)
    this.#floats = this.#look(Float32Array)
  }

  /** Computes blocks 0 … blocks − 1 of a kernel. @throws {Error} if it failed, now or before */
  run<Job>(kernel: Kernel<Job>, job: Job, blocks: number, alone: boolean): void {
    if (this.failure) throw this.failure
    if (blocks <= 0) return
    this.#write(kernel, job)
    try {
      if (!this.#kernels.run(blocks, alone ? 0 : Math.min(blocks - 1, this.#helpers.count)))
        this.#wait()
    } catch (cause) {
      throw this.#fail(`a kernel failed (${cause instanceof Error ? cause.message : cause})`, cause)
    }
    if (this.failure) throw this.failure
  }

  #write<Job>(kernel: Kernel<Job>, job: Job): void {
    // an unshared memory that grew leaves views without numbers behind; a shared one keeps them
    if (this.#words.length === 0)
      [this.#words, this.#floats] = [this.#look(Int32Array), this.#look(Float32Array)]
    const { KERNEL, OPERANDS } = this.#kernels.constants
    this.#words[KERNEL >> 2] = kernel.number
    kernel.write(this.#words, this.#floats, OPERANDS >> 2, job)
  }

  /** Waits for helpers as long as one of them makes progress. */
  #wait(): void {
    const done = this.#kernels.constants.DONE >> 2
    let before = -1
    for (let looks = 0; !this.#kernels.wait(); looks++) {
      const now = Atomics.load(this.#words, done)
      if (now < 0) return void this.#fail('a helper thread failed')
      if (now !== before) looks = 0
      if (looks === this.#patience) return void this.#fail('a helper thread ended')
      before = now
    }
  }

  #fail(what: string, cause?: unknown): Error {
    this.failure = new Error(`device: ${what} during an operation, and ${REMEDY}`, { cause })
    // what nobody has taken yet is not begun
    Atomics.store(this.#words, this.#kernels.constants.PENDING >> 2, 0)
    this.#helpers.close()
    return this.failure
  }

  #look<View>(view: new (buffer: ArrayBufferLike, from: number, length: number) => View): View {
    return new view(this.#memory.buffer, 0, this.#kernels.constants.FREE >> 2)
  }
}
