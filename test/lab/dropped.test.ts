import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { load, SENTENCE } from 'regard/internal'
import { describe, expect, test } from 'vitest'
import { SMALL_MODEL } from '../../scripts/small-model.js'
import { opened, stateOf } from './page.ts'

const MODEL = readFileSync(SMALL_MODEL)
const QUIZ = readFileSync(fileURLToPath(new URL('../../quiz/self-attention.json', import.meta.url)))

interface Dropped {
  readonly name: string
  readonly bytes: Buffer | string
  readonly type?: string
}

/** Drops files on the page as a browser does: dragged over it, then let go. */
async function drop(page: Page, ...files: readonly Dropped[]): Promise<void> {
  const given = files.map(({ name, bytes, type = '' }) => ({
    name,
    type,
    base64: Buffer.from(bytes).toString('base64'),
  }))
  const dataTransfer = await page.evaluateHandle((all) => {
    const transfer = new DataTransfer()
    for (const { name, type, base64 } of all)
      transfer.items.add(
        new File([Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0))], name, { type }),
      )
    return transfer
  }, given)
  await page.dispatchEvent('.view h1', 'dragover', { dataTransfer })
  expect(await page.locator('html').getAttribute('data-drop')).toBe('')
  await page.dispatchEvent('.view h1', 'drop', { dataTransfer })
  expect(await page.locator('html').getAttribute('data-drop')).toBe(null)
}

const told = (page: Page) => page.getByRole('alert').innerText()

describe('a file that is dropped on the page', () => {
  test.each(['look', 'learn', 'needle'])(
    'a model on %s is taken, and Look shows what it looks at',
    async (view) => {
      const model = await load(MODEL)
      const { weights } = await model.attend(SENTENCE)
      await model.close()
      await opened(`view=${view}`, async (page) => {
        await drop(page, { name: 'small.safetensors', bytes: MODEL })
        if (view === 'learn')
          await page.getByRole('button', { name: 'Look at what was learned' }).click()
        await page.getByText('Loaded: small.safetensors.').waitFor()
        const shown = page.locator('.view.look .amounts')
        await shown.first().waitFor()
        const amounts = await shown.allInnerTexts()
        expect(amounts.map((text) => text.trim())).toEqual(
          [...weights.slice(0).slice(2).data].map((weight) => weight.toFixed(2)),
        )
      })
    },
  )

  test('a text is what is learned from, in its field where it is short', async () => {
    await opened('', async (page) => {
      await drop(page, {
        name: 'mine.txt',
        bytes: 'Le chat dort.\nIl a été vu cet été.',
        type: 'text/plain',
      })
      await page.locator('.view.learn').waitFor()
      await expect.poll(() => stateOf(page)).toBe('view=learn&corpus=own')
      expect(await page.getByLabel('Your text').inputValue()).toBe(
        'Le chat dort.\nIl a été vu cet été.',
      )
      await drop(page, { name: 'long.txt', bytes: 'un mot '.repeat(30_000), type: 'text/plain' })
      await page.getByText('long.txt, 0.3 MB, is kept beside the field').waitFor()
    })
  })

  test('a text may be in UTF-16 with its mark, and gzipped', async () => {
    const text = 'Le chat dort cet été.'
    const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le')
    await opened('view=learn&corpus=own', async (page) => {
      for (const bytes of [utf16, Buffer.from(utf16).swap16(), gzipSync(text), gzipSync(utf16)]) {
        await page.getByLabel('Your text').fill('')
        await drop(page, { name: 'mine.txt.gz', bytes, type: 'application/gzip' })
        await expect.poll(() => page.getByLabel('Your text').inputValue()).toBe(text)
      }
      for (const [bytes, message] of [
        [gzipSync(text).subarray(0, 25), 'cut.gz: gzip that is cut or damaged'],
        [gzipSync(Buffer.alloc(6_000_000)), 'MB, and the page holds 5.0'],
      ] as const) {
        await drop(page, { name: 'cut.gz', bytes })
        await page.getByRole('alert').getByText(message).waitFor()
        await page.getByRole('button', { name: 'Close' }).click()
        expect(await page.getByLabel('Your text').inputValue()).toBe(text)
      }
    })
  })

  test('a quiz is offered, from any view and in the midst of another', async () => {
    await opened('view=compute&item=3', async (page) => {
      await page.locator('.strip').waitFor()
      await drop(page, {
        name: 'mine.json',
        bytes: QUIZ.toString().replaceAll('Quiz 9', 'Quiz 11'),
      })
      await page.getByRole('heading', { name: /Quiz 11/ }).waitFor()
      await expect.poll(() => stateOf(page)).toBe('view=quiz&quiz=own')
    })
  })

  test('what cannot be taken is told in one line where it was dropped, and all stays', async () => {
    await opened('view=order', async (page) => {
      const before = await page.locator('.view').innerText()
      const refused = async (message: string | RegExp, ...files: Dropped[]) => {
        await drop(page, ...files)
        await page.getByRole('alert').getByText(message).waitFor()
        expect(
          (await told(page)).split('\n').filter((line) => line && line !== 'Close').length,
        ).toBe(1)
        expect(await page.locator('.view').innerText()).toBe(before)
        await expect.poll(() => stateOf(page)).toBe('view=order')
        await page.getByRole('button', { name: 'Close' }).click()
      }
      await refused(/^the model:/, {
        name: 'broken.safetensors',
        bytes: '<script>alert(1)</script>',
      })
      await refused('broken.json: line 2: is not JSON', {
        name: 'broken.json',
        bytes: '{"regardQuiz": 1,\n oops}',
      })
      await refused('odd.json: is no text in UTF-8', {
        name: 'odd.json',
        bytes: Buffer.from([0xff, 0xfe, 0]),
      })
      await refused('photo.png is nothing that the page reads', {
        name: 'photo.png',
        bytes: 'PNG',
        type: 'image/png',
      })
      await refused(
        'One file at a time: 2 were dropped',
        { name: 'a.txt', bytes: 'a' },
        { name: 'b.txt', bytes: 'b' },
      )
      await refused('large.txt has 6.0 MB, and the page holds 5.0', {
        name: 'large.txt',
        bytes: Buffer.alloc(6_000_000, 'a '),
      })
    })
  })

  test('while it learns nothing is taken, and a lesson keeps its doors shut', async () => {
    await opened('view=learn', async (page) => {
      await page.getByRole('button', { name: 'Learn', exact: true }).click()
      await drop(page, { name: 'small.safetensors', bytes: MODEL })
      await page.getByText('A learning goes on: stop it first').waitFor()
    })
    await opened('hide=learn', async (page) => {
      await drop(page, { name: 'mine.txt', bytes: 'Le chat dort.' })
      await page.getByText('This lesson has no «Learn»').waitFor()
    })
  })
})
