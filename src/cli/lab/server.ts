import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname } from 'node:path'
import { gzipSync } from 'node:zlib'
import { inputError } from '../terminal/errors.ts'
import type { PageFiles } from './page.ts'
import { HEADERS } from './policy.ts'

/** The first port that is tried where none is named, and how many after it. */
export const DEFAULT_PORT = 8321
const TRIES = 20

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
}

/** A page that is served until it is closed. */
interface Site {
  readonly address: string
  close(): Promise<void>
}

type Headers = Readonly<Record<string, string>>

/** A file as it is answered with. */
interface Served {
  readonly bytes: Uint8Array
  readonly packed?: Uint8Array
  readonly headers: Headers & { readonly ETag: string }
}

/**
 * Serves files to this machine alone: they are in memory, and nothing but their names leads to
 * anything.
 *
 * @param port without it a free one
 * @throws {CommandError} for a port that cannot be had
 */
export async function serve(files: PageFiles, port?: number): Promise<Site> {
  const served = new Map([...files].map(([name, bytes]) => [name, servedAs(name, bytes)]))
  const server = createServer((request, response) => answer(request, response, served))
  await listen(server, port)
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** What has a hash in its name never changes; anything else is asked for again. */
const IS_HASHED = /-[\w-]{8}\.\w+$/

function servedAs(name: string, bytes: Uint8Array): Served {
  const type = TYPES[extname(name)]
  const headers = {
    'Content-Type': type ?? 'application/octet-stream',
    'Cache-Control': IS_HASHED.test(name) ? 'public, max-age=31536000, immutable' : 'no-cache',
    ETag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
  }
  if (!type) return { bytes, headers }
  const packed = gzipSync(bytes, { level: 9 })
  return { bytes, packed, headers: { ...headers, Vary: 'Accept-Encoding' } }
}

function answer(
  { method, headers, url = '' }: IncomingMessage,
  response: ServerResponse,
  served: ReadonlyMap<string, Served>,
) {
  const send = (status: number, own: Headers, body: string | Uint8Array = ''): void =>
    void response
      .writeHead(status, { ...HEADERS, ...own })
      .end(method === 'HEAD' ? undefined : body)
  const refuse = (status: number, why: string, own: Headers = {}): void =>
    send(status, { ...REFUSAL, ...own }, `${why}\n`)
  const file = served.get(nameIn(url))
  // a name of another host that leads here is somebody else's page
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/i.test(headers.host ?? ''))
    return refuse(421, 'ask for 127.0.0.1 or localhost')
  if (method !== 'GET' && method !== 'HEAD')
    return refuse(405, 'the page is read only: GET or HEAD', { Allow: 'GET, HEAD' })
  if (!file) return refuse(404, 'there is no such file; the page is at /')
  if (headers['if-none-match'] === file.headers.ETag) return send(304, file.headers)
  const isPacked = /\bgzip\b/.test(String(headers['accept-encoding'] ?? ''))
  const body = (isPacked && file.packed) || file.bytes
  const encoding = body === file.packed ? { 'Content-Encoding': 'gzip' } : {}
  send(200, { ...file.headers, 'Content-Length': String(body.length), ...encoding }, body)
}

const REFUSAL: Headers = {
  'Content-Type': 'text/plain; charset=utf-8',
  'Cache-Control': 'no-store',
  Connection: 'close',
}

/** The name of the file that a request asks for; what cannot be read names none. */
function nameIn(url: string) {
  const [path] = url.split(/[?#]/)
  if (path === '/') return 'index.html'
  try {
    return path.startsWith('/') ? decodeURIComponent(path.slice(1)) : ''
  } catch {
    return ''
  }
}

/** Listens at a port, or at the first free one from the default one on, or at any. */
async function listen(server: Server, port?: number) {
  const tried = [...Array.from({ length: TRIES }, (_, n) => DEFAULT_PORT + n), 0]
  const ports = port === undefined ? tried : [port]
  for (const one of ports) {
    server.listen(one, '127.0.0.1')
    try {
      await once(server, 'listening')
      return
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'EADDRINUSE' || one === ports.at(-1)) throw told(one, error as Error)
    }
  }
}

function told(port: number, { code, message }: NodeJS.ErrnoException): Error {
  const why: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port} is taken; give --port another, or leave it out to have a free one`,
    EACCES: `port ${port} is not for this user; give --port one from 1024 on, or leave it out`,
  }
  return inputError(
    why[code ?? ''] ??
      `127.0.0.1 cannot be served on: ${message}; write the page to a file with --out page.html`,
  )
}
