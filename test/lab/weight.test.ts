import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { expect, inject, test } from 'vitest'
import { pageFiles } from '../../src/cli/lab/page.ts'
import { openedAt } from './page.ts'

/** Script that a first view may have, gzipped, before any model. */
const MOST = 120_000

/** Scripts that an address loads until the view is there, gzipped: their bytes by name. */
async function scriptsOf(state: string): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  const bodies: Promise<void>[] = []
  await openedAt(inject('address'), 'lang=en', async (page) => {
    page.on('response', (response) => {
      const url = response.url()
      if (url.endsWith('.js'))
        bodies.push(
          response
            .body()
            .then(
              (body) => void found.set(new URL(url).pathname, gzipSync(body, { level: 9 }).length),
            ),
        )
    })
    await page.goto('about:blank')
    await page.goto(`${inject('address')}#${state}`)
    await page.locator('.view').waitFor()
    await page.waitForLoadState('networkidle')
    await Promise.all(bodies)
  })
  return found
}

test.each(['', 'view=needle', 'view=quiz', 'view=learn'])(
  'the first view «%s» loads at most 120 kB of script, gzipped',
  async (state) => {
    const scripts = await scriptsOf(state)
    const sum = [...scripts.values()].reduce((all, one) => all + one, 0)
    console.log(`weight of «${state}»: ${sum} bytes of script gzipped, in ${scripts.size} files`)
    expect(scripts.size).toBeGreaterThan(2)
    expect(sum).toBeLessThanOrEqual(MOST)
  },
)

test('the page is tested as it is published: no script names the file that it was made from', async () => {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const files = [...(await pageFiles())].filter(([name]) => name.endsWith('.js'))
  expect(files.length).toBeGreaterThan(10)
  const texts = files.map(([name, bytes]) => ({ name, text: Buffer.from(bytes).toString() }))
  expect(texts.filter(({ text }) => text.includes(root)).map(({ name }) => name)).toEqual([])
})
