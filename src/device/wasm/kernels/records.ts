import { Job, Part } from './attention-job'
import { log1 } from './elementary'
import { bytesOf, numberAt, wordAt } from './lanes'
import { runLimits, runsOf } from './runs'

/**
 * What is wanted beside the context, of the weights of query i: the row itself, and its statistics.
 */
export function recordRow(job: Job, part: Part, i: i32, weights: usize): void {
  const limits = runLimits(job, part, i)
  if (limits === 0) return
  if (job.weights !== 0) recordWeights(job, part, i, weights)
  if (job.entropy !== 0) recordStatistics(job, part, i, weights, runsOf(job, part, i), limits)
}

function recordWeights(job: Job, part: Part, i: i32, weights: usize): void {
  const plane = part.text * job.heads + part.head
  if (job.weightRows === 0) {
    copyAllowed(job, part, i, weights, plane * job.weightRowCount + i)
    return
  }
  for (let n = 0; n < job.weightRowCount; n++) {
    if (wordAt(job.weightRows, n) === i)
      copyAllowed(job, part, i, weights, plane * job.weightRowCount + n)
  }
}

function copyAllowed(job: Job, part: Part, i: i32, weights: usize, row: i32): void {
  const to = job.weights + <usize>row * bytesOf(job.longestKey)
  const runs = runsOf(job, part, i)
  const limits = runLimits(job, part, i)
  for (let n = 0; n < limits; n += 2) {
    const at = bytesOf(wordAt(runs, n))
    memory.copy(to + at, weights + at, bytesOf(wordAt(runs, n + 1)) - at)
  }
}

/** Entropy of A/ΣA in nats, the largest weight and its key, the first of equals. */
function recordStatistics(
  job: Job,
  part: Part,
  i: i32,
  weights: usize,
  runs: usize,
  limits: i32,
): void {
  let sum: f64 = 0
  let best = load<i32>(runs)
  for (let n = 0; n < limits; n += 2) {
    for (let j = wordAt(runs, n); j < wordAt(runs, n + 1); j++) {
      const a = numberAt(weights, j)
      sum += a
      if (a > numberAt(weights, best)) best = j
    }
  }
  let entropy: f64 = 0
  for (let n = 0; n < limits; n += 2) {
    for (let j = wordAt(runs, n); j < wordAt(runs, n + 1); j++) {
      const share = <f64>numberAt(weights, j) / sum
      if (share > 0) entropy -= share * <f64>log1(<f32>share)
    }
  }
  const at = bytesOf((part.firstQuery + i) * job.heads + part.head)
  store<f32>(job.entropy + at, <f32>entropy)
  store<f32>(job.maximum + at, numberAt(weights, best))
  store<i32>(job.largestKey + at, best)
}
