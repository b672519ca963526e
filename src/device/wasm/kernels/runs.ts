import { Job, Part } from './attention-job'
import { bytesOf, wordAt } from './lanes'
import { panelCount } from './panels'

/** Address of the limits of the runs of query i: from, to, from, to, … */
export function runsOf(job: Job, part: Part, i: i32): usize {
  if (job.runStarts === 0) return changetype<usize>(part) + offsetof<Part>('from')
  return job.runs + bytesOf(load<i32>(startOf(job, part, i)))
}

/** How many limits they are: twice the number of runs. */
export function runLimits(job: Job, part: Part, i: i32): i32 {
  if (job.runStarts === 0) return part.nKey > 0 ? 2 : 0
  const at = startOf(job, part, i)
  return load<i32>(at, 4) - load<i32>(at)
}

function startOf(job: Job, part: Part, i: i32): usize {
  const row = part.firstQuery + i
  return job.runStarts + bytesOf(job.runsByHead ? row * job.heads + part.head : row)
}

/**
 * Writes which panels of keys some of the queries first … first + rows − 1 look at: blocks that a
 * mask rules out are not computed.
 */
export function findSegments(job: Job, part: Part, first: i32, rows: i32): void {
  const panels = panelCount(part.nKey)
  if (job.runStarts === 0) {
    store<i32>(part.segments, panels > 0 ? 1 : 0)
    store<i32>(part.segments, 0, 4)
    store<i32>(part.segments, panels, 8)
    return
  }
  memory.fill(part.marks, 0, <usize>(panels + 1))
  for (let i = first; i < first + rows; i++) {
    const runs = runsOf(job, part, i)
    const limits = runLimits(job, part, i)
    for (let n = 0; n < limits; n += 2) {
      const from = wordAt(runs, n) >> 3
      memory.fill(part.marks + <usize>from, 1, <usize>(panelCount(wordAt(runs, n + 1)) - from))
    }
  }
  writeSegments(part, panels)
}

function writeSegments(part: Part, panels: i32): void {
  let count = 0
  let inside = false
  for (let panel = 0; panel <= panels; panel++) {
    const marked = load<u8>(part.marks + <usize>panel) !== 0
    if (marked === inside) continue
    // a segment is two words, after the word of the count
    store<i32>(part.segments + bytesOf(count), panel, 4)
    count++
    inside = marked
  }
  store<i32>(part.segments, count >> 1)
}

/** How many segments there are. */
export function segmentCount(part: Part): i32 {
  return load<i32>(part.segments)
}

/** First panel of segment n. */
export function segmentFrom(part: Part, n: i32): i32 {
  return load<i32>(part.segments + <usize>(n << 3), 4)
}

/** The panel after the last of segment n. */
export function segmentTo(part: Part, n: i32): i32 {
  return load<i32>(part.segments + <usize>(n << 3), 8)
}

/** Zeros in a row of scores wherever a segment lies outside of keys from … to − 1. */
function clearOutside(part: Part, row: usize, from: i32, to: i32): void {
  for (let n = 0; n < segmentCount(part); n++) {
    const first = segmentFrom(part, n) << 3
    const end = segmentTo(part, n) << 3
    const left = min(max(from, first), end)
    const right = max(min(to, end), left)
    if (left > first) memory.fill(row + bytesOf(first), 0, bytesOf(left - first))
    if (end > right) memory.fill(row + bytesOf(right), 0, bytesOf(end - right))
  }
}

/** The allowed numbers of a row side by side: where they lie, or copies in `line`. */
export function openLine(row: usize, runs: usize, limits: i32, line: usize): usize {
  if (limits === 2) return row + bytesOf(wordAt(runs, 0))
  gatherRuns(row, runs, limits, line)
  return line
}

/** What became of them goes back to its keys, with zeros at the others of the segments. */
export function closeLine(part: Part, line: usize, runs: usize, limits: i32, row: usize): void {
  if (limits === 2) {
    clearOutside(part, row, wordAt(runs, 0), wordAt(runs, 1))
    return
  }
  clearOutside(part, row, 0, 0)
  scatterRuns(line, runs, limits, row)
}

/** How many numbers are allowed. */
export function runLength(runs: usize, limits: i32): i32 {
  let count = 0
  for (let n = 0; n < limits; n += 2) count += wordAt(runs, n + 1) - wordAt(runs, n)
  return count
}

function gatherRuns(row: usize, runs: usize, limits: i32, line: usize): void {
  for (let n = 0; n < limits; n += 2) {
    const from = wordAt(runs, n)
    const bytes = bytesOf(wordAt(runs, n + 1) - from)
    memory.copy(line, row + bytesOf(from), bytes)
    line += bytes
  }
}

/** Copies numbers that lie side by side back to their keys. */
function scatterRuns(line: usize, runs: usize, limits: i32, row: usize): void {
  for (let n = 0; n < limits; n += 2) {
    const from = wordAt(runs, n)
    const bytes = bytesOf(wordAt(runs, n + 1) - from)
    memory.copy(row + bytesOf(from), line, bytes)
    line += bytes
  }
}
