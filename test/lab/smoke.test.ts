import type { Page } from 'playwright-core'
import { builtInQuiz, itemsOf, keyOf, load } from 'regard/internal'
import { describe, expect, test } from 'vitest'
import { downloaded } from './files.ts'
import { opened } from './page.ts'

const press = (page: Page, name: string | RegExp) =>
  page.getByRole('button', { name, exact: typeof name === 'string' }).click()

// what npm test runs in a browser; the other files go into each view (npm run test:all)
describe('the page', () => {
  test('opens, and its weights of a word sum to one', async () => {
    await opened('', async (page) => {
      const amounts = (await page.locator('.amounts').allInnerTexts()).map(Number)
      expect(amounts.length).toBe(6)
      expect(amounts.reduce((sum, amount) => sum + amount)).toBeCloseTo(1, 1)
      await page.locator('.word-column').nth(3).click()
      expect(await page.locator('.says').innerText()).toContain('entarté')
    })
  })

  test('learns, saves what it learned, and answers a question with it', async () => {
    await opened('view=learn', async (page) => {
      await press(page, 'Ten steps')
      await page.getByText('It waits.').waitFor()
      await press(page, 'Keep what there is')
      await page.locator('.hash').waitFor()
      const model = await load((await downloaded(page, /Save the model/)).bytes)
      expect(model.learned[0].steps).toBe(10)
      await press(page, 'Ask it')
      await press(page, 'What happened to Tom ?')
      await page.locator('.ranking li').first().waitFor()
      const { weights } = await model.ask('Tom a été entarté cet été', 'What happened to Tom ?', {
        at: 2,
      })
      const shown = (await page.locator('.ranking .flat-amount').allInnerTexts()).map(Number)
      expect(shown).toEqual(
        [...weights].sort((a, b) => b - a).map((weight) => Number(weight.toFixed(2))),
      )
      await model.close()
    })
  })

  test('asks the quiz, and runs the layer to prove an answer', async () => {
    const [right] = keyOf(itemsOf(await builtInQuiz())[0]) as readonly string[]
    await opened('view=quiz', async (page) => {
      await page.getByLabel('Your name').fill('Ada')
      await press(page, 'Begin')
      await page.locator(`.question input[value="${right}"]`).check()
      await page.getByRole('button', { name: 'Check', exact: true }).last().click()
      await page.getByText('Right.').waitFor()
      expect(await page.locator('.proof').innerText()).toMatch(/The layer:/)
    })
  })

  test('is there in French', async () => {
    await opened('lang=fr', async (page) => {
      expect(await page.locator('.says').innerText()).toContain('regarde surtout Tom')
    })
  })
})
