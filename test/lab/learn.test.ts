import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { load } from 'regard/internal'
import { describe, expect, test } from 'vitest'
import { planeOf } from '../../lab/worker/pca.ts'
import { commanded, downloaded } from './files.ts'
import { opened } from './page.ts'

const TEXT = Array.from(
  { length: 60 },
  (_, n) => `Le chat ${n % 7} a été vu cet été près du vieux port ${n % 5}. Il dort.`,
).join('\n')
const CORPUS = fileURLToPath(new URL('../../corpus', import.meta.url))
const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).click()
const hashOf = (page: Page) => page.locator('.hash').innerText({ timeout: 120_000 })
const own = async (page: Page, text = TEXT) => page.getByLabel('Your text').fill(text)
const failure = (page: Page) => page.getByRole('alert').innerText()
/** The step that was reported last. */
const stepOf = async (page: Page) =>
  Number(/Step (\d+)/.exec(await page.locator('.status').innerText())?.[1] ?? 0)

/** The hash of what the command learns. */
async function commandHash(
  words: readonly string[],
  files?: Readonly<Record<string, string>>,
): Promise<string> {
  const said = await commanded(
    ['learn', ...words, '-o', 'm.safetensors', '--json', '--quiet'],
    files,
  )
  return JSON.parse(said).sha256
}

