import type { Numbers } from '../../tensor.ts'
import type { OnArrays, Operations } from '../operations.ts'
import type { Engine } from './engine.ts'
import { kernels } from './jobs.generated.ts'
import { BLOCK_NUMBERS, FEW_LIGHT, rowsInBlock } from './work.ts'

/** Sums and means along an axis, and what repeats numbers along one. */
export const sumOperations = (engine: Engine) =>
  ({
    sum: sumAlong(engine, false),
    mean: sumAlong(engine, true),
    expand([X, Y], { axis, factor }, [rows, columns, count]) {
      const runs =
        axis === 'all' ? runsOf(count) : { count: rows * columns, runs: rows, length: columns }
      const job = {
        ...{ ...runs, X: X.byteOffset, Y: Y.byteOffset, factor },
        perRun: Number(axis === 'columns'),
        perNumber: Number(axis === 'rows'),
        perBlock: rowsInBlock(runs.length),
      }
      engine.run(kernels.repeat, job, Math.ceil(runs.runs / job.perBlock), runs.count < FEW_LIGHT)
    },
  }) satisfies Partial<Operations<Numbers>>

/** Runs of a block each. */
const runsOf = (count: number) => ({
  count,
  runs: Math.ceil(count / BLOCK_NUMBERS),
  length: BLOCK_NUMBERS,
})

/** How column sums begin and end. */
interface SumColumnsOptions {
  readonly accumulate?: boolean
  readonly mean?: boolean
}

/** y = column sums of a matrix, or +=, or column means; both by their addresses. */
export function sumColumns(
  engine: Engine,
  X: number,
  rows: number,
  columns: number,
  y: number,
  { accumulate = false, mean = false }: SumColumnsOptions = {},
): void {
  const job = { X, y, rows, columns, accumulate: Number(accumulate), mean: Number(mean) }
  engine.run(
    kernels.sumColumns,
    job,
    Math.ceil(columns / engine.constants.COLUMNS_IN_BLOCK),
    rows * columns < FEW_LIGHT,
  )
}

/** Sums of all numbers are of blocks, in float64, added in their order. */
function sumAlong(engine: Engine, mean: boolean): OnArrays<'sum' | 'mean'> {
  return ([X, Y], { axis }, [rows, columns, count]) => {
    const [from, to] = [X.byteOffset, Y.byteOffset]
    if (axis === 'rows') return sumColumns(engine, from, rows, columns, to, { mean })
    const all = axis === 'all'
    const runs = all ? runsOf(count) : { count: rows * columns, runs: rows, length: columns }
    // the addresses of operands are taken before room is made, for their views may go stale
    const sums = all ? engine.room(8 * runs.runs) : to
    const job = {
      ...{ ...runs, X: from, sums },
      mean: Number(mean && !all),
      wide: Number(all),
      perBlock: rowsInBlock(runs.length),
    }
    engine.run(kernels.sumRuns, job, Math.ceil(runs.runs / job.perBlock), runs.count < FEW_LIGHT)
    if (!all) return
    const { buffer } = engine.arena.memory
    const total = new Float64Array(buffer, sums, runs.runs).reduce((sum, part) => sum + part, 0)
    new Float32Array(buffer, to, 1)[0] = mean ? total / count : total
  }
}
