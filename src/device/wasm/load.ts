import { type KernelArithmetic, moduleBytes } from './modules.ts'

export type { KernelArithmetic } from './modules.ts'

/** The exports of the kernels: constants and functions. */
export interface Kernels {
  /**
   * Computes all blocks of the job in memory: 1 when they are finished, 0 when `wait` should be
   * called.
   */
  run(blocks: number, helpers: number): number
  /** Waits for a moment: 1 when all blocks are finished. */
  wait(): number
  /** ab + c as the kernels compute it. */
  multiplyAdd(a: number, b: number, c: number): number
  readonly constants: Readonly<Record<KernelConstant, number>>
}

type KernelConstant =
  | 'BLOCKS'
  | 'DONE'
  | 'FREE'
  | 'JOBS'
  | 'KERNEL'
  | 'OPERANDS'
  | 'PENDING'
  | 'PACKED_PANELS'
  | 'BLOCK_NUMBERS'
  | 'COLUMNS_IN_BLOCK'
  | 'MOST_COLUMNS'
  | 'MOST_DEPTH'
  | 'PANEL_BYTES'
  | 'ASIDE_BYTES'
  | 'PRODUCTS_OF_ROUND'
  | 'THREAD_BYTES'
  | 'VECTORS_OF_ROUND'

/**
 * Compiles the kernels, which are part of this package's source: nothing is fetched.
 *
 * A page with a content security policy must allow it: `script-src 'wasm-unsafe-eval'`. Neither
 * `unsafe-eval` nor `unsafe-inline` is needed.
 *
 * @param shared whether the memory will be a shared one
 * @throws {Error} if the engine, or the page, refuses
 */
export async function compileKernels(
  arithmetic: KernelArithmetic,
  shared: boolean,
): Promise<WebAssembly.Module> {
  if (typeof WebAssembly === 'undefined')
    throw new Error(`openDevice: this engine has no WebAssembly; ${OTHER_DEVICE}`)
  const bytes = await moduleBytes(arithmetic, shared)
  if (!WebAssembly.validate(bytes)) throw new Error(UNKNOWN[arithmetic])
  try {
    return await WebAssembly.compile(bytes)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    const remedy = /content security policy|csp/i.test(message) ? POLICY : MODULE
    throw new Error(
      `openDevice: WebAssembly may not be compiled here (${message}); ${remedy}, or ${OTHER_DEVICE}`,
      { cause },
    )
  }
}

const OTHER_DEVICE = "use device: 'reference'"
const POLICY = "allow script-src 'wasm-unsafe-eval'"
const MODULE =
  'give openDevice the kernels as a module that the host compiled: { kernels }, from regard/wasm/portable-unshared.wasm'
const PORTABLE = "leave the arithmetic out, or use 'portable', which runs everywhere"
const UNKNOWN: Readonly<Record<KernelArithmetic, string>> = {
  portable: `openDevice: this engine does not know the vectors and threads of WebAssembly; use a newer one, or ${OTHER_DEVICE}`,
  fused: `openDevice: this engine does not know relaxed vectors, which fused arithmetic needs (Safari does not, nor Node 20 without --experimental-wasm-relaxed-simd); ${PORTABLE}`,
}

/** Instantiates the kernels over a memory. */
export async function instantiateKernels(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): Promise<Kernels> {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } })
  const globals = Object.entries(exports).filter(([, value]) => value instanceof WebAssembly.Global)
  const { run, wait, multiplyAdd } = exports as unknown as Kernels
  const constants = Object.fromEntries(
    globals.map(([name, value]) => [name, (value as WebAssembly.Global).value]),
  ) as Kernels['constants']
  return { run, wait, multiplyAdd, constants }
}

/**
 * Finds by a number that multiply-add is fused: of x² − (1 + 2⁻¹¹) with x = 1 + 2⁻¹², one rounding
 * leaves 2⁻²⁴, two leave 0.
 *
 * An engine may know relaxed vectors and compute them in two steps, where the machine has nothing
 * better.
 *
 * @throws {Error} if it is not fused
 */
export function expectFused({ multiplyAdd }: Pick<Kernels, 'multiplyAdd'>): void {
  const x = 1 + 2 ** -12
  const found = multiplyAdd(x, x, -(1 + 2 ** -11))
  if (found !== 2 ** -24)
    throw new Error(
      `openDevice: multiply-add rounds twice on this machine, so it is not fused; ${PORTABLE}`,
    )
}