describe('learn', () => {
  test('learns the text that ships to the same bits as the command, well within a minute, with no long task', async () => {
    await opened('view=learn', async (page) => {
      await page.evaluate(() => {
        const seen = window as unknown as { longest: number }
        seen.longest = 0
        new PerformanceObserver((list) => {
          for (const { duration } of list.getEntries())
            seen.longest = Math.max(seen.longest, duration)
        }).observe({ type: 'longtask' })
      })
      const began = performance.now()
      await press(page, 'Learn')
      const hash = await hashOf(page)
      expect(performance.now() - began).toBeLessThan(60_000)
      expect(
        await page.evaluate(() => (window as unknown as { longest: number }).longest),
      ).toBeLessThan(100)
      expect(await page.locator('.says').innerText()).toContain('have parted')
      const shipped = readdirSync(CORPUS).filter((name) => name.endsWith('.txt'))
      const files = shipped.sort().map((name) => `${CORPUS}/${name}`)
      expect(
        await commandHash([
          ...files,
          '--questions',
          `${CORPUS}/questions.tsv`,
          '--embedding',
          'seen',
          '--tokens',
          'words',
          '--seed',
          '7',
        ]),
      ).toBe(hash)
    })
  }, 180_000)

  test('learns one’s own text as the command that it names does, and without positions the two «été» stay one', async () => {
    await opened('view=learn&corpus=own&positions=none&seed=3', async (page) => {
      await own(page)
      await press(page, 'Learn')
      const hash = await hashOf(page)
      const command = await page.locator('.command').innerText()
      expect(command).toBe(
        'regard learn text.txt --sentences auto --position none --seed 3 -o regard.safetensors',
      )
      expect(await commandHash(command.split(' ').slice(2, -2), { 'text.txt': TEXT })).toBe(hash)
      expect(await page.locator('.says').innerText()).toContain('are one vector')
    })
  }, 120_000)

  test('goes ten steps, waits, goes on, waits and begins again', async () => {
    await opened('view=learn', async (page) => {
      await press(page, 'Ten steps')
      await page.getByText('It waits.').waitFor()
      expect(await stepOf(page)).toBe(10)
      await press(page, 'Ten steps')
      await page.getByText('Step 20').waitFor()
      await page.getByText('It waits.').waitFor()
      await press(page, 'Go on')
      await page.getByText(/Step ([4-9]0|\d{3})/).waitFor()
      await press(page, 'Pause')
      // steps that are on their way still arrive
      await page.waitForTimeout(400)
      const waits = await stepOf(page)
      await page.waitForTimeout(400)
      expect(await stepOf(page)).toBe(waits)
      await press(page, 'Reset')
      await page.getByText('Nothing is learned yet').waitFor()
      expect(await page.locator('.figures').count()).toBe(0)
    })
  })

  test('waits while nobody sees the page', async () => {
    await opened('view=learn', async (page) => {
      await press(page, 'Learn')
      await page
        .getByText(/Step \d0/)
        .first()
        .waitFor()
      const show = (hidden: boolean) =>
        page.evaluate((state) => {
          Object.defineProperty(document, 'hidden', { value: state, configurable: true })
          document.dispatchEvent(new Event('visibilitychange'))
        }, hidden)
      await show(true)
      await page.getByText('It waits while the page is hidden.').waitFor()
      // steps that are on their way still arrive
      await page.waitForTimeout(400)
      const waits = await stepOf(page)
      await page.waitForTimeout(400)
      expect(await stepOf(page)).toBe(waits)
      await show(false)
      await page.getByRole('button', { name: 'Pause' }).waitFor()
    })
  })

  test('keeps what there is, saves it, and takes it back with the same hash', async () => {
    await opened('view=learn', async (page) => {
      await press(page, 'Ten steps')
      await page.getByText('It waits.').waitFor()
      await press(page, 'Keep what there is')
      const hash = await hashOf(page)
      const { name, bytes } = await downloaded(page, /Save the model/)
      expect(name).toBe('regard.safetensors')
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(hash)
      const model = await load(bytes)
      expect(model.learned[0].steps).toBe(10)
      await model.close()
      await press(page, 'Reset')
      await page
        .locator('input[name=model]')
        .setInputFiles({ name: 'mine.safetensors', mimeType: '', buffer: bytes })
      expect(await hashOf(page)).toBe(hash)
      await page.getByText('Loaded: mine.safetensors.').waitFor()
    })
  })

  test.each([
    ['fr', 'Take that of French novels'],
    ['en', 'Take that of English novels'],
  ])('takes the model that ships as %s', async (name, button) => {
    await opened('view=learn', async (page) => {
      await press(page, button)
      const file = readFileSync(
        fileURLToPath(new URL(`../../models/${name}.safetensors`, import.meta.url)),
      )
      expect(await hashOf(page)).toBe(createHash('sha256').update(file).digest('hex'))
      await page.getByText(`Loaded: ${name}.safetensors.`).waitFor()
      expect(await page.getByRole('button', { name: button }).count()).toBe(0)
    })
  })

  test('a broken model is told in one line, and the one before stays', async () => {
    await opened('view=learn', async (page) => {
      await press(page, 'Ten steps')
      await page.getByText('It waits.').waitFor()
      await press(page, 'Keep what there is')
      const hash = await hashOf(page)
      const give = (buffer: Buffer) =>
        page
          .locator('input[name=model]')
          .setInputFiles({ name: 'broken.safetensors', mimeType: '', buffer })
      await give(Buffer.from('<script>alert(1)</script>'))
      expect(await failure(page)).toContain('the model:')
      const { bytes } = await downloaded(page, /Save the model/)
      await give(bytes.subarray(0, bytes.length - 9))
      expect(await failure(page)).toContain('the model:')
      expect(await hashOf(page)).toBe(hash)
    })
  })

  test('a paste of 20 MB is told, and changes nothing', async () => {
    await opened('view=learn&corpus=own', async (page) => {
      await own(page, 'Un mot, un autre mot.')
      const paste = (length: number) =>
        page.getByLabel('Your text').evaluate((field, count) => {
          const clipboardData = new DataTransfer()
          clipboardData.setData('text/plain', 'été '.repeat(count / 4))
          field.dispatchEvent(
            new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
          )
        }, length)
      await paste(20_000_000)
      expect(await failure(page)).toContain('The text has 20,000,000 characters')
      expect(await page.getByLabel('Your text').inputValue()).toBe('Un mot, un autre mot.')
      await paste(400_000)
      await page.getByText('is kept beside the field').waitFor()
    })
  })

  test('script in a text is text, and a text that is not UTF-8 is told with its line', async () => {
    await opened('view=learn&corpus=own', async (page) => {
      await own(
        page,
        Array(40)
          .fill('<img src=x onerror=alert(1)> a été vu cet été <script>alert(2)</script>')
          .join('\n'),
      )
      await press(page, 'Learn')
      await hashOf(page)
      expect(await page.locator('main img, main script').count()).toBe(0)
      const file = {
        name: 'latin1.txt',
        mimeType: 'text/plain',
        buffer: Buffer.from('bon\nun \xe9t\xe9\n', 'latin1'),
      }
      await page.getByLabel('Or a file').setInputFiles(file)
      await press(page, /Learn/)
      expect(await failure(page)).toContain('latin1.txt: line 2')
    })
  }, 120_000)

  test('in French too, and nothing to learn from is said', async () => {
    await opened('view=learn&lang=fr&corpus=own', async (page) => {
      await press(page, 'Apprendre')
      expect(await failure(page)).toContain('Il n’y a pas encore de texte')
    })
  })
})

test('the plane of points is that of their largest spread, and does not flip', () => {
  const points = [3, 1, -1, -3].map((x, n) => [
    1 + 0.6 * x,
    2 + 0.8 * x,
    n === 1 || n === 2 ? 0.1 : -0.1,
  ])
  const plane = planeOf(points)
  expect(plane.shares[0]).toBeCloseTo(20 / 20.04, 9)
  expect(plane.shares[0] + plane.shares[1]).toBeCloseTo(1, 9)
  const [[x, y]] = plane.points
  expect(Math.abs(x)).toBeCloseTo(3, 1)
  expect(Math.abs(y)).toBeLessThan(0.2)
  const turned = planeOf(points, { ...plane, axes: [plane.axes[0].map((c) => -c), plane.axes[1]] })
  expect(turned.points[0][0]).toBeCloseTo(-x, 9)
})

test('two points differ along one direction alone', () => {
  const vectors = [0, 1].map((n) => Array.from({ length: 64 }, (_, c) => Math.sin(64 * n + c + 1)))
  const { points, shares } = planeOf(vectors)
  expect(shares[0]).toBeCloseTo(1, 12)
  expect(shares[1]).toBeLessThan(1e-20)
  for (const [, y] of points) expect(Math.abs(y)).toBeLessThan(1e-12)
})
