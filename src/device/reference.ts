import { CheckedDevice } from './checked.ts'
import { DEFAULT_MEMORY_LIMIT, heap } from './memory.ts'
import { referenceOperations } from './reference/operations.ts'

/** How to open a device in this process. */
export interface ReferenceOptions {
  /** Type of the numbers; sums are in float64 either way. */
  readonly dtype?: 'float32' | 'float64'
  /** Bytes that all handles together may take. */
  readonly memoryLimit?: number
  /** Further reasons for the choice of this device. */
  readonly why?: readonly string[]
}

/** The contract in plain TypeScript: the reference for every other device. */
export class ReferenceDevice extends CheckedDevice {
  constructor({
    dtype = 'float32',
    memoryLimit = DEFAULT_MEMORY_LIMIT,
    why = [],
  }: ReferenceOptions = {}) {
    super({
      ...{ name: 'reference', arithmetic: 'plain', dtype, threads: 1, memoryLimit },
      why: [`plain TypeScript in one thread: sums in float64, numbers kept in ${dtype}`, ...why],
      operations: referenceOperations,
      store: heap,
    })
  }
}
