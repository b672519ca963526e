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
export const USUAL_PORT = 8321
const TRIES = 20

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
}

/** A page that is served until it is closed. */
export interface Site {
  readonly address: string
  close(): Promise<void>
}

/** A file as it is answered with. */
interface Served {
  readonly bytes: Uint8Array
  readonly packed?: Uint8Array
  readonly headers: Readonly<Record<string, string>>
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
    close: async () => {
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
  return type
    ? {
        bytes,
        packed: gzipSync(bytes, { level: 9 }),
        headers: { ...headers, Vary: 'Accept-Encoding' },
      }
    : { bytes, headers }
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  served: ReadonlyMap<string, Served>,
): void {
  const file = served.get(nameIn(request.url ?? ''))
  const refusal = refusalOf(request)
  if (refusal) refuse(request, response, refusal)
  else if (!file)
    refuse(request, response, { status: 404, why: 'there is no such file; the page is at /' })
  else if (request.headers['if-none-match'] === file.headers.ETag)
    response.writeHead(304, { ...HEADERS, ...file.headers }).end()
  else send(request, response, file)
}

interface Refusal {
  readonly status: number
  readonly why: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Why a request is not answered, whatever it asks for. */
function refusalOf({ method, headers }: IncomingMessage): Refusal | undefined {
  // a name of another host that leads here is somebody else's page
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/i.test(headers.host ?? ''))
    return { status: 421, why: 'ask for 127.0.0.1 or localhost' }
  if (method !== 'GET' && method !== 'HEAD')
    return {
      status: 405,
      why: 'the page is read only: GET or HEAD',
      headers: { Allow: 'GET, HEAD' },
    }
  return undefined
}

/** The name of the file that a request asks for; what cannot be read names none. */
function nameIn(url: string): string {
  const [path] = url.split(/[?#]/)
  if (path === '/') return 'index.html'
  try {
    return path.startsWith('/') ? decodeURIComponent(path.slice(1)) : ''
  } catch {
    return ''
  }
}

function send(
  { method, headers }: IncomingMessage,
  response: ServerResponse,
  { bytes, packed, headers: own }: Served,
): void {
  const isPacked = packed !== undefined && /\bgzip\b/.test(String(headers['accept-encoding'] ?? ''))
  const body = isPacked ? packed : bytes
  response.writeHead(200, {
    ...HEADERS,
    ...own,
    'Content-Length': body.length,
    ...(isPacked ? { 'Content-Encoding': 'gzip' } : {}),
  })
  response.end(method === 'HEAD' ? undefined : body)
}

function refuse(
  { method }: IncomingMessage,
  response: ServerResponse,
  { status, why, headers }: Refusal,
): void {
  const own = {
    'Content-Type': 'text/plain; charset=utf-8',
    'Cache-Control': 'no-store',
    Connection: 'close',
  }
  response
    .writeHead(status, { ...HEADERS, ...own, ...headers })
    .end(method === 'HEAD' ? undefined : `${why}\n`)
}

/** Listens at a port, or at the first free one from the usual one on, or at any. */
async function listen(server: Server, port?: number): Promise<void> {
  const ports =
    port === undefined ? [...Array.from({ length: TRIES }, (_, n) => USUAL_PORT + n), 0] : [port]
  for (const one of ports) {
    const failure = await listening(server, one)
    if (!failure) return
    if (failure.code !== 'EADDRINUSE' || one === ports.at(-1)) throw told(one, failure)
  }
}

async function listening(server: Server, port: number): Promise<NodeJS.ErrnoException | undefined> {
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    return error as NodeJS.ErrnoException
  }
}

function told(port: number, { code, message }: NodeJS.ErrnoException): Error {
  if (code === 'EADDRINUSE')
    return inputError(
      `port ${port} is taken; give --port another, or leave it out to have a free one`,
    )
  if (code === 'EACCES')
    return inputError(
      `port ${port} is not for this user; give --port one from 1024 on, or leave it out`,
    )
  return inputError(
    `127.0.0.1 cannot be served on: ${message}; write the page to a file with --out page.html`,
  )
}
