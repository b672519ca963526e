import { once } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDevice } from '../../src/device/open.ts'
import { Arena } from '../../src/device/wasm/arena.ts'
import { openEngine } from '../../src/device/wasm/engine.ts'
import { Helpers } from '../../src/device/wasm/helpers.ts'
import {
  compileKernels,
  expectFused,
  instantiateKernels,
  type Kernels,
} from '../../src/device/wasm/load.ts'
import { type Kernel, Pool } from '../../src/device/wasm/pool.ts'
import { productOf } from '../../src/device/wasm/product.ts'
import { Random } from '../../src/random.ts'

/** A number that no kernel has: whoever takes a block of it traps. */
const UNKNOWN: Kernel<readonly []> = { number: 1023, fields: '', write: () => {} }
const MB = 2 ** 20

const threads = process.getBuiltinModule('node:worker_threads')
const { Worker } = threads
let workers: InstanceType<typeof Worker>[]
/** When each of them has said that it is ready. */
let ready: Promise<unknown>[]

beforeEach(() => {
  workers = []
  ready = []
  threads.Worker = class extends Worker {
    constructor(...given: ConstructorParameters<typeof Worker>) {
      super(...given)
      workers.push(this)
      ready.push(once(this, 'message'))
    }
  }
})
afterEach(() => {
  threads.Worker = Worker
})

describe('a helper that ends while it has nothing to do', () => {
  test('is no longer counted, and the bits are those of one thread', async () => {
    const device = await openDevice({ device: 'wasm', threads: 3 })
    const alone = await openDevice({ device: 'wasm', threads: 1 })
    const A = new Random(7, 'A').normals([131, 257])
    const squareOn = async (one: typeof device) => {
      const [a, C] = [one.upload(A), one.allocate([131, 131])]
      one.product(a, a, C, { transposeB: true })
      return one.read(C)
    }
    const expected = await squareOn(alone)
    expect(device.threads).toBe(3)
    await Promise.all(ready)
    await workers[0].terminate()
    expect(await squareOn(device)).toEqual(expected)
    expect(device.threads).toBe(2)
    expect(device.why.join()).toMatch(
      /2 threads over one memory, where 3 were wanted.*a helper ended: its thread was ended/,
    )
    await workers[1].terminate()
    expect(await squareOn(device)).toEqual(expected)
    expect(device.threads).toBe(1)
    await Promise.all([device.close(), alone.close()])
  })

  test('as before it could start, leaves one thread that says why', async () => {
    threads.Worker = function refuse() {
      throw new Error('no more threads')
    } as never
    const device = await openDevice({ device: 'wasm', threads: 2 })
    expect(device.threads).toBe(1)
    expect(device.why).toContain('helpers could not be started: no more threads')
    await device.close()
  })
})

/**
 * Kernels of which the calling thread computes no block: it gives the job to its helpers, and
 * waits.
 */
async function helped(count: number, patience: number, look = (_looks: number): void => {}) {
  const module = await compileKernels('portable', true)
  const memory = new WebAssembly.Memory({ initial: 64, maximum: 64, shared: true })
  const kernels = await instantiateKernels(module, memory)
  const { BLOCKS, DONE, FREE, JOBS, PENDING } = kernels.constants
  const words = new Int32Array(memory.buffer)
  const run: Kernels['run'] = (blocks) => {
    for (const [at, value] of [
      [DONE, 0],
      [BLOCKS, blocks],
      [PENDING, blocks],
    ])
      Atomics.store(words, at >> 2, value)
    Atomics.add(words, JOBS >> 2, 1)
    return Atomics.notify(words, JOBS >> 2) * 0
  }
  let looks = 0
  const wait = () => {
    look(++looks)
    return kernels.wait()
  }
  const helpers = new Helpers()
  await helpers.start(count, module, memory)
  return {
    constants: kernels.constants,
    arena: new Arena(memory, FREE),
    helpers,
    pool: new Pool(memory, { ...kernels, run, wait }, helpers, patience),
  }
}

