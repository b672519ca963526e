import type { AttentionCall } from './device.ts'

type Asked = Pick<AttentionCall, 'queryStarts' | 'asked'>

/** Rows of the longest text. */
export const longestText = (starts: Int32Array): number =>
  starts.reduce((most, start, n) => (n ? Math.max(most, start - starts[n - 1]) : most), 0)

/** Rows of Q where the queries of each text begin, and one past the last. */
export function askedStarts({ queryStarts, asked }: Asked): Int32Array {
  if (!asked) return queryStarts
  const starts = new Int32Array(queryStarts.length)
  let n = 0
  for (let text = 1; text < starts.length; text++) {
    while (n < asked.length && asked[n] < queryStarts[text]) n++
    starts[text] = n
  }
  return starts
}

/** Place in its text of each row of Q. */
export function askedPlaces({ queryStarts, asked }: Asked): Int32Array {
  const places = new Int32Array(asked ? asked.length : queryStarts[queryStarts.length - 1])
  const starts = askedStarts({ queryStarts, asked })
  for (let text = 0; text + 1 < starts.length; text++) {
    for (let r = starts[text]; r < starts[text + 1]; r++)
      places[r] = (asked ? asked[r] : r) - queryStarts[text]
  }
  return places
}
