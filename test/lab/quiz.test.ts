import type { Page } from 'playwright-core'
import { builtInQuiz, itemsOf, keyOf, type Quiz, readResult, unicodeText } from 'regard/internal'
import { describe, expect, test } from 'vitest'
import { commanded, downloaded } from './files.ts'
import { opened, stateOf } from './page.ts'

const quiz = await builtInQuiz()
const items = itemsOf(quiz)
const press = (page: Page, name: string | RegExp) =>
  page
    .getByRole('button', { name, exact: typeof name === 'string' })
    .last()
    .click()
const lang = {
  en: {
    name: 'Your name',
    begin: 'Begin',
    check: 'Check',
    next: 'Next',
    toEnd: 'To the end',
    handIn: 'Hand in',
    save: 'Save the result',
    right: 'Right.',
    wrong: 'Not right.',
  },
}
const words = {
  ...lang,
  fr: {
    name: 'Votre nom',
    begin: 'Commencer',
    check: 'Vérifier',
    next: 'Suivante',
    toEnd: 'À la fin',
    handIn: 'Rendre',
    save: 'Enregistrer le résultat',
    right: 'Juste.',
    wrong: 'Pas juste.',
  },
}

async function begun(page: Page, language: 'en' | 'fr' = 'en'): Promise<void> {
  await page.getByLabel(words[language].name).fill('Ada')
  await press(page, words[language].begin)
}

/** Chooses options of the question by their ids. */
async function choose(page: Page, ids: readonly string[]): Promise<void> {
  for (const id of ids) await page.locator(`.question input[value="${id}"]`).check()
}

const give = (page: Page, text: string | Buffer) =>
  page
    .locator('input[name=quiz-file]')
    .setInputFiles({ name: 'mine.json', mimeType: 'application/json', buffer: Buffer.from(text) })

/**
 * A teacher's quiz with hostile texts, formulas of its own, a number, and several right options.
 */
const TEACHERS: Quiz = {
  regardQuiz: 1,
  id: 'teachers',
  title: '<script>alert(1)</script> A quiz',
  languages: ['en'],
  sections: [
    {
      title: 'One',
      items: [
        {
          id: 'number',
          kind: 'numeric',
          text: 'How many orders? <img src=x onerror=alert(2)> $6! = \\alpha^2$',
          answer: { value: 720 },
          claim: { name: 'order', number: 'orders' },
        },
        {
          id: 'many',
          kind: 'multiple',
          text: 'Which?',
          options: [
            { id: 'a', text: 'one', right: true },
            { id: 'b', text: 'two' },
            { id: 'c', text: 'three', right: true },
          ],
        },
      ],
    },
  ],
}

describe.each(['en', 'fr'] as const)('the quiz in %s', (language) => {
  const say = words[language]

  test('leads through the views, runs every answer there, and ends with the result that the command knows', async () => {
    const result = await opened(`view=quiz&lang=${language}`, async (page) => {
      await begun(page, language)
      for (const [n, item] of items.entries()) {
        const right = keyOf(item) as readonly string[]
        // every other one wrong
        const ids = n % 2 ? ['a', 'b'].filter((id) => !right.includes(id)).slice(0, 1) : right
        await choose(page, ids)
        await press(page, say.check)
        await page.locator('.proof').waitFor()
        expect(await page.locator('.judgement b').first().innerText()).toContain(
          n % 2 ? say.wrong : say.right,
        )
        expect(await page.locator('.proof').innerText()).toMatch(
          language === 'fr' ? /La couche\s:/ : /The layer:/,
        )
        await expect.poll(() => stateOf(page)).toContain(`item=${n + 1}`)
        await press(page, n < 9 ? say.next : say.toEnd)
      }
      await press(page, say.handIn)
      return JSON.parse((await downloaded(page, say.save)).bytes.toString())
    })
    expect(readResult(JSON.stringify(result))).toMatchObject({
      name: 'Ada',
      language,
      mode: 'practice',
      seed: 7,
      score: { points: 5, of: 10 },
    })
    const graded = await commanded(['quiz', 'grade', 'self-attention', 'ada.json'], {
      'ada.json': JSON.stringify(result),
    })
    expect(graded).toContain('Ada')
  }, 120_000)
})

