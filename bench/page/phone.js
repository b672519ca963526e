import { chromium } from 'playwright-core'
import { findBrowser } from '../../scripts/browser.js'

// A phone as Chrome's own tools emulate one: a processor four times slower, and where it is asked
// for a slow 4G network.

const CPU = 4
/**
 * Slow 4G of Chrome's tools: 1.6 Mbit/s down, 750 kbit/s up, with what is lost on the way, and 150
 * ms there and back for each request's several turns.
 */
const SLOW_4G = {
  offline: false,
  latency: 562.5,
  downloadThroughput: (1.6e6 * 0.9) / 8,
  uploadThroughput: (750e3 * 0.9) / 8,
}
const PHONE = {
  viewport: { width: 360, height: 740 },
  deviceScaleFactor: 3,
  isMobile: true,
  hasTouch: true,
  locale: 'en-GB',
}

/** Starts the browser. @throws {Error} where there is none */
export function launch() {
  const executablePath = findBrowser()
  if (!executablePath)
    throw new Error('bench: no Chromium found; install one or name it in CHROME_PATH')
  return chromium.launch({ executablePath, args: ['--no-sandbox'] })
}

/**
 * Lets a page be used that has nothing kept and is as slow as a phone; closed after it.
 *
 * @param before done in the page before any script of its own
 */
export async function onPhone(browser, { slowNetwork = false, before } = {}, use) {
  const context = await browser.newContext(PHONE)
  const page = await context.newPage()
  const chrome = await context.newCDPSession(page)
  if (before) await page.addInitScript(before)
  await chrome.send('Network.enable')
  if (slowNetwork) await chrome.send('Network.emulateNetworkConditions', SLOW_4G)
  await chrome.send('Emulation.setCPUThrottlingRate', { rate: CPU })
  try {
    return await use(page, chrome)
  } finally {
    await context.close()
  }
}

/** The middle one of some numbers. */
export const middle = (values) => [...values].sort((a, b) => a - b)[values.length >> 1]
