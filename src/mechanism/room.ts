import { type Matrix, matrix, row } from './matrix.ts'

/** Where the matrices that a block needs for a while come from. */
export interface Room {
  /** A matrix of zeros. */
  matrix(rows: number, columns: number): Matrix
  /** The rows of a matrix of zeros. */
  rows(count: number, columns: number): readonly Float64Array[]
  /** Places, any numbers. */
  places(count: number): Int32Array
  /** Nothing that it gave before is needed any more. */
  reset(): void
}

const rowsOf = (A: Matrix): Float64Array[] => Array.from({ length: A.rows }, (_, r) => row(A, r))

/** New arrays for every request. */
export const fresh: Room = {
  matrix: (rows, columns) => matrix(rows, columns),
  rows: (count, columns) => rowsOf(matrix(count, columns)),
  places: (count) => new Int32Array(count),
  reset() {},
}

/** The n-th matrix since the last reset: its numbers begin an array that grows to the largest of them. */
interface Slot {
  numbers: Float64Array
  matrix: Matrix
  rows?: readonly Float64Array[] | undefined
}

/**
 * The same arrays again after every reset: making an array costs more than filling one for a short text.
 *
 * The n-th request has the array of the n-th request before the reset, and the very same matrix where its shape is the same.
 */
export function reused(): Room {
  const slots: Slot[] = []
  let numbers = new Int32Array(0)
  let next = 0
  const slotOf = (rows: number, columns: number): Slot => {
    const slot = slots[next] ?? { numbers: new Float64Array(0), matrix: matrix(0, 0) }
    slots[next++] = slot
    if (slot.matrix.rows === rows && slot.matrix.columns === columns) return slot
    const count = rows * columns
    if (slot.numbers.length < count) slot.numbers = new Float64Array(count)
    slot.matrix = matrix(rows, columns, slot.numbers.subarray(0, count))
    slot.rows = undefined
    return slot
  }
  return {
    matrix(rows, columns) {
      const { matrix } = slotOf(rows, columns)
      matrix.data.fill(0)
      return matrix
    },
    rows(count, columns) {
      const slot = slotOf(count, columns)
      slot.matrix.data.fill(0)
      slot.rows ??= rowsOf(slot.matrix)
      return slot.rows
    },
    places(count) {
      if (numbers.length < count) numbers = new Int32Array(count)
      return numbers.length === count ? numbers : numbers.subarray(0, count)
    },
    reset() {
      next = 0
    },
  }
}
