import { setFlagsFromString } from 'node:v8'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, openEngine } from '../../src/device/wasm/engine.ts'
import { kernels } from '../../src/device/wasm/jobs.generated.ts'
import {
  FUNCTION_EXP,
  FUNCTION_LOG,
  FUNCTION_SIGMOID,
  FUNCTION_TANH,
} from '../../src/device/wasm/kernels/numbers.ts'
import { exp, log, sigmoid, tanh } from '../../src/elementary.ts'

// Node 20 knows relaxed vectors behind a switch
if (process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd')

/** Units in the last place of float32 from the truth to a result; ∞ counts as 2^128. */
function ulps(result: number, truth: number): number {
  if (result === truth || (Number.isNaN(result) && Number.isNaN(truth))) return 0
  const bounded = (x: number): number => Math.max(-(2 ** 128), Math.min(2 ** 128, x))
  const exponent = Math.max(-126, Math.min(127, Math.floor(Math.log2(Math.abs(truth)))))
  return Math.abs(bounded(result) - bounded(truth)) / 2 ** (exponent - 23)
}

/** Every so many-th float32, from the given bits on. */
const floats = (first: number, step: number, count: number): Float32Array =>
  new Float32Array(Uint32Array.from({ length: count }, (_, n) => first + n * step).buffer)

const between = (low: number, high: number, count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, n) => low + ((high - low) * (n + 0.5)) / count)

const EDGES = [
  0,
  -0,
  Infinity,
  -Infinity,
  NaN,
  1,
  -1,
  2 ** -149,
  -(2 ** -149),
  2 ** -126,
  88.72283935546875,
  88.7228469,
  89,
  -103.972076,
  -104,
]
const POINTS = Float32Array.from([...EDGES, ...floats(0, 4099, 2 ** 20)])

/**
 * Each function with its worst error over all 2^32 numbers, rounded up (scripts/ulp.js), and where
 * it is most curved or least exact.
 */
const FUNCTIONS = [
  ['exp', FUNCTION_EXP, exp, 1.25, between(-104, 89, 2 ** 19)],
  ['log', FUNCTION_LOG, log, 0.9, between(0.5, 2, 2 ** 19)],
  ['tanh', FUNCTION_TANH, tanh, 1.6, between(-1, 1, 2 ** 19)],
  ['sigmoid', FUNCTION_SIGMOID, sigmoid, 2.5, between(-104, 17, 2 ** 19)],
] as const

describe.each(['portable', 'fused'] as const)('%s', (arithmetic) => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine(arithmetic, 1, 2 ** 26)
  })
  afterAll(() => engine.close())

  function computed(which: number, given: Float32Array): Float32Array {
    const address = engine.room(given.byteLength)
    const numbers = new Float32Array(engine.arena.memory.buffer, address, given.length)
    numbers.set(given)
    const job = { which, from: address, to: address, count: given.length }
    engine.run(
      kernels.elementary,
      job,
      Math.ceil(given.length / engine.constants.BLOCK_NUMBERS),
      true,
    )
    return numbers.slice()
  }

  test.each(FUNCTIONS)(
    '%s of every exponent with many mantissas is within its units in the last place',
    (name, which, f, most, dense) => {
      let worst = { error: 0, at: 0 }
      for (const given of [POINTS, dense]) {
        computed(which, given).forEach((result, n) => {
          const error = ulps(result, f(given[n]))
          if (!(error <= worst.error)) worst = { error, at: given[n] }
        })
      }
      console.log(`${arithmetic} ${name}: worst ${worst.error.toFixed(3)} ulp, at ${worst.at}`)
      expect(worst.error).toBeLessThanOrEqual(most)
    },
  )

  test('a number gives the same bits in every lane, and none beyond the last is written', () => {
    for (const [, which] of FUNCTIONS) {
      for (let count = 1; count < 10; count++) {
        const given = Float32Array.from({ length: count + 5 }, (_, n) => (n < count ? 0.7 : 42))
        const address = engine.room(1024)
        const numbers = new Float32Array(engine.arena.memory.buffer, address, given.length)
        numbers.set(given)
        engine.run(kernels.elementary, { which, from: address, to: address, count }, 1, true)
        expect(new Set(numbers.subarray(0, count)).size).toBe(1)
        expect(numbers.subarray(count).every((x) => x === 42)).toBe(true)
      }
    }
  })

  test('the values that have no neighbours: infinities, zeros and what is no number', () => {
    const edges = (which: number): number[] => [
      ...computed(which, Float32Array.of(Infinity, -Infinity, NaN, 0, -0)),
    ]
    expect(edges(FUNCTION_EXP)).toEqual([Infinity, 0, NaN, 1, 1])
    expect(edges(FUNCTION_LOG)).toEqual([Infinity, NaN, NaN, -Infinity, -Infinity])
    expect(edges(FUNCTION_TANH)).toEqual([1, -1, NaN, 0, -0])
    expect(edges(FUNCTION_SIGMOID)).toEqual([1, 0, NaN, 0.5, 0.5])
    expect([...computed(FUNCTION_LOG, Float32Array.of(-1, -(2 ** -149)))]).toEqual([NaN, NaN])
  })
})
