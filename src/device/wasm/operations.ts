import type { Operations } from '../operations.ts'
import { attention, attentionBackward, attentionScratch } from '../plain/attention.ts'
import { denseOperations } from './dense.ts'
import type { Engine } from './engine.ts'
import { learningOperations } from './learning.ts'
import { lossOperations } from './loss.ts'
import { product } from './product.ts'

/** Every operation by kernels, but attention, which is plain TypeScript over the same memory. */
export const kernelOperations = (engine: Engine): Operations => ({
  ...denseOperations(engine),
  ...lossOperations(engine),
  ...learningOperations(engine),
  ...{ attention, attentionBackward, attentionScratch, attentionBackwardScratch: attentionScratch },
  product: (A, B, C, m, n, k, options) => product(engine, { m, n, k }, { a: A.byteOffset, b: B.byteOffset, c: C.byteOffset }, options),
})
