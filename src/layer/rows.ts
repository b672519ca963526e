import type { Device, Handle, Segments } from '../device/device.ts'
import { valueText } from '../kinds.ts'
import { shapeText, Tensor } from '../tensor.ts'
import { segmentsByIndex } from './texts.ts'

const isPass = (value: unknown): boolean =>
  Array.isArray((value as { context?: { shape?: unknown } } | undefined)?.context?.shape)

/**
 * @param what the function and the argument, as in `Linear.forward: X`
 * @throws {TypeError} unless it is a tensor or a handle of floating numbers
 */
export function expectFloating(what: string, X: Tensor | Handle): void {
  if (!Array.isArray(X?.shape)) {
    throw new TypeError(
      isPass(X)
        ? `${what} must be a Tensor or a handle, got a pass; give its context`
        : `${what} must be a Tensor or a handle, got ${valueText(X)}; use Tensor.from for nested arrays`,
    )
  }
  if (X.dtype === 'int32' || X.dtype === 'uint8')
    throw new TypeError(
      `${what} must hold floating numbers, got ${X.dtype}; use Tensor.as('float32')`,
    )
}

/**
 * A caller's rows, on the device.
 *
 * @param what as in `expectFloating`
 * @param width name of the length of their last axis, and `columns` its value
 * @throws {TypeError} for wrong types, {RangeError} for another last axis
 */
export function onDevice(
  device: Device,
  what: string,
  X: Tensor | Handle,
  width: string,
  columns: number,
): Handle {
  expectFloating(what, X)
  if (X.shape[X.shape.length - 1] !== columns) {
    throw new RangeError(
      `${what.replace(': ', ': the last axis of ')} must be ${width} = ${columns}, got ${shapeText(X.shape)}`,
    )
  }
  return X instanceof Tensor ? device.upload(X) : X
}

/** The same for what takes rows of any leading axes. @throws {RangeError} for a vector too */
export function rowsOnDevice(
  ...[device, what, X, width, columns]: Parameters<typeof onDevice>
): Handle {
  expectFloating(what, X)
  if (X.shape.length < 2)
    throw new RangeError(
      `${what} must be rows (…, ${columns}), got ${shapeText(X.shape)}; give one row as (1, ${columns})`,
    )
  return onDevice(device, what, X, width, columns)
}

/** Indices on the device, as int32 of shape (count,). */
export const uploadIndices = (device: Device, indices: ArrayLike<number>): Handle =>
  device.upload(
    new Tensor(
      [indices.length],
      indices instanceof Int32Array ? indices : Int32Array.from(indices),
    ),
  )

/** Rows in segments: those of segment n, each with its factor, lie from starts[n] to starts[n + 1] − 1. */
export interface RowSegments {
  readonly starts: ArrayLike<number>
  readonly occurrences: ArrayLike<number>
  readonly factors?: Float64Array | undefined
}

/** The same on the device. */
export const uploadSegments = (
  device: Device,
  { starts, occurrences, factors }: RowSegments,
): Segments => ({
  starts: uploadIndices(device, starts),
  occurrences: uploadIndices(device, occurrences),
  ...(factors ? { factors: device.upload(new Tensor([factors.length], factors)) } : {}),
})

/** For each of `count` indices the rows that have it, on the device; rows at −1 are left out. */
export const segmentsAt = (device: Device, indices: Int32Array, count: number): Segments =>
  uploadSegments(device, segmentsByIndex(indices, count))

/** Rows of X by their indices, one after the other; X itself where there are none. */
export function rowsAt(
  device: Device,
  X: Handle,
  indices: ArrayLike<number> | undefined,
  shape?: readonly number[],
): Handle {
  if (!indices) return X
  const Y = device.allocate(shape ?? [indices.length, X.shape[X.shape.length - 1]])
  device.gather(X, uploadIndices(device, indices), Y)
  return Y
}

/** The backward of `rowsAt`: dX[r] = Σ of the rows of dY taken from row r, or +=. */
export function sumAt(
  device: Device,
  dY: Handle,
  indices: Int32Array,
  dX: Handle,
  accumulate = false,
): void {
  const rows = dX.shape.slice(0, -1).reduce((a, b) => a * b, 1)
  device.sumRows(dY, segmentsAt(device, indices, rows), dX, { accumulate })
}

/** The row of X for each row of a forward's context; undefined if they are the same. */
export function chosenRows({
  indices,
  queryRows,
}: {
  readonly indices?: Int32Array | undefined
  readonly queryRows?: Int32Array | undefined
}): Int32Array | undefined {
  return indices && queryRows ? queryRows.map((row) => indices[row]) : (queryRows ?? indices)
}

/**
 * Gradients with respect to some rows of what was read: row n of `gradient` belongs to row rows[n];
 * rows are distinct.
 */
export interface PartialGradient {
  readonly rows: readonly number[]
  readonly gradient: Handle
}

/** For each of `count` rows its index in a list; −1 if it is not listed. */
export function inverseOf(rows: ArrayLike<number>, count: number): Int32Array {
  const inverse = new Int32Array(count).fill(-1)
  for (let n = 0; n < rows.length; n++) inverse[rows[n]] = n
  return inverse
}

/** Y[rows[n]] += gradient[n] for every partial gradient. */
export function addPartials(
  device: Device,
  partials: readonly { readonly rows: ArrayLike<number>; readonly gradient: Handle }[],
  Y: Handle,
): void {
  for (const { rows, gradient } of partials) {
    device.gather(gradient, uploadIndices(device, inverseOf(rows, Y.shape[0])), Y, {
      accumulate: true,
    })
  }
}
