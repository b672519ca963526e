import { Job, Part } from './attention-job'
import { log1 } from './elementary'
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
    if (load<i32>(job.weightRows + <usize>(n << 2)) === i)
      copyAllowed(job, part, i, weights, plane * job.weightRowCount + n)
  }
}

function copyAllowed(job: Job, part: Part, i: i32, weights: usize, row: i32): void {
  const to = job.weights + <usize>row * <usize>(job.longestKey << 2)
  const runs = runsOf(job, part, i)
  const limits = runLimits(job, part, i)
  for (let n = 0; n < limits; n += 2) {
    const at = <usize>(load<i32>(runs + <usize>(n << 2)) << 2)
    memory.copy(to + at, weights + at, <usize>(load<i32>(runs + <usize>(n << 2), 4) << 2) - at)
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
    for (let j = load<i32>(runs + <usize>(n << 2)); j < load<i32>(runs + <usize>(n << 2), 4); j++) {
      const a = load<f32>(weights + <usize>(j << 2))
      sum += a
      if (a > load<f32>(weights + <usize>(best << 2))) best = j
    }
  }
  let entropy: f64 = 0
  for (let n = 0; n < limits; n += 2) {
    for (let j = load<i32>(runs + <usize>(n << 2)); j < load<i32>(runs + <usize>(n << 2), 4); j++) {
      const share = <f64>load<f32>(weights + <usize>(j << 2)) / sum
      if (share > 0) entropy -= share * <f64>log1(<f32>share)
    }
  }
  const at = <usize>(((part.firstQuery + i) * job.heads + part.head) << 2)
  store<f32>(job.entropy + at, <f32>entropy)
  store<f32>(job.maximum + at, load<f32>(weights + <usize>(best << 2)))
  store<i32>(job.largestKey + at, best)
}
