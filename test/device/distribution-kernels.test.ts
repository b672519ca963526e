import { setFlagsFromString } from 'node:v8'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bitsOf, type Engine, openEngine } from '../../src/device/wasm/engine.ts'
import * as numbers from '../../src/device/wasm/kernels/numbers.ts'
import type { Distribution } from '../../src/mechanism/distribution.ts'
import { entmax, entmax15, sigmoid, softmax, sparsemax, topK } from '../../src/mechanism/distributions.ts'
import { Random } from '../../src/random.ts'
import * as plain from './float32-distributions.ts'

// Node 20 knows relaxed vectors behind a switch
if (process.versions.node.startsWith('20.')) setFlagsFromString('--experimental-wasm-relaxed-simd')

interface Case {
  readonly kind: number
  readonly argument?: number
  readonly exact: Distribution
  readonly forward: (s: Float32Array) => Float32Array
  readonly backward: (dA: Float32Array, A: Float32Array) => Float32Array
}

const entmaxCase = (alpha: number): Case => ({
  ...{ kind: numbers.DISTRIBUTION_ENTMAX, argument: alpha, exact: entmax(Math.fround(alpha)) },
  ...{ forward: plain.entmax(alpha), backward: plain.entmaxBackward(alpha) },
})

const PARAMETER = 0.25
const learnedAlpha = 1 + 1 / (1 + Math.exp(-PARAMETER))
const learned: Case = {
  ...{ kind: numbers.DISTRIBUTION_ENTMAX_LEARNED, argument: PARAMETER, exact: entmax('learned') },
  ...{ forward: plain.entmax(learnedAlpha), backward: plain.entmaxBackward(learnedAlpha) },
}

const topKCase = (k: number): Case => ({
  ...{ kind: numbers.DISTRIBUTION_TOP_K, argument: k, exact: topK(k) },
  ...{ forward: plain.topK(k), backward: plain.softmaxBackward },
})

const CASES: Case[] = [
  { kind: numbers.DISTRIBUTION_SOFTMAX, exact: softmax, forward: plain.softmax, backward: plain.softmaxBackward },
  { kind: numbers.DISTRIBUTION_SIGMOID, exact: sigmoid, forward: plain.sigmoid, backward: plain.sigmoidBackward },
  { kind: numbers.DISTRIBUTION_SPARSEMAX, exact: sparsemax, forward: plain.sparsemax, backward: plain.entmaxBackward(2) },
  { kind: numbers.DISTRIBUTION_ENTMAX15, exact: entmax15, forward: plain.entmax15, backward: plain.entmaxBackward(1.5) },
  ...[1.01, 1.33, 1.5, 1.9, 2, 3].map(entmaxCase),
  learned,
  ...[1, 3, 64].map(topKCase),
]

const LENGTHS = [1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 31, 33, 63, 64, 65, 97, 257, 4096]
const SPREADS = [0, 1e-3, 1, 10, 80]

/** Scores of one row; every third is that of its neighbour where they tie. */
function scoresOf(n: number, spread: number, ties: boolean): Float32Array {
  const s = Float32Array.from(new Random(6007, `${n} ${spread}`).normals([n]).data, (x) => 0.7 + spread * x)
  return ties ? s.map((score, j) => (j % 3 === 1 ? s[j - 1] : Math.round(4 * score) / 4)) : s
}

const ROWS = [
  ...LENGTHS.flatMap((n) => SPREADS.map((spread) => ({ n, spread, ties: false }))),
  ...LENGTHS.map((n) => ({ n, spread: 2, ties: true })),
  ...[0, 1].map((spread) => ({ n: 65_536, spread, ties: false })),
].map((row) => ({ ...row, s: scoresOf(row.n, row.spread, row.ties) }))

const parameters = { a: Float64Array.of(PARAMETER) }
const largest = (x: ArrayLike<number>): number => Array.from(x).reduce((most, value) => Math.max(most, Math.abs(value)), 0)

/** The error of a result as a part of what is allowed: twice that of plain float32 and 4 units in the last place of the largest. */
function share(result: Float32Array, truth: Float64Array, loops: Float32Array): number {
  const error = largest(truth.map((x, j) => x - result[j]))
  const plainly = largest(truth.map((x, j) => x - loops[j]))
  return error === 0 ? 0 : error / (2 * plainly + 4 * 2 ** -23 * largest(truth))
}

const BEHIND = 42

