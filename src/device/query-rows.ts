import type { AttentionCall } from './calls.ts'

type QueryRows = Pick<AttentionCall, 'queryStarts' | 'queryRows'>

/** Rows of the longest text. */
export const longestText = (starts: Int32Array): number =>
  starts.reduce((most, start, n) => (n ? Math.max(most, start - starts[n - 1]) : most), 0)

/** Rows of Q where the queries of each text begin, and one past the last. */
export function queryRowStarts({ queryStarts, queryRows }: QueryRows): Int32Array {
  if (!queryRows) return queryStarts
  const starts = new Int32Array(queryStarts.length)
  let n = 0
  for (let text = 1; text < starts.length; text++) {
    while (n < queryRows.length && queryRows[n] < queryStarts[text]) n++
    starts[text] = n
  }
  return starts
}

/** Position in its text of each row of Q. */
export function queryRowPositions({ queryStarts, queryRows }: QueryRows): Int32Array {
  const positions = new Int32Array(
    queryRows ? queryRows.length : queryStarts[queryStarts.length - 1],
  )
  const starts = queryRowStarts({ queryStarts, queryRows })
  for (let text = 0; text + 1 < starts.length; text++) {
    for (let r = starts[text]; r < starts[text + 1]; r++)
      positions[r] = (queryRows ? queryRows[r] : r) - queryStarts[text]
  }
  return positions
}
