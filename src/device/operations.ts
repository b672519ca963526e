import { BELOW_1, BOOLEAN, COUNT, integersFrom, NOT_NEGATIVE, oneOf } from '../kinds.ts'
import type { Numbers } from '../tensor.ts'
import {
  type Accumulating,
  type ActivationName,
  type AdamW,
  type AttentionCall,
  type AttentionGradients,
  type AttentionResult,
  activationNames,
  type CopiedRows,
  type Dropout,
  type Handle,
  type LossGradients,
  type NormalizeGradients,
  type ProductOptions,
  type Segments,
  type Sgd,
  type SumAxis,
  sumAxes,
} from './calls.ts'
import {
  type AttentionSizes,
  checkClasses,
  checkCopiedRows,
  checkDropout,
  checkInnerAxes,
} from './checks.ts'
import { operation } from './operation.ts'
import { rowsOf } from './shapes.ts'
import type { Operand } from './signature.ts'

/** A factor: NaN and ∞ are allowed. */
const NUMBER = { text: 'a number', holds: () => true }

const FROM_0 = integersFrom(0)

/** A clipping norm; Infinity does not clip. */
const LIMIT = { text: 'above 0', holds: (value: number) => value > 0 }

/** The second signature is for a step that changes some rows only. */
const touched = (_settings: unknown, [, rows]: readonly Operand[]): number => (rows ? 1 : 0)

const SUMMED = ['X(rows, columns) → Y(rows)', 'X(rows, columns) → Y(columns)', 'X(…) → Y(1)']
const ACTIVATION = oneOf(...activationNames)

/** One signature for each axis. */
const ALONG = {
  signatureIndex: ({ axis }: { readonly axis: SumAxis }) => sumAxes.indexOf(axis),
  ranges: { axis: oneOf(...sumAxes) },
}

/**
 * The operations of every device, each declared once: arguments, shapes, checks, aliasing,
 * gradients.
 *
 * A device's methods, its checks, a rehearsal and docs/operations.md follow from this table; a
 * device implements one function for each row (`Operations`). Each backward stands below its
 * forward.
 */
