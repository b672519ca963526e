import type { Operations } from '../operations.ts'
import { plainOperations } from '../plain/operations.ts'
import { denseOperations } from './dense.ts'
import type { Engine } from './engine.ts'
import { learningOperations } from './learning.ts'
import { product } from './product.ts'

/** Every operation by kernels; what has none yet is plain TypeScript over the same memory. */
export const kernelOperations = (engine: Engine): Operations => ({
  ...plainOperations,
  ...denseOperations(engine),
  ...learningOperations(engine),
  product: (A, B, C, m, n, k, options) => product(engine, { m, n, k }, { a: A.byteOffset, b: B.byteOffset, c: C.byteOffset }, options),
})
