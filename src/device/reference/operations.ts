import type { Operations } from '../operations.ts'
import { attention, attentionBackward, attentionScratch } from './attention.ts'
import * as dense from './dense.ts'
import { dropout } from './dropout.ts'
import * as learning from './learning.ts'

/** Every operation in plain TypeScript: sums in float64, rounded once. */
export const referenceOperations: Operations = {
  ...dense,
  ...learning,
  dropout,
  attention,
  attentionBackward,
  attentionScratch,
  attentionBackwardScratch: attentionScratch,
}
