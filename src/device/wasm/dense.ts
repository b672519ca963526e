import type { Numbers } from '../../tensor.ts'
import type { ActivationName, Dropout } from '../calls.ts'
import type { OnArrays, Operations } from '../operations.ts'
import { inBlocks } from './blocks.ts'
import type { Engine } from './engine.ts'
import { kernels } from './jobs.generated.ts'
import {
  FUNCTION_FLOORED_LOG,
  FUNCTION_GELU,
  FUNCTION_GELU_ERF,
  FUNCTION_RELU,
  FUNCTION_SIGMOID,
  FUNCTION_SILU,
  FUNCTION_TANH,
} from './kernels/numbers.ts'
import type { Kernel } from './pool.ts'
import { sumColumns } from './sums.ts'
import { BLOCK_NUMBERS, FEW_HEAVY, FEW_LIGHT, rowsInBlock } from './work.ts'

const FUNCTIONS: Readonly<Record<ActivationName, number>> = {
  relu: FUNCTION_RELU,
  tanh: FUNCTION_TANH,
  sigmoid: FUNCTION_SIGMOID,
  silu: FUNCTION_SILU,
  gelu: FUNCTION_GELU,
  geluErf: FUNCTION_GELU_ERF,
  log: FUNCTION_FLOORED_LOG,
}

/**
 * Operations on rows and on single numbers whose kernels need more than their operands and sizes.
 */
export const denseOperations = (engine: Engine) =>
  ({
    normalizeBackward: normalizeBackward(engine),
    activate: ([X, Y], { name }, [count]) =>
      eachNumber(engine, kernels.elementary, {
        which: FUNCTIONS[name],
        from: X.byteOffset,
        to: Y.byteOffset,
        count,
      }),
    activateBackward: ([dY, X, dX], { name }, [count]) =>
      eachNumber(engine, kernels.slopes, {
        which: FUNCTIONS[name],
        dY: dY.byteOffset,
        from: X.byteOffset,
        to: dX.byteOffset,
        count,
      }),
    dropout([X, Y], dropout, [count]) {
      const draws = drawsOf(dropout)
      if (draws.keepFactor === 0) {
        Y.set(X)
        return
      }
      const job = {
        ...draws,
        X: X.byteOffset,
        Y: Y.byteOffset,
        count,
        perBlock: BLOCK_NUMBERS,
      }
      engine.run(kernels.dropout, job, Math.ceil(count / BLOCK_NUMBERS), count < FEW_HEAVY)
    },
    copyRows: copyRows(engine),
    sumRows([X, starts, occurrences, factors, Y], { accumulate }, [, columns, rows, terms]) {
      // a row of Y takes as long as it has occurrences
      const perBlock = rowsInBlock(columns * Math.max(1, terms / Math.max(1, rows)))
      const job = {
        X: X.byteOffset,
        starts: starts.byteOffset,
        occurrences: occurrences.byteOffset,
        factors: factors ? factors.byteOffset : 0,
        Y: Y.byteOffset,
        rows,
        columns,
        accumulate: accumulate ? 1 : 0,
        perBlock,
      }
      engine.run(
        kernels.sumRows,
        job,
        Math.ceil(rows / perBlock),
        columns * (rows + terms) < FEW_LIGHT,
      )
    },
  }) satisfies Partial<Operations<Numbers>>

/** Dropout as kernels read it: a draw of 32 bits drops its number where it lies below rate · 2³². */
export const drawsOf = ({ rate, seed, stream, step }: Dropout = NOTHING_DROPPED) => ({
  seedLow: seed % 2 ** 32,
  seedHigh: Math.floor(seed / 2 ** 32),
  stream,
  step,
  last: Math.ceil(rate * 2 ** 32) - 1,
  keepFactor: rate && 1 / (1 - rate),
})

const NOTHING_DROPPED: Dropout = { rate: 0, seed: 0, stream: 0, step: 0 }

/** A kernel that takes tens of instructions per element. */
function eachNumber<Job extends { readonly count: number }>(
  engine: Engine,
  kernel: Kernel<Job>,
  job: Job,
): void {
  const blocks = Math.ceil(job.count / engine.constants.BLOCK_NUMBERS)
  engine.run(kernel, job, blocks, job.count < FEW_HEAVY)
}

/** Rows that lie one after the other are one run of numbers: copied as such, or added. */
function copyRows(engine: Engine): OnArrays<'copyRows'> {
  const add = inBlocks(engine, 'combine')
  return ([X, Y], { from, to, count, accumulate }, [, columns]) => {
    const rows = X.subarray(from * columns, (from + count) * columns)
    const into = Y.subarray(to * columns, (to + count) * columns)
    if (accumulate) add([into, rows, into], { a: 1, b: 1 }, [rows.length])
    else into.set(rows)
  }
}

/** Blocks of rows that keep sums of their own: so many at most, and rows of each at least. */
const MOST_SUMS = 256
const ROWS_OF_SUM = 32

const normalizeBackward =
  (engine: Engine): OnArrays<'normalizeBackward'> =>
  ([dY, X, gain, dX, dGain, dBias], { epsilon }, [rows, columns]) => {
    const perBlock = Math.max(ROWS_OF_SUM, Math.ceil(rows / MOST_SUMS))
    const blocks = Math.ceil(rows / perBlock)
    // addresses of operands before room is made, for their views may go stale
    const job = {
      dY: dY.byteOffset,
      X: X.byteOffset,
      gain: gain.byteOffset,
      dX: dX.byteOffset,
      dGains: 0,
      dBiases: 0,
      epsilon,
      rows,
      columns,
      perBlock,
    }
    const [gainAt, biasAt] = [dGain.byteOffset, dBias.byteOffset]
    const dGains = engine.room(2 * 4 * blocks * columns)
    const dBiases = dGains + 4 * blocks * columns
    job.dGains = dGains
    job.dBiases = dBiases
    engine.run(kernels.normalizeBackward, job, blocks, rows * columns < FEW_HEAVY)
    sumColumns(engine, dGains, blocks, columns, gainAt)
    sumColumns(engine, dBiases, blocks, columns, biasAt)
  }
