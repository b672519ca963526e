import { gzipSync } from 'node:zlib'
import { middle, onPhone } from './phone.js'

// How soon a phone can touch the page: from the address to a word that answers to a tap, and what
// script that takes.

const RUNS = 5

/**
 * In the page: taps as soon as there is something to tap, and takes the time when the answer has
 * been drawn.
 */
function watch() {
  window.longest = 0
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries())
      window.longest = Math.max(window.longest, duration)
  }).observe({ type: 'longtask', buffered: true })
  new PerformanceObserver((list) => {
    window.painted = list.getEntries().at(-1).startTime
  }).observe({ type: 'paint', buffered: true })
  const word = () => document.querySelectorAll('.word-column')[5]
  const answered = () => {
    if (word()?.getAttribute('aria-pressed') !== 'true') return requestAnimationFrame(answered)
    // the frame after this one shows it
    requestAnimationFrame(() => {
      window.touched = performance.now()
    })
  }
  const look = () => {
    if (!word()) return requestAnimationFrame(look)
    word().click()
    requestAnimationFrame(answered)
  }
  requestAnimationFrame(look)
}

/**
 * One visit with nothing kept: milliseconds until something is drawn and until a tap is answered,
 * the longest task, bytes of script.
 */
function visit(browser, address) {
  return onPhone(browser, { slowNetwork: true, before: watch }, async (page) => {
    const scripts = []
    page.on('response', (response) => {
      if (response.url().endsWith('.js'))
        scripts.push(response.body().then((body) => gzipSync(body, { level: 9 }).length))
    })
    await page.goto(address)
    await page.waitForFunction(() => window.touched > 0)
    const found = await page.evaluate(() => ({
      touch: window.touched,
      paint: window.painted,
      task: window.longest,
    }))
    return { ...found, script: (await Promise.all(scripts)).reduce((sum, bytes) => sum + bytes, 0) }
  })
}

const seconds = (values) =>
  `${(middle(values) / 1000).toFixed(2)} s, worst ${(Math.max(...values) / 1000).toFixed(2)}`

/** First paint and first touch of some visits. */
export async function touch(browser, address, print) {
  const visits = []
  for (let run = 0; run < RUNS; run++) visits.push(await visit(browser, address))
  const of = (name) => visits.map((one) => one[name])
  print(`first paint: ${seconds(of('paint'))}`)
  print(`first touch: ${seconds(of('touch'))}`)
  print(
    `script before it: ${(middle(of('script')) / 1000).toFixed(1)} kB gzipped; longest task ${middle(of('task')).toFixed(0)} ms`,
  )
}
