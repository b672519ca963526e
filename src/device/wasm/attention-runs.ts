import { everything } from '../../mechanism/mask.ts'
import { runsOf } from '../../mechanism/mask-runs.ts'
import type { AttentionCall } from '../calls.ts'
import { queryRowPositions, queryRowStarts } from '../query-rows.ts'

/**
 * Which keys each query row may look at: row n has the run limits runs[starts[n]] … runs[starts[n +
 * 1] − 1].
 */
export interface RunTables {
  /** Whether there is a row for each head. */
  readonly byHead: boolean
  readonly starts: Int32Array
  readonly runs: Int32Array
}

/** The runs of every query row; undefined where each may look at every key. */
export function runTables(call: AttentionCall): RunTables | undefined {
  const { mask, queryStarts, keyStarts, heads } = call
  if (mask === everything) return undefined
  const rowStarts = queryRowStarts(call)
  const positions = queryRowPositions(call)
  const byHead = !mask.sameForHeads
  const planes = byHead ? heads : 1
  const starts = new Int32Array(positions.length * planes + 1)
  const runs: number[] = []
  for (let text = 0, n = 0; text + 1 < queryStarts.length; text++) {
    const [nQuery, nKey] = [
      queryStarts[text + 1] - queryStarts[text],
      keyStarts[text + 1] - keyStarts[text],
    ]
    const sizesOfHeads = Array.from({ length: heads }, (_, head) => ({ text, head, nQuery, nKey }))
    for (const sizes of sizesOfHeads) mask.check?.(sizes)
    for (let r = rowStarts[text]; r < rowStarts[text + 1]; r++) {
      for (let head = 0; head < planes; head++) {
        for (const end of runsOf(mask, positions[r], sizesOfHeads[head])) runs.push(end)
        starts[++n] = runs.length
      }
    }
  }
  return { byHead, starts, runs: Int32Array.from(runs) }
}
