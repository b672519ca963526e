import type { Alignment } from '../mechanism/alignment.ts'
import type { Distribution } from '../mechanism/distribution.ts'
import type { Mask } from '../mechanism/mask.ts'
import type { Position } from '../mechanism/position.ts'
import type { DType, Tensor } from '../tensor.ts'

/**
 * How a device rounds. The same seed and arithmetic give the same bits for any number of threads, in every engine, but for
 * the bits of a NaN.
 *
 * `plain`: sums in float64, rounded once. `portable`: float32, multiply then add. `fused`: float32, fused multiply-add.
 */
export type Arithmetic = 'plain' | 'portable' | 'fused'

/** Numbers on a device: the type that it computes with, or int32 for places. */
export interface Handle {
  readonly shape: readonly number[]
  readonly dtype: DType
}

/** Handles by name. */
export type Handles = Readonly<Record<string, Handle>>

/** What a device holds at this moment, and held at most, in bytes. */
export interface DeviceStats {
  readonly bytes: number
  /** With the scratch of operations. */
  readonly peakBytes: number
  readonly limitBytes: number
  readonly handles: number
  readonly operations: number
}

/** What one core can do at most. */
export interface Peak {
  /** 10⁹ multiplications and additions in a second; undefined where the arithmetic is not to be had here. */
  readonly gigaflops: number | undefined
  /** How it was measured, or why it was not. */
  readonly why: string
}

/** Which numbers are dropped: the same for the same seed, stream, step and place, in whatever order they are asked for. */
export interface Dropout {
  /** Share that is dropped, in [0, 1). What stays is divided by 1 − rate. */
  readonly rate: number
  readonly seed: number
  /** Which use of dropout this is, 32 bits. */
  readonly stream: number
  /** Which step of learning this is, an integer ≥ 0. */
  readonly step: number
}

/** Attention over packed rows: text n has queries starts[n] … starts[n + 1] − 1. */
export interface AttentionCall {
  /** (rows, h·d_q); a row for each of `queryRows`, where given. */
  readonly Q: Handle
  /** (key rows, h·d_k) */
  readonly K: Handle
  /** (key rows, h·d_v) */
  readonly V: Handle
  readonly heads: number
  /** N + 1 places, from 0 to the number of rows. */
  readonly queryStarts: Int32Array
  readonly keyStarts: Int32Array
  /**
   * The query rows to compute, rising; default all.
   *
   * Q, the context and their gradients then have a row for each of these alone. They stand where they stood: masks, positions
   * and dropout see their places among all query rows of their texts.
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

/** Where attention writes. */
export interface AttentionResult {
  /** (rows, h·d_v) */
  readonly context: Handle
  /** Only without `queryRows`, as are statistics. Weights (N, h, r, longest T_k): of the named query rows, or of all (r = longest T_q). 0 beyond a text's end. */
  readonly weights?: { readonly rows?: readonly number[] | undefined; readonly into: Handle } | undefined
  /** Entropy in nats, largest weight and its key, each (rows, h); the key is −1 for a row without keys. */
  readonly statistics?: { readonly entropy: Handle; readonly maximum: Handle; readonly place: Handle } | undefined
}

/** Where attention's backward writes; parameters by the names of the call. */
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
  /** (occurrences,): what each row is multiplied with; 1 unless told. */
  readonly factors?: Handle
}

/** Adam with decoupled decay. @see Loshchilov & Hutter 2019, algorithm 2 */
export interface AdamW {
  readonly rate: number
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly decay: number
  /** From 1: the global step, which corrects the moments' bias. */
  readonly step: number
}

/** Gradient descent; momentum 0 keeps no velocity. */
export interface Sgd {
  readonly rate: number
  readonly momentum: number
  readonly decay: number
}

/** Functions of one number that `activate` applies; gelu is its tanh form, log is log max(x, 10⁻³⁰). */
export const activationNames = ['relu', 'tanh', 'sigmoid', 'silu', 'gelu', 'log'] as const

export type ActivationName = (typeof activationNames)[number]

/**
 * Where numbers are computed.
 *
 * Operations are enqueued in order, write to handles that were allocated before, and return nothing. Awaited are only
 * opening, `read` and `close`; freeing and scopes keep that order too. Wrong sizes throw at once; a place outside of its
 * table, or a user's function that throws, throws at once or rejects the next `read`, and so does a failure of the device.
 * An output may be one of the inputs where numbers are changed each by itself (`combine`, `addBias`, `activate`,
 * `dropout`), nowhere else. Outputs come last; each backward stands below its forward.
 */
export interface Device {
  readonly name: string
  readonly arithmetic: Arithmetic
  /** The type of numbers that it computes with. */
  readonly dtype: 'float32' | 'float64'
  /** Threads at this moment, the calling one among them. Those of Node that are still starting count: they join by themselves. */
  readonly threads: number
  /** What was chosen, what not, and why: one sentence each. */
  readonly why: readonly string[]

