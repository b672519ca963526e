import type { Alignment } from '../mechanism/alignment.ts'
import type { Distribution } from '../mechanism/distribution.ts'
import type { Mask } from '../mechanism/mask.ts'
import type { Position } from '../mechanism/position.ts'
import type { DType } from '../tensor.ts'

/** Numbers on a device: of the type that it computes with, or int32 for row numbers. */
export interface Handle {
  readonly shape: readonly number[]
  readonly dtype: DType
}

/** Handles by name. */
export type Handles = Readonly<Record<string, Handle>>

/** How an operation writes. */
export interface Accumulating {
  /** Adds to what the output holds; default false: overwrites it. */
  readonly accumulate?: boolean
}

/** Which sides of a product are transposed; default neither. */
export interface ProductOptions extends Accumulating {
  readonly transposeA?: boolean
  readonly transposeB?: boolean
}

/**
 * What a sum runs over: `columns` gives one number for each row, `rows` one for each column, `all`
 * one.
 */
export const sumAxes = ['columns', 'rows', 'all'] as const

export type SumAxis = (typeof sumAxes)[number]

/** Which rows are copied: `count` rows of X from row `from` on, to row `to` of Y and those behind. */
export interface CopiedRows extends Accumulating {
  /** Default 0. */
  readonly from?: number
  /** Default 0. */
  readonly to?: number
  /** Default all rows of X from `from` on. */
  readonly count?: number
}

/** The handles that the backward of a normalisation writes to. */
export type NormalizeGradients = Readonly<Record<'dX' | 'dGain' | 'dBias', Handle>>

/** The handles that the backward of a loss writes to; `dOffsets` and `losses` are optional. */
export interface LossGradients extends Readonly<Record<'dC' | 'dE', Handle>> {
  readonly dOffsets?: Handle | undefined
  readonly losses?: Handle | undefined
}

/**
 * Which numbers are dropped: the same for the same seed, stream, step and index, in any order.
 */
export interface Dropout {
  /** Share that is dropped, in [0, 1). What stays is divided by 1 − rate. */
  readonly rate: number
  readonly seed: number
  /** Which use of dropout this is, 32 bits. */
  readonly stream: number
  /** Training step, an integer ≥ 0. */
  readonly step: number
}

/** A call of attention over packed rows: text n has queries starts[n] … starts[n + 1] − 1. */
export interface AttentionCall {
  /** (rows, h·d_q); a row for each of `queryRows`, where given. */
  readonly Q: Handle
  /** (key rows, keyValueHeads·d_k) */
  readonly K: Handle
  /** (key rows, keyValueHeads·d_v) */
  readonly V: Handle
  /** h */
  readonly heads: number
  /**
   * Heads of keys and values, which divide h; default h. Head i reads head ⌊i · keyValueHeads / h⌋
   * of them.
   */
  readonly keyValueHeads?: number | undefined
  /** N + 1 row numbers, from 0 to the number of rows. */
  readonly queryStarts: Int32Array
  readonly keyStarts: Int32Array
  /**
   * The query rows to compute, rising; default all.
   *
   * Q, the context and their gradients then have a row for each of these alone. Masks, positions
   * and dropout see their positions among all rows of their texts.
   */
  readonly queryRows?: Int32Array | undefined
  readonly alignment: Alignment
  readonly distribution: Distribution
  readonly mask: Mask
  /** `none`, `relative` or `rotary`. */
  readonly position: Position
  /** Own parameters, each with a leading axis of heads. */
  readonly alignmentParameters: Handles
  readonly distributionParameters: Handles
  readonly positionParameters: Handles
  readonly dropout?: Dropout | undefined
}

/** The handles that attention writes to. */
export interface AttentionResult {
  /** (rows, h·d_v) */
  readonly context: Handle
  /**
   * Only without `queryRows`, as are statistics. Weights (N, h, r, longest T_k): of the named query
   * rows, or of all (r = longest T_q). 0 beyond a text's end.
   */
  readonly weights?:
    | { readonly rows?: readonly number[] | undefined; readonly into: Handle }
    | undefined
  /**
   * Entropy in nats, largest weight and its key, each (rows, h); the key is −1 for a row without
   * keys.
   */
  readonly statistics?:
    | { readonly entropy: Handle; readonly maximum: Handle; readonly argmax: Handle }
    | undefined
}

/** The handles that attention's backward writes to; parameters by the names of the call. */
export interface AttentionGradients {
  readonly dQ: Handle
  readonly dK: Handle
  readonly dV: Handle
  readonly dAlignment: Handles
  readonly dDistribution: Handles
  readonly dPosition: Handles
}

/** Rows to sum, in segments: segment n has occurrences starts[n] … starts[n + 1] − 1. */
export interface Segments {
  /** int32 (segments + 1,) */
  readonly starts: Handle
  /** int32 (occurrences,): rows of X */
  readonly occurrences: Handle
  /** (occurrences,): factor of each row; default 1. */
  readonly factors?: Handle
}

/** Adam with decoupled decay. @see Loshchilov & Hutter 2019, algorithm 2 */
export interface AdamW {
  readonly rate: number
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly decay: number
  /** The global step, from 1, for the bias correction of the moments. */
  readonly step: number
}

/** Gradient descent; momentum 0 keeps no velocity. */
export interface Sgd {
  readonly rate: number
  readonly momentum: number
  readonly decay: number
}

/**
 * Functions of one number that `activate` applies.
 *
 * `geluErf` is x Φ(x), PyTorch's default gelu; `gelu` is its tanh form, PyTorch's with
 * `approximate='tanh'`, and differs by up to 5·10⁻⁴. `log` is log max(x, 10⁻³⁰).
 */
export const activationNames = [
  'relu',
  'tanh',
  'sigmoid',
  'silu',
  'gelu',
  'geluErf',
  'log',
] as const

export type ActivationName = (typeof activationNames)[number]
