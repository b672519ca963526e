import { kernels } from './kernels.generated.ts'

/** The two arithmetics that kernels are compiled for. */
export type KernelArithmetic = keyof typeof kernels

/** What the kernels export: constants, and two functions. */
export interface Kernels {
  /** Computes all blocks of the job in memory. */
  run(blocks: number, helpers: number): void
  readonly constants: Readonly<Record<KernelConstant, number>>
}

type KernelConstant =
  | 'FREE'
  | 'KERNEL'
  | 'OPERANDS'
  | 'PACKED_PANELS'
  | 'BLOCK_NUMBERS'
  | 'COLUMNS_IN_BLOCK'
  | 'MOST_COLUMNS'
  | 'MOST_DEPTH'
  | 'PANEL_BYTES'
  | 'ASIDE_BYTES'
  | 'THREAD_BYTES'

/**
 * Compiles the kernels, which are part of this package's source: nothing is fetched.
 *
 * A page with a content security policy must allow it: `script-src 'wasm-unsafe-eval'`. Neither `unsafe-eval` nor
 * `unsafe-inline` is needed.
 *
 * @param shared whether the memory will be a shared one
 * @throws {Error} if the engine refuses to compile
 */
export async function compileKernels(arithmetic: KernelArithmetic, shared: boolean): Promise<WebAssembly.Module> {
  const { base64, sharedFlag } = kernels[arithmetic]
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  // bit 1 of the limits of memory says shared; all else is the same
  if (!shared) bytes[sharedFlag] = 1
  try {
    return await WebAssembly.compile(bytes)
  } catch (cause) {
    const vectors = arithmetic === 'fused' ? 'relaxed vectors (fused multiply-add)' : 'vectors'
    throw new Error(
      `openDevice: this engine cannot compile WebAssembly with ${vectors}, or a policy forbids it; allow 'wasm-unsafe-eval'`,
      {
        cause,
      },
    )
  }
}

/** The kernels over a memory. */
export async function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<Kernels> {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } })
  const globals = Object.entries(exports).filter(([, value]) => value instanceof WebAssembly.Global)
  return {
    run: exports.run as Kernels['run'],
    constants: Object.fromEntries(globals.map(([name, value]) => [name, (value as WebAssembly.Global).value])) as Kernels['constants'],
  }
}
