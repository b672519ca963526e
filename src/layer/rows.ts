import type { Device, Handle, Segments } from '../device/device.ts'
import { Tensor } from '../tensor.ts'
import { segmentsByPlace } from './texts.ts'

/** Places on the device, as int32 of shape (count,). */
export const uploadPlaces = (device: Device, places: ArrayLike<number>): Handle =>
  device.upload(
    new Tensor([places.length], places instanceof Int32Array ? places : Int32Array.from(places)),
  )

/** For each of `count` places the rows that stand there, on the device; rows at −1 are left out. */
export function segmentsAt(device: Device, places: Int32Array, count: number): Segments {
  const { starts, occurrences } = segmentsByPlace(places, count)
  return { starts: uploadPlaces(device, starts), occurrences: uploadPlaces(device, occurrences) }
}

/** Rows of X at some places, one after the other; X itself where there are none. */
export function rowsAt(
  device: Device,
  X: Handle,
  places: ArrayLike<number> | undefined,
  shape?: readonly number[],
): Handle {
  if (!places) return X
  const Y = device.allocate(shape ?? [places.length, X.shape[X.shape.length - 1]])
  device.gather(X, uploadPlaces(device, places), Y)
  return Y
}

/** The backward of `rowsAt`: dX[r] = Σ of the rows of dY whose place is r, or +=. */
export function sumAt(
  device: Device,
  dY: Handle,
  places: Int32Array,
  dX: Handle,
  accumulate = false,
): void {
  const rows = dX.shape.slice(0, -1).reduce((a, b) => a * b, 1)
  device.sumRows(dY, segmentsAt(device, places, rows), dX, { accumulate })
}

/**
 * The row of X that each row of a forward's context belongs to; undefined where they are the same.
 */
export function chosenRows({
  places,
  queryRows,
}: {
  readonly places?: Int32Array | undefined
  readonly queryRows?: Int32Array | undefined
}) {
  return places && queryRows ? queryRows.map((row) => places[row]) : (queryRows ?? places)
}
