import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { opened, savedBy, stateOf } from './page.ts'

/**
 * Presses Tab until what has the focus answers to a selector, as somebody without a pointer would.
 */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let n = 0; n < 80; n++) {
    await page.keyboard.press('Tab')
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return
  }
  throw new Error(`no focus on ${selector} after 80 presses of Tab`)
}

const focusRing = (page: Page): Promise<string> =>
  page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle)

describe('by keyboard alone', () => {
  test('one finds what the first «été» prefers', async () => {
    await opened('word=', async (page) => {
      await tabTo(page, 'li:nth-child(3) .word-column')
      expect(await focusRing(page)).toBe('solid')
      // the focus previews
      expect(await page.locator('.says').innerText()).toContain('été₁, word 3, looks most at Tom')
      await page.keyboard.press('Enter')
      await expect.poll(() => stateOf(page)).toBe('')
      await page.keyboard.press('Escape')
      await expect.poll(() => stateOf(page)).toBe('word=')
      expect(await page.locator('.says').innerText()).toContain('No word asks')
    })
  })

  test('one begins to learn, and stops, on the same button', async () => {
    await opened('', async (page) => {
      await tabTo(page, '.view > .row .button.main')
      await page.keyboard.press('Enter')
      await page.getByText(/Step \d+0 of/).waitFor()
      await page.keyboard.press('Enter')
      await page.getByText(/Learned: \d+ steps/).waitFor()
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Ask it')
    })
  }, 60_000)

  test('one walks through the grid', async () => {
    await opened('as=grid', async (page) => {
      await tabTo(page, '.live-grid')
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('End')
      expect(await page.locator('.cell-says').innerText()).toMatch(/^entarté → été₂: 0\.\d{3}$/)
      await page.keyboard.press('Enter')
      await expect.poll(() => stateOf(page)).toBe('word=3,4&as=grid')
    })
  })

  test('one turns the needle to «When?»', async () => {
    await opened('view=needle', async (page) => {
      await tabTo(page, 'input[name=needle]')
      for (let n = 0; n < 72; n++) await page.keyboard.press('ArrowRight')
      await expect.poll(() => stateOf(page)).toBe('view=needle&needle=96')
      expect(await page.locator('.says').innerText()).toContain('été₁ = été₂')
      expect(await page.getByRole('button', { name: 'When?' }).getAttribute('aria-pressed')).toBe(
        'true',
      )
    })
  })

  test('one edits a number of a matrix', async () => {
    await opened('view=compute&stage=projections', async (page) => {
      await tabTo(page, '.matrix[data-role=query] td')
      await page.keyboard.press('ArrowRight')
      await page.keyboard.press('Enter')
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('cell-editor')
      await page.keyboard.press('Control+A')
      await page.keyboard.type('1.5')
      await page.keyboard.press('Enter')
      await expect.poll(() => stateOf(page)).toContain('edit=W_Q.1.2:1.5')
    })
  })

  test('one goes to another view and saves its numbers', async () => {
    await opened('', async (page) => {
      await tabTo(page, '.skip')
      await tabTo(page, '.doors a:nth-child(4)')
      await page.keyboard.press('Enter')
      await page.locator('.view.order').waitFor()
      await tabTo(page, '.foot summary')
      await page.keyboard.press('Enter')
      await page.locator('.export').waitFor()
      await tabTo(page, '.export .row button:nth-child(2)')
      const { text } = await savedBy(page, () => page.keyboard.press('Enter'))
      expect(text).toContain('f(PX)')
    })
  })
})
