import { valueText } from '../../kinds.ts'
import type { Peak } from '../device.ts'
import { kernels } from './jobs.generated.ts'
import {
  compileKernels,
  expectFused,
  instantiateKernels,
  type KernelArithmetic,
  type Kernels,
} from './load.ts'

const INSTRUCTIONS: Readonly<Record<KernelArithmetic, string>> = {
  portable: 'f32x4.mul and f32x4.add',
  fused: 'f32x4.relaxed_madd',
}

/** Sums in registers, by loops: whichever the engine runs faster counts. */
const LOOPS = [8, 10]
/** Milliseconds of one timing, and of all timings of one loop. */
const TIMING = 10
const ALLOWANCE = 250
/** Timings that must lie within so much of the fastest. */
const SAME = 0.02

/**
 * Measures the peak throughput of an arithmetic on the calling thread.
 *
 * @throws {RangeError} for an unknown arithmetic
 */
export async function measurePeak(arithmetic: KernelArithmetic): Promise<Peak> {
  if (!Object.hasOwn(INSTRUCTIONS, arithmetic))
    throw new RangeError(
      `measurePeak: the arithmetics of WebAssembly are portable and fused, got ${valueText(arithmetic)}`,
    )
  try {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 })
    const instance = await instantiateKernels(await compileKernels(arithmetic, false), memory)
    if (arithmetic === 'fused') expectFused(instance)
    const gigaflops = Math.max(...LOOPS.map((sums) => fastest(instance, memory, sums)))
    return { gigaflops, why: `one core, ${INSTRUCTIONS[arithmetic]} on sums in registers` }
  } catch (error) {
    const reason =
      error instanceof Error ? error.message.replace(/^openDevice: /, '') : String(error)
    return { gigaflops: undefined, why: reason }
  }
}

/**
 * GFLOP/s of one loop.
 *
 * What begins in a baseline compiler goes on in a better one some time later, so it is timed until
 * several timings agree with the fastest.
 */
function fastest({ run, constants }: Kernels, memory: WebAssembly.Memory, sums: number): number {
  const { KERNEL, OPERANDS, FREE, PRODUCTS_OF_ROUND } = constants
  const words = new Int32Array(memory.buffer)
  const floats = new Float32Array(memory.buffer)
  words[KERNEL >> 2] = kernels.peak.number
  const timed = (rounds: number): number => {
    kernels.peak.write(words, floats, OPERANDS >> 2, { sums, rounds, at: FREE })
    const start = performance.now()
    run(1, 0)
    return performance.now() - start
  }
  const flops = (rounds: number): number => rounds * PRODUCTS_OF_ROUND * 8
  const end = performance.now() + ALLOWANCE
  let rounds = 1000
  let best = 0
  for (let agreeing = 0; agreeing < 3 && performance.now() < end; ) {
    const milliseconds = timed(rounds)
    const rate = flops(rounds) / milliseconds / 1e6
    if (milliseconds < TIMING / 2) rounds *= 2
    else agreeing = rate < best * (1 + SAME) ? agreeing + Number(rate > best * (1 - SAME)) : 0
    best = Math.max(best, rate)
  }
  return best
}
