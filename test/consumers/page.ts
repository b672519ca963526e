import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, inject } from 'vitest'
import type { Answer } from './answer.ts'
import { ISOLATED, serve } from './site.ts'

declare global {
  /** Set by the pages of the projects. */
  var answers: Promise<Readonly<Record<'page' | 'worker', Answer>>>
}

let browser: Browser
beforeAll(async () => {
  browser = await chromium.connect(inject('browser'))
})
afterAll(() => browser?.close())

/** What a page told. */
export interface Told {
  readonly answers: Readonly<Record<'page' | 'worker', Answer>>
  /** What the job answered on the server, where the page has that. */
  readonly server: Answer | undefined
  /** Warnings and errors of the console, and files that were not there. */
  readonly complaints: readonly string[]
}

/** Serves a folder, opens a page of it, and waits for what the job answers there. */
export async function toldBy(folder: string, address = '', headers: Readonly<Record<string, string>> = ISOLATED): Promise<Told> {
  const site = await serve(folder, headers)
  const page = await browser.newPage()
  page.setDefaultTimeout(120_000)
  const complaints: string[] = []
  page.on('pageerror', ({ message }) => complaints.push(`error: ${message}`))
  page.on('console', (message) => {
    if (message.type() !== 'log' && message.type() !== 'info') complaints.push(`${message.type()}: ${message.text()}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`)
  })
  try {
    await page.goto(site.address + address)
    await page.waitForFunction(() => 'answers' in globalThis)
    const answers = await page.evaluate(() => globalThis.answers)
    const server = page.locator('#server')
    return { answers, server: (await server.count()) ? JSON.parse(await server.innerText()) : undefined, complaints }
  } finally {
    await page.close()
    site.close()
  }
}
