import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const built = mkdtempSync(join(tmpdir(), 'regard-'))

// only a process that never ends meets this limit; the test outlives it, so that none is left
// behind
const timeout = 120_000
vi.setConfig({ testTimeout: timeout + 30_000 })

beforeAll(async () => {
  writeFileSync(join(built, 'package.json'), '{"type":"module"}')
  const compiler = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url))
  const options = [
    '-p',
    'tsconfig.build.json',
    '--noCheck',
    '--declaration',
    'false',
    '--sourceMap',
    'false',
    '--inlineSources',
    'false',
  ]
  await run(process.execPath, [compiler, ...options, '--outDir', built], { cwd: root })
})
afterAll(() => rmSync(built, { recursive: true }))

/**
 * What a process of its own prints, in which `device` is open; it fails if the process does not end
 * by itself.
 */
async function inProcess(body: string): Promise<string> {
  const program = `
    const { openDevice } = await import(${JSON.stringify(pathToFileURL(join(built, 'device/open.js')).href)})
    const device = await openDevice({ device: 'wasm', threads: 2 })
    const [A, C] = [device.allocate([101, 103]), device.allocate([101, 101])]
    device.product(A, A, C, { transposeB: true })
    ${body}`
  return (
    await run(process.execPath, ['--input-type=module', '--eval', program], {
      timeout,
      killSignal: 'SIGKILL',
    })
  ).stdout.trim()
}

test('a process ends after its device was closed', async () => {
  expect(await inProcess("await device.close(); console.log('closed')")).toBe('closed')
})

test('a process ends though its device is still open', async () => {
  expect(await inProcess('console.log((await device.read(C)).size)')).toBe('10201')
})

test.skipIf(process.platform !== 'linux')('closing ends the helpers', async () => {
  // the kernel strikes a thread off its list a little after others see it ended
  const ended = await inProcess(`
    const { readdirSync } = await import('node:fs')
    const { setTimeout } = await import('node:timers/promises')
    const threads = () => readdirSync('/proc/self/task').length
    const before = threads()
    await device.close()
    while (threads() >= before) await setTimeout(10)
    console.log('ended')`)
  expect(ended).toBe('ended')
})

test.runIf(process.versions.v8.startsWith('11.'))(
  'fused arithmetic is refused in Node 20, with the switch that it would need',
  async () => {
    const refusal = await inProcess(
      "console.log(await openDevice({ arithmetic: 'fused' }).catch((error) => error.message)); await device.close()",
    )
    expect(refusal).toBe(
      "openDevice: this engine does not know relaxed vectors, which fused arithmetic needs (Safari does not, nor Node 20 without --experimental-wasm-relaxed-simd); leave the arithmetic out, or use 'portable', which runs everywhere",
    )
  },
)

test('the threads of Node join by themselves while the calling one computes', async () => {
  // the event loop does not turn until the loop ends
  const joined = await inProcess(`
    const { openEngine } = await import(${JSON.stringify(pathToFileURL(join(built, 'device/wasm/engine.js')).href)})
    const engine = await openEngine('portable', 2, 2 ** 20)
    const { DONE, JOBS, BLOCKS, PENDING } = engine.constants
    const words = new Int32Array(engine.arena.memory.buffer)
    const began = performance.now()
    // a job without blocks for the calling thread: what is pending is taken by others
    Atomics.store(words, PENDING >> 2, 1)
    while (Atomics.load(words, PENDING >> 2) === 1 && performance.now() - began < 60_000) Atomics.add(words, JOBS >> 2, 1)
    console.log(Atomics.load(words, PENDING >> 2) < 1)
    process.exit()`)
  expect(joined).toBe('true')
})

/** Resident bytes and threads before and after the body is run so many times. */
const growthOf = (times: number, body: string) =>
  inProcess(`
    const { readdirSync } = await import('node:fs')
    const { setTimeout } = await import('node:timers/promises')
    const { setFlagsFromString } = await import('node:v8')
    const { runInNewContext } = await import('node:vm')
    setFlagsFromString('--expose-gc')
    const gc = runInNewContext('gc')
    const threads = () => process.platform === 'linux' ? readdirSync('/proc/self/task').length : 0
    const settled = async () => {
      for (let n = 0; n < 5; n++) { gc(); await setTimeout(50) }
      return { megabytes: process.memoryUsage().rss / 1e6, threads: threads() }
    }
    const round = async (n) => { ${body} }
    for (let n = 0; n < ${times} / 5; n++) await round(n)
    const before = await settled()
    for (let n = 0; n < ${times}; n++) await round(n)
    const after = await settled()
    console.log(JSON.stringify({ megabytes: after.megabytes - before.megabytes, threads: after.threads - before.threads }))
    await device.close()`)

test('a hundred devices that are opened and closed leave nothing behind', async () => {
  const growth = JSON.parse(
    await growthOf(
      100,
      `
      const one = await openDevice({ device: 'wasm', threads: 1 + n % 3 })
      const [X, Y] = [one.allocate([101, 211]), one.allocate([101, 101])]
      one.product(X, X, Y, { transposeB: true })
      await one.read(Y)
      await one.close()`,
    ),
  )
  expect(growth.threads).toBeLessThan(1)
  expect(growth.megabytes).toBeLessThan(40)
})

test('ten thousand operations on ragged shapes take no more memory than the first ones', async () => {
  const growth = JSON.parse(
    await growthOf(
      5000,
      `
      const [m, k] = [1 + n * 7919 % 101, 1 + n * 104729 % 97]
      device.scope(() => {
        const [X, Y] = [device.allocate([m, k]), device.allocate([m, m])]
        device.product(X, X, Y, { transposeB: true })
        device.combine(2, Y, 1, Y, Y)
      })`,
    ),
  )
  expect(growth.megabytes).toBeLessThan(10)
})
