import type { Numbers } from '../../tensor.ts'
import type { OnArrays } from '../operations.ts'
import type { Engine } from './engine.ts'
import { kernels } from './jobs.generated.ts'
import { product } from './product.ts'
import { sumColumns } from './sums.ts'
import { FEW_HEAVY, rowsInBlock } from './work.ts'

/**
 * Bytes of logits that are kept at once, where rows are not longer; rows that are kept at once,
 * however long.
 */
const LOGIT_BYTES = 2 ** 25
const LEAST_ROWS = 16

const rowsAtOnce = (rows: number, classes: number): number => {
  const fitting = Math.floor(LOGIT_BYTES / (4 * classes * LEAST_ROWS)) * LEAST_ROWS
  return Math.min(rows, Math.max(LEAST_ROWS, fitting))
}

const logitBytes = ([rows, , classes]: readonly number[]): number =>
  4 * classes * rowsAtOnce(rows, classes)

/** Bytes of the losses beside their handles. */
export const lossScratch = { crossEntropy: logitBytes, crossEntropyBackward: logitBytes }

/**
 * Sizes of a loss, and addresses of its operands before room is made, for their views may go stale.
 */
function lossOf(
  engine: Engine,
  [C, E, offsets, targets]: readonly [Numbers, Numbers, Numbers, Numbers, ...unknown[]],
  sizes: readonly number[],
) {
  const [rows, columns, classes] = sizes
  const at = {
    c: C.byteOffset,
    e: E.byteOffset,
    offsets: offsets.byteOffset,
    targets: targets.byteOffset,
  }
  return {
    rows,
    classes,
    columns,
    most: rowsAtOnce(rows, classes),
    at,
    z: engine.room(logitBytes(sizes)),
  }
}

type Loss = ReturnType<typeof lossOf>

/**
 * Computes rows of logits, without offsets, Z = C·Eᵀ for rows `first` …, then what becomes of them:
 * losses and, with a factor, gradients.
 */
function lossRows(
  engine: Engine,
  { classes, columns, at, z }: Loss,
  {
    first,
    rows,
    losses,
    factor,
  }: Readonly<Record<'first' | 'rows' | 'losses', number>> & {
    readonly factor?: number
  },
): void {
  const sides = { a: at.c + 4 * first * columns, b: at.e, c: z }
  product(engine, { m: rows, n: classes, k: columns }, sides, { transposeB: true })
  const perBlock = rowsInBlock(classes)
  const job = {
    Z: z,
    offsets: at.offsets,
    targets: at.targets + 4 * first,
    losses: losses && losses + 4 * first,
    rows,
    classes,
    perBlock,
    backward: Number(factor !== undefined),
    factor: factor ?? 0,
  }
  engine.run(kernels.lossRows, job, Math.ceil(rows / perBlock), rows * classes < FEW_HEAVY)
}

/** Cross-entropy by kernels: products give the logits of some hundred rows at a time. */
export const crossEntropy =
  (engine: Engine): OnArrays<'crossEntropy'> =>
  (operands, _settings, sizes) => {
    const losses = operands[4].byteOffset
    const loss = lossOf(engine, operands, sizes)
    for (let first = 0; first < loss.rows; first += loss.most)
      lossRows(engine, loss, { first, rows: Math.min(loss.most, loss.rows - first), losses })
  }

/** dz = factor · (softmax(z) − 1 at the target); dC = dz E, dE = dzᵀ C, dOffsets = Σ dz. */
export const crossEntropyBackward =
  (engine: Engine): OnArrays<'crossEntropyBackward'> =>
  (operands, { factor }, sizes) => {
    const [dC, dE, dOffsets, losses] = operands.slice(4).map((numbers) => numbers?.byteOffset ?? 0)
    const loss = lossOf(engine, operands, sizes)
    const { classes, columns, at, z } = loss
    // without rows the gradients of E and offsets are still written, as zeros
    for (let first = 0; first === 0 || first < loss.rows; first += Math.max(1, loss.most)) {
      const rows = Math.min(loss.most, loss.rows - first)
      lossRows(engine, loss, { first, rows, losses, factor })
      const cells = 4 * first * columns
      product(engine, { m: rows, n: columns, k: classes }, { a: z, b: at.e, c: dC + cells }, {})
      const more = { transposeA: true, accumulate: first > 0 }
      product(engine, { m: classes, n: columns, k: rows }, { a: z, b: at.c + cells, c: dE }, more)
      if (dOffsets) sumColumns(engine, z, rows, classes, dOffsets, { accumulate: first > 0 })
    }
  }
