import { setFlagsFromString } from 'node:v8'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, openEngine } from '../../src/device/wasm/engine.ts'
import { kernels } from '../../src/device/wasm/jobs.generated.ts'
import * as numbers from '../../src/device/wasm/kernels/numbers.ts'
import type { Distribution } from '../../src/mechanism/distribution.ts'
import {
  entmax,
  entmax15,
  sigmoid,
  softmax,
  sparsemax,
  topK,
} from '../../src/mechanism/distributions.ts'
import { Random } from '../../src/random.ts'

// Node 20 knows relaxed vectors behind a switch
if (process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd')

interface Kind {
  readonly kind: number
  readonly exact: Distribution
  readonly argument: number
}
const kindOf = (kind: number, exact: Distribution, argument = 0): Kind => ({
  kind,
  exact,
  argument,
})
const learned = (a: number): Kind =>
  kindOf(numbers.DISTRIBUTION_ENTMAX_LEARNED, entmax('learned'), a)
const KINDS: readonly Kind[] = [
  kindOf(numbers.DISTRIBUTION_SOFTMAX, softmax),
  kindOf(numbers.DISTRIBUTION_SIGMOID, sigmoid),
  kindOf(numbers.DISTRIBUTION_SPARSEMAX, sparsemax),
  kindOf(numbers.DISTRIBUTION_ENTMAX15, entmax15),
  ...[1.01, 1.2, 1.5, 2, 2.5, 10].map((alpha) =>
    kindOf(numbers.DISTRIBUTION_ENTMAX, entmax(alpha), alpha),
  ),
  ...[-8, -5, -1, 4].map(learned),
  ...[1, 5].map((k) => kindOf(numbers.DISTRIBUTION_TOP_K, topK(k), k)),
]
const named = KINDS.map(
  (one) =>
    [
      `${one.exact.name}${one.exact.name === 'entmax:learned' ? ` at a = ${one.argument}` : ''}`,
      one,
    ] as const,
)

const of = (count: number, score: number): number[] => Array<number>(count).fill(score)
/** Groups of equal scores: many keys that are all nearly as good. */
const GROUPED: readonly number[][] = [
  [...of(4, 0), ...of(100, -0.98), -2],
  [...of(3, 1), ...of(61, 0.02), ...of(7, -0.99), -1, -1.5],
  [5, ...of(33, 4), ...of(5, 3)],
  [-3.25, ...of(19, -3.5), ...of(83, -4.25), ...of(6, -100)],
  [...of(257, 0.125)],
]
/** Scores so large that 1 is less than their last place, or half of it. */
const LARGE: readonly number[][] = [
  [16_777_220, 16_777_218, 16_777_216, 16_777_220, 3],
  [-16_777_220, -16_777_222, -33_554_448],
  [3e8, 3e8, -3e8, 1],
  [1e30, -1e30, 0, 1e30, 1e30],
  [-3e38, -3e38, -3.2e38],
]

describe.each(['portable', 'fused'] as const)('%s: ', (arithmetic) => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine(arithmetic, 1, 2 ** 22)
  })
  afterAll(() => engine.close())

  /** Computes one row in place, with NaN behind all that it reads, and the parameter's gradient. */
  function computed({ kind, argument }: Kind, row: ArrayLike<number>, weights?: Float32Array) {
    const n = row.length
    const address = engine.room(4 * (8 * n + 1024))
    const view = new Float32Array(engine.arena.memory.buffer, address, 8 * n + 1024).fill(
      Number.NaN,
    )
    const [rows, A, dParameter, room] = [1, 2 * n + 64, 4 * n + 128, 4 * n + 192]
    view.set(Array.from(row), rows)
    if (weights) view.set(weights, A)
    view[dParameter] = 0
    const at = (index: number): number => address + 4 * index
    const operands = { kind, backward: weights ? 1 : 0, n, argument }
    const addresses = {
      rows: at(rows),
      weights: at(A),
      dParameter: weights ? at(dParameter) : 0,
      room: at(room),
    }
    engine.run(kernels.distributeRows, { ...operands, ...addresses }, 1, true)
    expect([view[rows - 1], view[rows + n]]).toEqual([Number.NaN, Number.NaN])
    return { row: view.slice(rows, rows + n), dParameter: view[dParameter] }
  }

  /** Weights and gradients of the reference, from the same float32 numbers. */
  function expected({ exact, argument }: Kind, row: readonly number[]) {
    const scores = Float64Array.from(row, Math.fround)
    const parameters = { a: Float64Array.of(argument) }
    const A = exact.weights(scores, parameters)
    const dA = Float32Array.from(new Random(7001, `${row.length}`).normals([row.length]).data)
    const { dScores, dParameters } = exact.backward(Float64Array.from(dA), A, scores, parameters)
    return { A, dA, dScores, dParameter: dParameters?.a[0] ?? 0 }
  }

  const worst = (found: ArrayLike<number>, exact: ArrayLike<number>): number =>
    Array.from(exact).reduce(
      (most, x, j) => (Math.abs(found[j] - x) <= most ? most : Math.abs(found[j] - x)),
      0,
    )

  test.each(named)(
    '%s of grouped scores is that of the reference, with its gradients',
    (_name, kind) => {
      for (const row of GROUPED) {
        const { A, dA, dScores, dParameter } = expected(kind, row)
        const found = computed(kind, row).row
        expect(worst(found, A)).toBeLessThan(3e-6 * Math.max(...A))
        const back = computed(kind, dA, Float32Array.from(A))
        expect(worst(back.row, dScores)).toBeLessThan(
          1e-5 * Math.max(...dScores.map(Math.abs), 1e-3),
        )
        if (kind.exact.parameters)
          expect(Math.abs(back.dParameter - dParameter)).toBeLessThan(
            2e-5 * Math.abs(dParameter) + 1e-8,
          )
      }
    },
  )

  test.each(named)(
    '%s of scores beyond the digits of float32 has no other weights than the reference',
    (_name, kind) => {
      for (const row of LARGE)
        expect(worst(computed(kind, row).row, expected(kind, row).A)).toBeLessThan(1e-6)
    },
  )

  test.each([-1000, -110, -50, -20])(
    'learned entmax is softmax at a = %d, and moves a no more',
    (a) => {
      const row = [0.3, -0.2, 0.9, 0.1, -4]
      const { A, dA, dScores } = expected(kindOf(numbers.DISTRIBUTION_SOFTMAX, softmax), row)
      expect(worst(computed(learned(a), row).row, A)).toBeLessThan(1e-5)
      const back = computed(learned(a), dA, Float32Array.from(A))
      expect(worst(back.row, dScores)).toBeLessThan(1e-5)
      expect(back.dParameter).toBe(0)
    },
  )

  test.each([40, 1000])('learned entmax is sparsemax at a = %d, and moves a no more', (a) => {
    const row = [0.3, -0.2, 0.9, 0.1, -4]
    const { A, dA } = expected(kindOf(numbers.DISTRIBUTION_SPARSEMAX, sparsemax), row)
    expect(worst(computed(learned(a), row).row, A)).toBeLessThan(1e-6)
    expect(Math.abs(computed(learned(a), dA, Float32Array.from(A)).dParameter)).toBeLessThan(1e-12)
  })
})
