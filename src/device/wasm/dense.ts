import type { Numbers } from '../../tensor.ts'
import type { ActivationName, Dropout } from '../device.ts'
import type { Operations } from '../operations.ts'
import { bitsOf, type Engine } from './engine.ts'
import {
  ADD_BIAS,
  COMBINE,
  DROPOUT,
  ELEMENTARY,
  FUNCTION_FLOORED_LOG,
  FUNCTION_GELU,
  FUNCTION_RELU,
  FUNCTION_SIGMOID,
  FUNCTION_SILU,
  FUNCTION_TANH,
  GATHER,
  NORMALIZE,
  NORMALIZE_BACKWARD,
  SLOPES,
  SUM_COLUMNS,
  SUM_ROWS,
} from './kernels/numbers.ts'
import { BLOCK_NUMBERS, FEW_HEAVY, FEW_LIGHT, rowsInBlock } from './work.ts'

type DenseOperations = Pick<
  Operations,
  | 'combine'
  | 'activate'
  | 'activateBackward'
  | 'addBias'
  | 'addBiasBackward'
  | 'normalize'
  | 'normalizeBackward'
  | 'dropout'
  | 'gather'
  | 'sumRows'
>

/** Y = X + b in every row of (rows, columns). Addresses. */
export function addBias(
  engine: Engine,
  X: number,
  b: number,
  Y: number,
  rows: number,
  columns: number,
): void {
  const perBlock = rowsInBlock(columns)
  engine.run(
    ADD_BIAS,
    [X, b, Y, rows, columns, perBlock],
    Math.ceil(rows / perBlock),
    rows * columns < FEW_LIGHT,
  )
}

/** Operations on rows and on numbers each by itself, by kernels. */
export const denseOperations = (engine: Engine): DenseOperations => ({
  combine: (a, A, b, B, C) => {
    const operands = [
      bitsOf(a),
      bitsOf(b),
      A.byteOffset,
      B.byteOffset,
      C.byteOffset,
      C.length,
      BLOCK_NUMBERS,
    ]
    engine.run(COMBINE, operands, Math.ceil(C.length / BLOCK_NUMBERS), C.length < FEW_LIGHT)
  },
  addBias: (X, b, Y) =>
    addBias(engine, X.byteOffset, b.byteOffset, Y.byteOffset, rowsOf(Y, b.length), b.length),
  addBiasBackward: (dY, db) =>
    sumColumns(engine, dY.byteOffset, rowsOf(dY, db.length), db.length, db.byteOffset, false),
  normalize: (X, gain, bias, epsilon, Y) => {
    const [columns, perBlock] = [gain.length, rowsInBlock(gain.length)]
    const rows = rowsOf(X, columns)
    const addresses = [X.byteOffset, gain.byteOffset, bias.byteOffset, Y.byteOffset]
    engine.run(
      NORMALIZE,
      [...addresses, bitsOf(epsilon), rows, columns, perBlock],
      Math.ceil(rows / perBlock),
      X.length < FEW_HEAVY,
    )
  },
  normalizeBackward: (dY, X, gain, epsilon, dX, dGain, dBias) =>
    normalizeBackward(engine, dY, X, gain, epsilon, dX, dGain, dBias),
  activate: (name, X, Y) => {
    const operands = [FUNCTIONS[name], X.byteOffset, Y.byteOffset, X.length]
    engine.run(
      ELEMENTARY,
      operands,
      Math.ceil(X.length / engine.constants.BLOCK_NUMBERS),
      X.length < FEW_HEAVY,
    )
  },
  activateBackward: (name, dY, X, dX) => {
    const operands = [FUNCTIONS[name], dY.byteOffset, X.byteOffset, dX.byteOffset, X.length]
    engine.run(
      SLOPES,
      operands,
      Math.ceil(X.length / engine.constants.BLOCK_NUMBERS),
      X.length < FEW_HEAVY,
    )
  },
  dropout: (X, settings, Y) => dropout(engine, X, settings, Y),
  gather: (table, places, columns, Y, accumulate) => {
    const [rows, perBlock] = [places.length, rowsInBlock(columns)]
    const operands = [
      table.byteOffset,
      places.byteOffset,
      Y.byteOffset,
      rows,
      columns,
      Number(accumulate),
      perBlock,
    ]
    engine.run(GATHER, operands, Math.ceil(rows / perBlock), Y.length < FEW_LIGHT)
  },
  sumRows: (X, starts, occurrences, factors, columns, Y, accumulate) => {
    const rows = starts.length - 1
    // a row of Y takes as long as it has occurrences
    const perBlock = rowsInBlock(columns * Math.max(1, occurrences.length / Math.max(1, rows)))
    const addresses = [
      X.byteOffset,
      starts.byteOffset,
      occurrences.byteOffset,
      factors?.byteOffset ?? 0,
      Y.byteOffset,
    ]
    const few = columns * (rows + occurrences.length) < FEW_LIGHT
    engine.run(
      SUM_ROWS,
      [...addresses, rows, columns, Number(accumulate), perBlock],
      Math.ceil(rows / perBlock),
      few,
    )
  },
})

