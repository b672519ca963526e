import { cos, exp, log, sin } from '../elementary.ts'
import {
  COUNT,
  checkOptions,
  expectNumber,
  integersFrom,
  type NumberRange,
  oneOf,
} from '../kinds.ts'
import { type Matrix, matrix } from './matrix.ts'

/** Which ends of queries and keys are aligned if their numbers differ. */
export type Align = 'start' | 'end'

/**
 * Allowed values of `align`.
 *
 * @internal
 */
export const ALIGN = oneOf('start', 'end')

/** Position of query i among the keys: i, or i + T_k − T_q if the ends are aligned. */
export const alignedPosition = (i: number, nQuery: number, nKey: number, align: Align): number =>
  align === 'end' ? i + nKey - nQuery : i

/** No positions: the layer cannot tell one order of its rows from another. */
export interface NoPosition {
  readonly name: 'none'
  readonly on: 'nothing'
}

/** Rows added to the embeddings. */
export interface SinusoidalPosition {
  readonly name: 'sinusoidal'
  readonly on: 'embeddings'
  /** P (length, dModel). */
  table(length: number, dModel: number): Matrix
}

/** Learned rows P (longest, D) added to the embeddings. */
export interface LearnedPosition {
  readonly name: string
  readonly on: 'embeddings'
  /** Longest T; a longer text is an error. */
  readonly longest: number
}

/** A learned bias for each head and offset j − i, added to the scores. */
export interface RelativePosition {
  readonly name: string
  readonly on: 'scores'
  /** L: offsets beyond ±L share the bias of ±L. */
  readonly clip: number
  readonly align: Align
}

/** The two operands of the product are rotated by their positions. */
export interface RotaryPosition {
  readonly name: string
  readonly on: 'operands'
  readonly base: number
  readonly align: Align
}

export type Position =
  | NoPosition
  | SinusoidalPosition
  | LearnedPosition
  | RelativePosition
  | RotaryPosition

/** No positions. */
export const none: NoPosition = { name: 'none', on: 'nothing' }

/**
 * P[t, 2c] = sin(t / 10000^{2c/D}), P[t, 2c + 1] = cos(t / 10000^{2c/D}), added to the embeddings.
 *
 * @see Vaswani et al. 2017, §3.5
 */
export const sinusoidal: SinusoidalPosition = {
  name: 'sinusoidal',
  on: 'embeddings',
  table(length, dModel) {
    const P = matrix(length, dModel)
    for (let t = 0; t < length; t++) {
      for (let c = 0; c < dModel; c++) {
        const angle = t * frequency(c - (c % 2), dModel, 10000)
        P.data[t * dModel + c] = c % 2 === 0 ? sin(angle) : cos(angle)
      }
    }
    return P
  },
}

/** base^{−c/width}. */
const frequency = (c: number, width: number, base: number): number => exp((-c / width) * log(base))

/** Learned rows added to the embeddings. @param longest largest T, ≥ 1 */
export function learned(longest: number): LearnedPosition {
  expectNumber('learned', 'longest', longest, COUNT)
  return { name: `learned:${longest}`, on: 'embeddings', longest }
}

/**
 * Relative bias: S_ij += bias[h][clip(j − i, ±L) + L], after the alignment's scale and activation.
 *
 * @param clip L ≥ 0
 * @see Shaw et al. 2018, §3.2 (clipped offsets); Raffel et al. 2020, §2.1 (a number for each
 *   offset)
 */
export function relative(clip: number, options: { align?: Align } = {}): RelativePosition {
  expectNumber('relative', 'clip', clip, integersFrom(0))
  checkOptions('relative', options, { align: ALIGN }, "{ align: 'end' }")
  const { align = 'start' } = options
  return {
    name: align === 'end' ? `relative:${clip},end` : `relative:${clip}`,
    on: 'scores',
    clip,
    align,
  }
}

/** Index of an offset j − i in a bias of 2L + 1 numbers. */
export const offsetIndex = (offset: number, clip: number): number =>
  Math.max(-clip, Math.min(clip, offset)) + clip

const ABOVE_1: NumberRange = {
  text: 'a number above 1',
  holds: (value) => value > 1 && value < Infinity,
}

/**
 * Rotary positions: columns (2c, 2c + 1) of both operands are turned by t · base^{−2c/width}; an
 * odd last column stays.
 *
 * The product of two turned rows depends on their offset alone.
 *
 * @see Su et al. 2021, §3.2
 */
export function rotary(options: { base?: number; align?: Align } = {}): RotaryPosition {
  checkOptions('rotary', options, { base: ABOVE_1, align: ALIGN }, '{ base: 10000 }')
  const { base = 10000, align = 'start' } = options
  const words = [base === 10000 ? '' : String(base), align === 'end' ? 'end' : ''].filter(Boolean)
  return {
    name: words.length ? `rotary:${words.join(',')}` : 'rotary',
    on: 'operands',
    base,
    align,
  }
}

/** Rotation of the operands of one head: the position of a query is its row plus `shift`. */
export interface Rotation {
  readonly base: number
  readonly shift: number
}

/** Rotates row r by position first + r; direction −1 rotates back. */
export function rotate(
  X: Matrix,
  first: number,
  { base }: Rotation,
  direction: 1 | -1 = 1,
): Matrix {
  const Y = matrix(X.rows, X.columns, X.data.slice())
  for (let c = 0; c + 1 < X.columns; c += 2) {
    const speed = frequency(c, X.columns, base)
    for (let r = 0; r < X.rows; r++) {
      const angle = (first + r) * speed
      const cosine = cos(angle)
      const sine = direction * sin(angle)
      const n = r * X.columns + c
      Y.data[n] = X.data[n] * cosine - X.data[n + 1] * sine
      Y.data[n + 1] = X.data[n] * sine + X.data[n + 1] * cosine
    }
  }
  return Y
}
