import type { Numbers } from '../../tensor.ts'
import type { Operations } from '../operations.ts'
import { adamWCorrections } from '../reference/learning.ts'
import type { Engine } from './engine.ts'
import { kernels, type Sgd } from './jobs.generated.ts'
import type { Kernel } from './pool.ts'
import { sumOfAll, writeSum } from './sums.ts'
import { BLOCK_NUMBERS, FEW_HEAVY, FEW_LIGHT, rowsInBlock } from './work.ts'

/** What a step of learning does with gradients and parameters, by kernels. */
export const learningOperations = (engine: Engine) =>
  ({
    squaredNorm([arrays, out]) {
      const at = out.byteOffset
      writeSum(engine, at, sumOfAll(engine, arrays, SQUARES_IN_SUM, true))
    },
    clip([arrays, squaredNorm], { largest }) {
      const factor = largest / (Math.sqrt(squaredNorm[0]) + 1e-6)
      // a factor of NaN makes all NaN
      if (factor >= 1) return
      for (const { byteOffset: X, length: count } of arrays) {
        const job = { factor, X, count, perBlock: BLOCK_NUMBERS }
        engine.run(kernels.scale, job, Math.ceil(count / BLOCK_NUMBERS), count < FEW_LIGHT)
      }
    },
    adamW([parameter, rows, gradient, [first, second]], settings) {
      const { rate, decay, beta1, beta2 } = settings
      const { correction1, correction2, floor } = adamWCorrections(settings, rows !== undefined)
      step(engine, kernels.adamW, [parameter, rows, gradient], {
        first: first.byteOffset,
        second: second.byteOffset,
        rate,
        decay,
        beta1,
        beta2,
        share1: 1 - beta1,
        share2: 1 - beta2,
        correction1: 1 / correction1,
        correction2: 1 / correction2,
        epsilon: floor,
      })
    },
    sgd([parameter, rows, gradient, velocity], { rate, momentum, decay }) {
      step(engine, kernels.sgd, [parameter, rows, gradient], {
        velocity: velocity ? velocity.byteOffset : 0,
        rate,
        momentum: velocity ? momentum : 0,
        decay,
      })
    },
  }) satisfies Partial<Operations<Numbers>>

/** Numbers whose squares have a sum of their own. */
const SQUARES_IN_SUM = 4096

/** Which numbers a step changes. */
type Step = Pick<Sgd, 'parameter' | 'gradient' | 'rows' | 'count' | 'perBlock' | 'columns'>

/** Starts a kernel that changes numbers, or the rows that are named, by their gradients. */
function step<Own extends object>(
  engine: Engine,
  kernel: Kernel<Step & Own>,
  [parameter, rows, gradient]: readonly [Numbers, Numbers | undefined, Numbers],
  own: Own,
): void {
  const columns = rows?.length ? gradient.length / rows.length : 0
  const count = rows ? rows.length : parameter.length
  const perBlock = rows ? rowsInBlock(columns) : BLOCK_NUMBERS
  const job = Object.assign(own, {
    parameter: parameter.byteOffset,
    gradient: gradient.byteOffset,
    rows: rows ? rows.byteOffset : 0,
    count,
    perBlock,
    columns,
  })
  engine.run(kernel, job, Math.ceil(count / perBlock), gradient.length < FEW_HEAVY)
}
