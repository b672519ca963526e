// regard beside its peers in headless Chromium, on the same work: node bench/peers/browser.js, with
// the options of node.js.
//
// CHROME_PATH names a Chromium that is not in its usual place. A browser for each peer and shape;
// everything runs in a worker of a cross-origin isolated page, so that threads can share memory.
// Native peers do not run there.
import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { findBrowser } from '../../scripts/browser.js'
import { compare } from './compare.js'
import { readOptions } from './options.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}
const TYPES = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' }
const PAGE = '<!doctype html><html lang="en"><title>peers</title></html>'
const FLAGS =
  '--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update'

/**
 * Serves this repository on this machine alone, a page at /, and at /work what the next job works
 * on.
 */
async function serve(current) {
  const server = createServer(({ url }, response) => {
    const path = normalize(decodeURIComponent(url.split('?')[0]))
    const reply = (status, type) =>
      response.writeHead(status, { ...ISOLATED, 'Content-Type': type, 'Cache-Control': 'no-store' })
    if (path === '/') return reply(200, 'text/html').end(PAGE)
    if (path === '/work') return reply(200, 'application/octet-stream').end(current.work)
    const file = join(ROOT, path)
    if (!existsSync(file) || !statSync(file).isFile()) return reply(404, 'text/plain').end()
    createReadStream(file).pipe(reply(200, TYPES[extname(file)] ?? 'application/octet-stream'))
  })
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  return { server, address: `http://127.0.0.1:${server.address().port}/` }
}

const launch = (executablePath) => chromium.launch({ executablePath, args: FLAGS.split(' ') })

/** Gives the job to a worker of a page in a browser of its own. */
function inPage({ limit }, executablePath, current, address) {
  return async ({ work, relaxed: _relaxed, ...job }) => {
    current.work = work
    const browser = await launch(executablePath)
    const timer = setTimeout(() => browser.close(), 1000 * limit)
    try {
      const page = await browser.newPage()
      await page.goto(address)
      return await page.evaluate(askWorker, job)
    } catch (error) {
      return { why: `${error.message.split('\n')[0]}, after ${limit} s at most` }
    } finally {
      clearTimeout(timer)
      await browser.close()
    }
  }
}

/** Runs in the page. */
function askWorker(job) {
  return new Promise((resolve) => {
    const worker = new Worker('/bench/peers/worker.js', { type: 'module' })
    worker.onmessage = ({ data }) => resolve(data)
    worker.onerror = ({ message }) => resolve({ why: message || 'its worker does not start' })
    worker.postMessage(job)
  })
}

async function versionOf(executablePath) {
  const browser = await launch(executablePath)
  const version = browser.version()
  await browser.close()
  return version
}

const options = readOptions()
const executablePath = findBrowser()
if (!executablePath)
  throw new Error('no Chromium found: install one or name it, CHROME_PATH=/path/to/chromium')
const current = {}
const { server, address } = await serve(current)
const place = {
  name: `Chromium ${await versionOf(executablePath)}`,
  obstacle: ({ native }) => (native ? 'does not run in a browser' : undefined),
}
try {
  await compare(options, place, inPage(options, executablePath, current, address))
} finally {
  server.close()
}
