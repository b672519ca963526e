import { unzipSync } from 'fflate'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { builtInQuiz, itemsOf, keyOf } from 'regard/internal'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { courseOf } from '../../src/cli/lab/course.ts'
import { pageFiles } from '../../src/cli/lab/page.ts'

/** Where the platform of these tests stands; nothing but what is answered here can be reached. */
const LMS = 'http://lms.test/'

/** A small learning platform of SCORM 1.2, which writes down every call. */
const API = `
window.calls = []
const values = { 'cmi.core.student_name': 'Lovelace, Ada', 'cmi.core.lesson_status': window.name || 'not attempted' }
const call = (name, answer) => (...given) => { window.calls.push([name, ...given]); return String(answer(...given)) }
window.API = {
  LMSInitialize: call('LMSInitialize', () => true),
  LMSGetValue: call('LMSGetValue', (name) => values[name] ?? ''),
  LMSSetValue: call('LMSSetValue', (name, value) => { if (location.hash === '#full') return false; values[name] = value; return true }),
  LMSCommit: call('LMSCommit', () => true),
  LMSFinish: call('LMSFinish', () => true),
}`

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
}

let files: Readonly<Record<string, Uint8Array>>
let context: BrowserContext
let close: () => Promise<void>
const wrong: string[] = []

beforeAll(async () => {
  files = unzipSync(courseOf(await pageFiles()))
  const browser = await chromium.connect(inject('browser'))
  close = () => browser.close()
  context = await browser.newContext({ locale: 'en-GB' })
  context.on('console', (message) => message.type() === 'error' && wrong.push(message.text()))
  await context.route('**/*', (route) => {
    const { pathname } = new URL(route.request().url())
    const contentType = TYPES[pathname.split('.').at(-1) ?? ''] ?? 'application/octet-stream'
    const file = files[pathname.replace('/course/', '')]
    if (file && route.request().url().startsWith(LMS))
      return route.fulfill({ body: Buffer.from(file), contentType })
    if (pathname === '/lms.js') return route.fulfill({ body: API, contentType: 'text/javascript' })
    return route.fulfill({ body: PAGES[pathname] ?? '', contentType: 'text/html' })
  })
})
afterAll(() => close?.())

const FRAME = '/course/index.html#view=quiz'
const PAGES: Readonly<Record<string, string>> = {
  '/frames.html': `<script src="/lms.js"></script><frameset cols="20%,80%"><frame src="/menu.html"><frame src="/inner.html"></frameset>`,
  '/inner.html': `<frameset><frame name="sco" src="${FRAME}"></frameset>`,
  '/opener.html': `<script src="/lms.js"></script><button onclick="window.open('${FRAME}', 'sco')">open</button>`,
  '/alone.html': `<iframe name="sco" src="${FRAME}"></iframe>`,
  '/menu.html': '',
}

/** What the platform was told so far. */
const callsOf = (page: Page): Promise<string[][]> => page.evaluate('calls') as Promise<string[][]>
const set = (calls: readonly string[][]): Record<string, string> =>
  Object.fromEntries(
    calls.flatMap(([call, name, value]) => (call === 'LMSSetValue' ? [[name, value]] : [])),
  )

/** Takes the quiz as a test: so many right, the rest wrong. */
async function taken(
  sco: Pick<Page, 'locator' | 'getByRole' | 'getByLabel'>,
  right: number,
): Promise<void> {
  const items = itemsOf(await builtInQuiz())
  await sco.getByRole('radio', { name: /test/i }).check()
  await sco.getByRole('button', { name: 'Begin', exact: true }).click()
  for (const [n, item] of items.entries()) {
    const ids =
      n < right || item.kind === 'numeric'
        ? keyOf(item)
        : [item.options.find((option) => !option.right)?.id ?? '']
    for (const id of Array.isArray(ids) ? ids : [])
      await sco.locator(`.question input[value="${id}"]`).check()
    await sco
      .getByRole('button', { name: n + 1 < items.length ? 'Next' : 'To the end' })
      .last()
      .click()
  }
  await sco.getByRole('button', { name: 'Hand in' }).click()
}

