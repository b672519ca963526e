import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, inject } from 'vitest'
import type { Answer } from './answer.ts'
import { ISOLATED, serve } from './site.ts'

/** What the job answered on a page, and in a worker of it where there is one. */
interface Answers {
  readonly page: Answer
  readonly worker?: Answer
}

declare global {
  /** Set by the pages of the projects. */
  var answers: Promise<Answers>
}

let browser: Browser
beforeAll(async () => {
  browser = await chromium.connect(inject('browser'))
})
afterAll(() => browser?.close())

export interface Told extends Answers {
  /** What the job answered on the server, where the page has that. */
  readonly server: Answer | undefined
  /** Warnings and errors of the console, and files that were not there. */
  readonly complaints: readonly string[]
}

/** Serves a folder and opens a page of it, until `use` is done. */
export async function onPage<Result>(
  folder: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  use: (page: Page, complaints: readonly string[]) => Promise<Result>,
): Promise<Result> {
  const site = await serve(folder, headers)
  const page = await browser.newPage()
  page.setDefaultTimeout(120_000)
  const complaints: string[] = []
  page.on('pageerror', ({ message }) => complaints.push(`error: ${message}`))
  page.on('console', (message) => {
    if (message.type() !== 'log' && message.type() !== 'info')
      complaints.push(`${message.type()}: ${message.text()}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`)
  })
  try {
    await page.goto(site.address + path)
    return await use(page, complaints)
  } finally {
    await page.close()
    site.close()
  }
}

/** What the job answers on a page. */
export const toldBy = (
  folder: string,
  path = '',
  headers: Readonly<Record<string, string>> = ISOLATED,
): Promise<Told> =>
  onPage(folder, path, headers, async (page, complaints) => {
    await page.waitForFunction(() => 'answers' in globalThis)
    const answers = await page.evaluate(() => globalThis.answers)
    const server = page.locator('#server')
    return {
      ...answers,
      server: (await server.count()) ? JSON.parse(await server.innerText()) : undefined,
      complaints,
    }
  })
