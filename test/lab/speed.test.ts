import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { opened, stateOf } from './page.ts'

// What makes the page fast on a phone, without a clock: how little changes.

const PHONE = { viewport: { width: 360, height: 740 } }
const TEXT = Array.from({ length: 64 }, (_, n) => `mot${n % 23}`).join('+')

/**
 * Counts what changes in the page while something is done: nodes that were added or removed, and
 * others that changed, by their class.
 */
async function changesOf(page: Page, act: () => Promise<void>): Promise<Record<string, number>> {
  await page.evaluate(() => {
    const seen = window as unknown as { changes: Record<string, number>; watcher: MutationObserver }
    seen.changes = {}
    seen.watcher = new MutationObserver((records) => {
      for (const { type, target } of records) {
        const element = target instanceof Element ? target : target.parentElement
        const name =
          type === 'childList'
            ? 'nodes'
            : (element?.closest('[class]')?.getAttribute('class') ?? '')
        seen.changes[name] = (seen.changes[name] ?? 0) + 1
      }
    })
    seen.watcher.observe(document.body, {
      subtree: true,
      attributes: true,
      childList: true,
      characterData: true,
    })
  })
  await act()
  return page.evaluate(() => (window as unknown as { changes: Record<string, number> }).changes)
}

/** Steps a field many times, once a frame; returns the value at the end. */
const stepped = (page: Page, name: string, by: number): Promise<string> =>
  page.evaluate(
    ([name, by]) =>
      new Promise<string>((resolve) => {
        const field = document.querySelector<HTMLInputElement>(`input[name=${name}]`)
        let left = 30
        const step = () => {
          if (!field || left-- === 0) return resolve(field?.value ?? '')
          field.value = String(Number(field.value) + Number(by))
          field.dispatchEvent(new Event('input', { bubbles: true }))
          requestAnimationFrame(step)
        }
        step()
      }),
    [name, by] as const,
  )

describe('a sentence of 64 words', () => {
  test('a preview adds and removes no node, and changes each word in sight at most in its bar, its amount and its mark', async () => {
    await opened(`text=${TEXT}`, async (page) => {
      await page.locator('.word-column').nth(0).hover()
      const changes = await changesOf(page, () => page.locator('.word-column').nth(9).hover())
      expect(changes.nodes ?? 0).toBe(0)
      expect(changes.bar).toBeGreaterThan(10)
      for (const name of ['bar', 'amounts']) expect(changes[name] ?? 0).toBeLessThanOrEqual(64)
      expect(changes['word-column']).toBe(2)
    })
  })

  test('the needle moves bars, discs and arrows, and leaves keys, labels and buttons alone', async () => {
    await opened(`view=needle&text=${TEXT}`, async (page) => {
      const changes = await changesOf(page, () =>
        page.locator('input[name=needle]').press('ArrowUp'),
      )
      expect(changes['flat-bar']).toBeGreaterThan(10)
      expect(Object.keys(changes)).not.toContain('name key')
      expect(Object.keys(changes)).not.toContain('arrow key')
      expect(Object.keys(changes)).not.toContain('button')
      expect(changes.nodes ?? 0).toBe(0)
    })
  })

  test('a grid is one path for each row', async () => {
    await opened(`as=grid&text=${TEXT}`, async (page) => {
      expect(await page.locator('.grid .square').count()).toBe(64)
      expect(await page.locator('.grid *').count()).toBeLessThan(64 * 6)
    })
  })

  test('what is out of sight follows when a movement rests, and so does the address', async () => {
    await opened(
      `view=needle&text=${TEXT}`,
      async (page) => {
        const end = await stepped(page, 'needle', 3)
        await expect.poll(() => stateOf(page)).toContain(`needle=${end}`)
        const amounts = () => page.locator('.flat-amount').allTextContents()
        await expect
          .poll(async () => (await amounts()).reduce((sum, amount) => sum + Number(amount), 0))
          .toBeGreaterThan(0.7)
        const moved = await amounts()
        await page.reload()
        await page.locator('.view').waitFor()
        expect(moved).toEqual(await amounts())
      },
      PHONE,
    )
  })

  test.each([
    ['en', 64, 0, ''],
    ['en', 65, 1, 'Pictures hold 64 words; the first 64 are shown.'],
    ['fr', 65, 1, '64'],
  ])('in %s, %i words are %i message', async (lang, count, messages, told) => {
    const text = Array.from({ length: count }, (_, n) => `mot${n}`).join('+')
    await opened(`lang=${lang}&text=${text}`, async (page) => {
      const message = page.locator('.view p.quiet', {
        hasText: lang === 'en' ? 'Pictures hold' : 'premiers',
      })
      expect(await message.count()).toBe(messages)
      if (messages) expect(await message.innerText()).toContain(told)
      expect(await page.locator('.word-column').count()).toBe(64)
    })
  })
})
