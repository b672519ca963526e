import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject } from 'vitest'

let browser: Browser
beforeAll(async () => {
  browser = await chromium.connect(inject('browser'))
})
afterAll(() => browser?.close())

/** A page that was opened, and what went wrong in it. */
export interface Opened {
  readonly page: Page
  /** Errors, refusals of the policy, and requests that left the page's own address. */
  readonly wrong: readonly string[]
}

/**
 * Opens the page with a state in its address, such as `view=look&lang=fr`; closed after `use`.
 *
 * Whatever the page does wrong while it is used fails the test.
 */
export const opened = <Result>(
  state: string,
  use: (page: Page) => Promise<Result>,
  options: BrowserContextOptions = {},
): Promise<Result> => openedAt(inject('address'), state, use, options)

/**
 * Opens the page at another address, such as that of a file, likewise.
 *
 * @param judge what is expected to be wrong: nothing unless told
 */
export async function openedAt<Result>(
  address: string,
  state: string,
  use: (page: Page) => Promise<Result>,
  options: BrowserContextOptions = {},
  judge: (wrong: readonly string[]) => void = (wrong) => expect(wrong).toEqual([]),
): Promise<Result> {
  const context = await browser.newContext({
    locale: 'en-GB',
    viewport: { width: 1280, height: 900 },
    ...options,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  const wrong: string[] = []
  page.on('pageerror', (error) => wrong.push(`error: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error') wrong.push(`console: ${message.text()}`)
  })
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(address) && !/^(blob|data):/.test(url)) wrong.push(`request: ${url}`)
  })
  try {
    await page.goto(`${address}#${state}`)
    await page.locator('.view').waitFor()
    const result = await use(page)
    judge(wrong)
    return result
  } finally {
    await context.close()
  }
}

/** The state that stands in the address. */
export const stateOf = (page: Page): string => new URL(page.url()).hash.slice(1)

/** The file that the page hands out while something is done: its name, its bytes and their text. */
export async function savedBy(
  page: Page,
  act: () => Promise<void>,
): Promise<{ name: string; bytes: Buffer; text: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'regard-'))
  try {
    const [download] = await Promise.all([page.waitForEvent('download'), act()])
    await download.saveAs(join(folder, 'saved'))
    const bytes = readFileSync(join(folder, 'saved'))
    return { name: download.suggestedFilename(), bytes, text: bytes.toString('utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
