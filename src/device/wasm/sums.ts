import type { Numbers } from '../../tensor.ts'
import type { OnArrays, Operations } from '../operations.ts'
import type { Engine } from './engine.ts'
import { kernels, type SumRuns } from './jobs.generated.ts'
import { BLOCK_NUMBERS, FEW_LIGHT, rowsInBlock } from './work.ts'

/** Sums and means along an axis, and what repeats numbers along one. */
export const sumOperations = (engine: Engine) =>
  ({
    sum: sumAlong(engine, false),
    mean: sumAlong(engine, true),
    expand([X, Y], { axis, factor }, [rows, columns, count]) {
      const all = axis === 'all'
      const length = all ? BLOCK_NUMBERS : columns
      const job = {
        X: X.byteOffset,
        Y: Y.byteOffset,
        factor,
        count: all ? count : rows * columns,
        runs: all ? Math.ceil(count / BLOCK_NUMBERS) : rows,
        length,
        perRun: Number(axis === 'columns'),
        perNumber: Number(axis === 'rows'),
        perBlock: rowsInBlock(length),
      }
      engine.run(kernels.repeat, job, Math.ceil(job.runs / job.perBlock), job.count < FEW_LIGHT)
    },
  }) satisfies Partial<Operations<Numbers>>

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

function sumAlong(engine: Engine, mean: boolean): OnArrays<'sum' | 'mean'> {
  return ([X, Y], { axis }, [rows, columns, count]) => {
    const [from, to] = [X.byteOffset, Y.byteOffset]
    if (axis === 'rows') sumColumns(engine, from, rows, columns, to, { mean })
    else if (axis === 'all')
      writeSum(engine, to, sumOfAll(engine, [X], BLOCK_NUMBERS, false) / (mean ? count : 1))
    else
      runSums(engine, {
        X: from,
        sums: to,
        count: rows * columns,
        runs: rows,
        length: columns,
        mean: Number(mean),
        squares: 0,
        wide: 0,
        perBlock: rowsInBlock(columns),
      })
  }
}

const runSums = (engine: Engine, job: SumRuns): void =>
  engine.run(kernels.sumRuns, job, Math.ceil(job.runs / job.perBlock), job.count < FEW_LIGHT)

/** Σ x, or Σ x², over all arrays in float64: sums of so many numbers, added in their order. */
export function sumOfAll(
  engine: Engine,
  arrays: readonly Numbers[],
  length: number,
  squares: boolean,
): number {
  // addresses of operands before room is made, for their views may go stale
  const jobs = arrays.map(({ byteOffset: X, length: count }) => ({
    X,
    sums: 0,
    count,
    runs: Math.ceil(count / length),
    length,
    mean: 0,
    squares: Number(squares),
    wide: 1,
    perBlock: 1,
  }))
  const all = jobs.reduce((sum, { runs }) => sum + runs, 0)
  const room = engine.room(8 * all)
  let next = room
  for (const job of jobs) {
    job.sums = next
    runSums(engine, job)
    next += 8 * job.runs
  }
  const sums = new Float64Array(engine.arena.memory.buffer, room, all)
  return sums.reduce((sum, part) => sum + part, 0)
}

/** One number, by its address: views of operands may be stale. */
export function writeSum(engine: Engine, at: number, sum: number): void {
  new Float32Array(engine.arena.memory.buffer, at, 1)[0] = sum
}
