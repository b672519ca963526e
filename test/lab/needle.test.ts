import { describe, expect, test } from 'vitest'
import { opened, stateOf } from './page.ts'

const amounts = async (page: import('playwright-core').Page): Promise<number[]> =>
  (await page.locator('.flat-amount').allInnerTexts()).map(Number)

describe('the needle', () => {
  test('at «What?» reads entarté most', async () => {
    await opened('view=needle', async (page) => {
      await page.getByRole('button', { name: 'What?' }).click()
      const weights = await amounts(page)
      expect(weights.indexOf(Math.max(...weights))).toBe(3)
      expect(weights.reduce((sum, weight) => sum + weight)).toBeCloseTo(1, 1)
    })
  })

  test('at «When?» ties both «été» without positions, and reads the last with them', async () => {
    await opened('view=needle', async (page) => {
      await page.getByRole('button', { name: 'When?' }).click()
      const tied = await amounts(page)
      expect(tied[2]).toBe(tied[5])
      expect(await page.locator('.says').innerText()).toContain('lie on one another')
      await page.getByRole('switch').click()
      const parted = await amounts(page)
      expect(parted.indexOf(Math.max(...parted))).toBe(5)
      expect(parted[5]).toBeGreaterThan(2 * parted[2])
    })
  })

  test('is dragged to where the pointer is', async () => {
    await opened('view=needle', async (page) => {
      const box = await page.locator('.dial').boundingBox()
      if (!box) throw new Error('no dial')
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
      await page.mouse.move(x + 100, y)
      await page.mouse.down()
      await page.mouse.move(x, y + 100)
      await page.mouse.up()
      await expect.poll(() => stateOf(page)).toBe('view=needle&needle=-90')
      await page.mouse.move(x - 100, y)
      await expect.poll(() => stateOf(page)).toBe('view=needle&needle=-90')
    })
  })

  test('is the query of the word that is locked, in any sentence', async () => {
    await opened('view=needle&text=le+chat+dort&word=2', async (page) => {
      expect(await page.locator('.dial').textContent()).toContain('q²')
      expect(await page.getByRole('button', { name: 'What?' }).count()).toBe(0)
      expect(await amounts(page)).toHaveLength(3)
    })
  })
})
