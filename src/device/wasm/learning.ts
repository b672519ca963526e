import type { Numbers } from '../../tensor.ts'
import type { AdamW, Sgd } from '../device.ts'
import type { Operations, Touched } from '../operations.ts'
import { adamWCorrections } from '../reference/learning.ts'
import { bitsOf, type Engine } from './engine.ts'
import { ADAM_W, SCALE, SGD, SUM_SQUARES } from './kernels/numbers.ts'
import { BLOCK_NUMBERS, FEW_HEAVY, FEW_LIGHT, rowsInBlock } from './work.ts'

type LearningOperations = Pick<Operations, 'squaredNorm' | 'clip' | 'adamW' | 'sgd'>

/** What a step of learning does with gradients and parameters, by kernels. */
export const learningOperations = (engine: Engine): LearningOperations => ({
  squaredNorm: (arrays) => squaredNorm(engine, arrays),
  clip: (arrays, squares, largest) => {
    const factor = largest / (Math.sqrt(squares) + 1e-6)
    if (!(factor < 1)) return
    for (const { byteOffset, length } of arrays) {
      engine.run(SCALE, [bitsOf(factor), byteOffset, length, BLOCK_NUMBERS], Math.ceil(length / BLOCK_NUMBERS), length < FEW_LIGHT)
    }
  },
  adamW: (parameter, gradient, moments, settings, touched) => adamW(engine, parameter, gradient, moments, settings, touched),
  sgd: (parameter, gradient, velocity, settings, touched) => sgd(engine, parameter, gradient, velocity, settings, touched),
})

/** Numbers whose squares have a sum of their own. */
const SQUARES_IN_SUM = 4096

/** Σ x² over all arrays: sums of blocks, added in their order. */
function squaredNorm(engine: Engine, arrays: readonly Numbers[]): number {
  const blocks = arrays.map(({ length }) => Math.ceil(length / SQUARES_IN_SUM))
  const all = blocks.reduce((sum, count) => sum + count, 0)
  // addresses of operands before room is made, for their views may go stale
  const places = arrays.map(({ byteOffset }) => byteOffset)
  const lengths = arrays.map(({ length }) => length)
  const sums = engine.room(8 * all)
  let next = sums
  for (const [n, count] of blocks.entries()) {
    engine.run(SUM_SQUARES, [places[n], next, lengths[n], SQUARES_IN_SUM], count, lengths[n] < FEW_LIGHT)
    next += 8 * count
  }
  return new Float64Array(engine.arena.memory.buffer, sums, all).reduce((sum, squares) => sum + squares, 0)
}

/** What a step changes, as kernels read it, in blocks. */
function stepOf(parameter: Numbers, gradient: Numbers, touched: Touched | undefined) {
  const perBlock = touched ? rowsInBlock(touched.columns) : BLOCK_NUMBERS
  const count = touched ? touched.rows.length : parameter.length
  const operands = [parameter.byteOffset, gradient.byteOffset, touched?.rows.byteOffset ?? 0, count, perBlock, touched?.columns ?? 0]
  return { operands, blocks: Math.ceil(count / perBlock), alone: gradient.length < FEW_HEAVY }
}

function adamW(
  engine: Engine,
  parameter: Numbers,
  gradient: Numbers,
  [first, second]: readonly [Numbers, Numbers],
  settings: AdamW,
  touched?: Touched,
): void {
  const { rate, decay, beta1, beta2 } = settings
  const { correction1, correction2, floor } = adamWCorrections(settings, touched !== undefined)
  const numbers = [rate, decay, beta1, beta2, 1 - beta1, 1 - beta2, 1 / correction1, 1 / correction2, floor]
  const { operands, blocks, alone } = stepOf(parameter, gradient, touched)
  engine.run(ADAM_W, [...operands, first.byteOffset, second.byteOffset, ...numbers.map(bitsOf)], blocks, alone)
}

function sgd(
  engine: Engine,
  parameter: Numbers,
  gradient: Numbers,
  velocity: Numbers | undefined,
  { rate, momentum, decay }: Sgd,
  touched?: Touched,
): void {
  const { operands, blocks, alone } = stepOf(parameter, gradient, touched)
  const numbers = [rate, velocity ? momentum : 0, decay]
  engine.run(SGD, [...operands, velocity?.byteOffset ?? 0, ...numbers.map(bitsOf)], blocks, alone)
}