describe('the quiz', () => {
  test('opens each question’s door with what is asked on screen, and a wrong answer collides there', async () => {
    await opened('view=quiz', async (page) => {
      await begun(page)
      await expect.poll(() => stateOf(page)).toContain('view=compute&stage=projections')
      await press(page, 'Next')
      await choose(page, ['b'])
      await press(page, 'Check')
      await page
        .getByText('SelfAttention: scaledDot needs dQuery = dKey, got dQuery 4 and dKey 5')
        .waitFor()
      await page.getByText('Back').click()
      expect(await page.getByText('needs dQuery = dKey').count()).toBe(0)
    })
  })

  test('goes on after a reload from the address and what the browser kept', async () => {
    await opened('view=quiz', async (page) => {
      await begun(page)
      await choose(page, ['a'])
      await press(page, 'Check')
      await press(page, 'Next')
      await page.reload()
      expect(await page.locator('.strip .question').innerText()).toContain('Question 2 of 10')
      await press(page, 'Back')
      expect(await page.locator('.question input[value=a]').isChecked()).toBe(true)
      await page.goto(`${new URL(page.url()).origin}/#view=quiz`)
      await page.reload()
      await page.getByText('Ada began this (practice) and answered 1 of 10.').waitFor()
      await press(page, 'Go on')
      expect(await page.locator('.question').innerText()).toContain('Question 2 of 10')
    })
  })

  test('works where the browser keeps nothing', async () => {
    await opened('view=quiz', async (page) => {
      await page.addInitScript(() => {
        Object.defineProperty(window, 'localStorage', {
          get() {
            throw new DOMException('refused', 'SecurityError')
          },
        })
      })
      await page.reload()
      await begun(page)
      await choose(page, ['a'])
      await press(page, 'Check')
      await page.getByText('Right.').waitFor()
    })
  })

  test('in a test tells nothing before the answers are handed in, and asks for those that are missing', async () => {
    await opened('view=quiz&mode=test', async (page) => {
      await begun(page)
      await expect.poll(() => stateOf(page)).toContain('view=quiz')
      for (const [n] of items.entries()) {
        if (n !== 4) await choose(page, ['a'])
        expect(await page.locator('.judgement, .proof').count()).toBe(0)
        await press(page, n < 9 ? 'Next' : 'To the end')
      }
      await page.getByText('An answer is needed: question 5.').waitFor()
      await press(page, 'Hand in')
      await choose(page, ['b'])
      await press(page, 'To the end')
      await press(page, 'Hand in')
      const right = items.filter((item, n) =>
        (keyOf(item) as readonly string[]).includes(n === 4 ? 'b' : 'a'),
      ).length
      await page.getByText(`Score: ${right} of 10`).waitFor()
    })
  })

  test('every formula of the quizzes that ship is MathML', async () => {
    await opened('view=quiz&item=3', async (page) => {
      await page.locator('.question').waitFor()
      expect(await page.locator('.question math').count()).toBe(4)
      expect(await page.locator('.question .formula').count()).toBe(0)
    })
  })

  test('a teacher’s quiz is asked as its file says: hostile texts are texts, formulas Unicode, numbers and boxes native', async () => {
    await opened('view=quiz', async (page) => {
      await page.getByText('Another quiz').click()
      await give(page, JSON.stringify(TEACHERS))
      await page.getByRole('heading', { name: '<script>alert(1)</script> A quiz' }).waitFor()
      await begun(page)
      expect(await page.locator('.question').innerText()).toContain(
        unicodeText('<img src=x onerror=alert(2)> $6! = \\alpha^2$'),
      )
      await page.getByLabel('Your number').fill('720')
      await press(page, 'Check')
      await page.getByText('The layer gives orders = 720.').waitFor()
      await press(page, 'Next')
      await choose(page, ['a', 'c'])
      await press(page, 'Check')
      await page.getByText('Nothing runs here').waitFor()
      await page.reload()
      await page.getByRole('heading', { name: 'One' }).waitFor()
      expect(await page.locator('.question input:checked').count()).toBe(2)
      expect(await page.locator('main img, main script').count()).toBe(0)
    })
  })

  test('a file that is no quiz is told in one line, and the quiz before stays', async () => {
    await opened('view=quiz', async (page) => {
      await page.getByText('Another quiz').click()
      const told = async (text: string | Buffer, message: string) => {
        await give(page, text)
        await page.getByRole('alert').getByText(message).waitFor()
        await page.getByRole('heading', { name: 'Quiz 9: the self-attention layer' }).waitFor()
      }
      await told('{"regardQuiz": 1,\n oops}', 'mine.json: line 2: is not JSON')
      await told('[]', 'mine.json:')
      await told(Buffer.from([0xff, 0xfe, 0x00]), 'mine.json: is no text in UTF-8')
      await told(Buffer.alloc(20_000_000, 32), 'mine.json has 20.0 MB, and the page holds 16.0')
    })
  })

  test('three items are answered by keys alone', async () => {
    await opened('view=quiz', async (page) => {
      const { keyboard } = page
      const focused = (what: string) =>
        page.evaluate((selector) => document.activeElement?.matches(selector) ?? false, what)
      const tabTo = async (what: string) => {
        for (let n = 0; n < 60 && !(await focused(what)); n++) await keyboard.press('Tab')
        expect(await focused(what)).toBe(true)
      }
      await tabTo('input[name=name]')
      await keyboard.type('Ada')
      await keyboard.press('Enter')
      for (let n = 0; n < 3; n++) {
        await page.waitForFunction(
          (at) => document.activeElement?.textContent?.includes(`Question ${at} of 10`),
          n + 1,
        )
        await tabTo('.question input')
        await keyboard.press('Space')
        await keyboard.press('Enter')
        await page.locator('.proof').waitFor()
        await tabTo('.question .button.main')
        await keyboard.press('Enter')
      }
      expect(await page.locator('.question').innerText()).toContain('Question 4 of 10')
    })
  })
})