export const operations = {
  /**
   * C = AB, or, accumulating, C += AB with the sum begun at C; either side transposed. C is neither
   * A nor B.
   */
  product: operation(
    [
      'A(m, k), B(k, n) → C(m, n)',
      'A(k, m), B(k, n) → C(m, n)',
      'A(m, k), B(n, k) → C(m, n)',
      'A(k, m), B(n, k) → C(m, n)',
    ],
    (A: Handle, B: Handle, C: Handle, options: ProductOptions = {}) => [[A, B, C], options],
    {
      signatureIndex: ({ transposeA, transposeB }) => (transposeA ? 1 : 0) + (transposeB ? 2 : 0),
      options: { transposeA: BOOLEAN, transposeB: BOOLEAN, accumulate: BOOLEAN },
      check: (_where, options, [A, B]) => checkInnerAxes(A, B, options),
      backward: ['dA = product(dC, B), B transposed', 'dB = product(A, dC), A transposed'],
    },
  ),
  /**
   * C = aA + bB, elementwise: with a = b = 1 the sum of two handles, as in residual connections;
   * sums of gradients, averages.
   */
  combine: operation(
    'A(…), B(…) → C(…)',
    (a: number, A: Handle, b: number, B: Handle, C: Handle) => [[A, B, C], { a, b }],
    {
      inPlace: true,
      ranges: { a: NUMBER, b: NUMBER },
      backward: ['dA = combine(a, dC, 0, dC)', 'dB = combine(b, dC, 0, dC)'],
    },
  ),
  /** C = A ∘ B, elementwise: gates, masks of numbers. */
  multiply: operation('A(…), B(…) → C(…)', (A: Handle, B: Handle, C: Handle) => [[A, B, C], {}], {
    inPlace: true,
    backward: ['dA = multiply(dC, B)', 'dB = multiply(dC, A)'],
  }),
  /** Y = sums of X over its columns (the last axis), over its rows, or over all of its numbers. */
  sum: operation(SUMMED, (axis: SumAxis, X: Handle, Y: Handle) => [[X, Y], { axis }], {
    ...ALONG,
    backward: ['dX = expand(axis, dY)'],
  }),
  /** Y = means of X, likewise; NaN where there is no number. */
  mean: operation(SUMMED, (axis: SumAxis, X: Handle, Y: Handle) => [[X, Y], { axis }], {
    ...ALONG,
    backward: ['dX = expand(axis, dY, 1/n) with n the numbers of a mean'],
  }),
  /** Y = factor · X, repeated in every column, in every row, or everywhere; default factor 1. */
  expand: operation(
    ['X(rows) → Y(rows, columns)', 'X(columns) → Y(rows, columns)', 'X(1) → Y(…)'],
    (axis: SumAxis, X: Handle, Y: Handle, factor?: number) => [
      [X, Y],
      { axis, factor: factor ?? 1 },
    ],
    {
      ...ALONG,
      ranges: { ...ALONG.ranges, factor: NUMBER },
      backward: ['dX = sum(axis, dY), times factor'],
    },
  ),
  /** Y = X + b in every row. */
  addBias: operation(
    'X(rows, columns), b(columns) → Y(rows, columns)',
    (X: Handle, b: Handle, Y: Handle) => [[X, b, Y], {}],
    {
      inPlace: true,
      backward: ['dX = dY', 'db = sum(rows, dY)'],
    },
  ),
  /** Y = gain ∘ (X − mean)/√(variance + ε) + bias, row by row. @see Ba, Kiros & Hinton 2016 */
  normalize: operation(
    'X(rows, columns), gain(columns), bias(columns) → Y(rows, columns)',
    (X: Handle, gain: Handle, bias: Handle, epsilon: number, Y: Handle) => [
      [X, gain, bias, Y],
      { epsilon },
    ],
    {
      ranges: { epsilon: NOT_NEGATIVE },
      backward: ['dX, dGain, dBias = normalizeBackward(dY, X, gain, ε)'],
    },
  ),
  normalizeBackward: operation(
    'dY(rows, columns), X(rows, columns), gain(columns) → dX(rows, columns), dGain(columns), dBias(columns)',
    (
      dY: Handle,
      X: Handle,
      gain: Handle,
      epsilon: number,
      { dX, dGain, dBias }: NormalizeGradients,
    ) => [[dY, X, gain, dX, dGain, dBias], { epsilon }],
    { ranges: { epsilon: NOT_NEGATIVE } },
  ),
  /** Y = f(X), a function of each number. */
  activate: operation(
    'X(…) → Y(…)',
    (name: ActivationName, X: Handle, Y: Handle) => [[X, Y], { name }],
    {
      inPlace: true,
      ranges: { name: ACTIVATION },
      backward: ['dX = activateBackward(name, dY, X)'],
    },
  ),
  activateBackward: operation(
    'dY(…), X(…) → dX(…)',
    (name: ActivationName, dY: Handle, X: Handle, dX: Handle) => [[dY, X, dX], { name }],
    {
      inPlace: true,
      ranges: { name: ACTIVATION },
    },
  ),
  /** Y = X with some numbers dropped; its backward is itself, on dY. */
  dropout: operation('X(…) → Y(…)', (X: Handle, dropout: Dropout, Y: Handle) => [[X, Y], dropout], {
    inPlace: true,
    check: checkDropout,
    backward: ['dX = dropout(dY, dropout)'],
  }),
  /**
   * Y[to + r] = X[from + r], or += with `accumulate`, for r = 0 … count − 1; all other rows of Y
   * stay: slices, joins, what is appended to a cache.
   */
  copyRows: operation(
    'X(length, columns), ~Y(rows, columns)',
    (
      X: Handle,
      Y: Handle,
      { from = 0, to = 0, count, accumulate = false, ...others }: CopiedRows = {},
    ) => [[X, Y], { from, to, count: count ?? rowsOf(X) - from, accumulate, ...others }],
    {
      options: { from: FROM_0, to: FROM_0, count: FROM_0, accumulate: BOOLEAN },
      check: checkCopiedRows,
      backward: ['dX = copyRows(dY), from and to exchanged, accumulating'],
    },
  ),
  /** Y[r] = table[indices[r]], or += with `accumulate`; index −1 gives zeros. */
  gather: operation(
    'table(entries, columns), indices:[-1,entries)(rows) → Y(rows, columns)',
    (table: Handle, indices: Handle, Y: Handle, options: Accumulating = {}) => [
      [table, indices, Y],
      options,
    ],
    {
      options: { accumulate: BOOLEAN },
      backward: ['dTable = sumRows(dY, segments of indices)'],
    },
  ),
  /**
   * Y[n] = Σ factor · X[r] over the occurrences r of segment n in their order, or += with
   * `accumulate`: a sparse matrix times X.
   *
   * The backward of `gather`, with one segment for each row of the table that is named; also bags
   * and means of rows.
   */
  sumRows: operation(
    'X(rows, columns), starts:[0,occurrences+1)(segments+1), occurrences:[0,rows)(occurrences), factors?(occurrences) → Y(segments, columns)',
    (
      X: Handle,
      { starts, occurrences, factors }: Segments,
      Y: Handle,
      options: Accumulating = {},
    ) => [[X, starts, occurrences, factors, Y], options],
    {
      options: { accumulate: BOOLEAN },
      backward: ['dX = sumRows(dY, segments by row of X)'],
    },
  ),
  /**
   * losses[r] = −log softmax(C[r]·Eᵀ + offsets)[targets[r]]: the exact loss.
   *
   * With E the gathered rows of some candidate classes and offsets −log of their expected counts,
   * the sampled one.
   */
  crossEntropy: operation(
    'C(rows, columns), E(classes, columns), offsets(classes), targets:[0,classes)(rows) → losses(rows)',
    (C: Handle, E: Handle, offsets: Handle, targets: Handle, losses: Handle) => [
      [C, E, offsets, targets, losses],
      {},
    ],
    {
      check: (where, _settings, [, E]) => checkClasses(where, E),
      backward: ['dC, dE, dOffsets = crossEntropyBackward(factor, C, E, offsets, targets)'],
    },
  ),
  /**
   * Gradients of Σ factor · losses; where `losses` are given they are written too, from the same
   * logits: `crossEntropy` is not needed before it.
   */
  crossEntropyBackward: operation(
    'C(rows, columns), E(classes, columns), offsets(classes), targets:[0,classes)(rows) → dC(rows, columns), dE(classes, columns), dOffsets?(classes), losses?(rows)',
    (
      factor: number,
      C: Handle,
      E: Handle,
      offsets: Handle,
      targets: Handle,
      { dC, dE, dOffsets, losses }: LossGradients,
    ) => [[C, E, offsets, targets, dC, dE, dOffsets, losses], { factor }],
    { check: (where, _settings, [, E]) => checkClasses(where, E) },
  ),
  /** out = (Σ over all handles of Σ x²,). */
  squaredNorm: operation('handles*() → out(1)', (handles: readonly Handle[], out: Handle) => [
    [handles, out],
    {},
  ]),
  /**
   * Every handle times min(1, largest/(√squaredNorm + 10⁻⁶)), as PyTorch's clip_grad_norm_: with a
   * norm of NaN all become NaN, with one of ∞ what is finite 0 and ±∞ NaN.
   */
  clip: operation(
    '~handles*(), squaredNorm(1)',
    (handles: readonly Handle[], squaredNorm: Handle, largest: number) => [
      [handles, squaredNorm],
      { largest },
    ],
    { ranges: { largest: LIMIT } },
  ),
  /**
   * One step of AdamW; with `rows` (int32, distinct), of those rows alone, whose gradients are the
   * rows of `gradient`: other rows keep their moments and do not decay. ε then joins √v before its
   * correction, as in PyTorch's SparseAdam.
   */
  adamW: operation(
    [
      '~parameter(…), rows?:int32(), gradient(…), ~moments*(…)',
      '~parameter(entries, columns), rows:[0,entries)(rows), gradient(rows, columns), ~moments*(entries, columns)',
    ],
    (
      parameter: Handle,
      gradient: Handle,
      moments: readonly [Handle, Handle],
      settings: AdamW,
      rows?: Handle,
    ) => [[parameter, rows, gradient, moments], settings],
    {
      signatureIndex: touched,
      ranges: {
        step: COUNT,
        rate: NOT_NEGATIVE,
        decay: NOT_NEGATIVE,
        beta1: BELOW_1,
        beta2: BELOW_1,
        epsilon: NOT_NEGATIVE,
      },
    },
  ),
  /** One step of gradient descent, likewise. */
  sgd: operation(
    [
      '~parameter(…), rows?:int32(), gradient(…), ~velocity?(…)',
      '~parameter(entries, columns), rows:[0,entries)(rows), gradient(rows, columns), ~velocity?(entries, columns)',
    ],
    (
      parameter: Handle,
      gradient: Handle,
      velocity: Handle | undefined,
      settings: Sgd,
      rows?: Handle,
    ) => [[parameter, rows, gradient, velocity], settings],
    {
      signatureIndex: touched,
      ranges: { rate: NOT_NEGATIVE, decay: NOT_NEGATIVE, momentum: BELOW_1 },
      check(_where, { momentum }, [, , , velocity]) {
        if (momentum !== 0 && !velocity)
          throw new RangeError(
            'sgd: momentum other than 0 needs a velocity; allocate one like the parameter',
          )
      },
    },
  ),
}

