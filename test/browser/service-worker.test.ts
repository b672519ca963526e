import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDevice } from '../../src/device/open.ts'
import { kernelFingerprints } from './kernel-fingerprints.ts'
import type { Served } from './service.ts'
import { job } from './service-job.js'
import { bundle, type Files, FLAGS, serve } from './site.ts'

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url))
const PAGE = '<!doctype html><html lang="en"><title>regard</title></html>'
const JOB = readFileSync(new URL('service-job.js', import.meta.url), 'utf8')

/** Files of the package as they are, and a worker that imports them. */
const UNBUNDLED = `
import * as regard from '/regard/index.js'
import { openDevice } from '/regard/wasm.js'
import { job } from '/job.js'

addEventListener('message', async ({ ports }) => {
  const kernels = await WebAssembly.compileStreaming(fetch('/regard/wasm/portable-unshared.wasm'))
  const [own, given, reference] = [await openDevice(), await openDevice({ kernels, threads: 2 }), await openDevice({ device: 'reference' })]
  const bits = [await job(regard, own), await job(regard, given), await job(regard, reference)]
  const refusal = await regard.openDevice({ device: 'reference' }).then(() => 'opened', ({ message }) => message)
  ports[0].postMessage({ why: given.why, bits, refusal })
})
`

function unbundled(): Files {
  const files = new Map<string, { type: string; text: string | Buffer }>([
    ['/', { type: 'text/html', text: PAGE }],
    ['/service.js', { type: 'text/javascript', text: UNBUNDLED }],
    ['/job.js', { type: 'text/javascript', text: JOB }],
  ])
  for (const path of readdirSync(DIST, { recursive: true, encoding: 'utf8' }).map((file) =>
    file.replaceAll('\\', '/'),
  )) {
    if (/^(?!cli\/|lab\/).*\.(js|wasm)$/.test(path))
      files.set(`/regard/${path}`, {
        type: path.endsWith('.js') ? 'text/javascript' : 'application/wasm',
        text: readFileSync(DIST + path),
      })
  }
  return files
}

let browser: Browser

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: process.env.CHROME_PATH ?? '', args: FLAGS })
})
afterAll(() => browser?.close())

/** What the site's module service worker answers. */
async function inServiceWorker(files: Files): Promise<Served> {
  const site = await serve(files, {})
  const page = await browser.newPage()
  try {
    await page.goto(site.address)
    return await page.evaluate(async () => {
      await navigator.serviceWorker.register('/service.js', { type: 'module' })
      const { active } = await navigator.serviceWorker.ready
      const { port1, port2 } = new MessageChannel()
      const answer = new Promise<Served>((resolve) => {
        port1.onmessage = ({ data }) => resolve(data)
      })
      active?.postMessage('begin', [port2])
      return answer
    })
  } finally {
    await page.close()
    site.close()
  }
}

describe.each([
  {
    what: 'one bundled file',
    files: async () =>
      new Map([...(await bundle(['service'])), ['/', { type: 'text/html', text: PAGE }]]),
    bits: bitsOfKernels,
  },
  { what: 'files of the package as they are', files: unbundled, bits: bitsOfJob },
])('in a module service worker of $what', ({ files, bits }) => {
  let found: Served
  beforeAll(async () => {
    found = await inServiceWorker(await files())
  })

  test('regard/wasm opens the devices, with the bits that they have in Node', async () => {
    expect(found.bits).toEqual(await bits())
  })

  test('why says what is so', () => {
    expect(found.why.join('\n')).toContain(
      'WebAssembly with vectors of 128 bits, portable arithmetic',
    )
    expect(found.why.join('\n')).toContain(
      'no other thread can be started here: there are no workers, as in a service worker',
    )
  })

  test('a device that is opened by import() is refused, with the door to take', () => {
    expect(found.refusal).toMatch(
      /^openDevice: import\(\) fails here \(.*ServiceWorker.*\); import it from regard\/wasm, which needs none$/,
    )
  })
})

async function bitsOfKernels() {
  const device = await openDevice({ device: 'wasm', threads: 1 })
  return kernelFingerprints(device)
}

async function bitsOfJob() {
  const regard = await import(pathToFileURL(`${DIST}index.js`).href)
  const bits = []
  for (const device of ['wasm', 'wasm', 'reference'])
    bits.push(await job(regard, await regard.openDevice({ device })))
  return bits
}
