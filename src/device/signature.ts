import { ARRAY } from '../kinds.ts'
import { type Numbers, shapeText, sizeOf } from '../tensor.ts'
import type { Handle } from './calls.ts'
import { expectHandle, expectShape, flat } from './shapes.ts'

type Shape = readonly number[]

/** An operand of an operation: a handle, nothing, or a list of handles. */
export type Operand = Handle | undefined | readonly Handle[]

/**
 * Operands of an operation with their shapes, as in
 * `table(entries, columns), indices:[-1,entries)(rows) → Y(rows, columns)`.
 *
 * Operands before the arrow are read, those behind it are written, every number of them, and `~`
 * marks one that is changed. An axis has one length wherever its name stands; leading axes of a
 * handle may be split. `…` is any shape, the same for all operands that have it. `:int32`, or an
 * interval, is an operand of integers; `?` is optional; `*` is a list.
 */
export interface Signature {
  /** In the order of the text and the arguments. */
  readonly operands: readonly OperandShape[]
  /** The same; operands with an axis that follows from others come last. */
  readonly checked: readonly OperandShape[]
  /** Operands whose numbers lie in a range. */
  readonly integers: readonly (OperandShape & { readonly range: Range })[]
}

/** Integers from `from` to `to` − 1. */
export interface Range {
  readonly from: Axis
  readonly to: Axis
}

export interface OperandShape {
  readonly name: string
  readonly index: number
  readonly role: 'read' | 'changed' | 'written'
  readonly optional: boolean
  readonly list: boolean
  readonly kind: 'float' | 'int32'
  /** None for any shape of its own. */
  readonly axes: readonly Axis[]
  /** Whether its shape is `…`, whose numbers are counted by its one axis. */
  readonly any: boolean
  readonly range: Range | undefined
}

/**
 * A length: that of the axis with this number, plus a constant; the constant alone where the number
 * is below 0.
 */
export interface Axis {
  readonly axis: number
  readonly plus: number
}

const ANY = '…'
const OPERAND = /(~?)(\w+)([?*]?)(?::(int32|\[([^,]+),([^)]+)\)))?\(([^)]*)\)/g

/** @param names of axes, in the order of `sizesOf`; new ones are added */
export function signatureOf(text: string, names: string[]): Signature {
  const axisOf = (written: string): Axis => {
    const [, name = '', plus = '0'] = /^([a-z]*)\+?(-?\d+)?$/i.exec(written) ?? []
    if (name && !names.includes(name)) names.push(name)
    return { axis: name ? names.indexOf(name) : -1, plus: Number(plus) }
  }
  const axesOf = (written: string): Axis[] =>
    written ? (written === ANY ? 'count' : written).split(', ').map(axisOf) : []
  const arrow = text.indexOf('→')
  const operands = [...text.matchAll(OPERAND)].map((match, index): OperandShape => {
    const [, changed, name, mark, type, from, to, axes] = match
    return {
      name,
      index,
      optional: mark === '?',
      list: mark === '*',
      kind: type ? 'int32' : 'float',
      role: changed ? 'changed' : arrow >= 0 && match.index > arrow ? 'written' : 'read',
      axes: axesOf(axes),
      any: axes === ANY,
      range: from === undefined ? undefined : { from: axisOf(from), to: axisOf(to) },
    }
  })
  const follows = ({ axes }: OperandShape): boolean =>
    axes.some(({ axis, plus }) => axis >= 0 && plus !== 0)
  const integers = operands.flatMap((one) => (one.range ? [{ ...one, range: one.range }] : []))
  return {
    operands,
    checked: [...operands.filter((one) => !follows(one)), ...operands.filter(follows)],
    integers,
  }
}

export const lengthOf = ({ axis, plus }: Axis, sizes: readonly number[]): number =>
  (axis < 0 ? 0 : sizes[axis]) + plus

/**
 * Lengths of all axes, in the order of their names; −1 where an axis is of none of these operands.
 *
 * @throws {RangeError} for shapes that do not fit each other, {TypeError} for anything but a
 *   handle, or for numbers of another type
 */
export function sizesOf(
  where: string,
  { checked }: Signature,
  operands: readonly Operand[],
  axes: number,
): number[] {
  const sizes: number[] = []
  for (let n = 0; n < axes; n++) sizes.push(-1)
  let all: Shape | undefined
  for (const shape of checked) {
    const given = operands[shape.index]
    if (given === undefined && shape.optional) continue
    if (shape.list) {
      ARRAY(where, shape.name, given)
      for (const one of given as readonly Handle[]) all = bind(where, shape, one, sizes, all)
    } else all = bind(where, shape, given as Handle, sizes, all)
  }
  return sizes
}

/**
 * Binds the axes of one operand, or checks it against the bound ones.
 *
 * @returns the shape that `…` stands for
 */
function bind(
  where: string,
  { name, kind, axes, any }: OperandShape,
  handle: Handle,
  sizes: number[],
  all: Shape | undefined,
): Shape | undefined {
  if (any && all) expectShape(where, name, handle, all, kind)
  else expectHandle(where, name, handle, kind)
  if (axes.length === 0) return all
  if (any) {
    sizes[axes[0].axis] = sizeOf(handle.shape)
    return all ?? handle.shape
  }
  const found = axes.length === 2 && handle.shape.length > 2 ? flat(handle.shape) : handle.shape
  let fits = found.length === axes.length
  if (!fits && axes.length === 2 && axes.some((one) => lengthOf(one, sizes) < 0))
    throw new RangeError(
      `${where}: ${name} must be a matrix (rows, columns), got ${shapeText(found)}`,
    )
  for (let n = 0; n < axes.length; n++) {
    const { axis, plus } = axes[n]
    if (axis >= 0 && sizes[axis] < 0) sizes[axis] = (found[n] ?? 0) - plus
    else if (found[n] !== lengthOf(axes[n], sizes)) fits = false
  }
  if (fits) return all
  const expected = axes.map((one) => lengthOf(one, sizes))
  throw new RangeError(
    `${where}: ${name} must have shape ${shapeText(expected)}, got ${shapeText(handle.shape)}`,
  )
}

/** @throws {RangeError} if an output is also read */
export function expectDistinct(
  where: string,
  { operands }: Signature,
  given: readonly Operand[],
): void {
  for (const written of operands) {
    const output = given[written.index]
    if (written.role !== 'written' || !output) continue
    for (const { name, role, index, list } of operands) {
      const input = given[index]
      if (
        role === 'read' &&
        (input === output || (list && (input as readonly Handle[]).includes(output as Handle)))
      )
        throw new RangeError(
          `${where}: ${written.name} must be another handle than ${name}; allocate one for the result`,
        )
    }
  }
}

/** @throws {RangeError} if an integer lies outside of its range */
export function expectIntegers(
  where: string,
  { name, index, range }: Signature['integers'][number],
  held: readonly unknown[],
  sizes: readonly number[],
): void {
  const numbers = held[index] as Numbers
  const from = lengthOf(range.from, sizes)
  const to = lengthOf(range.to, sizes)
  for (let n = 0; n < numbers.length; n++) {
    if (numbers[n] < from || numbers[n] >= to)
      throw new RangeError(
        `${where}: ${name}[${n}] must be from ${from} to ${to - 1}, got ${numbers[n]}`,
      )
  }
}
