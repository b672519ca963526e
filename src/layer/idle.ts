import type { AttentionCall, Device, Handle } from '../device/device.ts'
import { everything, type Mask } from '../mechanism/mask.ts'
import { type MaskSizes, runsOf } from '../mechanism/mask-runs.ts'
import { uploadIndices } from './rows.ts'

/**
 * Rows that take no part, marked by 1: queries that may attend to no key, and keys that no query
 * may attend to; undefined if there are none.
 */
export interface IdleRows {
  readonly queries: Uint8Array | undefined
  readonly keys: Uint8Array | undefined
}

/** The rows that a mask leaves out, in every head. */
export function idleRows({
  mask,
  queryStarts,
  keyStarts,
  heads,
}: Pick<AttentionCall, 'mask' | 'queryStarts' | 'keyStarts' | 'heads'>): IdleRows {
  if (mask === everything) return { queries: undefined, keys: undefined }
  const queries = new Uint8Array(queryStarts[queryStarts.length - 1])
  const keys = new Uint8Array(keyStarts[keyStarts.length - 1])
  for (let text = 0; text + 1 < queryStarts.length; text++) {
    const [nQuery, nKey] = [
      queryStarts[text + 1] - queryStarts[text],
      keyStarts[text + 1] - keyStarts[text],
    ]
    const sizesOfHeads = Array.from({ length: mask.sameForHeads ? 1 : heads }, (_, head) => ({
      text,
      head,
      nQuery,
      nKey,
    }))
    for (const sizes of sizesOfHeads) mask.check?.(sizes)
    if (everyRowSeesItself(mask, sizesOfHeads[0])) continue
    queries.fill(1, queryStarts[text], queryStarts[text + 1])
    // runs that begin at a key, less those that end before it
    const changes = new Int32Array(nKey + 1)
    for (const sizes of sizesOfHeads) {
      for (let i = 0; i < nQuery; i++) {
        const runs = runsOf(mask, i, sizes)
        if (runs.length > 0) queries[queryStarts[text] + i] = 0
        runs.forEach((end, n) => {
          changes[end] += n % 2 ? -1 : 1
        })
      }
    }
    for (let j = 0, open = 0; j < nKey; j++) {
      open += changes[j]
      if (open === 0) keys[keyStarts[text] + j] = 1
    }
  }
  return { queries: someOf(queries), keys: someOf(keys) }
}

/** Then no row is idle. */
function everyRowSeesItself(mask: Mask, sizes: MaskSizes): boolean {
  if (sizes.nQuery !== sizes.nKey) return false
  for (let i = 0; i < sizes.nQuery; i++) if (!mask.allows(i, i, sizes)) return false
  return true
}

const someOf = (rows: Uint8Array): Uint8Array | undefined => (rows.includes(1) ? rows : undefined)

/**
 * Rows of a table that occur only at idle rows; row r of the batch is row indices[r] of the table.
 */
export function idleInTable(
  idle: Uint8Array | undefined,
  indices: Int32Array | undefined,
  rows: number,
): Uint8Array | undefined {
  if (!idle || !indices) return idle
  const table = new Uint8Array(rows).fill(1)
  for (let r = 0; r < indices.length; r++) if (!idle[r]) table[indices[r]] = 0
  return someOf(table)
}

/**
 * X with zeros for its idle rows: 0 · NaN in a product would reach the gradients of all parameters.
 * X itself if none is idle.
 */
export function withoutIdle(device: Device, X: Handle, idle: Uint8Array | undefined): Handle {
  if (!idle) return X
  const Y = device.allocate(X.shape)
  device.gather(
    X,
    uploadIndices(
      device,
      Int32Array.from(idle, (left, r) => (left ? -1 : r)),
    ),
    Y,
  )
  return Y
}