export type OperationName = keyof typeof operations

/** The methods of a device that are generated from the table. */
export type OperationMethods = {
  readonly [Name in OperationName]: (
    ...given: Parameters<(typeof operations)[Name]['call']>
  ) => void
}

/** What a device passes to its functions in place of handles: an array, a buffer. */
type Buffers<Buffer, Operands> = {
  [Index in keyof Operands]: Operands[Index] extends readonly Handle[]
    ? readonly Buffer[]
    : Operands[Index] extends Handle
      ? Buffer
      : Buffer | undefined
}

/** Gives what a device holds of a handle. */
export type Look<Buffer> = (handle: Handle) => Buffer

type Call<Name extends OperationName> = ReturnType<(typeof operations)[Name]['call']>

/**
 * How a device computes an operation, on checked operands; `sizes` are the lengths of its axes, in
 * order.
 */
export type Compute<Buffer, Name extends OperationName> = (
  operands: Buffers<Buffer, Call<Name>[0]>,
  settings: Call<Name>[1],
  sizes: readonly number[],
) => void

/** The same over arrays of this process. */
export type OnArrays<Name extends OperationName> = Compute<Numbers, Name>

/** Attention over checked handles, prepared once for forward and backward. */
export interface PreparedAttention<Buffer> {
  /** Scratch in bytes, forward or backward. */
  bytes(backward: boolean): number
  run(result: AttentionResult, look: Look<Buffer>): void
  backward(dContext: Handle, gradients: AttentionGradients, look: Look<Buffer>): void
}

/** A device's own part: a function for each row of the table, and attention. */
export type Operations<Buffer> = { readonly [Name in OperationName]: Compute<Buffer, Name> } & {
  prepare(call: AttentionCall, sizes: AttentionSizes): PreparedAttention<Buffer>
  /** Scratch of an operation in bytes. */
  readonly scratch: { readonly [Name in OperationName]?: (sizes: readonly number[]) => number }
}
