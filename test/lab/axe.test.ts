import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { viewNames } from '../../lab/view.ts'
import { barriers } from './barriers.ts'
import { opened } from './page.ts'

/** Opens every part of the page that is folded. */
async function unfold(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true
  })
  await page.locator('.export').waitFor()
}

/** Beside the views as they open: states in which they look different. */
const states = [
  ...viewNames.map((name) => `view=${name}`),
  'word=3,6&as=grid&position=sinusoidal',
  'as=table&lang=fr',
  'view=compute&key=5',
  'view=compute&stage=projections&heads=2',
  'view=order&all&order=6,3,1,5,4,2',
  'source=learned&seed=-1',
  'view=quiz&quiz=extended&item=1',
]

describe.each(states)('the page at «%s»', (state) => {
  test.each([360, 1280])('has no barrier at %i px, light or dark', async (width) => {
    const options = { viewport: { width, height: 800 }, bypassCSP: true }
    const found = await opened(
      state,
      async (page) => {
        await unfold(page)
        const light = await barriers(page)
        await page.emulateMedia({ colorScheme: 'dark' })
        return [...light, ...(await barriers(page))]
      },
      options,
    )
    expect(found).toEqual([])
  })
})
