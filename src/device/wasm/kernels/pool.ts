import { attendPack, attendPart, attendStrip } from './attention'
import { attendKeysBackward, attendPackBackward, attendPartBackward, attendSegments, attendStripBackward } from './attention-backward'
import { elementary } from './each'
import { mapRows, mapRowsBackward, rotateRows } from './maps'
import {
  ATTEND_KEYS_BACKWARD,
  ATTEND_PACK,
  ATTEND_PACK_BACKWARD,
  ATTEND_PARTS,
  ATTEND_PARTS_BACKWARD,
  ATTEND_SEGMENTS,
  ATTEND_STRIPS,
  ATTEND_STRIPS_BACKWARD,
  DISTRIBUTE_ROWS,
  ELEMENTARY,
  MAP_ROWS,
  MAP_ROWS_BACKWARD,
  PACK_PANELS,
  PRODUCT_ROWS,
  ROTATE_ROWS,
} from './numbers'
import { packPanels, productRows } from './product'
import { distributeRows } from './rows'

/** Blocks of the job that nobody has taken yet; below 0 when threads come late. */
const PENDING: usize = 64
/** Blocks that are finished, and how many there are. */
const DONE: usize = 128
const BLOCKS: usize = 192
/** Counts the jobs: helpers sleep until it changes. */
const JOBS: usize = 256
/** What the job computes, and its operands behind. */
export const KERNEL: usize = 320
export const OPERANDS: usize = 384
/** First address that the host may give away. */
export const FREE: usize = 1024

// long enough to catch the next operation of a step without a sleep, short enough not to heat an idle core
const SPINS: i32 = 4000

/** Computes all blocks of the job in memory, with the helpers' help, and returns when they are finished. */
export function run(blocks: i32, helpers: i32): void {
  if (helpers === 0) {
    for (let block = 0; block < blocks; block++) runBlock(block, 0)
    return
  }
  atomic.store<i32>(DONE, 0)
  atomic.store<i32>(BLOCKS, blocks)
  atomic.store<i32>(PENDING, blocks)
  atomic.add<i32>(JOBS, 1)
  atomic.notify(JOBS, helpers)
  work(0)
  for (let done = spinUntil(blocks); done !== blocks; done = atomic.load<i32>(DONE)) atomic.wait<i32>(DONE, done, -1)
}

/** A helper's whole life: one job after the other. The host ends it by ending its thread. */
export function help(thread: i32): void {
  let seen = 0
  for (;;) {
    const now = spinWhile(seen)
    if (now === seen) {
      atomic.wait<i32>(JOBS, seen, -1)
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
 * One word holds what is pending, so a thread that comes late to a finished job finds nothing, whatever is being
 * written for the next; the operands stay as they are until every block that was taken counts as done.
 */
function work(thread: i32): void {
  for (;;) {
    const left = atomic.sub<i32>(PENDING, 1)
    if (left <= 0) return
    const blocks = atomic.load<i32>(BLOCKS)
    runBlock(blocks - left, thread)
    if (atomic.add<i32>(DONE, 1) + 1 === blocks && thread > 0) atomic.notify(DONE, 1)
  }
}

function runBlock(block: i32, thread: i32): void {
  switch (load<i32>(KERNEL)) {
    case PACK_PANELS:
      packPanels(OPERANDS, block)
      break
    case PRODUCT_ROWS:
      productRows(OPERANDS, block, thread)
      break
    case ATTEND_PACK:
      attendPack(OPERANDS, block, thread)
      break
    case ATTEND_SEGMENTS:
      attendSegments(OPERANDS, block, thread)
      break
    case ATTEND_STRIPS:
      attendStrip(OPERANDS, block, thread)
      break
    case ATTEND_PARTS:
      attendPart(OPERANDS, block, thread)
      break
    case ATTEND_PACK_BACKWARD:
      attendPackBackward(OPERANDS, block, thread)
      break
    case ATTEND_STRIPS_BACKWARD:
      attendStripBackward(OPERANDS, block, thread)
      break
    case ATTEND_KEYS_BACKWARD:
      attendKeysBackward(OPERANDS, block, thread)
      break
    case ATTEND_PARTS_BACKWARD:
      attendPartBackward(OPERANDS, block, thread)
      break
    case MAP_ROWS:
      mapRows(OPERANDS, block)
      break
    case MAP_ROWS_BACKWARD:
      mapRowsBackward(OPERANDS, block)
      break
    case ROTATE_ROWS:
      rotateRows(OPERANDS, block)
      break
    case ELEMENTARY:
      elementary(OPERANDS, block)
      break
    case DISTRIBUTE_ROWS:
      distributeRows(OPERANDS, block, thread)
      break
    default:
      unreachable()
  }
}