const FUNCTIONS: Readonly<Record<ActivationName, number>> = {
  ...{ relu: FUNCTION_RELU, tanh: FUNCTION_TANH, sigmoid: FUNCTION_SIGMOID },
  ...{ silu: FUNCTION_SILU, gelu: FUNCTION_GELU, log: FUNCTION_FLOORED_LOG },
}

/** Rows of a matrix; it has none where a row has no numbers. */
const rowsOf = (X: Numbers, columns: number): number => (columns ? X.length / columns : 0)

/** y = column sums of a matrix, or +=; both by their addresses. */
export function sumColumns(
  engine: Engine,
  X: number,
  rows: number,
  columns: number,
  y: number,
  accumulate: boolean,
): void {
  const blocks = Math.ceil(columns / engine.constants.COLUMNS_IN_BLOCK)
  engine.run(
    SUM_COLUMNS,
    [X, y, rows, columns, Number(accumulate)],
    blocks,
    rows * columns < FEW_LIGHT,
  )
}

/** Blocks of rows that keep sums of their own: so many at most, and rows of each at least. */
const MOST_SUMS = 256
const ROWS_OF_SUM = 32

function normalizeBackward(
  engine: Engine,
  dY: Numbers,
  X: Numbers,
  gain: Numbers,
  epsilon: number,
  dX: Numbers,
  dGain: Numbers,
  dBias: Numbers,
): void {
  const columns = gain.length
  const rows = rowsOf(X, columns)
  const perBlock = Math.max(ROWS_OF_SUM, Math.ceil(rows / MOST_SUMS))
  const blocks = Math.ceil(rows / perBlock)
  // addresses of operands before room is made, for their views may go stale
  const operands = [dY.byteOffset, X.byteOffset, gain.byteOffset, dX.byteOffset]
  const [gainAt, biasAt] = [dGain.byteOffset, dBias.byteOffset]
  const gainSums = engine.room(2 * 4 * blocks * columns)
  const biasSums = gainSums + 4 * blocks * columns
  engine.run(
    NORMALIZE_BACKWARD,
    [...operands, gainSums, biasSums, bitsOf(epsilon), rows, columns, perBlock],
    blocks,
    rows * columns < FEW_HEAVY,
  )
  sumColumns(engine, gainSums, blocks, columns, gainAt, false)
  sumColumns(engine, biasSums, blocks, columns, biasAt, false)
}

const TWO_TO_32 = 2 ** 32

function dropout(
  engine: Engine,
  X: Numbers,
  { rate, seed, stream, step }: Dropout,
  Y: Numbers,
): void {
  // a draw of 32 bits drops its number where it lies below rate · 2³²
  const dropping = Math.ceil(rate * TWO_TO_32)
  if (dropping === 0) {
    Y.set(X)
    return
  }
  const numbers = [X.byteOffset, Y.byteOffset, X.length, BLOCK_NUMBERS]
  const draws = [seed % TWO_TO_32, Math.floor(seed / TWO_TO_32), stream, step, dropping - 1]
  engine.run(
    DROPOUT,
    [...numbers, ...draws, bitsOf(1 / (1 - rate))],
    Math.ceil(X.length / BLOCK_NUMBERS),
    X.length < FEW_HEAVY,
  )
}
