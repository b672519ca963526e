import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Files, FLAGS, serve } from './site.ts'

const textOf = (path: string): string =>
  readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const [EXAMPLE] = Array.from(
  textOf('docs/runtimes.md').matchAll(/^```html\n(<!doctype html>[\s\S]*?)^```/gm),
  ([, page]) => page,
)
const SAID = /^ *\/\/ ([\d. ]+)$/m.exec(EXAMPLE)?.[1]

/** What a page and its worker do: the job of the projects that consume the package. */
const JOB = textOf('test/consumers/projects/shared/job.js')
const PAGE = EXAMPLE.replace(
  /import \{.*[\s\S]*?<\/script>/,
  "import { job } from './job.js'; globalThis.job = job</script>",
)
const WORKER = "import { openDevice } from './regard.js'\nimport { job } from './worker-job.js'\n"
const OPEN = "job('model', () => openDevice({ threads: 2 })).then(postMessage)"
const inWorker = JOB.replace("'regard'", "'./regard.js'")

const script = (text: string) => ({ type: 'text/javascript', text })
const files: Files = new Map([
  ['/', { type: 'text/html', text: EXAMPLE }],
  ['/job.html', { type: 'text/html', text: PAGE }],
  ['/regard.js', script(textOf('dist/bundle/regard.js'))],
  ['/job.js', script(JOB)],
  ['/worker.js', script(WORKER + OPEN)],
  ['/worker-job.js', script(inWorker)],
])
const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

interface Answer {
  readonly bits: Readonly<Record<string, string>>
  readonly threads: number
  readonly why: readonly string[]
}

let browser: Browser
let inNode: Answer
beforeAll(async () => {
  const executablePath = process.env.CHROME_PATH
  if (!executablePath)
    throw new Error(
      'test/browser: CHROME_PATH must name a Chromium; npm run test:browser finds one',
    )
  const folder = mkdtempSync(join(tmpdir(), 'regard-bundle-'))
  const index = new URL('../../dist/index.js', import.meta.url).href
  writeFileSync(join(folder, 'job.mjs'), JOB.replace("'regard'", `'${index}'`))
  const { job } = await import(pathToFileURL(join(folder, 'job.mjs')).href)
  inNode = await job(join(folder, 'model.safetensors'))
  rmSync(folder, { recursive: true })
  browser = await chromium.launch({ executablePath, args: FLAGS })
})
afterAll(() => browser?.close())

/** Opens a page; what it asked the host for, and what its console complained of, are kept. */
async function onPage<Result>(
  path: string,
  headers: Readonly<Record<string, string>>,
  use: (page: Page, asked: readonly string[]) => Promise<Result>,
): Promise<Result> {
  const site = await serve(files, headers)
  const page = await browser.newPage()
  const [asked, complaints]: string[][] = [[], []]
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  page.on('pageerror', ({ message }) => complaints.push(message))
  page.on('console', (message) => complaints.push(message.text()))
  try {
    await page.goto(site.address + path)
    const result = await use(page, asked)
    expect(complaints).toEqual([])
    return result
  } finally {
    await page.close()
    site.close()
  }
}

test('the page of docs/runtimes.md shows what it says, and asks for one script', () =>
  onPage('', {}, async (page, asked) => {
    await page.waitForFunction(() => document.querySelector('pre')?.textContent)
    expect(await page.locator('pre').innerText()).toBe(SAID)
    expect(asked.filter((path) => /^\/./.test(path))).toEqual(['/regard.js'])
  }))

test.each([
  ['isolated', ISOLATED, 2],
  ['without headers', {}, 1],
] as const)('a page that is %s, and its worker, have the bits of Node', (_name, headers, threads) =>
  onPage('job.html', headers, async (page) => {
    await page.waitForFunction(() => 'job' in globalThis)
    const onThread = await page.evaluate<Answer>('job("model")')
    expect.soft(onThread).toMatchObject({ bits: inNode.bits, threads: 1 })
    const answer = await page.evaluate<Answer>(
      `new Promise((resolve, reject) => {
          const worker = new Worker('./worker.js', { type: 'module' })
          worker.onmessage = ({ data }) => resolve(data)
          worker.onerror = ({ message }) => reject(new Error(message))
        })`,
    )
    expect(answer).toMatchObject({ bits: inNode.bits, threads })
  }),
)
