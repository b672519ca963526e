import type { Handle } from '../../device/device.ts'
import { withoutIdle } from '../idle.ts'
import { rowsAt, sumAt } from '../rows.ts'
import { packRows, type Texts, unpackRows } from '../texts.ts'
import type { Tape } from './tape.ts'

/** The given rows of X; X itself if none are given. dX[r] = Σ of the rows of dY taken from r. */
export function takeRows(tape: Tape, X: Handle, indices: Int32Array | undefined): Handle {
  if (!indices) return X
  const { device } = tape
  const Y = rowsAt(device, X, indices)
  tape.push([], (gradients) => {
    gradients.accumulate(X, (dX, accumulate) => {
      sumAt(device, gradients.of(Y), indices, dX, accumulate)
    })
  })
  return Y
}

/** The rows of texts without their padding. dX is zero in the padding. */
export function pack(tape: Tape, texts: Texts, X: Handle): Handle {
  const { device } = tape
  const rows = packRows(device, texts, X)
  if (rows !== X)
    tape.push([texts], (gradients) => {
      gradients.add(X, unpackRows(device, texts, gradients.of(rows)))
    })
  return rows
}

/** Packed rows in the shape of the batch. Gradients in the padding are left out. */
export function unpack(tape: Tape, texts: Texts, rows: Handle): Handle {
  const { device } = tape
  const Y = unpackRows(device, texts, rows)
  if (Y !== rows)
    tape.push([texts], (gradients) => {
      gradients.add(rows, packRows(device, texts, gradients.of(Y)))
    })
  return Y
}

/** X with zeros in its idle rows, whose gradients are zero already. */
export function dropIdle(tape: Tape, X: Handle, idle: Uint8Array | undefined): Handle {
  const Y = withoutIdle(tape.device, X, idle)
  if (Y !== X) tape.same(Y, X)
  return Y
}
