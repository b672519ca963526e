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
  ...{ kind: numbers.DISTRIBUTION_ENTMAX, argument: alpha, exact: entmax(alpha) },
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
  {
    kind: numbers.DISTRIBUTION_SOFTMAX,
    exact: softmax,
    forward: plain.softmax,
    backward: plain.softmaxBackward,
  },
  {
    kind: numbers.DISTRIBUTION_SIGMOID,
    exact: sigmoid,
    forward: plain.sigmoid,
    backward: plain.sigmoidBackward,
  },
  {
    kind: numbers.DISTRIBUTION_SPARSEMAX,
    exact: sparsemax,
    forward: plain.sparsemax,
    backward: plain.entmaxBackward(2),
  },
  {
    kind: numbers.DISTRIBUTION_ENTMAX15,
    exact: entmax15,
    forward: plain.entmax15,
    backward: plain.entmaxBackward(1.5),
  },
  ...[1.01, 1.33, 1.5, 1.9, 2, 3].map(entmaxCase),
  learned,
  ...[1, 3, 64].map(topKCase),
]

const SHORT = [1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 31, 33, 63, 64, 65, 97, 257]
const SPREADS = [0, 1e-3, 1, 10, 80]

interface Row {
  readonly n: number
  readonly spread: number
  readonly ties?: boolean
}

const ROWS: Row[] = [
  ...SHORT.flatMap((n) => SPREADS.map((spread) => ({ n, spread }))),
  ...[...SHORT, 4096].map((n) => ({ n, spread: 2, ties: true })),
  { n: 4096, spread: 1 },
  ...[0, 1].map((spread) => ({ n: 65_536, spread })),
]

/** Scores of one row; where they tie, they are quarters, and every third is its neighbour's. */
function scoresOf({ n, spread, ties }: Row): Float32Array {
  const s = Float32Array.from(
    new Random(6007, `${n} ${spread}`).normals([n]).data,
    (x) => 0.7 + spread * x,
  )
  return ties ? s.map((score, j) => Math.round(4 * (j % 3 === 1 ? s[j - 1] : score)) / 4) : s
}

const parameters = { a: Float64Array.of(PARAMETER) }

/** What one row gives in float64, and by loops in float32 that round each step. */
function expectedOf(one: Case, row: Row) {
  const s = scoresOf(row)
  const scores = Float64Array.from(s)
  const A = one.exact.weights(scores, parameters)
  const dA = Float32Array.from(new Random(7001, `${row.n}`).normals([row.n]).data)
  const given = Float32Array.from(A)
  const { dScores, dParameters } = one.exact.backward(Float64Array.from(dA), A, scores, parameters)
  return {
    row,
    s,
    A,
    dA,
    given,
    dScores,
    dParameter: dParameters?.a[0] ?? 0,
    loops: one.forward(s),
    loopsBackward: one.backward(dA, given),
  }
}

type Expected = ReturnType<typeof expectedOf>
// both arithmetics are held to the same
const known = new Map<Case, Expected[]>()
function rowsOf(one: Case): Expected[] {
  const rows = known.get(one) ?? ROWS.map((row) => expectedOf(one, row))
  known.set(one, rows)
  return rows
}

function largest(x: ArrayLike<number>): number {
  let most = 0
  for (let j = 0; j < x.length; j++) most = Math.max(most, Math.abs(x[j]))
  return most
}

function largestDifference(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let most = 0
  for (let j = 0; j < x.length; j++)
    if (!(Math.abs(x[j] - y[j]) <= most)) most = Math.abs(x[j] - y[j])
  return most
}

/**
 * Errors as parts of what is allowed: twice that of loops in float32, and 4 units in the last place
 * of a size.
 */
class Shares {
  worst = 0
  where = ''

  add({ n, spread, ties }: Row, error: number, loops: number, size: number): void {
    const share = error === 0 ? 0 : error / (2 * loops + 4 * 2 ** -23 * size)
    if (share <= this.worst) return
    this.worst = share
    this.where = `${n} scores, spread ${spread}${ties ? ', ties' : ''}`
  }

