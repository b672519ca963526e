import type { Page } from 'playwright-core'
import { drawnEmbeddings, initialParameters, SENTENCE } from 'regard/internal'
import { describe, expect, test } from 'vitest'
import { viewNames } from '../../lab/view.ts'
import { opened, savedBy, stateOf } from './page.ts'

async function unfolded(page: Page): Promise<void> {
  await page.getByText('Save or share this view').click()
  await page.locator('.export').waitFor()
}

const saved = (page: Page, name: string) =>
  savedBy(page, () => page.getByRole('button', { name }).click())

describe('export', () => {
  test.each(viewNames.filter((name) => ['look', 'needle', 'compute', 'order'].includes(name)))(
    '%s as an SVG that needs no page',
    async (name) => {
      await opened(`view=${name}`, async (page) => {
        await unfolded(page)
        const svg = await saved(page, 'Picture as SVG')
        expect(svg.name).toBe(`regard-${name}.svg`)
        expect(svg.text).not.toContain('var(')
        const elsewhere = await page.context().newPage()
        const [root, drawn] = await elsewhere.evaluate((text) => {
          const parsed = new DOMParser().parseFromString(text, 'image/svg+xml')
          return [
            parsed.documentElement.nodeName,
            parsed.querySelectorAll('path, rect, circle').length,
          ]
        }, svg.text)
        expect(root).toBe('svg')
        expect(drawn).toBeGreaterThan(5)
      })
    },
  )

  test('numbers as CSV, every digit of them', async () => {
    await opened('view=compute&stage=projections&text=un,+"deux"', async (page) => {
      await unfolded(page)
      const { text } = await saved(page, 'Numbers as CSV')
      const X = drawnEmbeddings(['un', ',', '"', 'deux', '"'], 8, { seed: 7 })
      expect(text.split('\n')[2]).toBe(`un,${[...X.slice(0).data].join(',')}`)
      expect(text.split('\n')[4]).toMatch(/^"""₁",/)
      const W = initialParameters({ dModel: 8, dQuery: 4, dKey: 4, dValue: 4 }, 7).W_Q
      expect(text).toContain(`\n1,${[...W.slice(0).data].join(',')}\n`)
    })
  })

  test('the link leads to the same view, and to the lesson that was chosen', async () => {
    await opened('word=3,6&lang=fr', async (page) => {
      await page.getByText('Enregistrer ou partager').click()
      await page.getByLabel('toutes les portes').check()
      await page.getByLabel('la vue seule').check()
      const link = await page.locator('input[name=link]').inputValue()
      expect(link.split('#')[1]).toBe('lang=fr&word=3,6&hide=doors&bare')
      await page.goto('about:blank')
      await page.goto(link)
      await page.locator('main.bare .sentence').waitFor()
      await expect.poll(() => stateOf(page)).toBe('lang=fr&word=3,6&hide=doors&bare')
      expect(await page.locator('.says').innerText()).toContain('été₁')
    })
  })

  test('the sentence and its weights are in the table of look, for every word', async () => {
    await opened('as=table', async (page) => {
      await unfolded(page)
      const { text } = await saved(page, 'Numbers as CSV')
      const rows = text.split('\n').slice(2, 8)
      expect(rows.map((row) => row.split(',')[0].replace(/[₁₂]/, ''))).toEqual([...SENTENCE])
      for (const row of rows) {
        const sum = row
          .split(',')
          .slice(1)
          .map(Number)
          .reduce((total, weight) => total + weight)
        expect(sum).toBeCloseTo(1, 12)
      }
    })
  })
})
