import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { type Told, toldBy } from './page.ts'
import { npm, type Output } from './run.ts'

const projects = join(inject('stage'), 'projects')
const { portable } = inject('bits')

interface Project {
  readonly name: string
  /** Its script that builds. */
  readonly script?: string
  /** What is served, and which page of it is opened. */
  readonly folder: string
  readonly page?: string
  /** Whether the job is done on the server too. */
  readonly server?: boolean
}

const built: readonly Project[] = [
  { name: 'esbuild', folder: 'esbuild' },
  { name: 'webpack', folder: 'webpack' },
  { name: 'rollup', folder: 'rollup' },
  { name: 'vite', folder: 'vite/out' },
  { name: 'parcel', folder: 'parcel/out' },
  { name: 'sveltekit', folder: 'sveltekit/out', server: true },
  { name: 'next-turbopack', script: 'build:turbopack', folder: 'next-turbopack/out', server: true },
  { name: 'next-webpack', script: 'build:webpack', folder: 'next-webpack/out', server: true },
]
const unbuilt: readonly Project[] = [{ name: 'importmap', folder: '.', page: 'importmap/' }]

/** Each is built before it is opened, one after the other. */
describe.each([...built, ...unbuilt])('$name', ({ name, script = 'build', folder, page, server }) => {
  const isBuilt = page === undefined
  const manifest = join(projects, name, 'package.json')
  let output: Output
  let told: Told
  let before: string
  beforeAll(async () => {
    before = isBuilt ? readFileSync(manifest, 'utf8') : ''
    if (isBuilt) output = await npm(['run', script], join(projects, name))
    told = await toldBy(join(projects, folder), page)
  })

  test.runIf(isBuilt)('builds without a warning, and installs nothing for it', () => {
    expect(output.stdout + output.stderr).not.toMatch(/warn|⚠|\(!\)|externalized|deprecat/i)
    expect(readFileSync(manifest, 'utf8')).toBe(before)
    for (const shim of ['path-browserify', 'os-browserify']) expect(existsSync(join(projects, 'node_modules', shim)), shim).toBe(false)
  })

  test.runIf(isBuilt)('what is built has no model in it', () => {
    const files = readdirSync(join(projects, folder), { recursive: true }) as string[]
    expect(files.filter((file) => /\.(js|html)$/.test(file))).not.toEqual([])
    expect(files.filter((file) => /\.(safetensors|wasm)$/.test(file))).toEqual([])
  })

  test('a page has the bits of Node on one thread, and says why', () => {
    const { bits, threads, why } = told.answers.page
    expect(bits).toEqual(portable)
    expect(threads).toBe(1)
    expect(why.join('\n')).toContain("it is the page's main thread")
  })

  test('a worker has the same bits on two', () => {
    const { bits, threads } = told.answers.worker
    expect({ bits, threads }).toEqual({ bits: portable, threads: 2 })
  })

  test.runIf(server)('the server too, where the model is saved', () => {
    expect(told.server).toMatchObject({ bits: portable, arithmetic: 'portable', saved: portable.model })
  })

  test('saving says that there are no files, and the console is empty', () => {
    expect(told.answers.page.saved).toContain('there are no files here')
    expect(told.answers.worker.saved).toContain('there are no files here')
    expect(told.complaints).toEqual([])
  })
})

test('without headers that isolate a page, a worker has one thread and the same bits', async () => {
  const { answers } = await toldBy(join(projects, 'vite/out'), '', {})
  expect(answers.worker).toMatchObject({ bits: portable, threads: 1 })
  expect(answers.worker.why.join('\n')).toContain('the page is not cross-origin isolated')
})