  toString(): string {
    return `${this.worst.toFixed(2)} of what is allowed (${this.where})`
  }
}

const BEHIND = 42

describe.each(['portable', 'fused'] as const)('%s', (arithmetic) => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine(arithmetic, 1, 2 ** 26)
  })
  afterAll(() => engine.close())

  /** Computes two equal rows, which begin at odd places; what lies behind stays. */
  function computed(
    { kind, argument = 0 }: Case,
    row: Float32Array,
    weights?: Float32Array,
  ): { row: Float32Array; dParameter: number } {
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
    const operands = { kind, backward: weights ? 1 : 0, n, argument }
    const addresses = {
      rows: at(rows),
      weights: at(A),
      dParameter: weights ? at(dParameter) : 0,
      room: at(room),
    }
    engine.run(kernels.distributeRows, { ...operands, ...addresses }, 2, true)
    const [first, second] = [0, 1].map((copy) => view.slice(rows + copy * n, rows + (copy + 1) * n))
    expect(largestDifference(first, second)).toBe(0)
    expect(view[0]).toBe(BEHIND)
    expect(view[rows + 2 * n]).toBe(BEHIND)
    expect(view[dParameter + 1]).toBe(view[dParameter])
    return { row: first, dParameter: view[dParameter] }
  }

  const named = CASES.map((one) => [one.exact.name, one] as const)

  test.each(named)(
    '%s errs no more than twice what loops in float32 do, and 4 units in the last place',
    (name, one) => {
      const shares = new Shares()
      let worstSum = 0
      for (const { row, s, A, loops } of rowsOf(one)) {
        const result = computed(one, s).row
        shares.add(row, largestDifference(result, A), largestDifference(loops, A), largest(A))
        const sum = Float64Array.from(result).reduce((total, a) => total + a, 0)
        if (one.exact.sumsToOne) worstSum = Math.max(worstSum, Math.abs(sum - 1))
      }
      console.log(
        `${arithmetic} ${name}: ${shares}; sums of rows within ${(worstSum * 2 ** 23).toFixed(2)} ulp of 1`,
      )
      expect(shares.worst).toBeLessThanOrEqual(1)
      expect(worstSum).toBeLessThanOrEqual(2 * 2 ** -23)
    },
  )

  // dA less a mean cancels where one key has all the weight: units are those of the largest A dA
  test.each(named)('the gradient of %s, likewise', (name, one) => {
    const shares = new Shares()
    for (const { row, dA, given, dScores, loopsBackward } of rowsOf(one)) {
      const result = computed(one, dA, given).row
      const size = Math.max(largest(dScores), largest(given.map((a, j) => a * dA[j])))
      shares.add(
        row,
        largestDifference(result, dScores),
        largestDifference(loopsBackward, dScores),
        size,
      )
    }
    console.log(`${arithmetic} gradient of ${name}: ${shares}`)
    expect(shares.worst).toBeLessThanOrEqual(1)
  })

  test('the gradient of learned entmax with respect to its parameter', () => {
    const shares = new Shares()
    const slope = (learnedAlpha - 1) * (2 - learnedAlpha)
    for (const { row, dA, given, dParameter } of rowsOf(learned)) {
      const loops = plain.entmaxByAlpha(dA, given, learnedAlpha) * slope
      const error = Math.abs(computed(learned, dA, given).dParameter - dParameter)
      // terms cancel, for ∂A/∂α sums to zero over the row
      shares.add(
        row,
        error,
        Math.abs(loops - dParameter),
        Math.max(Math.abs(dParameter), largest(given.map((a, j) => a * dA[j]))),
      )
    }
    console.log(`${arithmetic} gradient with respect to a: ${shares}`)
    expect(shares.worst).toBeLessThanOrEqual(1)
  })
})
