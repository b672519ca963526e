import { describe, expect, test } from 'vitest'
import type { Stored } from '../../src/device/memory.ts'
import { openDevice } from '../../src/device/open.ts'
import { Arena, pagesFor } from '../../src/device/wasm/arena.ts'
import { Random } from '../../src/random.ts'
import type { DType, Numbers } from '../../src/tensor.ts'

const PAGE = 65536
const FROM = 521
/** Bytes behind the last array that may be read. */
const MARGIN = 64
const MB = 1e6
const LIMIT = MB
const SEEDS = [2, 3, 5, 7, 11, 13]

interface Held {
  readonly numbers: () => Numbers
  readonly free: () => void
  readonly bytes: number
  /** What its numbers were filled with. */
  readonly mark: number
}

const dtypes: DType[] = ['float32', 'float64', 'int32', 'uint8']
const inLines = (bytes: number): number => 64 * Math.max(1, Math.ceil(bytes / 64))
const bytesOf = (held: readonly Held[]): number => held.reduce((sum, { bytes }) => sum + bytes, 0)
const memoryOf = (pages: number, shared = false) =>
  new WebAssembly.Memory({ initial: 1, maximum: pages, shared })

const held = (stored: Stored, bytes: number, mark: number): Held => ({
  numbers: () => stored.numbers(),
  free: () => stored.free(),
  ...{ bytes, mark },
})

/** Room for bytes that nobody reads. */
const take = (arena: Arena, bytes: number): Held => held(arena.allocate('uint8', bytes), bytes, 0)

/**
 * Numbers of a random type, of up to an eighth of the limit; every size is as likely as its double.
 */
function takeAny(arena: Arena, random: Random, mark: number): Held {
  const length = Math.floor((2 ** random.uniform(0, 14) * LIMIT) / 2 ** 20)
  const stored = arena.allocate(dtypes[random.integer(4)], length)
  return held(stored, stored.numbers().byteLength, mark)
}

/** Takes one out of those held. */
const anyOf = (held: Held[], random: Random): Held => held.splice(random.integer(held.length), 1)[0]

function overlaps(held: readonly Held[]): boolean {
  const views = held.map(({ numbers }) => numbers()).filter(({ length }) => length > 0)
  views.sort((a, b) => a.byteOffset - b.byteOffset)
  return views.some(
    (view, n) => n > 0 && views[n - 1].byteOffset + views[n - 1].byteLength > view.byteOffset,
  )
}

/** Counts what went wrong in a random sequence of which at most half the limit lives at once. */
function lifeOf(seed: number, shared: boolean) {
  const memory = memoryOf(pagesFor(LIMIT), shared)
  const arena = new Arena(memory, FROM)
  const random = new Random(seed, 'arena')
  const held: Held[] = []
  const counts = { most: 0, notZero: 0, overlaps: 0, unaligned: 0, lost: 0, grown: 0 }
  const freeAny = () => {
    const { numbers, mark, free } = anyOf(held, random)
    if (!numbers().every((number) => number === mark)) counts.lost++
    free()
  }
  for (let step = 0; step < 1500; step++) {
    const before = memory.buffer.byteLength
    // what is taken is an eighth at most
    while (bytesOf(held) > (3 / 8) * LIMIT) freeAny()
    const taken = takeAny(arena, random, 1 + (step % 251))
    if (!taken.numbers().every((number) => number === 0)) counts.notZero++
    taken.numbers().fill(taken.mark)
    held.push(taken)
    counts.most = Math.max(counts.most, bytesOf(held))
    if (overlaps(held)) counts.overlaps++
    if (taken.numbers().byteOffset % 16 !== 0) counts.unaligned++
    if (memory.buffer.byteLength > before) counts.grown++
    if (random.uniform() < 0.3) freeAny()
  }
  while (held.length > 0) freeAny()
  return counts
}

describe.each([
  ['an unshared memory', false],
  ['a shared memory', true],
])('in %s, random sequences of which at most half the limit lives', (_, shared) => {
  const lives: ReturnType<typeof lifeOf>[] = []
  const expectNone = (count: keyof ReturnType<typeof lifeOf>) =>
    expect(lives.map((life) => life[count])).toEqual(SEEDS.map(() => 0))

  test('are never refused', () => {
    for (const seed of SEEDS) lives.push(lifeOf(seed, shared))
    for (const { most } of lives) expect(most).toBeGreaterThan(0.4 * LIMIT)
  })
  test('get zeros', () => expectNone('notZero'))
  test('never overlap', () => expectNone('overlaps'))
  test('are aligned to 16 bytes', () => expectNone('unaligned'))
  test('keep their numbers while the memory grows', () => {
    for (const { grown } of lives) expect(grown).toBeGreaterThan(3)
    expectNone('lost')
  })
})

test.each([1, 2, 3])(
  'a device whose limit was filled with 1 MB each takes 2 MB each once all are freed, threads: %i',
  async (threads) => {
    const device = await openDevice({ device: 'wasm', threads, memoryLimit: 8 * MB })
    for (const megabytes of [1, 2, 4, 8, 1]) {
      const handles = Array.from({ length: 8 / megabytes }, () =>
        device.allocate([megabytes, MB / 4]),
      )
      expect(device.stats().bytes).toBe(8 * MB)
      for (const handle of handles) device.free(handle)
    }
    await device.close()
  },
)