describe('in the middle of a block', () => {
  test('a helper that fails is noticed at once, and nothing is computed any more', async () => {
    const { pool, helpers } = await helped(2, 100)
    const began = performance.now()
    expect(() => pool.run(UNKNOWN, [], 2, false)).toThrow(
      /^device: a helper thread failed during an operation, and its numbers are lost; close/,
    )
    expect(performance.now() - began).toBeLessThan(5000)
    expect(() => pool.run(UNKNOWN, [], 0, true)).toThrow('its numbers are lost')
    expect(helpers.count).toBe(0)
  })

  test('a helper that is ended from outside is noticed when nothing was finished for long', async () => {
    const end = (looks: number) => looks === 5 && workers[0].terminate()
    const { pool, arena, constants, helpers } = await helped(1, 7, end)
    const [panels, scratch] = [
      arena.reserve(constants.PANEL_BYTES),
      arena.reserve(2 * constants.THREAD_BYTES),
    ]
    const engine = { constants, threads: 2, panels, scratch, run: pool.run.bind(pool) } as never
    const [matrix, C] = [{ at: arena.reserve(4096), row: 0, column: 4 }, arena.reserve(4096)]
    // so many blocks that it works for a minute
    expect(() =>
      productOf(
        engine,
        { m: 2 ** 20, n: 1024, k: 512 },
        { A: matrix, B: matrix, C: { at: C, row: 0 } },
      ),
    ).toThrow('device: a helper thread ended during an operation')
    await helpers.close()
  })

  test('the calling thread that fails leaves a device that can be closed', async () => {
    const engine = await openEngine('portable', 2, MB)
    expect(() => engine.run(UNKNOWN, [], 3, false)).toThrow(
      /device: a kernel failed \(.*unreachable.*\) during an operation/,
    )
    expect(() => engine.run(UNKNOWN, [], 1, true)).toThrow(engine.failure)
    await engine.close()
  })
})

describe('room for one operation that cannot be had', () => {
  test.each([1, 2])(
    'is refused with its size and a remedy, and what there was goes on, threads: %i',
    async (count) => {
      const engine = await openEngine('portable', count, MB)
      const kept = engine.arena.allocate('float32', 7)
      kept.numbers().fill(3)
      for (let round = 0; round < 3; round++) {
        engine.room(MB)
        expect(() => engine.room(100 * MB)).toThrow(
          /^device: no hole in the WebAssembly memory has 105 MB, and it cannot grow to 1\d\d MB; free .* higher memoryLimit$/,
        )
      }
      const address = engine.room(MB)
      expect(engine.room(MB / 2)).toBe(address)
      expect([...kept.numbers()]).toEqual([3, 3, 3, 3, 3, 3, 3])
      await engine.close()
    },
  )
})

describe('fused arithmetic', () => {
  test('is found by a number: two roundings are refused', async () => {
    const portable = await instantiateKernels(
      await compileKernels('portable', false),
      new WebAssembly.Memory({ initial: 1, maximum: 1 }),
    )
    expect(() => expectFused(portable)).toThrow(
      'multiply-add rounds twice on this machine, so it is not fused; leave the arithmetic out',
    )
  })

  test('rounds once, on every thread, and errs less', async () => {
    if (process.versions.node.startsWith('20.'))
      setFlagsFromString('--experimental-wasm-relaxed-simd')
    const found = await Promise.all(
      [1, 2, 3].map(async (count) => {
        const device = await openDevice({ device: 'wasm', arithmetic: 'fused', threads: count })
        expect(device).toMatchObject({ arithmetic: 'fused', threads: count })
        const random = new Random(11, 'fused')
        const [A, B, C] = [
          device.upload(random.normals([97, 131])),
          device.upload(random.normals([131, 103])),
          device.allocate([97, 103]),
        ]
        device.product(A, B, C)
        const { data } = await device.read(C)
        await device.close()
        return data
      }),
    )
    const random = new Random(11, 'fused')
    const [A, B] = [random.normals([97, 131]).data, random.normals([131, 103]).data]
    const [exact, fused] = [(x: number) => x, Math.fround].map((round) =>
      Float64Array.from({ length: 97 * 103 }, (_, cell) => {
        const [i, j] = [Math.floor(cell / 103), cell % 103]
        let sum = 0
        for (let p = 0; p < 131; p++) sum = round(sum + A[i * 131 + p] * B[p * 103 + j])
        return sum
      }),
    )
    expect(found[1]).toEqual(found[0])
    expect(found[2]).toEqual(found[0])
    // a product of two float32 is exact in float64, and rounding its sum there first changes almost
    // no cell
    expect(fused.filter((x, cell) => x !== found[0][cell]).length).toBeLessThan(5)
    expect(Math.max(...exact.map((x, cell) => Math.abs(x - found[0][cell])))).toBeLessThan(2e-5)
  })
})
