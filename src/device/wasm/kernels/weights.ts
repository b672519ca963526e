import { anyNaN, Job, Part, positionOf, raise } from './attention-job'
import { distribute } from './distributions'
import { dropped4 } from './dropout'
import {
  clearOutside,
  gatherRuns,
  runLimits,
  runsOf,
  scatterRuns,
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
  if (job.bias !== 0) {
    for (let n = 0; n < limits; n += 2) {
      addBias(
        job,
        part,
        i,
        s,
        load<i32>(runs + <usize>(n << 2)),
        load<i32>(runs + <usize>(n << 2), 4),
      )
    }
  }
  if (limits === 2) {
    const from = load<i32>(runs)
    const to = load<i32>(runs, 4)
    distributeLine(job, part, s + <usize>(from << 2), to - from)
    clearOutside(part, s, from, to)
  } else {
    const count = gatherRuns(s, runs, limits, part.line)
    if (count > 0) distributeLine(job, part, part.line, count)
    clearOutside(part, s, 0, 0)
    scatterRuns(part.line, runs, limits, s)
  }
}

function distributeLine(job: Job, part: Part, line: usize, count: i32): void {
  if (isFinite4(line, count)) distribute(job.distribution, line, count, part.argument, part.room)
  else raise(job)
}

/** Whether 0 · x is 0 for every number. */
function isFinite4(x: usize, count: i32): bool {
  const zero = f32x4.splat(0)
  let check = zero
  let n = 0
  for (; n + 4 <= count; n += 4)
    check = f32x4.add(check, f32x4.mul(v128.load(x + <usize>(n << 2)), zero))
  for (; n < count; n++)
    check = f32x4.add(check, f32x4.mul(v128.load_splat<f32>(x + <usize>(n << 2)), zero))
  return !anyNaN(check)
}

/** Keys of a text that have random numbers of their own; those of longer texts repeat. */
const LONGEST_DROPPED: i32 = 131072

/**
 * Numbers of the row of query i times 0 where dropout drops the weight, times 1/(1 − rate)
 * elsewhere.
 */
export function keepRow(job: Job, part: Part, i: i32, row: usize): void {
  const rate = reinterpret<f64>(((<u64>job.rateHigh) << 32) | <u64>job.rateLow)
  // every head of every text of a batch has a stream of its own
  const stream = job.stream ^ <u32>(<u32>(part.text * job.heads + part.head) * 0x9e3779b1)
  const first = <u32>(positionOf(part, i) * (LONGEST_DROPPED >> 2))
  const bits = i32x4(1, 2, 4, 8)
  for (let n = 0; n < segmentCount(part); n++) {
    const end = segmentTo(part, n) << 1
    for (let four = segmentFrom(part, n) << 1; four < end; four++) {
      const dropped = i32x4.splat(
        dropped4(job.seedLow, job.seedHigh, stream, job.step, first + <u32>four, rate),
      )
      const kept = i32x4.eq(v128.and(dropped, bits), i32x4.splat(0))
      const at = row + ((<usize>four) << 4)
      v128.store(at, v128.and(kept, f32x4.mul(v128.load(at), f32x4.splat(job.keepFactor))))
    }
  }
}
