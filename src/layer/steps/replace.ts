import type { Handle } from '../../device/device.ts'
import { type Integers, isIntegers, valueText } from '../../kinds.ts'
import { shapeText, sizeOf } from '../../tensor.ts'
import { uploadIndices } from '../rows.ts'
import type { Texts } from '../texts.ts'
import type { Tape } from './tape.ts'

const WHERE = 'SelfAttention.forward'

/**
 * Q with the queries of some rows of the batch replaced by vectors. dVectors = the replaced rows of
 * the gradient; dQ = the other rows, and zero there.
 */
export function replaceQueries(
  tape: Tape,
  Q: Handle,
  texts: Texts,
  { at, vectors }: { readonly at: Integers; readonly vectors: Handle },
): Handle {
  const { device } = tape
  const rows = replacedRows(at, texts, sizeOf(Q.shape.slice(0, -1)))
  if (vectors.shape.length !== 2 || vectors.shape[0] !== at.length) {
    throw new RangeError(
      `${WHERE}: queries.vectors must have one row for each of ${at.length} rows, got ${shapeText(vectors.shape)}`,
    )
  }
  const Y = device.allocate(Q.shape)
  const own = uploadIndices(device, rows.own)
  device.gather(Q, own, Y)
  device.gather(vectors, uploadIndices(device, rows.other), Y, { accumulate: true })
  const replaced = uploadIndices(device, rows.replaced)
  tape.push([own, replaced], (gradients) => {
    const dY = gradients.of(Y)
    gradients.addTemporary(vectors, (dVectors) => device.gather(dY, replaced, dVectors))
    gradients.addTemporary(Q, (dQ) => device.gather(dY, own, dQ))
  })
  return Y
}

/**
 * The replaced packed rows; for each row its own number or −1, and the number of its vector or −1.
 *
 * @throws {RangeError} for rows that are not of the texts, or named twice; {TypeError} for wrong
 *   types
 */
function replacedRows(at: Integers, { padding }: Texts, count: number) {
  if (!isIntegers(at))
    throw new TypeError(`${WHERE}: queries.at must be an array such as [3], got ${valueText(at)}`)
  const own = Int32Array.from({ length: count }, (_, r) => r)
  const other = new Int32Array(count).fill(-1)
  const replaced = Int32Array.from(at, (given, n) => {
    const row = padding ? (padding.rows[given] ?? -1) : given
    if (!Number.isInteger(row) || row < 0 || row >= count)
      throw new RangeError(
        `${WHERE}: queries.at must name rows of the batch's texts, got ${valueText(given)}`,
      )
    if (own[row] < 0)
      throw new RangeError(`${WHERE}: queries.at must name each row once, got ${given} twice`)
    own[row] = -1
    other[row] = n
    return row
  })
  return { own, other, replaced }
}
