import { gzipSync } from 'node:zlib'
import { chromium } from 'playwright-core'
import { pageFiles } from '../dist/cli/lab-page.js'
import { serve } from '../dist/cli/lab-server.js'
import { findBrowser } from '../scripts/browser.js'

// How soon a phone can touch the page: from the address to a word that answers to a tap. `node bench/page.js` after `npm run build`;
// a processor four times slower and a slow 4G network, as Chrome's own tools emulate them.

const RUNS = 5
const CPU = 4
/** Slow 4G of Chrome's tools: 1.6 Mbit/s down, 750 kbit/s up, with what is lost on the way, and 150 ms there and back for each request's several turns. */
const SLOW_4G = { offline: false, latency: 562.5, downloadThroughput: (1.6e6 * 0.9) / 8, uploadThroughput: (750e3 * 0.9) / 8 }

const PHONE = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 3, isMobile: true, hasTouch: true, locale: 'en-GB' }

/** One visit with nothing kept. Milliseconds until something is drawn, until a tap is answered, and the longest task. */
async function visit(browser, address) {
  const context = await browser.newContext(PHONE)
  const page = await context.newPage()
  const chrome = await context.newCDPSession(page)
  await chrome.send('Network.enable')
  await chrome.send('Network.emulateNetworkConditions', SLOW_4G)
  await chrome.send('Emulation.setCPUThrottlingRate', { rate: CPU })
  await page.addInitScript(watch)
  let script = 0
  page.on('response', async (response) => {
    if (response.url().endsWith('.js')) script += gzipSync(await response.body()).length
  })
  await page.goto(address)
  await page.waitForFunction(() => window.touched > 0)
  const found = await page.evaluate(() => ({ touch: window.touched, paint: window.painted, task: window.longest }))
  await context.close()
  return { ...found, script }
}

/** In the page: taps as soon as there is something to tap, and takes the time when it is answered on screen. */
function watch() {
  window.longest = 0
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration)
  }).observe({ type: 'longtask', buffered: true })
  new PerformanceObserver((list) => {
    window.painted = list.getEntries().at(-1).startTime
  }).observe({ type: 'paint', buffered: true })
  const look = () => {
    const word = document.querySelectorAll('.word-column button, button.word-column')[5]
    if (!word) return requestAnimationFrame(look)
    word.click()
    requestAnimationFrame(() => {
      const answered = location.hash.includes('word=')
      if (answered) window.touched = performance.now()
      else requestAnimationFrame(look)
    })
  }
  requestAnimationFrame(look)
}

const middle = (values) => values.sort((a, b) => a - b)[values.length >> 1]

const executablePath = findBrowser()
if (!executablePath) throw new Error('bench: no Chromium found; install one or name it in CHROME_PATH')
const site = await serve(await pageFiles(), 0)
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
const visits = []
for (let run = 0; run < RUNS; run++) visits.push(await visit(browser, site.address))
const of = (name) => visits.map((one) => one[name])
const seconds = (name) =>
  `${(middle(of(name)) / 1000).toFixed(2)} s (${of(name)
    .map((ms) => (ms / 1000).toFixed(2))
    .join(', ')})`
console.log(`first paint ${seconds('paint')}`)
console.log(`first touch ${seconds('touch')}`)
console.log(`longest task ${middle(of('task')).toFixed(0)} ms, script ${(visits[0].script / 1000).toFixed(1)} kB gzipped`)
await browser.close()
await site.close()