describe('the course in a learning platform', () => {
  test('in a frame within frames: begins, reads the name, reports name and score, ends', async () => {
    const page = await context.newPage()
    await page.goto(`${LMS}frames.html`)
    const sco =
      page.frame('sco') ??
      (await page.waitForEvent('frameattached', (frame) => frame.name() === 'sco'))
    expect(await sco.getByLabel('Your name').inputValue()).toBe('Ada Lovelace')
    expect(set(await callsOf(page))).toEqual({ 'cmi.core.lesson_status': 'incomplete' })
    await taken(sco as unknown as Page, 7)
    await sco.getByText('The learning platform has taken the result.').waitFor()
    const calls = await callsOf(page)
    expect(set(calls)).toEqual({
      'cmi.core.lesson_status': 'completed',
      'cmi.core.score.min': '0',
      'cmi.core.score.max': '100',
      'cmi.core.score.raw': '70',
      'cmi.suspend_data': '{"name":"Ada Lovelace","points":7,"of":10}',
    })
    expect(calls.filter(([call]) => call === 'LMSInitialize')).toEqual([['LMSInitialize', '']])
    expect([calls[0], calls.at(-1)]).toEqual([
      ['LMSInitialize', ''],
      ['LMSCommit', ''],
    ])
    await sco.evaluate("location.href = '/menu.html'")
    await page.waitForFunction("calls.at(-1)[0] === 'LMSFinish'")
    expect((await callsOf(page)).filter(([call]) => call === 'LMSFinish')).toEqual([
      ['LMSFinish', ''],
    ])
    await page.close()
  })

  test('in a window of its own: finds the platform in the one that opened it', async () => {
    const page = await context.newPage()
    await page.goto(`${LMS}opener.html`)
    const [sco] = await Promise.all([page.waitForEvent('popup'), page.getByRole('button').click()])
    expect(await sco.getByLabel('Your name').inputValue()).toBe('Ada Lovelace')
    await taken(sco, 10)
    await sco.getByText('The learning platform has taken the result.').waitFor()
    expect(set(await callsOf(page))).toMatchObject({
      'cmi.core.score.raw': '100',
      'cmi.core.lesson_status': 'completed',
    })
    await page.close()
  })

  test('a platform that takes nothing is told to the learner', async () => {
    const page = await context.newPage()
    await page.goto(`${LMS}frames.html#full`)
    const sco =
      page.frame('sco') ??
      (await page.waitForEvent('frameattached', (frame) => frame.name() === 'sco'))
    await sco.getByLabel('Your name').waitFor()
    await taken(sco as unknown as Page, 3)
    await sco.getByText('The learning platform did not take the result.').waitFor()
    await page.close()
  })

  test('what was completed before stays completed', async () => {
    const page = await context.newPage()
    await page.addInitScript("if (window === top) window.name = 'completed'")
    await page.goto(`${LMS}frames.html`)
    const sco =
      page.frame('sco') ??
      (await page.waitForEvent('frameattached', (frame) => frame.name() === 'sco'))
    expect(await sco.getByLabel('Your name').inputValue()).toBe('Ada Lovelace')
    expect(set(await callsOf(page))).toEqual({})
    await page.close()
  })

  test('in a frame without a platform nothing is missing', async () => {
    const page = await context.newPage()
    await page.goto(`${LMS}alone.html`)
    const sco =
      page.frame('sco') ??
      (await page.waitForEvent('frameattached', (frame) => frame.name() === 'sco'))
    expect(await sco.getByLabel('Your name').inputValue()).toBe('')
    await sco.getByLabel('Your name').fill('Ada')
    await taken(sco as unknown as Page, 2)
    await sco.getByText('Save the result').waitFor()
    expect(await sco.getByText('The learning platform').count()).toBe(0)
    await page.close()
  })

  test('nothing went wrong on the way', () => {
    expect(wrong).toEqual([])
  })
})
