import type { Tensor } from '../tensor.ts'
import type { AttentionCall, AttentionGradients, AttentionResult, Handle } from './calls.ts'
import type { OperationMethods } from './operations.ts'
import type { Within } from './scopes.ts'

export type * from './calls.ts'
export { activationNames } from './calls.ts'
export type { Within } from './scopes.ts'

/**
 * How a device rounds. The same seed and arithmetic give the same bits for any number of threads,
 * in every engine, but for the bits of a NaN.
 *
 * `plain`: sums in float64, rounded once. `portable`: float32, multiply then add. `fused`: float32,
 * fused multiply-add.
 */
export type Arithmetic = 'plain' | 'portable' | 'fused'

/** Bytes that a device holds now, and its peak. */
export interface DeviceStats {
  readonly bytes: number
  /** Including the scratch of operations. */
  readonly peakBytes: number
  readonly limitBytes: number
  readonly handles: number
  readonly operations: number
}

/** Peak throughput of one core. */
export interface Peak {
  /**
   * 10⁹ multiplications and additions per second; undefined if this engine lacks the arithmetic.
   */
  readonly gigaflops: number | undefined
  /** How it was measured, or why not. */
  readonly why: string
}

/**
 * A device: where numbers are computed.
 *
 * Operations are enqueued in order, write to handles that were allocated before, and return
 * nothing. Only opening, `read` and `close` are awaited; freeing and scopes keep the order too.
 * Wrong sizes throw at once. A row number outside its table, or a user's function that throws,
 * throws at once or rejects the next `read`, and so does a failure of the device. An output may be
 * an input only where each number follows from those at its own index. The table of all operations
 * is `operations.ts`.
 */
export interface Device extends OperationMethods {
  readonly name: string
  readonly arithmetic: Arithmetic
  /** The type of numbers that it computes with. */
  readonly dtype: 'float32' | 'float64'
  /**
   * Current number of threads, the calling one included. Those of Node that are still starting
   * count: they join by themselves.
   */
  readonly threads: number
  /** What was chosen and what was not, and why: one sentence each. */
  readonly why: readonly string[]

  /** Zeros. @throws {RangeError} if they do not fit, before anything is allocated */
  allocate(shape: readonly number[], dtype?: 'float' | 'int32'): Handle
  /** A copy on the device; floating numbers are rounded to the device's type. */
  upload(tensor: Tensor): Handle
  write(into: Handle, tensor: Tensor): void
  /** The numbers, once all that was enqueued before is done. */
  read(handle: Handle): Promise<Tensor>
  free(handle: Handle): void
  /**
   * Runs the body, then frees all that was allocated in it, but for the handles found in the
   * fields, arrays, maps and sets of what it returns (private fields are not seen): these go to the
   * scope around it.
   *
   * An async body keeps its scope until its promise settles, and two that are under way at once do
   * not touch each other's handles. After an await its scope is known in Node, Deno and others that
   * have `node:async_hooks`, if it is an `async` function; elsewhere, as in browsers, what it does
   * after an await belongs to the scope only in `within`.
   *
   * @param owns takes what frees the kept handles; calling that again, or after the device was
   *   closed, does nothing
   * @throws {TypeError} for an async body whose scope would not be known, and that does not take
   *   `within`
   */
  scope<Result>(body: (within: Within) => Result, owns?: (kept: { free(): void }) => void): Result
  stats(): DeviceStats
  /**
   * A device with the same checks and the same account of bytes that holds and computes nothing: a
   * dry run.
   */
  rehearsal(): Device
  /** Whether it is a rehearsal; callers need not compute numbers for one. */
  readonly rehearsing: boolean
  close(): Promise<void>

  /** Exact attention by blocks of query rows; memory is linear in T. */
  attention(call: AttentionCall, result: AttentionResult): void
  attentionBackward(call: AttentionCall, dContext: Handle, gradients: AttentionGradients): void
}
