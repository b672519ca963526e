import { runBlock } from './dispatch.generated'

/** Blocks of the job that nobody has taken yet; below 0 when threads come late. */
export const PENDING: usize = 64
/** Blocks that are finished, below 0 once a helper failed; and how many there are. */
export const DONE: usize = 128
export const BLOCKS: usize = 192
/** Counts the jobs: helpers sleep until it changes. */
export const JOBS: usize = 256
/** Helpers that sleep: no call wakes helpers that are awake. */
export const SLEEPERS: usize = 272
/** What the job computes, and its operands behind. */
export const KERNEL: usize = 320
export const OPERANDS: usize = 384
/** First address that the host may give away. */
export const FREE: usize = 1024

// long enough to catch the next operation of a step without a sleep, short enough not to heat an
// idle core
const SPINS: i32 = 4000
/** Nanoseconds that the calling thread sleeps before it looks at how things stand. */
const LONGEST_SLEEP: i64 = 100_000_000

/**
 * Computes all blocks of the job in memory, with the helpers' help: 1 when they are finished, or as
 * `wait` says.
 */
export function run(blocks: i32, helpers: i32): i32 {
  if (helpers === 0) {
    for (let block = 0; block < blocks; block++) runBlock(load<i32>(KERNEL), OPERANDS, block, 0)
    return 1
  }
  atomic.store<i32>(DONE, 0)
  atomic.store<i32>(BLOCKS, blocks)
  atomic.store<i32>(PENDING, blocks)
  atomic.add<i32>(JOBS, 1)
  if (atomic.load<i32>(SLEEPERS) > 0) atomic.notify(JOBS, helpers)
  work(0)
  return wait()
}

/**
 * Waits for the blocks that helpers took: 1 when all are finished, 0 when the host should see why
 * they are not.
 */
export function wait(): i32 {
  const blocks = atomic.load<i32>(BLOCKS)
  const done = spinUntil(blocks)
  if (done === blocks) return 1
  atomic.wait<i32>(DONE, done, LONGEST_SLEEP)
  return atomic.load<i32>(DONE) === blocks ? 1 : 0
}

/** Says that the block which this helper took will never be finished. */
export function fail(): void {
  atomic.or<i32>(DONE, i32.MIN_VALUE)
  atomic.notify(DONE, 1)
}

/** A helper's whole life: one job after the other. The host ends it by ending its thread. */
export function help(thread: i32): void {
  let seen = 0
  for (;;) {
    const now = spinWhile(seen)
    if (now === seen) {
      // counted before it looks at JOBS again: a job that comes in between is seen, or wakes it
      atomic.add<i32>(SLEEPERS, 1)
      atomic.wait<i32>(JOBS, seen, -1)
      atomic.sub<i32>(SLEEPERS, 1)
    } else {
      seen = now
      work(thread)
    }
  }
}

function spinWhile(seen: i32): i32 {
  let now = atomic.load<i32>(JOBS)
  for (let n = 0; n < SPINS && now === seen; n++) now = atomic.load<i32>(JOBS)
  return now
}

function spinUntil(blocks: i32): i32 {
  let done = atomic.load<i32>(DONE)
  for (let n = 0; n < SPINS && done !== blocks; n++) done = atomic.load<i32>(DONE)
  return done
}

/**
 * Takes blocks until none is left.
 *
 * One word holds what is pending, so a thread that comes late to a finished job finds nothing,
 * whatever is being written for the next; the operands stay as they are until every block that was
 * taken counts as done.
 */
function work(thread: i32): void {
  for (;;) {
    const left = atomic.sub<i32>(PENDING, 1)
    if (left <= 0) return
    const blocks = atomic.load<i32>(BLOCKS)
    runBlock(load<i32>(KERNEL), OPERANDS, blocks - left, thread)
    if (atomic.add<i32>(DONE, 1) + 1 === blocks && thread > 0) atomic.notify(DONE, 1)
  }
}