describe.each(['portable', 'fused'] as const)('%s', (arithmetic) => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine(arithmetic, 1, 2 ** 26)
  })
  afterAll(() => engine.close())

  /** Computes two equal rows, which begin at odd places; what lies behind stays. */
  function computed({ kind, argument = 0 }: Case, row: Float32Array, weights?: Float32Array): { row: Float32Array; dParameter: number } {
    const n = row.length
    const address = engine.room(4 * (8 * n + 1024))
    const view = new Float32Array(engine.arena.memory.buffer, address, 8 * n + 1024).fill(BEHIND)
    const [rows, A, dParameter, room] = [1, 2 * n + 64, 4 * n + 128, 4 * n + 192]
    for (const copy of [0, 1]) {
      view.set(row, rows + copy * n)
      if (weights) view.set(weights, A + copy * n)
    }
    view.fill(0, dParameter, dParameter + 2)
    const at = (index: number): number => address + 4 * index
    const operands = [kind, weights ? 1 : 0, n, bitsOf(argument), at(rows), at(A), weights ? at(dParameter) : 0, at(room)]
    engine.run(numbers.DISTRIBUTE_ROWS, operands, 2, true)
    const [first, second] = [0, 1].map((copy) => view.slice(rows + copy * n, rows + (copy + 1) * n))
    expect(second).toEqual(first)
    expect(view[0]).toBe(BEHIND)
    expect(view[rows + 2 * n]).toBe(BEHIND)
    expect(view[dParameter + 1]).toBe(view[dParameter])
    return { row: first, dParameter: view[dParameter] }
  }

  test.each(CASES.map((one) => [one.exact.name, one] as const))(
    '%s errs no more than loops in float32 do, twice, and 4 units in the last place',
    (name, one) => {
      let [worst, worstSum] = [{ share: 0, row: '' }, 0]
      for (const { n, spread, ties, s } of ROWS) {
        const truth = one.exact.weights(Float64Array.from(s), parameters)
        const A = computed(one, s).row
        const now = share(A, truth, one.forward(s))
        if (!(now <= worst.share)) worst = { share: now, row: `${n} scores, spread ${spread}${ties ? ', ties' : ''}` }
        worstSum = Math.max(worstSum, one.exact.sumsToOne ? Math.abs(A.reduce((sum, a) => sum + a, 0) - 1) : 0)
      }
      console.log(
        `${arithmetic} ${name}: ${worst.share.toFixed(2)} of what is allowed (${worst.row}); sum of a row within ${(worstSum * 2 ** 23).toFixed(2)} ulp of 1`,
      )
      expect(worst.share).toBeLessThanOrEqual(1)
      expect(worstSum).toBeLessThanOrEqual(4 * 2 ** -23)
    },
  )

  test.each(CASES.map((one) => [one.exact.name, one] as const))('the gradient of %s, likewise', (name, one) => {
    let worst = { share: 0, row: '' }
    for (const { n, spread, ties, s } of ROWS) {
      const A = one.exact.weights(Float64Array.from(s), parameters)
      const dA = Float32Array.from(new Random(7001, `${n}`).normals([n]).data)
      const truth = one.exact.backward(Float64Array.from(dA), A, Float64Array.from(s), parameters).dScores
      const given = Float32Array.from(A)
      const now = share(computed(one, dA, given).row, truth, one.backward(dA, given))
      if (!(now <= worst.share)) worst = { share: now, row: `${n} scores, spread ${spread}${ties ? ', ties' : ''}` }
    }
    console.log(`${arithmetic} ${name} backward: ${worst.share.toFixed(2)} of what is allowed (${worst.row})`)
    expect(worst.share).toBeLessThanOrEqual(1)
  })

  test('the gradient of learned entmax with respect to its parameter', () => {
    let worst = { share: 0, row: '' }
    for (const { n, spread, ties, s } of ROWS) {
      const A = learned.exact.weights(Float64Array.from(s), parameters)
      const dA = Float32Array.from(new Random(7001, `${n}`).normals([n]).data)
      const truth = learned.exact.backward(Float64Array.from(dA), A, Float64Array.from(s), parameters).dParameters?.a[0] ?? NaN
      const given = Float32Array.from(A)
      const slope = (learnedAlpha - 1) * (2 - learnedAlpha)
      const loops = Math.abs(plain.entmaxByAlpha(dA, given, learnedAlpha) * slope - truth)
      const error = Math.abs(computed(learned, dA, given).dParameter - truth)
      // a sum of n terms: its own size, or that of its largest term where they cancel
      const allowed = 2 * loops + 4 * 2 ** -23 * Math.max(Math.abs(truth), slope * largest(given) * largest(dA))
      if (!(error <= worst.share * allowed)) worst = { share: error / allowed, row: `${n} scores, spread ${spread}${ties ? ', ties' : ''}` }
    }
    console.log(`${arithmetic} ∂/∂a: ${worst.share.toFixed(2)} of what is allowed (${worst.row})`)
    expect(worst.share).toBeLessThanOrEqual(1)
  })
})
