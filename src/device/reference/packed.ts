import type { Numbers } from '../../tensor.ts'
import type { AttentionCall } from '../calls.ts'

/** One head of one text, and its rows of the packed batch. */
export interface HeadSlice {
  readonly text: number
  readonly head: number
  readonly queries: readonly [number, number]
  readonly keys: readonly [number, number]
}

/** The heads of all texts, one after the other. */
export function* parts({ queryStarts, keyStarts, heads }: AttentionCall): Generator<HeadSlice> {
  for (let text = 0; text + 1 < queryStarts.length; text++) {
    const queries = [queryStarts[text], queryStarts[text + 1]] as const
    const keys = [keyStarts[text], keyStarts[text + 1]] as const
    for (let head = 0; head < heads; head++) yield { text, head, queries, keys }
  }
}

/** X = the columns of one head in rows from … to − 1 of packed ones, in float64. */
export function readHead(
  packed: Numbers,
  [from, to]: readonly [number, number],
  columns: number,
  head: number,
  heads: number,
  X: Float64Array,
): void {
  for (let r = from; r < to; r++) {
    for (let c = 0, x = (r - from) * columns, n = (r * heads + head) * columns; c < columns; c++)
      X[x++] = packed[n++]
  }
}

/** The columns of one head in rows from … to − 1 of packed ones = X. */
export function writeHead(
  X: Float64Array,
  packed: Numbers,
  [from, to]: readonly [number, number],
  columns: number,
  head: number,
  heads: number,
): void {
  for (let r = from; r < to; r++) {
    for (let c = 0, x = (r - from) * columns, n = (r * heads + head) * columns; c < columns; c++)
      packed[n++] = X[x++]
  }
}
