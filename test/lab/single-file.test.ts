import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inflateRawSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import * as library from 'regard/internal'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SMALL_MODEL, smallModel } from '../../scripts/small-model.js'
import { writePage } from '../../src/cli/lab/out.ts'
import { pageFiles } from '../../src/cli/lab/page.ts'
import { openedAt } from './page.ts'

const folder = mkdtempSync(join(tmpdir(), 'regard-page-'))
const path = join(folder, 'page.html')
beforeAll(async () => {
  await writePage(await pageFiles(), { out: path })
})
afterAll(() => rmSync(folder, { recursive: true }))

/**
 * Opens the file from the disk, without a network; whatever it asks for but itself fails the test.
 */
const fromDisk = <Result>(
  state: string,
  use: (page: Page) => Promise<Result>,
  judge?: (wrong: readonly string[]) => void,
): Promise<Result> => openedAt(pathToFileURL(path).href, state, use, { offline: true }, judge)

const sha256Of = (bytes: Uint8Array): string => new library.Sha256().update(bytes).digest()

describe('the page as one file', () => {
  test('has at most 900 kB', () => {
    expect(statSync(path).size).toBeLessThanOrEqual(900_000)
  })

  test('opens from the disk without a network, with the weights of the first view', async () => {
    const amounts = await fromDisk('lang=en', (page) => page.locator('.amounts').allInnerTexts())
    expect(amounts.length).toBe(6)
    expect(amounts.reduce((sum, amount) => sum + Number(amount), 0)).toBeCloseTo(1, 1)
  })

  test.each(['look', 'needle', 'compute', 'order', 'learn', 'ask', 'quiz'])(
    'opens %s, in French too',
    async (view) => {
      await fromDisk(`view=${view}&lang=fr`, async (page) => {
        expect(await page.locator('.view h1').innerText()).not.toBe('')
      })
    },
  )

  test('asks the model within it: which word answers', async () => {
    await fromDisk('view=ask&lang=en', async (page) => {
      await page.getByRole('button', { name: 'Take the small model that ships' }).click()
      for (const [question, word] of [
        ['What happened to Tom ?', 'entarté'],
        ['Quand cela arrive-t-il à Tom ?', 'été₂'],
      ]) {
        await page.getByRole('button', { name: question }).click()
        await page.locator('.says', { hasText: word }).waitFor()
      }
    })
  })

  test('has no models of novels, and offers none', async () => {
    await fromDisk('view=learn&lang=en', async (page) => {
      await page.getByRole('button', { name: 'Take the small model that ships' }).waitFor()
      expect(await page.getByRole('button', { name: /novels/ }).count()).toBe(0)
    })
  })

  test('learns from its first view, from the text within it', async () => {
    await fromDisk('lang=en', async (page) => {
      await page.getByRole('button', { name: 'Learn', exact: true }).click()
      await page.getByText(/Step \d+0 of/).waitFor()
      await page.getByRole('button', { name: 'Stop here' }).click()
      await page.getByText(/Learned: \d+ steps/).waitFor()
    })
  })

  test('takes a file that is dropped', async () => {
    await fromDisk('lang=en', async (page) => {
      const dataTransfer = await page.evaluateHandle(() => {
        const transfer = new DataTransfer()
        transfer.items.add(new File(['Le chat dort.'], 'mine.txt', { type: 'text/plain' }))
        return transfer
      })
      await page.dispatchEvent('.view h1', 'drop', { dataTransfer })
      await page.locator('.view.learn').waitFor()
      expect(await page.getByLabel('Your text').inputValue()).toBe('Le chat dort.')
    })
  })

  test('proves an answer of the quiz in its worker', async () => {
    await fromDisk('view=quiz&lang=en&item=1', async (page) => {
      await page.locator('.question input').first().check()
      await page.getByRole('button', { name: 'Check' }).click()
      await page.locator('.proof').waitFor()
    })
  })

  test('its policy lets no other script run, and nothing be asked for', async () => {
    const refused = async (page: Page) => {
      const found = await page.evaluate(async () => {
        const directives: string[] = []
        addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
          directives.push(effectiveDirective),
        )
        const script = document.createElement('script')
        script.textContent = 'window.ran = true'
        document.body.append(script)
        await fetch('data:text/plain,x').catch(() => {})
        await new Promise((resolve) => setTimeout(resolve, 50))
        return { directives, ran: 'ran' in window }
      })
      expect(found).toEqual({ directives: ['script-src-elem', 'connect-src'], ran: false })
    }
    await fromDisk('lang=en', refused, (wrong) => {
      expect(wrong.filter((one) => !/Content Security Policy/.test(one))).toEqual([])
    })
  })
})

describe('the small model', () => {
  const within = (): Uint8Array => {
    const [, base64] = /data-file="model">([^<]*)</.exec(readFileSync(path, 'utf8')) ?? []
    return inflateRawSync(Buffer.from(base64, 'base64'))
  }

  test('takes at most 300 kB of the file', () => {
    expect(
      /data-file="model">([^<]*)</.exec(readFileSync(path, 'utf8'))?.[1].length,
    ).toBeLessThanOrEqual(300_000)
  })

  test('has the hash of what is learned anew from the same text', async () => {
    expect(sha256Of(within())).toBe(sha256Of(await smallModel(library)))
    expect(sha256Of(within())).toBe(sha256Of(readFileSync(SMALL_MODEL)))
  })

  test('answers most questions that it never saw, on sentences that it never saw', async () => {
    const corpus = new URL('../../corpus/held-out.tsv', import.meta.url)
    const questions = await library.readQuestions({
      name: 'held-out.tsv',
      stream: [readFileSync(corpus)],
    })
    const model = await library.load(within())
    let right = 0
    for (const { words, question, start, end } of questions) {
      const { at } = await model.ask(words, question)
      if (at >= start && at < end) right++
    }
    await model.close()
    console.log(`small model: ${right} of ${questions.length} held-out questions right`)
    expect(right).toBeGreaterThan(questions.length / 2)
  })
})
