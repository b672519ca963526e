import { anyNaN, Job, Part, positionOf, raise } from './attention-job'
import { distribute } from './distributions'
import { dropNumbers } from './dropout'
import { bytesOf } from './lanes'
import { HEAD_STREAM, LONGEST_DROPPED } from './numbers'
import {
  closeLine,
  openLine,
  runLength,
  runLimits,
  runsOf,
  segmentCount,
  segmentFrom,
  segmentTo,
} from './runs'
import { addBias } from './scores'

/**
 * The scores of query i become its weights, in place: bias, then the distribution of the keys that
 * the mask allows.
 *
 * Keys that it forbids have weight 0. Where a score is not finite the row says so and is left
 * alone.
 */
export function weighRow(job: Job, part: Part, i: i32, s: usize): void {
  const runs = runsOf(job, part, i)
  const limits = runLimits(job, part, i)
  if (job.bias !== 0) addBias(job, part, i, s, runs, limits)
  const line = openLine(s, runs, limits, part.line)
  const count = runLength(runs, limits)
  if (!isFinite4(line, count)) raise(job)
  else if (count > 0) distribute(job.distribution, line, count, part.argument, part.room)
  closeLine(part, line, runs, limits, s)
}

/** Whether 0 · x is 0 for every number. */
function isFinite4(x: usize, count: i32): bool {
  const zero = f32x4.splat(0)
  let check = zero
  let n = 0
  for (; n + 4 <= count; n += 4)
    check = f32x4.add(check, f32x4.mul(v128.load(x + bytesOf(n)), zero))
  for (; n < count; n++)
    check = f32x4.add(check, f32x4.mul(v128.load_splat<f32>(x + bytesOf(n)), zero))
  return !anyNaN(check)
}

/**
 * Numbers of the row of query i times 0 where dropout drops the weight, times 1/(1 − rate)
 * elsewhere.
 */
export function keepRow(job: Job, part: Part, i: i32, row: usize): void {
  const head = <u32>(part.text * job.heads + part.head)
  const stream = job.stream ^ (head * <u32>HEAD_STREAM)
  const first = positionOf(part, i) * (LONGEST_DROPPED >> 2)
  for (let n = 0; n < segmentCount(part); n++) {
    const from = segmentFrom(part, n)
    const at = row + ((<usize>from) << 5)
    dropNumbers(job, stream, at, at, (segmentTo(part, n) - from) << 3, first + (from << 1))
  }
}
