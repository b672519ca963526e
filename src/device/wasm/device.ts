import type { Tensor } from '../../tensor.ts'
import { CheckedDevice } from '../checked.ts'
import type { Handle } from '../device.ts'
import { DEFAULT_MEMORY_LIMIT } from '../memory.ts'
import { calibrateTile } from './calibrate.ts'
import { type Engine, openEngine } from './engine.ts'
import type { KernelArithmetic } from './load.ts'
import { givenKernels } from './modules.ts'
import { kernelOperations } from './operations.ts'

/** How to open the WebAssembly device. */
export interface WasmOptions {
  readonly arithmetic?: KernelArithmetic | undefined
  /** Threads, the calling one included; default: as many as the machine runs at once. */
  readonly threads?: number | undefined
  /** Bytes that all handles together may take. */
  readonly memoryLimit?: number | undefined
  /** A compiled module of `regard/wasm/*.wasm`, which has an arithmetic of its own. */
  readonly kernels?: object | undefined
}

/** The contract by kernels over a WebAssembly memory, in float32, on one or more threads. */
export class WasmDevice extends CheckedDevice {
  readonly #engine: Engine

  constructor(engine: Engine, arithmetic: KernelArithmetic, memoryLimit: number) {
    const tile = calibrateTile(engine, arithmetic)
    super({
      ...{ name: 'wasm', arithmetic, dtype: 'float32', memoryLimit },
      get threads() {
        return 1 + engine.helpers
      },
      get why() {
        return [
          `WebAssembly with vectors of 128 bits, ${ROUNDING[arithmetic]}`,
          `products in tiles of ${tile} rows: 4 or 6, whichever was faster when the first device was opened`,
          ...engine.why,
        ]
      },
      operations: kernelOperations(engine),
      store: engine.arena,
    })
    this.#engine = engine
  }

  override async read(handle: Handle): Promise<Tensor> {
    if (this.#engine.failure) throw this.#engine.failure
    return super.read(handle)
  }

  override async close(): Promise<void> {
    await super.close()
    await this.#engine.close()
  }
}

const ROUNDING: Readonly<Record<KernelArithmetic, string>> = {
  portable: 'portable arithmetic: float32, multiply, then add',
  fused: 'fused arithmetic: float32, multiply and add with one rounding',
}

/**
 * Opens the WebAssembly device in the calling thread.
 *
 * @throws {Error} if the engine has no WebAssembly SIMD
 */
export async function openWasm(options: WasmOptions = {}): Promise<WasmDevice> {
  const { threads, memoryLimit = DEFAULT_MEMORY_LIMIT, kernels } = options
  const given = kernels === undefined ? undefined : givenKernels(kernels, options.arithmetic)
  const arithmetic = given?.arithmetic ?? options.arithmetic ?? 'portable'
  return new WasmDevice(
    await openEngine(arithmetic, threads, memoryLimit, given),
    arithmetic,
    memoryLimit,
  )
}
