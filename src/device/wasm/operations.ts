import type { Numbers } from '../../tensor.ts'
import { type OperationName, type Operations, operations } from '../operations.ts'
import { prepareAttention } from './attention.ts'
import { inBlocks } from './blocks.ts'
import { denseOperations } from './dense.ts'
import type { Engine } from './engine.ts'
import { learningOperations } from './learning.ts'
import { crossEntropy, crossEntropyBackward, lossScratch } from './loss.ts'
import { product } from './product.ts'
import { sumOperations } from './sums.ts'

/**
 * Every operation by kernels: those that need nothing of the host but their operands have no
 * function of their own here.
 */
export function kernelOperations(engine: Engine): Operations<Numbers> {
  const own: Partial<Operations<Numbers>> = {
    ...denseOperations(engine),
    ...learningOperations(engine),
    ...sumOperations(engine),
    product: ([A, B, C], options, [m, k, n]) =>
      product(engine, { m, n, k }, { a: A.byteOffset, b: B.byteOffset, c: C.byteOffset }, options),
    crossEntropy: crossEntropy(engine),
    crossEntropyBackward: crossEntropyBackward(engine),
    scratch: lossScratch,
    prepare: prepareAttention(engine),
  }
  const others = (Object.keys(operations) as OperationName[]).filter((name) => !own[name])
  return {
    ...own,
    ...Object.fromEntries(others.map((name) => [name, inBlocks(engine, name)])),
  } as Operations<Numbers>
}
