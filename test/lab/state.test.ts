import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { opened, stateOf } from './page.ts'

const states = [
  'lang=fr&word=6&position=rotary&as=grid',
  'text=le+chat+voit+le+chien&word=1,4&seed=11&as=table',
  'theme=dark&distribution=entmax:1.3&mask=causal',
  'view=needle&word=6&needle=-120&position=sinusoidal',
  'view=compute&alignment=additive:5&query=3&key=2&value=6&heads=2&head=2&edit=W_Q.1.2:0.5;X.3.1:-2&stage=projections',
  'view=compute&key=5',
  'view=order&order=6,3,1,5,4,2',
  'view=order&order=6,3,1,5,4,2&all&position=rotary',
  'view=learn&corpus=own&positions=none&seed=3',
  'view=ask&lang=fr&needle=96&text=le+chat+voit+le+chien',
  'view=quiz&quiz=extended&mode=test',
  'view=quiz&item=6',
  'view=compute&stage=projections&item=1&quiz=extended&lang=fr',
  'source=learned&as=grid',
  'hide=doors,learn,formula&view=compute&bare',
]

/** What a reader sees, once nothing is on its way. */
async function seen(page: Page): Promise<string> {
  await page.waitForFunction(
    () => !/One moment…|Un instant…|\d of \d+ orders…/.test(document.body.innerText),
  )
  if (stateOf(page).includes('item=')) await page.locator('.question').waitFor()
  return page.locator('main').innerText()
}

describe('state', () => {
  test.each(states)('survives a reload from the address alone: %s', async (state) => {
    await opened(state, async (page) => {
      const before = await seen(page)
      await page.reload()
      await page.locator('.view').waitFor()
      expect(await seen(page)).toBe(before)
      expect(new Set(stateOf(page).split('&'))).toEqual(new Set(state.split('&')))
    })
  })

  test('is read from the query part too', async () => {
    await opened('', async (page) => {
      const url = new URL(page.url())
      await page.goto(`${url.origin}/?lang=fr&view=order`)
      await page.locator('.view.order').waitFor()
      expect(await page.locator('html').getAttribute('lang')).toBe('fr')
    })
  })

  test('follows Back and Forward', async () => {
    await opened('', async (page) => {
      await page.locator('.doors a').nth(1).click()
      await page.locator('.view.needle').waitFor()
      await page.goBack()
      await page.locator('.view.look').waitFor()
      await page.goForward()
      await page.locator('.view.needle').waitFor()
    })
  })

  test('begins again with one button', async () => {
    await opened('word=6&seed=9&lang=fr', async (page) => {
      await page.getByRole('button', { name: 'Recommencer' }).click()
      await expect.poll(() => stateOf(page)).toBe('lang=fr')
    })
  })

  test('what a lesson hides is not on the page, and bare leaves the view alone', async () => {
    await opened('hide=doors,position,theme', async (page) => {
      expect(await page.locator('.doors, .view [role=switch], .top select').count()).toBe(0)
    })
    await opened('bare', async (page) => {
      expect(await page.locator('header, footer, [role=switch], details.more').count()).toBe(0)
      expect(await page.locator('.sentence').count()).toBe(1)
    })
  })
})

describe('hostile input', () => {
  const SCRIPT = '<img src=x onerror=alert(1)><script>alert(1)</script>'

  test('a script in the address is text, and what is no value is told', async () => {
    const state = `text=${encodeURIComponent(SCRIPT)}&seed=-1&view=${encodeURIComponent('<b>')}&edit=__proto__.1.1:2&hide=${encodeURIComponent('"><script>')}`
    await opened(state, async (page) => {
      page.on('dialog', () => expect.unreachable('a script ran'))
      expect(await page.locator('.sentence .token').first().innerText()).toContain('<')
      expect(await page.locator('.view script, .view img').count()).toBe(0)
      const told = await page.locator('.notice').innerText()
      for (const name of ['seed', 'view', 'edit']) expect(told).toContain(name)
    })
  })

  test('a sentence of 20 MB changes nothing and is told', async () => {
    await opened('', async (page) => {
      await page.locator('details.more > summary').first().click()
      const before = await page.locator('.sentence').innerText()
      await page.locator('input[name=text]').evaluate((input: HTMLInputElement) => {
        input.value = 'mot '.repeat(5_000_000)
        input.dispatchEvent(new Event('input', { bubbles: true }))
      })
      expect(await page.locator('.wrong').innerText()).toContain('20,000,000')
      expect(await page.locator('.sentence').innerText()).toBe(before)
      await expect.poll(() => stateOf(page)).toBe('')
    })
  })

  test('no words, and more words than a picture holds, are told', async () => {
    await opened('text=', async (page) =>
      expect(await page.locator('.notice').innerText()).toContain('no word'),
    )
    const long = Array.from({ length: 70 }, (_, n) => `w${n}`).join('+')
    await opened(`text=${long}&as=grid`, async (page) => {
      expect(await page.locator('.word-column').count()).toBe(64)
      expect(await page.locator('.view').innerText()).toContain('the first 64 are shown')
    })
  })
})
