import { valueText } from '../kinds.ts'
import { shapeText } from '../tensor.ts'
import type { Handle } from './calls.ts'

/** Rows and columns of a shape whose leading axes all count as rows; other shapes as they are. */
export function flat(shape: readonly number[]): readonly number[] {
  if (shape.length <= 2) return shape
  const last = shape.length - 1
  let rows = 1
  for (let axis = 0; axis < last; axis++) rows *= shape[axis]
  return [rows, shape[last]]
}

/** Rows of a matrix whose leading axes all count as rows; 0 for a shape of fewer than two axes. */
export const rowsOf = (handle: Handle): number =>
  handle?.shape?.length >= 2 ? flat(handle.shape)[0] : 0

/** @throws {TypeError} unless it is a handle of floating numbers or, if required, int32 */
export function expectHandle(
  where: string,
  name: string,
  handle: Handle,
  kind: 'float' | 'int32' = 'float',
): void {
  if (!Array.isArray(handle?.shape))
    throw new TypeError(
      `${where}: ${name} must be a handle, got ${valueText(handle)}; use device.upload`,
    )
  if ((handle.dtype === 'int32') !== (kind === 'int32'))
    throw new TypeError(
      `${where}: ${name} must hold ${kind === 'int32' ? 'int32' : 'floating'} numbers, got ${handle.dtype}`,
    )
}

/**
 * Leading axes may be split: (N, T, D) serves as (N·T, D).
 *
 * @throws {RangeError} unless the handle has this shape, {TypeError} unless it holds floating
 *   numbers or, if required, int32
 */
export function expectShape(
  where: string,
  name: string,
  handle: Handle,
  shape: readonly number[],
  kind: 'float' | 'int32' = 'float',
): void {
  expectHandle(where, name, handle, kind)
  if (handle.shape === shape) return
  const [found, expected] = [flat(handle.shape), flat(shape)]
  if (found.length !== expected.length || found.some((length, axis) => length !== expected[axis])) {
    throw new RangeError(
      `${where}: ${name} must have shape ${shapeText(shape)}, got ${shapeText(handle.shape)}`,
    )
  }
}

/** (rows, columns) of a matrix. */
export function matrixShape(
  where: string,
  name: string,
  handle: Handle,
): readonly [number, number] {
  expectHandle(where, name, handle)
  if (handle.shape.length < 2)
    throw new RangeError(
      `${where}: ${name} must be a matrix (rows, columns), got ${shapeText(handle.shape)}`,
    )
  const [rows, columns] = flat(handle.shape)
  return [rows, columns]
}

/** @throws {RangeError} if an output is one of the inputs */
export function expectApart(
  where: string,
  inputs: Readonly<Record<string, Handle>>,
  outputs: Readonly<Record<string, Handle>>,
): void {
  for (const output of Object.keys(outputs)) {
    const read = Object.keys(inputs).find((name) => inputs[name] === outputs[output])
    if (read)
      throw new RangeError(
        `${where}: ${output} must be another handle than ${read}; allocate one for the result`,
      )
  }
}
