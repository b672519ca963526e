import { describe, expect, test } from 'vitest'
import { opened, stateOf } from './page.ts'

const words = (page: import('playwright-core').Page): Promise<string[]> =>
  page.locator('.place-word').allInnerTexts()

describe('order', () => {
  test('a swap moves two words, and every word keeps its vector', async () => {
    await opened('view=order', async (page) => {
      await page.getByRole('button', { name: 'Move entarté one place forward' }).click()
      expect(await words(page)).toEqual(['Tom', 'a', 'entarté', 'été₁', 'cet', 'été₂'])
      await expect.poll(() => stateOf(page)).toBe('view=order&order=1,2,4,3,5,6')
      expect(await page.locator('.says').innerText()).toContain('keeps its vector')
    })
  })

  test('a shuffle is the same for the same seed', async () => {
    const orders = []
    for (const _ of [1, 2]) {
      orders.push(
        await opened('view=order', async (page) => {
          await page.getByRole('button', { name: 'Shuffle' }).click()
          return words(page)
        }),
      )
    }
    expect(orders[0]).toEqual(orders[1])
    expect(orders[0]).not.toEqual(['Tom', 'a', 'été₁', 'entarté', 'cet', 'été₂'])
  })

  test('all 720 orders leave rounding alone, until positions count', async () => {
    await opened('view=order', async (page) => {
      await page.getByRole('button', { name: 'Try all 720 orders' }).click()
      const found = page.locator('section .says')
      await found.getByText('equivariant').waitFor()
      expect(await found.innerText()).toMatch(/^720 orders: .* · 10⁻¹[⁵⁶], which is rounding/)
      // the identity and the exchange of the two «été»
      expect(await found.innerText()).toContain('in 718 orders')
      await page.getByRole('switch').click()
      await found.getByText('order counts').waitFor()
      const counts = await page.locator('.histogram .amount').allTextContents()
      expect(counts.map(Number).reduce((sum, count) => sum + count)).toBe(720)
    })
  })
})
