import { productSizes } from '../checks.ts'
import type { Handle, ProductOptions } from '../device.ts'
import { DEFAULT_MEMORY_LIMIT, ReferenceDevice } from '../reference.ts'
import { type Engine, openEngine } from './engine.ts'
import { product } from './product.ts'

/** How to open the WebAssembly device. */
export interface WasmOptions {
  /** Threads, the calling one among them; absent, as many as the machine runs at once. */
  readonly threads?: number | undefined
  /** Bytes that all handles together may take. */
  readonly memoryLimit?: number | undefined
}

/**
 * The contract over a WebAssembly memory: products by a kernel, on as many threads as there are, in float32.
 *
 * All else is inherited: plain TypeScript over the same memory.
 */
export class WasmDevice extends ReferenceDevice {
  override readonly name = 'wasm'
  override readonly arithmetic = 'portable'
  override readonly threads: number
  override readonly why: readonly string[]
  readonly #engine: Engine

  constructor(engine: Engine, memoryLimit: number) {
    super({ dtype: 'float32', memoryLimit }, engine.arena)
    this.#engine = engine
    this.threads = engine.threads
    this.why = [
      'products in WebAssembly with vectors of 128 bits, portable arithmetic: float32, multiply, then add',
      'all other operations in plain TypeScript: sums in float64, rounded once to float32',
      ...engine.why,
    ]
  }

  override async close(): Promise<void> {
    await super.close()
    await this.#engine.close()
  }

  override product(A: Handle, B: Handle, C: Handle, options: ProductOptions = {}): void {
    const sizes = productSizes(A, B, C, options)
    this.enqueue([A, B, C], ([a, b, c]) => {
      // the store's memory is the kernels' own: where a view begins is its address
      product(this.#engine, sizes, { a: a.byteOffset, b: b.byteOffset, c: c.byteOffset }, options)
    })
  }
}

/** Opens the WebAssembly device in the calling thread. @throws {Error} if the engine has no WebAssembly with vectors */
export async function openWasm({ threads, memoryLimit = DEFAULT_MEMORY_LIMIT }: WasmOptions = {}): Promise<WasmDevice> {
  return new WasmDevice(await openEngine(threads, memoryLimit), memoryLimit)
}
