import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { build, preview } from 'vite'
import { findBrowser } from './browser.js'

// The page as it looks: every view in both themes and at two widths, as PNG in docs/lab/ or the
// folder that is named.

/** What is learned in the page, to its end. */
const LEARNED = ['.view.learn .button.main', '.hash']

/** Names of pictures and the state in the address; `steps` are clicks on the way, by selector. */
const PICTURES = {
  look: { state: 'word=3,6' },
  positions: { state: 'word=3,6&position=sinusoidal&as=grid&lang=fr' },
  learned: {
    state: 'word=3,6',
    steps: ['.view.look .button.main', 'input[name=source][value=learned]'],
  },
  needle: { state: 'view=needle' },
  compute: { state: 'view=compute' },
  collision: { state: 'view=compute&key=5' },
  order: { state: 'view=order&order=6,3,1,5,4,2&all' },
  learn: { state: 'view=learn', steps: LEARNED },
  apprendre: { state: 'view=learn&lang=fr&corpus=own', steps: [] },
  ask: {
    state: 'view=learn',
    steps: [...LEARNED, '.model-card p.row .button:nth-child(2)', '.ranking'],
  },
  hand: { state: 'view=ask&lang=fr', steps: ['.tries .button:nth-of-type(1)'] },
  begin: { state: 'view=quiz&lang=fr' },
  quiz: {
    state: 'view=quiz&item=2',
    steps: [
      '.options li:nth-child(2) input',
      '.question button[type=submit]',
      '.proof p',
      '.question .row .plain',
    ],
  },
  number: { state: 'view=quiz&quiz=extended&item=6' },
  counts: { state: 'view=order&order=6,3,1,5,4,2&all&position=sinusoidal&lang=fr' },
}
const WIDTHS = { wide: 1280, narrow: 360 }

const root = fileURLToPath(new URL('../lab', import.meta.url))
const folder = process.argv[2] ?? fileURLToPath(new URL('../docs/lab', import.meta.url))
const only = process.argv.slice(3)

/** One picture of one state. */
async function shoot(browser, address, name, { state, steps = [] }, theme, size) {
  const page = await browser.newPage({
    viewport: { width: WIDTHS[size], height: 800 },
    colorScheme: theme,
    locale: 'en-GB',
  })
  await page.goto(`${address}#${state}`)
  await page.locator('.view').waitFor()
  for (const step of steps) await page.locator(step).first().click({ timeout: 60_000 })
  await page.waitForTimeout(name === 'order' || name === 'counts' ? 1500 : 250)
  await page.screenshot({ path: `${folder}/${name}-${size}-${theme}.png`, fullPage: true })
  await page.close()
}

const executablePath = findBrowser()
if (!executablePath)
  throw new Error('screenshots: no Chromium found; install one or name it in CHROME_PATH')
mkdirSync(folder, { recursive: true })
await build({ root })
const site = await preview({ root, preview: { host: '127.0.0.1', port: 0 } })
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
for (const [name, picture] of Object.entries(PICTURES)) {
  if (only.length && !only.includes(name)) continue
  for (const theme of ['light', 'dark']) {
    for (const size of Object.keys(WIDTHS))
      await shoot(browser, site.resolvedUrls.local[0], name, picture, theme, size)
  }
}
await browser.close()
await site.close()
