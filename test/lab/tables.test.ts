import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { viewNames } from '../../lab/view.ts'
import { opened } from './page.ts'

/** What is done on a view until its pictures are there. */
const FIRST: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  learn: async (page) => {
    await page.getByRole('button', { name: 'Ten steps' }).click()
    await page.getByText('It waits.').waitFor()
  },
  order: async (page) => {
    await page.getByRole('button', { name: 'Try all' }).click()
    await page.getByText('720 orders:').waitFor()
  },
}

/** Pictures that one table tells: both curves stand in one. */
const SHARED: Readonly<Record<string, number>> = { learn: 1 }

test.each(viewNames)(
  'there is a table behind every picture of %s, with numbers in it',
  async (name) => {
    await opened(`view=${name}`, async (page) => {
      await FIRST[name]?.(page)
      const pictures = await page.locator('.view svg[role=img]').count()
      const tables = page.locator('.view .behind')
      expect(await tables.count()).toBeGreaterThanOrEqual(pictures - (SHARED[name] ?? 0))
      for (const table of await tables.all()) {
        await table.locator('summary').click()
        await table.locator('tbody tr').first().waitFor()
        expect((await table.locator('tbody td').allInnerTexts()).join(' ')).toMatch(/\d/)
      }
      // numbers as they stand, where there is no picture: matrices are tables
      if (name === 'compute') expect(await page.locator('.view table').count()).toBeGreaterThan(2)
    })
  },
)

test('there is one behind the picture of widths that do not meet', async () => {
  await opened('view=compute&key=5&lang=fr', async (page) => {
    await page.locator('.clash').waitFor()
    await page.locator('.view .behind summary').first().click()
    expect(await page.locator('.view .behind tbody tr').allInnerTexts()).toEqual([
      'Q\t6\t4',
      'Kᵀ\t5\t6',
    ])
  })
})