  /** Zeros. @throws {RangeError} if they would not fit, before anything is allocated */
  allocate(shape: readonly number[], dtype?: 'float' | 'int32'): Handle
  /** A copy on the device; floating numbers are rounded to the device's type. */
  upload(tensor: Tensor): Handle
  write(into: Handle, tensor: Tensor): void
  /** The numbers, once all that was enqueued before is done. */
  read(handle: Handle): Promise<Tensor>
  free(handle: Handle): void
  /** Runs the body, then frees all that was allocated in it, but for the handles found in the fields, arrays, maps and sets of what it returns (private fields are not seen). */
  scope<Result>(body: () => Result): Result
  stats(): DeviceStats
  /** A device with the same checks and the same account of bytes that holds and computes nothing: what a plan would take. */
  rehearsal(): Device
  close(): Promise<void>

  /** C = AB, or, accumulating, C += AB with the sum begun at C; either side transposed. C is neither A nor B. */
  product(A: Handle, B: Handle, C: Handle, options?: ProductOptions): void
  /** C = aA + bB, elementwise: residual connections, sums of gradients, averages. */
  combine(a: number, A: Handle, b: number, B: Handle, C: Handle): void
  /** Y = X + b in every row. */
  addBias(X: Handle, b: Handle, Y: Handle): void
  /** db = column sums of dY. */
  addBiasBackward(dY: Handle, db: Handle): void
  /** Y = gain ∘ (X − mean)/√(variance + ε) + bias, row by row. @see Ba, Kiros & Hinton 2016 */
  normalize(X: Handle, gain: Handle, bias: Handle, epsilon: number, Y: Handle): void
  normalizeBackward(dY: Handle, X: Handle, gain: Handle, epsilon: number, dX: Handle, dGain: Handle, dBias: Handle): void
  activate(name: ActivationName, X: Handle, Y: Handle): void
  activateBackward(name: ActivationName, dY: Handle, X: Handle, dX: Handle): void
  /** Y = X with some numbers dropped; its backward is itself, on dY. */
  dropout(X: Handle, dropout: Dropout, Y: Handle): void

  /** Y[r] = table[places[r]], or += with `accumulate`; place −1 gives zeros. */
  gather(table: Handle, places: Handle, Y: Handle, options?: { readonly accumulate?: boolean }): void
  /**
   * Y[n] = Σ factor · X[r] over the occurrences r of segment n in their order, or += with `accumulate`: a sparse matrix times X.
   *
   * The backward of `gather`, with one segment for each row of the table that is named; also bags and means of rows.
   */
  sumRows(X: Handle, segments: Segments, Y: Handle, options?: { readonly accumulate?: boolean }): void

  /** Exact attention by blocks of query rows; memory is linear in T. */
  attention(call: AttentionCall, result: AttentionResult): void
  attentionBackward(call: AttentionCall, dContext: Handle, gradients: AttentionGradients): void
  /**
   * losses[r] = −log softmax(C[r]·Eᵀ + offsets)[targets[r]]: the exact loss.
   *
   * With E the gathered rows of some candidate classes and offsets −log of their expected counts, the sampled one.
   */
  crossEntropy(C: Handle, E: Handle, offsets: Handle, targets: Handle, losses: Handle): void
  /** Gradients of Σ factor · losses; where `losses` are given they are written too, from the same logits: `crossEntropy` is not needed before it. */
  crossEntropyBackward(
    factor: number,
    C: Handle,
    E: Handle,
    offsets: Handle,
    targets: Handle,
    dC: Handle,
    dE: Handle,
    dOffsets: Handle | undefined,
    losses?: Handle,
  ): void

  /** out = (Σ over all handles of Σ x²,). */
  squaredNorm(handles: readonly Handle[], out: Handle): void
  /** Every handle times min(1, largest/(√squaredNorm + 10⁻⁶)), as PyTorch's clip_grad_norm_. */
  clip(handles: readonly Handle[], squaredNorm: Handle, largest: number): void
  /** One step of AdamW; with `rows` (int32, distinct), of those rows alone, whose gradients are the rows of `gradient`: others keep their moments and do not decay. ε then joins √v before its correction, as in PyTorch's SparseAdam. */
  adamW(parameter: Handle, gradient: Handle, moments: readonly [Handle, Handle], settings: AdamW, rows?: Handle): void
  /** One step of gradient descent, likewise. */
  sgd(parameter: Handle, gradient: Handle, velocity: Handle | undefined, settings: Sgd, rows?: Handle): void
}

export interface ProductOptions {
  readonly transposeA?: boolean
  readonly transposeB?: boolean
  readonly accumulate?: boolean
}
