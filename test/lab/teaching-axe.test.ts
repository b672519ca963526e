import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { barriers } from './barriers.ts'
import { opened } from './page.ts'

/** States of the three views, and how they are come by. */
const STATES: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  'word=3,6': async (page) => {
    await page.getByRole('button', { name: 'Learn', exact: true }).click()
    await page.getByText(/Step \d+0 of/).waitFor()
    await page.getByRole('button', { name: 'Stop here' }).click()
    await page.getByRole('button', { name: 'Ask it' }).waitFor({ timeout: 60_000 })
  },
  'view=learn': async (page) => {
    await page.getByRole('button', { name: 'Ten steps' }).click()
    await page.getByText('It waits.').waitFor()
    await page.getByRole('button', { name: 'Keep what there is' }).click()
    await page.locator('.hash').waitFor({ timeout: 60_000 })
  },
  'view=learn&corpus=own': async () => {},
  'view=ask': async () => {},
  'view=quiz': async () => {},
  'view=quiz&item=3': async (page) => {
    await page.locator('.question input').nth(1).check()
    await page.getByRole('button', { name: 'Check' }).click()
    await page.locator('.proof p').first().waitFor()
  },
  'view=needle&item=5': async (page) => {
    await page.locator('.strip').waitFor()
  },
  'view=quiz&item=10': async (page) => {
    await page.getByRole('button', { name: 'To the end' }).last().click()
    await page.getByLabel('Your name').fill('Ada')
    await page.getByRole('button', { name: 'Hand in' }).click()
    await page.getByText('Score: 0 of 10').waitFor()
  },
}

describe.each(['light', 'dark'] as const)(
  'axe-core finds nothing wrong in %s colours',
  (colorScheme) => {
    test.each([1280, 360])(
      '%i pixels wide',
      async (width) => {
        for (const [state, reach] of Object.entries(STATES)) {
          const found = await opened(
            state,
            async (page) => {
              await reach(page)
              const overflow = await page.evaluate(
                () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
              )
              return [
                ...(await barriers(page)),
                ...(overflow > 0 ? [`${overflow} pixels too wide`] : []),
              ]
            },
            { viewport: { width, height: 800 }, colorScheme, bypassCSP: true },
          )
          expect(found, state).toEqual([])
        }
      },
      180_000,
    )
  },
)