describe('freed neighbours', () => {
  const pages = 19
  const room = pages * PAGE - inLines(FROM) - MARGIN

  test.each([2, 3, 5, 7])(
    'merge, in whatever order they are freed, until the whole memory is one hole again, seed %i',
    (seed) => {
      const arena = new Arena(memoryOf(pages), FROM)
      const random = new Random(seed, 'order')
      const held = Array.from({ length: 101 }, () =>
        take(arena, 1 + random.integer(Math.floor(room / 101) - 64)),
      )
      for (const { free } of random.shuffle(held)) free()
      expect(take(arena, room).numbers().byteOffset).toBe(inLines(FROM))
    },
  )

  test('merge only with neighbours', () => {
    const arena = new Arena(memoryOf(pages), FROM)
    const [a, b, c, d] = [0, 1, 2, 3].map(() => take(arena, 640))
    a.free()
    c.free()
    expect(take(arena, 641).numbers().byteOffset).toBe(d.numbers().byteOffset + 640)
    b.free()
    expect(take(arena, 3 * 640).numbers().byteOffset).toBe(inLines(FROM))
  })

  test('merge around arrays without numbers too', () => {
    const arena = new Arena(memoryOf(pages), FROM)
    const [a, nothing] = [take(arena, 640), take(arena, 0)]
    a.free()
    const b = take(arena, 2 * 640)
    nothing.free()
    b.free()
    take(arena, 64).free()
    expect(take(arena, room).numbers().byteOffset).toBe(inLines(FROM))
  })
})

describe('holes between those that live', () => {
  const pages = 16
  const room = pages * PAGE - inLines(FROM) - MARGIN
  const BLOCK = 64 * 31
  /** As many blocks as there is room for, of which every second was freed. */
  function comb() {
    const arena = new Arena(memoryOf(pages), FROM)
    const blocks = Array.from({ length: Math.floor(room / BLOCK) }, () => take(arena, BLOCK))
    for (const [n, { free }] of blocks.entries()) if (n % 2 === 0) free()
    return { arena, left: blocks.filter((_, n) => n % 2 === 1) }
  }

  test('may refuse what is larger than each of them, with the sizes and a remedy', () => {
    expect(() => take(comb().arena, BLOCK + 1)).toThrow(
      new RangeError(
        'device: no hole in the WebAssembly memory has 0.00205 MB, and it cannot grow to 1.05 MB; free what is not needed (passes with pass.free()), use smaller batches, or open the device with a higher memoryLimit',
      ),
    )
  })

  test('are as they were after a refusal', () => {
    const { arena, left } = comb()
    expect(() => take(arena, BLOCK + 1)).toThrow(RangeError)
    const again = left.map(() => take(arena, BLOCK))
    const tail = take(arena, room % BLOCK)
    expect(overlaps([...left, ...again, tail])).toBe(false)
  })

  test.each([2, 3, 5, 7])(
    'never refuse s bytes while live + (arrays + 1)·s ≤ room, seed %i',
    (seed) => {
      const arena = new Arena(memoryOf(pages), FROM)
      const random = new Random(seed, 'holes')
      const held: Held[] = []
      for (let step = 0; step < 2000; step++) {
        const live = held.reduce((sum, { bytes }) => sum + inLines(bytes), 0)
        const promised = 64 * Math.floor((room - live) / (held.length + 1) / 64)
        take(arena, promised).free()
        if (promised > 0 && random.uniform() < 0.6)
          held.push(take(arena, 1 + random.integer(promised)))
        else if (held.length > 0) anyOf(held, random).free()
      }
      expect(held.length).toBeGreaterThan(3)
    },
  )
})

test('20 000 rounds of ragged sizes need no more than twice what lives at once', () => {
  const memory = memoryOf(PAGE)
  const arena = new Arena(memory, FROM)
  const random = new Random(17, 'rounds')
  const held: Held[] = []
  let most = 0
  for (let round = 0; round < 20_000; round++) {
    const words = 1 + random.integer(101)
    // as in a step: some of T, some of T², most of them gone at its end, a few not
    const step = [4 * words, 28 * words, 4 * words * words, 68 * words].map((bytes) =>
      take(arena, bytes),
    )
    held.push(step.splice(random.integer(4), 1)[0])
    most = Math.max(most, bytesOf(held) + bytesOf(step))
    for (const { free } of step) free()
    while (held.length > 31) anyOf(held, random).free()
  }
  expect(memory.buffer.byteLength).toBeLessThan(2 * most + PAGE)
})

test('64 bytes beyond the end of every array can be read', () => {
  const memory = memoryOf(PAGE)
  const arena = new Arena(memory, FROM)
  for (const bytes of [PAGE - 576, 64, PAGE - 64, PAGE, 1]) {
    const { byteOffset, byteLength } = take(arena, bytes).numbers()
    expect(new Uint8Array(memory.buffer, byteOffset, byteLength + MARGIN).length).toBe(
      bytes + MARGIN,
    )
  }
})

test('a memory may grow to half as much again as its limit, as far as addresses reach', () => {
  expect([8 * PAGE, 2 ** 31, 2 ** 32].map(pagesFor)).toEqual([12, 49152, 65536])
})
