import type { Page } from 'playwright-core'
import { load, SENTENCE } from 'regard/internal'
import { describe, expect, test } from 'vitest'
import { downloaded } from './files.ts'
import { opened } from './page.ts'

const shown = async (page: Page) =>
  (await page.locator('.ranking .flat-amount').allInnerTexts()).map(Number)
const names = async (page: Page) =>
  (await page.locator('.ranking .flat-name').allInnerTexts()).map((text) =>
    text.replace(/\s+/g, ' '),
  )
const says = (page: Page) => page.locator('.says').innerText()

describe('ask', () => {
  test('without a model the two directions of the needle answer by hand, and «When?» ties the two «été»', async () => {
    await opened('view=ask', async (page) => {
      await page.getByRole('button', { name: '«What?»' }).click()
      expect(await says(page)).toContain('entarté answers')
      expect((await names(page))[0]).toBe('α₄ entarté')
      await page.getByRole('button', { name: '«When?»' }).click()
      expect(await says(page)).toContain('été₁ and été₂ tie')
      expect(await page.locator('.caution').innerText()).toContain(
        'Attention is not an explanation',
      )
    })
  })

  test('with what was learned answers as the library does, with margin, ranking and table', async () => {
    await opened('view=learn', async (page) => {
      await page.getByRole('button', { name: 'Learn', exact: true }).click()
      await page.locator('.hash').waitFor({ timeout: 120_000 })
      const model = await load((await downloaded(page, /Save the model/)).bytes)
      await page.getByRole('button', { name: 'Ask it' }).click()
      for (const [question, first] of [
        ['What happened to Tom ?', 'α₄ entarté'],
        ['Quand cela arrive-t-il à Tom ?', 'α₆ été₂'],
      ]) {
        await page.getByRole('button', { name: question }).click()
        await page.locator('.ranking li').first().getByText(first.split(' ')[1]).waitFor()
        expect((await names(page))[0]).toBe(first)
        const { weights } = await model.ask(SENTENCE, question, { at: 2 })
        const sorted = [...weights].sort((a, b) => b - a)
        expect(await shown(page)).toEqual(sorted.map((weight) => Number(weight.toFixed(2))))
        expect(await says(page)).toContain(`the margin is ${(sorted[0] - sorted[1]).toFixed(2)}`)
      }
      await page.getByText('Learned from questions').waitFor()
      await page.getByText('Both read clues').waitFor()
      await page.getByLabel('Question', { exact: true }).fill('xyzzy')
      await page.getByRole('alert').getByText('the model knows no word of the question').waitFor()
      await page.getByLabel('Question', { exact: true }).fill('<script>alert(1)</script> When ?')
      await page.locator('.ranking').waitFor()
      await model.close()
    })
  }, 180_000)

  test('in French too', async () => {
    await opened('view=ask&lang=fr', async (page) => {
      await page.getByRole('button', { name: '« Quoi ? »' }).click()
      expect(await says(page)).toContain('entarté répond')
    })
  })

  test('what was learned is what Look looks at', async () => {
    await opened('view=learn', async (page) => {
      await page.getByRole('button', { name: 'Ten steps' }).click()
      await page.getByText('It waits.').waitFor()
      await page.getByRole('button', { name: 'Keep what there is' }).click()
      await page.locator('.hash').waitFor({ timeout: 60_000 })
      const model = await load((await downloaded(page, /Save the model/)).bytes)
      await page.getByRole('button', { name: 'Look at what was learned' }).click()
      await page.locator('.amounts').first().waitFor()
      const { weights } = await model.attend(SENTENCE)
      const row = [...weights.slice(0).slice(2).data].map((weight) => weight.toFixed(2))
      expect((await page.locator('.amounts').allInnerTexts()).map((text) => text.trim())).toEqual(
        row,
      )
      await model.close()
    })
  }, 120_000)
})
