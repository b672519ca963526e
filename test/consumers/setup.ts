import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import type { TestProject } from 'vitest/node'
import type { Answer } from './answer.ts'
import { npm, run } from './run.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the projects lie, away from the checkout, whose packages they would find. */
    stage: string
    /** What was packed. */
    tarball: string
    /** What the job gives in Node by the package that was packed. */
    bits: Readonly<Record<string, Answer['bits']>>
    /** Where the one browser of all tests listens. */
    browser: string
  }
}

const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update'
/** Projects of a bundled page: each gets the job, the page's script and its worker. */
const PAGES = [
  'esbuild',
  'webpack',
  'rollup',
  'vite',
  'parcel',
  'next-webpack',
  'next-turbopack',
  'sveltekit',
]
/** Projects without a bundled page: each gets the job. */
const JOBS = ['importmap', 'server', 'jest', 'workerd']

/** Copies the projects to where no other package is found. */
function staged(stage: string): void {
  const here = fileURLToPath(new URL('.', import.meta.url))
  cpSync(join(here, 'runtimes'), join(stage, 'runtimes'), { recursive: true })
  const [from, to] = [join(here, 'projects'), join(stage, 'projects')]
  cpSync(from, to, { recursive: true })
  for (const name of PAGES) {
    cpSync(join(from, name.replace(/-.*/, '')), join(to, name), { recursive: true })
    cpSync(join(from, 'shared'), join(to, name), { recursive: true })
  }
  for (const name of JOBS) cpSync(join(from, 'shared/job.js'), join(to, name, 'job.js'))
}

/**
 * What a user of npm does: the tools by their lock file, unless they are there, then the package.
 */
async function install(stage: string, tarball: string): Promise<void> {
  for (const name of ['runtimes', 'projects']) {
    if (!existsSync(join(stage, name, 'node_modules')))
      await npm(['ci', '--ignore-scripts'], join(stage, name))
  }
  await npm(['install', '--no-save', '--ignore-scripts', tarball], join(stage, 'projects'))
}

/** Packs the package as it is built, as it is published. */
async function pack(stage: string): Promise<string> {
  const script = fileURLToPath(new URL('../../scripts/pack.js', import.meta.url))
  const { stdout } = await run(process.execPath, [script, '--out', stage], stage)
  return stdout.trim().split('\n').at(-1) ?? ''
}

/** The bits of either arithmetic. */
async function bitsIn(stage: string): Promise<Record<string, Answer['bits']>> {
  const answers = ['auto', 'reference'].map(async (device) => {
    const { stdout } = await run(
      process.execPath,
      ['main.js', `${device}.safetensors`, device],
      join(stage, 'projects/server'),
    )
    const { arithmetic, bits } = JSON.parse(stdout)
    return [arithmetic, bits]
  })
  return Object.fromEntries(await Promise.all(answers))
}

/**
 * Packs and installs the package once, and starts one browser for all tests; CONSUMERS names a
 * folder that is kept for the next run.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const executablePath = process.env.CHROME_PATH
  if (!executablePath)
    throw new Error(
      'test/consumers: CHROME_PATH must name a Chromium; npm run test:consumers finds one',
    )
  const kept = process.env.CONSUMERS
  const stage = kept ?? mkdtempSync(join(tmpdir(), 'consumers-'))
  mkdirSync(stage, { recursive: true })
  staged(stage)
  const tarball = await pack(stage)
  await install(stage, tarball)
  project.provide('stage', stage)
  project.provide('tarball', tarball)
  project.provide('bits', await bitsIn(stage))
  const browser = await chromium.launchServer({ executablePath, args: FLAGS.split(' ') })
  project.provide('browser', browser.wsEndpoint())
  return async () => {
    await browser.close()
    if (!kept) rmSync(stage, { recursive: true })
  }
}
