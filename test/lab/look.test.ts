import {
  drawnEmbeddings,
  largestDifference,
  openDevice,
  positions,
  SENTENCE,
  SelfAttention,
  type Tensor,
} from 'regard/internal'
import { describe, expect, test } from 'vitest'
import { opened, stateOf } from './page.ts'

/** The weights that the library's own layer computes, on the reference device in float64. */
async function weightsOf(options: { position?: object } = {}): Promise<number[][]> {
  const device = await openDevice({ device: 'reference', dtype: 'float64' })
  const layer = new SelfAttention(
    { dModel: 8, dQuery: 4, dKey: 4, dValue: 4, ...options } as never,
    { device, seed: 7 },
  )
  const X = drawnEmbeddings(SENTENCE, 8, { seed: 7 })
  const { weights } = await layer.forward(X, { want: { weights: true } }).read()
  await device.close()
  const rows = (weights as Tensor).slice(0).slice(0)
  return SENTENCE.map((_, i) => [...rows.slice(i).data])
}

const shown = (row: readonly number[]): string[] => row.map((weight) => weight.toFixed(2))

describe('look', () => {
  test('the amounts above the words are the weights of the library', async () => {
    const rows = await weightsOf()
    const amounts = await opened('', (page) => page.locator('.amounts').allInnerTexts())
    expect(amounts.map((text) => text.trim())).toEqual(shown(rows[2]))
  })

  test('hovering a word previews it, clicking locks it beside the first, Esc frees both', async () => {
    await opened('', async (page) => {
      const says = page.locator('.says')
      await page.locator('.word-column').nth(3).hover()
      expect(await says.innerText()).toContain('entarté, word 4, looks most')
      await expect.poll(() => stateOf(page)).toBe('')
      await page.locator('.word-column').nth(3).click()
      await expect.poll(() => stateOf(page)).toBe('word=3,4')
      expect(await page.locator('.apart').count()).toBe(6)
      await page.keyboard.press('Escape')
      await expect.poll(() => stateOf(page)).toBe('word=')
    })
  })

  test('lines, grid and table have the weights of the library, and the same selection', async () => {
    const rows = await weightsOf({ position: positions.sinusoidal })
    await opened('as=table&position=sinusoidal', async (page) => {
      expect((await page.locator('.numbers td').allInnerTexts()).map(Number)).toEqual(
        rows.flat().map((weight) => Number(weight.toFixed(2))),
      )
      await page.getByRole('radio', { name: 'Grid' }).check()
      expect(await page.locator('.grid .amount').allTextContents()).toEqual(shown(rows.flat()))
      expect(await page.locator('.grid text.asks').textContent()).toBe('été₁')
      await page.getByRole('radio', { name: 'Lines' }).check()
      const widths = await page
        .locator('.strong path')
        .evaluateAll((paths) => paths.map((path) => Number(path.getAttribute('stroke-width')) / 14))
      expect(largestDifference(widths, rows[2])).toBeLessThan(1e-12)
      expect(await page.locator('.lines text.asks').textContent()).toBe('été₁')
    })
  })

  test('is the same in French, with French numbers', async () => {
    const rows = await weightsOf()
    await opened('lang=fr', async (page) => {
      const amounts = await page.locator('.amounts').allInnerTexts()
      expect(amounts.map((text) => text.trim())).toEqual(
        shown(rows[2]).map((text) => text.replace('.', ',')),
      )
      expect(await page.locator('.says').innerText()).toContain('regarde surtout Tom')
    })
  })

  test('without positions the two «été» are told to be the same', async () => {
    await opened('', async (page) => {
      await page.locator('.word-column').nth(5).click()
      expect(await page.locator('.says').innerText()).toContain('the difference is exactly 0')
      await expect.poll(() => stateOf(page)).toBe('word=3,6')
      await page.getByRole('switch').click()
      expect(await page.locator('.says').innerText()).toContain('do not look alike')
    })
  })
})
