import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { expect, inject, test } from 'vitest'
import { viewNames } from '../../lab/view.ts'
import { pageFiles } from '../../src/cli/lab/page.ts'
import { openedAt } from './page.ts'

/** Goes through every view, learns a little, and asks. */
async function wholePage(page: Page): Promise<void> {
  for (const [n, name] of viewNames.entries()) {
    await page.locator('.doors a').nth(n).click()
    await page.locator(`.view.${name} h1`).waitFor()
  }
  await page.locator('.doors a').first().click()
  await page.getByRole('button', { name: 'Learn', exact: true }).click()
  await page.getByText(/Step \d+0 of/).waitFor()
  await page.getByRole('button', { name: 'Stop here' }).click()
  await page.getByRole('button', { name: 'Ask it' }).click()
  await page.locator('.ranking').waitFor()
}

test('every request but the page’s own is refused, and the page asks for none', async () => {
  const address = inject('address')
  await openedAt(
    address,
    'lang=en',
    async (page) => {
      await wholePage(page)
      const found = await page.evaluate(async () => {
        const refused = new Set<string>()
        addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
          refused.add(`${effectiveDirective} ${blockedURI}`),
        )
        const add = (name: string, given: Record<string, string>) =>
          document.body.append(Object.assign(document.createElement(name), given))
        await fetch('http://127.0.0.1:9/').catch(() => {})
        add('img', { src: 'http://127.0.0.1:9/pixel.png' })
        add('script', { src: 'http://127.0.0.1:9/script.js' })
        add('script', { textContent: 'window.ran = true' })
        add('iframe', { src: 'http://127.0.0.1:9/frame' })
        await new Promise((resolve) => setTimeout(resolve, 100))
        return { refused: [...refused].sort(), ran: 'ran' in window, isolated: crossOriginIsolated }
      })
      expect(found).toEqual({
        refused: [
          'connect-src http://127.0.0.1:9/',
          'frame-src http://127.0.0.1:9',
          'img-src http://127.0.0.1:9/pixel.png',
          'script-src-elem http://127.0.0.1:9/script.js',
          'script-src-elem inline',
        ],
        ran: false,
        isolated: true,
      })
    },
    {},
    // what the test itself tried is refused before it leaves
    (wrong) =>
      expect(wrong.filter((one) => !/Content Security Policy|127\.0\.0\.1:9/.test(one))).toEqual(
        [],
      ),
  )
}, 90_000)

test('works below any folder of any static host, without its headers', async () => {
  const files = new Map([...(await pageFiles())].map(([path, bytes]) => [`/regard/${path}`, bytes]))
  const types = {
    html: 'text/html',
    js: 'text/javascript',
    css: 'text/css',
    svg: 'image/svg+xml',
  } as Readonly<Record<string, string>>
  const server = createServer(({ url = '' }, response) => {
    const path = url.endsWith('/') ? `${url}index.html` : url
    const bytes = files.get(path)
    response
      .writeHead(bytes ? 200 : 404, {
        'content-type': types[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
      })
      .end(bytes)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await openedAt(
      `http://127.0.0.1:${(server.address() as AddressInfo).port}/regard/`,
      'lang=en',
      wholePage,
    )
  } finally {
    server.closeAllConnections()
    server.close()
  }
}, 90_000)
