import type { Page } from 'playwright-core'
import { load, SENTENCE } from 'regard/internal'
import { describe, expect, test } from 'vitest'
import { downloaded } from './files.ts'
import { opened, stateOf } from './page.ts'

const amounts = async (page: Page) =>
  (await page.locator('.amounts').allInnerTexts()).map((text) => text.trim())
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()

/** Learns at least ten steps, and keeps what there is. */
async function learnedABit(page: Page): Promise<void> {
  await press(page, 'Learn')
  await page.getByText(/Step \d+0 of/).waitFor()
  await press(page, 'Stop here')
  await page.getByRole('button', { name: 'Ask it' }).waitFor({ timeout: 60_000 })
}

describe('the thread', () => {
  test.each(['en', 'fr'])(
    'begins with a sentence of two equal words, one switch, one button, and the way to the quiz: %s',
    async (lang) => {
      await opened(`lang=${lang}`, async (page) => {
        expect(await page.locator('.word-column').count()).toBe(SENTENCE.length)
        expect(await page.locator('.view [role=switch]').getAttribute('aria-checked')).toBe('false')
        expect(await page.locator('.view > .row .button').allInnerTexts()).toEqual([
          lang === 'fr' ? 'Apprendre' : 'Learn',
        ])
        expect(await page.locator('.says').innerText()).toContain('été₁')
        await page.locator('.leads-on .plain').click()
        await page.locator('.view.quiz').waitFor()
      })
    },
  )

  test('learning moves the bars of the same sentence, can be stopped, and leaves what the library computes', async () => {
    await opened('', async (page) => {
      const drawn = await amounts(page)
      await learnedABit(page)
      expect(await page.locator('.status').innerText()).toMatch(/Learned: \d+ steps/)
      await expect.poll(() => stateOf(page)).toBe('source=learned')
      const learned = await amounts(page)
      expect(learned).not.toEqual(drawn)
      await page.getByRole('radio', { name: 'a drawn layer' }).check()
      expect(await amounts(page)).toEqual(drawn)
      await page.getByRole('radio', { name: 'what was learned' }).check()
      await press(page, 'How it learned')
      const model = await load((await downloaded(page, /Save the model/)).bytes)
      const { weights } = await model.attend(SENTENCE)
      expect(learned).toEqual(
        [...weights.slice(0).slice(2).data].map((weight) => weight.toFixed(2)),
      )
      await model.close()
    })
  }, 120_000)

  test('the two «été», one without positions, part as it learns', async () => {
    await opened('word=3,6', async (page) => {
      expect(await page.locator('.says').innerText()).toContain('exactly 0')
      await learnedABit(page)
      expect(await page.locator('.says').innerText()).toContain('do not look alike')
    })
  }, 120_000)

  test('stopped before its first step it leaves the drawn layer', async () => {
    await opened('', async (page) => {
      const drawn = await amounts(page)
      await press(page, 'Learn')
      await press(page, 'Stop here')
      await page
        .getByRole('button', { name: 'Learn', exact: true })
        .or(page.getByRole('button', { name: 'Ask it' }))
        .waitFor()
      if (await page.getByRole('button', { name: 'Learn', exact: true }).count())
        expect(await amounts(page)).toEqual(drawn)
    })
  })

  test('an address of what was learned offers the small model that ships', async () => {
    await opened('source=learned', async (page) => {
      await page.getByText('which no address can hold').waitFor()
      await page
        .locator('.view > .row')
        .getByRole('button', { name: 'Take the small model that ships' })
        .click()
      await page.getByText('Loaded: the small model that ships.').waitFor()
      expect(await page.getByText('which no address can hold').count()).toBe(0)
    })
  })
})
