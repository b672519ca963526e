import type { Device, Handle } from '../device/device.ts'
import { type Integers, isIntegers, valueText } from '../kinds.ts'
import { shapeText, Tensor } from '../tensor.ts'

/** How the rows of a batch are divided into texts. */
export interface TextOptions {
  /**
   * Words of each text of a batch (N, T, D); rows beyond a text's length are never computed:
   * contexts and gradients are 0 there.
   */
  readonly lengths?: Integers | undefined
  /** For packed rows (R, D): text n has rows starts[n] … starts[n + 1] − 1. */
  readonly starts?: Integers | undefined
}

/** A batch as packed rows: no padding is computed. */
export interface Texts {
  /** Axes of the batch before the last: [N, T], [T] or [R]. */
  readonly lead: readonly number[]
  readonly starts: Int32Array
  /**
   * If the batch has padding: the batch's row of each packed row, and the packed row (or −1) of
   * each row of the batch.
   */
  readonly padding?:
    | { readonly pack: Handle; readonly unpack: Handle; readonly rows: Int32Array }
    | undefined
  /** Longest text, and T of a padded batch. */
  readonly longest: number
}

const rise = (counts: Integers): Int32Array => {
  const starts = new Int32Array(counts.length + 1)
  counts.forEach((count, n) => {
    starts[n + 1] = starts[n] + count
  })
  return starts
}

/**
 * How the rows of X (N, T, D), (T, D) or, with starts, (R, D) are divided into texts.
 *
 * @throws {RangeError} if shape and options disagree
 */
export function textsOf(
  where: string,
  shape: readonly number[],
  { lengths, starts }: TextOptions,
  device: Device,
): Texts {
  const lead = shape.slice(0, -1)
  if (starts !== undefined) {
    if (!isIntegers(starts))
      throw new TypeError(
        `${where}: starts must be an array such as [0, 5, 8], got ${valueText(starts)}`,
      )
    const all = Int32Array.from(starts)
    const rises =
      all.length > 0 &&
      all[0] === 0 &&
      all.every((start, n) => start === starts[n] && (n === 0 || start >= all[n - 1]))
    if (lengths !== undefined)
      throw new RangeError(
        `${where}: give lengths (for a padded batch) or starts (for packed rows), not both`,
      )
    if (shape.length !== 2)
      throw new RangeError(`${where}: starts go with packed rows (R, D), got ${shapeText(shape)}`)
    if (!rises || all[all.length - 1] !== shape[0]) {
      throw new RangeError(
        `${where}: starts must rise from 0 to the number of rows, ${shape[0]}, got [${starts.join(', ')}]`,
      )
    }
    return { lead, starts: all, longest: longestOf(all) }
  }
  if (shape.length < 2 || shape.length > 3)
    throw new RangeError(
      `${where}: X must be (N, T, D), (T, D) or packed rows with starts, got ${shapeText(shape)}`,
    )
  const [N, T] = shape.length === 3 ? shape : [1, shape[0]]
  if (lengths === undefined) return { lead, starts: rise(new Array<number>(N).fill(T)), longest: T }
  if (!isIntegers(lengths))
    throw new TypeError(
      `${where}: lengths must be an array such as [5, 3], got ${valueText(lengths)}`,
    )
  if (lengths.length !== N)
    throw new RangeError(
      `${where}: lengths must have one number for each of ${N} texts, got ${lengths.length}`,
    )
  for (const length of lengths) {
    if (!Number.isInteger(length) || length < 0 || length > T)
      throw new RangeError(
        `${where}: every length must be an integer from 0 to ${T}, got ${valueText(length)}`,
      )
  }
  return { lead, starts: rise(lengths), padding: paddingOf(lengths, T, device), longest: T }
}

export const longestOf = (starts: Int32Array): number =>
  starts.reduce((longest, start, n) => (n ? Math.max(longest, start - starts[n - 1]) : longest), 0)

function paddingOf(lengths: Integers, T: number, device: Device) {
  const pack: number[] = []
  const unpack = new Int32Array(lengths.length * T).fill(-1)
  lengths.forEach((length, n) => {
    for (let t = 0; t < length; t++) {
      unpack[n * T + t] = pack.length
      pack.push(n * T + t)
    }
  })
  return {
    pack: device.upload(new Tensor([pack.length], Int32Array.from(pack))),
    unpack: device.upload(new Tensor([unpack.length], unpack)),
    rows: unpack,
  }
}

/** The rows of X without padding; X itself if there is none. */
export function packRows(device: Device, { padding }: Texts, X: Handle): Handle {
  if (!padding) return X
  const packed = device.allocate([padding.pack.shape[0], X.shape[X.shape.length - 1]])
  device.gather(X, padding.pack, packed)
  return packed
}

/** Packed rows in the shape of the batch, with zeros in the padding. */
export function unpackRows(device: Device, { padding, lead }: Texts, Y: Handle): Handle {
  if (!padding) return Y
  const unpacked = device.allocate([...lead, Y.shape[Y.shape.length - 1]])
  device.gather(Y, padding.unpack, unpacked)
  return unpacked
}

/** Shape of packed rows: that of the batch if nothing was packed. */
export const rowsShape = ({ lead, starts, padding }: Texts, columns: number): number[] =>
  padding ? [starts[starts.length - 1], columns] : [...lead, columns]

/** Position of every packed row, where text n begins at first[n]. */
export function positionsOf({ starts }: Texts, first: Int32Array): Int32Array {
  const positions = new Int32Array(starts[starts.length - 1])
  for (let n = 0; n + 1 < starts.length; n++)
    for (let r = starts[n]; r < starts[n + 1]; r++) positions[r] = first[n] + r - starts[n]
  return positions
}

/**
 * Packed rows grouped by their position in a text or their row of a table, to sum the gradients of
 * each. Rows at −1 are left out.
 */
export function segmentsByIndex(
  indices: Int32Array,
  count: number,
): { starts: Int32Array; occurrences: Int32Array } {
  const starts = new Int32Array(count + 1)
  for (let r = 0; r < indices.length; r++) if (indices[r] >= 0) starts[indices[r] + 1]++
  for (let index = 0; index < count; index++) starts[index + 1] += starts[index]
  const next = starts.slice()
  const occurrences = new Int32Array(starts[count])
  for (let r = 0; r < indices.length; r++) if (indices[r] >= 0) occurrences[next[indices[r]]++] = r
  return { starts, occurrences }
}
