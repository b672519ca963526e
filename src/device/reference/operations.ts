import type { Numbers } from '../../tensor.ts'
import type { Operations } from '../operations.ts'
import { prepare } from './attention.ts'
import * as dense from './dense.ts'
import { dropout } from './dropout.ts'
import * as learning from './learning.ts'

/** Every operation in plain TypeScript: sums in float64, rounded once. */
export const referenceOperations: Operations<Numbers> = { ...dense, ...learning, dropout, prepare }
