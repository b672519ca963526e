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

// only a process that never ends meets this limit; the test outlives it, so that none is left behind
const timeout = 120_000
vi.setConfig({ testTimeout: timeout + 30_000 })

beforeAll(async () => {
  writeFileSync(join(built, 'package.json'), '{"type":"module"}')
  const compiler = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url))
  const options = ['-p', 'tsconfig.build.json', '--noCheck', '--declaration', 'false', '--sourceMap', 'false', '--inlineSources', 'false']
  await run(process.execPath, [compiler, ...options, '--outDir', built], { cwd: root })
})
afterAll(() => rmSync(built, { recursive: true }))

/** What a process of its own prints, in which `device` is open; it fails if the process does not end by itself. */
async function inProcess(body: string): Promise<string> {
  const program = `
    const { openDevice } = await import(${JSON.stringify(pathToFileURL(join(built, 'device/open.js')).href)})
    const device = await openDevice({ device: 'wasm', threads: 2 })
    const [A, C] = [device.allocate([101, 103]), device.allocate([101, 101])]
    device.product(A, A, C, { transposeB: true })
    ${body}`
  return (await run(process.execPath, ['--input-type=module', '--eval', program], { timeout, killSignal: 'SIGKILL' })).stdout.trim()
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
