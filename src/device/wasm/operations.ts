import type { Operations } from '../operations.ts'
import { attentionOperations } from './attention.ts'
import { denseOperations } from './dense.ts'
import type { Engine } from './engine.ts'
import { learningOperations } from './learning.ts'
import { lossOperations } from './loss.ts'
import { product } from './product.ts'

/** Every operation by kernels. */
export const kernelOperations = (engine: Engine): Operations => ({
  ...attentionOperations(engine),
  ...denseOperations(engine),
  ...lossOperations(engine),
  ...learningOperations(engine),
  product: (A, B, C, m, n, k, options) =>
    product(engine, { m, n, k }, { a: A.byteOffset, b: B.byteOffset, c: C.byteOffset }, options),
})
