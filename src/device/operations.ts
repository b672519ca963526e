import type { Numbers } from '../tensor.ts'
import type { AttentionSizes } from './checks.ts'
import type {
  ActivationName,
  AdamW,
  Arithmetic,
  AttentionCall,
  AttentionGradients,
  AttentionResult,
  Dropout,
  Handle,
  ProductOptions,
  Sgd,
} from './device.ts'
import type { Store } from './memory.ts'

/** Gives the numbers of a handle. */
export type Look = (handle: Handle) => Numbers

/** The rows of a parameter that a step changes; the gradient has a row for each. */
export interface Touched {
  readonly rows: Numbers
  readonly columns: number
}

/** Where the backward of a loss writes. */
export interface LossGradients {
  readonly dC: Numbers
  readonly dE: Numbers
  readonly dOffsets: Numbers | undefined
  readonly losses: Numbers | undefined
}

/**
 * What a device computes, on numbers whose sizes were checked: the operations of the contract, by
 * the same names.
 *
 * Numbers are views of the device's store, and stay where they are until the operation ends.
 */
export interface Operations {
  /** C (m, n) = A (m, k) B (k, n). */
  product(
    A: Numbers,
    B: Numbers,
    C: Numbers,
    m: number,
    n: number,
    k: number,
    options: ProductOptions,
  ): void
  combine(a: number, A: Numbers, b: number, B: Numbers, C: Numbers): void
  addBias(X: Numbers, b: Numbers, Y: Numbers): void
  addBiasBackward(dY: Numbers, db: Numbers): void
  normalize(X: Numbers, gain: Numbers, bias: Numbers, epsilon: number, Y: Numbers): void
  normalizeBackward(
    dY: Numbers,
    X: Numbers,
    gain: Numbers,
    epsilon: number,
    dX: Numbers,
    dGain: Numbers,
    dBias: Numbers,
  ): void
  activate(name: ActivationName, X: Numbers, Y: Numbers): void
  activateBackward(name: ActivationName, dY: Numbers, X: Numbers, dX: Numbers): void
  dropout(X: Numbers, dropout: Dropout, Y: Numbers): void
  gather(table: Numbers, places: Numbers, columns: number, Y: Numbers, accumulate: boolean): void
  sumRows(
    X: Numbers,
    starts: Numbers,
    occurrences: Numbers,
    factors: Numbers | undefined,
    columns: number,
    Y: Numbers,
    accumulate: boolean,
  ): void

  attention(call: AttentionCall, sizes: AttentionSizes, result: AttentionResult, look: Look): void
  attentionBackward(
    call: AttentionCall,
    sizes: AttentionSizes,
    dContext: Handle,
    gradients: AttentionGradients,
    look: Look,
  ): void
  /** Bytes that attention takes beside its handles. */
  attentionScratch(call: AttentionCall, sizes: AttentionSizes): number
  attentionBackwardScratch(call: AttentionCall, sizes: AttentionSizes): number

  crossEntropy(C: Numbers, E: Numbers, offsets: Numbers, targets: Numbers, losses: Numbers): void
  crossEntropyBackward(
    factor: number,
    C: Numbers,
    E: Numbers,
    offsets: Numbers,
    targets: Numbers,
    gradients: LossGradients,
  ): void
  /** Bytes that a loss takes beside its handles: C (rows, columns), E (classes, columns). */
  crossEntropyScratch(rows: number, classes: number, columns: number): number
  crossEntropyBackwardScratch(rows: number, classes: number, columns: number): number

  squaredNorm(arrays: readonly Numbers[]): number
  clip(arrays: readonly Numbers[], squares: number, largest: number): void
  adamW(
    parameter: Numbers,
    gradient: Numbers,
    moments: readonly [Numbers, Numbers],
    settings: AdamW,
    touched?: Touched,
  ): void
  sgd(
    parameter: Numbers,
    gradient: Numbers,
    velocity: Numbers | undefined,
    settings: Sgd,
    touched?: Touched,
  ): void
}

/** What a device of this process is made of. */
export interface CheckedParts {
  readonly name: string
  readonly arithmetic: Arithmetic
  readonly dtype: 'float32' | 'float64'
  /** As things stand, as is `why`: helpers may end. */
  readonly threads: number
  readonly why: readonly string[]
  readonly operations: Operations
  readonly store: Store
  /** Bytes that all handles together may take. */
  readonly memoryLimit: number
  /** Check and account for everything, and compute nothing. */
  readonly rehearsing?: boolean
}
