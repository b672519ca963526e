import type { OutgoingHttpHeaders } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Fingerprints, fingerprints } from './fingerprints.ts'
import { bundle, type Files, FLAGS, serve } from './site.ts'

const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}
const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'"

let browser: Browser
let files: Files
let inNode: Fingerprints

beforeAll(async () => {
  const executablePath = process.env.CHROME_PATH
  if (!executablePath)
    throw new Error(
      'test/browser: CHROME_PATH must name a Chromium; npm run test:browser finds one',
    )
  // fused arithmetic, which Chromium has by itself
  if (process.versions.v8.startsWith('11.')) setFlagsFromString('--experimental-wasm-relaxed-simd')
  ;[browser, files, inNode] = await Promise.all([
    chromium.launch({ executablePath, args: FLAGS }),
    bundle(),
    fingerprints(2),
  ])
})
afterAll(() => browser?.close())

/**
 * What a page that is served with these headers computes, in a worker of its own or on its main
 * thread.
 */
async function inChromium(
  place: 'onPage' | 'inWorker',
  headers: OutgoingHttpHeaders,
): Promise<Fingerprints> {
  const site = await serve(files, headers)
  const page = await browser.newPage()
  try {
    await page.goto(site.address)
    await page.waitForFunction(() => 'compute' in globalThis)
    return await page.evaluate((where) => globalThis.compute[where](2), place)
  } finally {
    await page.close()
    site.close()
  }
}

const places = [
  {
    where: 'a worker of an isolated page',
    run: () => inChromium('inWorker', ISOLATED),
    threads: 2,
    why: '2 threads over one memory',
  },
  {
    where: 'a worker of a page under a strict content security policy',
    run: () =>
      inChromium('inWorker', {
        ...ISOLATED,
        'Content-Security-Policy': `${STRICT}; worker-src 'self' blob:`,
      }),
    threads: 2,
    why: '2 threads over one memory',
  },
  {
    where: 'a page whose policy refuses blob: workers',
    run: () =>
      inChromium('inWorker', {
        ...ISOLATED,
        'Content-Security-Policy': `${STRICT}; worker-src 'self'`,
      }),
    threads: 1,
    why: 'helpers could not be started',
  },
  {
    where: 'a worker of a page without special headers',
    run: () => inChromium('inWorker', {}),
    threads: 1,
    why: 'the page is not cross-origin isolated',
  },
  {
    where: 'the main thread of an isolated page',
    run: () => inChromium('onPage', ISOLATED),
    threads: 1,
    why: "it is the page's main thread",
  },
]

describe.each(places)('in $where', ({ run, threads, why }) => {
  let found: Fingerprints
  beforeAll(async () => {
    found = await run()
  })

  test('the device has the threads that it can have, and says why', () => {
    expect(found.threads).toBe(threads)
    expect(found.why.join('\n')).toContain(why)
  })

  test('everything has the bits that it has in Node', () => {
    expect(found.bits).toEqual(inNode.bits)
  })
})
