import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { viewNames } from '../../lab/view.ts'
import { opened } from './page.ts'

/** How far the page is wider than the window. */
const excess = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

const states = [
  ...viewNames.map((name) => `view=${name}`),
  'as=grid&word=3,6',
  'as=table',
  'view=compute&stage=projections',
  'view=compute&key=5',
  'source=learned',
  'view=order&all&order=6,3,1,5,4,2',
  'view=learn&corpus=own',
  'view=quiz&item=3',
  'view=compute&item=2',
]

describe('a narrow window', () => {
  // 320 px are 1280 px at 400 %
  test.each(states)('of 320 px has no two-way scrolling outside grids: %s', async (state) => {
    const options = { viewport: { width: 320, height: 640 } }
    expect(await opened(`${state}&lang=fr`, excess, options)).toBeLessThanOrEqual(0)
  })

  test('with text twice as large either', async () => {
    await opened('word=3,6', async (page) => {
      await page.evaluate(() => {
        document.documentElement.style.fontSize = '200%'
      })
      expect(await excess(page)).toBeLessThanOrEqual(0)
    })
  })
})

describe('what a reader asks of colours and motion', () => {
  test('reduced motion: nothing moves by itself', async () => {
    const options = { reducedMotion: 'reduce' as const }
    const duration = await opened(
      '',
      (page) =>
        page.evaluate(
          () => getComputedStyle(document.querySelector('.bar') as Element).transitionDuration,
        ),
      options,
    )
    expect(duration).toBe('0s')
  })

  test('forced colours: bars, the chosen words and the pictures stay', async () => {
    await opened(
      'word=3,6',
      async (page) => {
        const [bar, ground] = await page.evaluate(() => [
          getComputedStyle(document.querySelector('.bar') as Element).backgroundColor,
          getComputedStyle(document.body).backgroundColor,
        ])
        expect(bar).not.toBe(ground)
        const border = await page.evaluate(
          () =>
            getComputedStyle(document.querySelector('[data-asks] .token') as Element)
              .borderBottomStyle,
        )
        expect(border).toBe('solid')
      },
      { forcedColors: 'active' },
    )
  })

  test.each(viewNames)(
    'in %s nothing moves by itself, and what is drawn stands out from the ground',
    async (name) => {
      await opened(
        `view=${name}`,
        async (page) => {
          expect(await page.evaluate(() => document.getAnimations().length)).toBe(0)
          const hidden = await page.evaluate(() => {
            const ground = getComputedStyle(document.body).backgroundColor
            const isSeen = (shape: Element): boolean => {
              const { stroke, fill } = getComputedStyle(shape)
              return [stroke, fill].some((paint) => paint !== 'none' && paint !== ground)
            }
            return [...document.querySelectorAll('.view svg[role=img]')].filter(
              (svg) => ![...svg.querySelectorAll('path, rect, circle')].some(isSeen),
            ).length
          })
          expect(hidden).toBe(0)
        },
        { reducedMotion: 'reduce', forcedColors: 'active' },
      )
    },
  )

  test('words of the sentence have their language, on a page of another', async () => {
    await opened('', async (page) => {
      expect(await page.locator('html').getAttribute('lang')).toBe('en')
      expect(await page.locator('.sentence .token').first().getAttribute('lang')).toBe('fr')
      expect(await page.locator('.says .cited').first().getAttribute('lang')).toBe('fr')
      expect(await page.locator('.lead .cited').first().getAttribute('lang')).toBe('fr')
    })
  })
})

test('the first touch needs at most 120 kB of script, gzipped', async () => {
  await opened('', async (page) => {
    const scripts = await page.evaluate(async () => {
      const names = performance.getEntriesByType('resource').map(({ name }) => name)
      return Promise.all(
        names
          .filter((name) => name.endsWith('.js'))
          .map(async (name) => (await fetch(name)).text()),
      )
    })
    const bytes = scripts.reduce((sum, script) => sum + gzipSync(script).length, 0)
    expect(bytes).toBeGreaterThan(10_000)
    expect(bytes).toBeLessThan(120_000)
    console.log(`first touch: ${bytes} bytes of script, gzipped`)
  })
})
