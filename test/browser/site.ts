import { createServer, type OutgoingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/** Files by address, with their type. */
export type Files = ReadonlyMap<
  string,
  { readonly type: string; readonly text: string | Uint8Array }
>

/** For a Chromium that asks nothing of the network. */
export const FLAGS = [
  ...'--headless --no-sandbox --disable-gpu --disable-quic --no-first-run'.split(' '),
  ...'--disable-background-networking --disable-component-update --disable-sync'.split(' '),
]

const PAGE =
  '<!doctype html><html lang="en"><title>regard</title><script type="module" src="/page.js"></script></html>'

/**
 * The page and its worker, or other entries, bundled and minified as a user's would be, by a
 * bundler that knows nothing of this package.
 */
export async function bundle(entries = ['page', 'worker']): Promise<Files> {
  const entry = Object.fromEntries(
    entries.map((name) => [name, fileURLToPath(new URL(`${name}.ts`, import.meta.url))]),
  )
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      write: false,
      target: 'es2022',
      minify: 'oxc',
      lib: { entry, formats: ['es'], fileName: (_format, name) => `${name}.js` },
    },
  })
  const outputs = [built].flat().flatMap((one) => ('output' in one ? one.output : []))
  const scripts = outputs.flatMap((one) =>
    one.type === 'chunk' ? [[`/${one.fileName}`, one.code] as const] : [],
  )
  const files = new Map<string, { type: string; text: string }>([
    ['/', { type: 'text/html', text: PAGE }],
  ])
  for (const [address, text] of scripts) files.set(address, { type: 'text/javascript', text })
  return files
}

/**
 * Serves the files on this machine alone, all with the same headers; returns the address, and what
 * closes it.
 */
export async function serve(
  files: Files,
  headers: OutgoingHttpHeaders,
): Promise<{ address: string; close(): void }> {
  const server = createServer(({ url = '/' }, response) => {
    const file = files.get(url)
    response.writeHead(file ? 200 : 404, {
      ...headers,
      'Content-Type':
        typeof file?.text === 'object' ? file.type : `${file?.type ?? 'text/plain'}; charset=utf-8`,
    })
    response.end(file?.text ?? '')
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
