import type { Numbers } from '../../tensor.ts'
import type { LossGradients, Operations } from '../operations.ts'
import { sumColumns } from './dense.ts'
import { bitsOf, type Engine } from './engine.ts'
import { LOSS_ROWS, LOSS_ROWS_BACKWARD } from './kernels/numbers.ts'
import { product } from './product.ts'
import { FEW_HEAVY, rowsInBlock } from './work.ts'

type LossOperations = Pick<
  Operations,
  'crossEntropy' | 'crossEntropyBackward' | 'crossEntropyScratch' | 'crossEntropyBackwardScratch'
>

/** Cross-entropy by kernels: products give the logits of some hundred rows at a time. */
export const lossOperations = (engine: Engine): LossOperations => ({
  crossEntropy: (C, E, offsets, targets, losses) =>
    crossEntropy(engine, C, E, offsets, targets, losses),
  crossEntropyBackward: (factor, C, E, offsets, targets, gradients) =>
    crossEntropyBackward(engine, factor, C, E, offsets, targets, gradients),
  crossEntropyScratch: logitBytes,
  crossEntropyBackwardScratch: logitBytes,
})

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

const logitBytes = (rows: number, classes: number): number =>
  4 * classes * rowsAtOnce(rows, classes)

/**
 * Sizes of a loss, and addresses of its operands before room is made, for their views may go stale.
 */
function lossOf(engine: Engine, C: Numbers, E: Numbers, offsets: Numbers, targets: Numbers) {
  const [rows, classes] = [targets.length, offsets.length]
  const at = {
    c: C.byteOffset,
    e: E.byteOffset,
    offsets: offsets.byteOffset,
    targets: targets.byteOffset,
  }
  return {
    rows,
    classes,
    columns: E.length / classes,
    most: rowsAtOnce(rows, classes),
    at,
    z: engine.room(logitBytes(rows, classes)),
  }
}

type Loss = ReturnType<typeof lossOf>

/** Rows of logits, without offsets: Z = C·Eᵀ for rows first … */
function logits(
  engine: Engine,
  { classes, columns, at, z }: Loss,
  first: number,
  rows: number,
): void {
  product(
    engine,
    { m: rows, n: classes, k: columns },
    { a: at.c + 4 * first * columns, b: at.e, c: z },
    { transposeB: true },
  )
}

/** losses[r] = −log softmax(C[r]·Eᵀ + offsets)[targets[r]]. */
function crossEntropy(
  engine: Engine,
  C: Numbers,
  E: Numbers,
  offsets: Numbers,
  targets: Numbers,
  losses: Numbers,
): void {
  const into = losses.byteOffset
  const loss = lossOf(engine, C, E, offsets, targets)
  const { classes, at, z } = loss
  const perBlock = rowsInBlock(classes)
  for (let first = 0; first < loss.rows; first += loss.most) {
    const rows = Math.min(loss.most, loss.rows - first)
    logits(engine, loss, first, rows)
    const operands = [
      z,
      at.offsets,
      at.targets + 4 * first,
      into + 4 * first,
      rows,
      classes,
      perBlock,
    ]
    engine.run(LOSS_ROWS, operands, Math.ceil(rows / perBlock), rows * classes < FEW_HEAVY)
  }
}

/** dz = factor · (softmax(z) − 1 at the target); dC = dz E, dE = dzᵀ C, dOffsets = Σ dz. */
function crossEntropyBackward(
  engine: Engine,
  factor: number,
  C: Numbers,
  E: Numbers,
  offsets: Numbers,
  targets: Numbers,
  gradients: LossGradients,
): void {
  const into = {
    dC: gradients.dC.byteOffset,
    dE: gradients.dE.byteOffset,
    dOffsets: gradients.dOffsets?.byteOffset,
  }
  const losses = gradients.losses?.byteOffset
  const loss = lossOf(engine, C, E, offsets, targets)
  const { classes, columns, at, z } = loss
  const perBlock = rowsInBlock(classes)
  // without rows the gradients of E and offsets are still written, as zeros
  for (let first = 0; first === 0 || first < loss.rows; first += Math.max(1, loss.most)) {
    const rows = Math.min(loss.most, loss.rows - first)
    logits(engine, loss, first, rows)
    const told = losses === undefined ? 0 : losses + 4 * first
    const operands = [
      z,
      at.offsets,
      at.targets + 4 * first,
      told,
      bitsOf(factor),
      rows,
      classes,
      perBlock,
    ]
    engine.run(LOSS_ROWS_BACKWARD, operands, Math.ceil(rows / perBlock), rows * classes < FEW_HEAVY)
    const cells = 4 * first * columns
    product(engine, { m: rows, n: columns, k: classes }, { a: z, b: at.e, c: into.dC + cells }, {})
    const more = { transposeA: true, accumulate: first > 0 }
    product(
      engine,
      { m: classes, n: columns, k: rows },
      { a: z, b: at.c + cells, c: into.dE },
      more,
    )
    if (into.dOffsets !== undefined) sumColumns(engine, z, rows, classes, into.dOffsets, first > 0)
  }
}
