import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { build } from 'vite'
import type { TestProject } from 'vitest/node'
import { pageFiles } from '../../src/cli/lab/page.ts'
import { serve } from '../../src/cli/lab/server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the page is served, under its own strict policy. */
    address: string
    /** Where the one browser of all tests listens. */
    browser: string
  }
}

const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update'

/** Builds the page once as it is published, serves it as the command does, and starts one browser for all tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const executablePath = process.env.CHROME_PATH
  if (!executablePath)
    throw new Error('test/lab: CHROME_PATH must name a Chromium; npm run test:browser finds one')
  const root = fileURLToPath(new URL('../../lab', import.meta.url))
  // vitest says «test», by which scripts would name the files that they were made from
  const { NODE_ENV } = process.env
  process.env.NODE_ENV = 'production'
  await build({ root, logLevel: 'error' })
  process.env.NODE_ENV = NODE_ENV
  const site = await serve(await pageFiles(), 0)
  const browser = await chromium.launchServer({ executablePath, args: FLAGS.split(' ') })
  project.provide('address', site.address)
  project.provide('browser', browser.wsEndpoint())
  return async () => {
    await browser.close()
    await site.close()
  }
}
