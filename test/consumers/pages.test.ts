import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { onPage, type Told, toldBy } from './page.ts'
import { npm } from './run.ts'

const projects = join(inject('stage'), 'projects')
const { portable } = inject('bits')

interface Project {
  readonly name: string
  /** Its script that builds. */
  readonly script?: string
  /** What is served. */
  readonly folder: string
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

/** One thread, the bits of Node, no files, and a console that is empty. */
function expectOnPage({ page, complaints }: Told): void {
  expect.soft(page.bits).toEqual(portable)
  expect.soft(page.threads).toBe(1)
  expect.soft(page.why.join('\n')).toContain("it is the page's main thread")
  expect.soft(page.saved).toContain('there are no files here')
  expect.soft(complaints).toEqual([])
}

// a project is built before it is opened
describe.each(built)('$name', ({ name, script = 'build', folder, server }) => {
  test('builds without a warning, and takes no model along', async () => {
    const { stdout, stderr } = await npm(['run', script], join(projects, name))
    expect.soft(stdout + stderr).not.toMatch(/warn|⚠|\(!\)|externalized|deprecat/i)
    const files = readdirSync(join(projects, folder), { recursive: true, encoding: 'utf8' })
    expect.soft(files.filter((file) => /\.js$/.test(file))).not.toEqual([])
    expect.soft(files.filter((file) => /\.(safetensors|wasm)$/.test(file))).toEqual([])
  })

  test(`has the bits of Node on a page, in a worker on two threads${server ? ', and on the server' : ''}`, async () => {
    const told = await toldBy(join(projects, folder))
    expectOnPage(told)
    expect.soft(told.worker).toMatchObject({ bits: portable, threads: 2 })
    expect.soft(told.worker?.saved).toContain('there are no files here')
    if (server)
      expect
        .soft(told.server)
        .toMatchObject({ bits: portable, arithmetic: 'portable', saved: portable.model })
  })
})

test.each(['', 'bundle.html'])(
  'a page with an import map has the bits of Node: importmap/%s',
  async (page) => {
    expectOnPage(await toldBy(projects, `importmap/${page}`))
  },
)

test('without headers that isolate a page, a worker has one thread and the same bits', async () => {
  const { worker } = await toldBy(join(projects, 'vite/out'), '', {})
  expect(worker).toMatchObject({ bits: portable, threads: 1 })
  expect(worker?.why.join('\n')).toContain('the page is not cross-origin isolated')
})

test('a module service worker has the same bits by regard/wasm', async () => {
  const answer = await onPage(join(projects, 'esbuild'), '', {}, (page) =>
    page.evaluate(async () => {
      const { installing } = await navigator.serviceWorker.register('out/service.js', {
        type: 'module',
      })
      const { port1, port2 } = new MessageChannel()
      installing?.postMessage('begin', [port2])
      return new Promise<unknown>((resolve) => {
        port1.onmessage = ({ data }) => resolve(data)
      })
    }),
  )
  expect(answer).toMatchObject({ bits: portable, threads: 1 })
})
