import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { unzipSync } from 'fflate'
import { SaxesParser } from 'saxes'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { onePage } from '../../src/cli/lab/one-file.ts'
import { EXIT } from '../../src/cli/terminal/errors.ts'
import { PAGE } from './built-page.ts'
import { type Installed, installed } from './command.ts'

/** A page as `npm run build` leaves one, with little in it. */
const FILES: Readonly<Record<string, string>> = {
  ...PAGE,
  'assets/index-a1B2c3_4.js': 'console.log(1)\n'.repeat(50),
  'assets/index-a1B2c3-5.css': 'body{}',
}

const command = installed(
  async (one: Installed) => {
    mkdirSync(one.path('package/dist/lab/assets'), { recursive: true })
    for (const [name, text] of Object.entries(FILES)) one.write(`package/dist/lab/${name}`, text)
    one.write('package/dist/secret.txt', 'secret')
  },
  { apart: true },
)

const running: ChildProcess[] = []
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

/** Starts the command. Returns the first line on stdout, and the child. */
async function started(...words: string[]): Promise<{ line: string; child: ChildProcess }> {
  const child = command.start(['lab', ...words])
  running.push(child)
  const [line] = await once(child.stdout, 'data')
  return { line: String(line).trim(), child }
}

interface Answer {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** What a server answers to a path exactly as it stands. */
const asked = (
  address: string,
  path: string,
  { method = 'GET', headers = {} } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(address)
    const sent = request({ hostname, port, path, method, headers }, async (response) => {
      let text = ''
      for await (const piece of response.setEncoding('utf8')) text += piece
      resolve({ status: response.statusCode, headers: response.headers, text })
    })
    sent.on('error', reject).end()
  })

describe('regard lab serves the page', () => {
  // one server for those who only ask it
  let line: string
  let server: ChildProcess
  beforeAll(async () => {
    ;({ line, child: server } = await started())
    running.splice(running.indexOf(server), 1)
  })
  afterAll(() => server.kill('SIGKILL'))

  test('its address is all that is on stdout, as JSON with --json, and it leads to the page', async () => {
    const { address } = JSON.parse((await started('--json')).line)
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    expect(await asked(address, '/')).toMatchObject({ status: 200, text: FILES['index.html'] })
    expect(await asked(address, '/?view=look')).toMatchObject({
      status: 200,
      text: FILES['index.html'],
    })
  })

  test('every answer has the policy, isolation and the type of the file', async () => {
    const types = {
      '/': 'text/html',
      '/assets/index-a1B2c3_4.js': 'text/javascript',
      '/assets/index-a1B2c3-5.css': 'text/css',
      '/no': 'text/plain',
    }
    for (const [path, type] of Object.entries(types)) {
      const { headers } = await asked(line, path)
      expect(headers['content-type']).toBe(`${type}; charset=utf-8`)
      expect(headers['content-security-policy']).toMatch(
        /^default-src 'none'; .*frame-ancestors 'none'$/,
      )
      expect(headers['content-security-policy']).not.toMatch(
        /unsafe-inline|'unsafe-eval'|\*|https?:/,
      )
      expect(headers).toMatchObject({
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
        'cross-origin-resource-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
      })
    }
  })

  test('what has a hash in its name is kept for good, the page is asked for again and is not sent twice', async () => {
    expect((await asked(line, '/assets/index-a1B2c3_4.js')).headers['cache-control']).toContain(
      'immutable',
    )
    const { headers } = await asked(line, '/')
    expect(headers['cache-control']).toBe('no-cache')
    expect(
      await asked(line, '/', { headers: { 'if-none-match': String(headers.etag) } }),
    ).toMatchObject({ status: 304, text: '' })
  })

  test('scripts are packed for those who take it', async () => {
    const path = '/assets/index-a1B2c3_4.js'
    const { headers } = await asked(line, path, { headers: { 'accept-encoding': 'gzip' } })
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' })
    expect(Number(headers['content-length'])).toBeLessThan(FILES['assets/index-a1B2c3_4.js'].length)
    expect((await asked(line, path)).text).toBe(FILES['assets/index-a1B2c3_4.js'])
  })

  test.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e%5csecret.txt',
    '/..\\secret.txt',
    '//secret.txt',
    '/assets/%00',
    '/%',
    '/assets',
    '/assets/',
    '/.',
    '/__proto__',
    'http://127.0.0.1/index.html',
  ])('%s leads to nothing', async (path) => {
    expect(await asked(line, path)).toMatchObject({
      status: 404,
      text: 'there is no such file; the page is at /\n',
    })
  })

  test('a name of another host that leads here is refused, 127.0.0.1 and localhost are not', async () => {
    for (const host of [
      'evil.example',
      '127.0.0.1.evil.example',
      'localhost.evil.example:80',
      '[::1]',
    ])
      expect((await asked(line, '/', { headers: { host } })).status).toBe(421)
    for (const host of ['localhost', 'LOCALHOST:8321', '127.0.0.1:9000'])
      expect((await asked(line, '/', { headers: { host } })).status).toBe(200)
  })

  test('it is read only, and HEAD gives the headers alone', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect(await asked(line, '/', { method })).toMatchObject({
        status: 405,
        headers: { allow: 'GET, HEAD' },
      })
    const head = await asked(line, '/', { method: 'HEAD' })
    expect(head).toMatchObject({
      status: 200,
      text: '',
      headers: { 'content-length': String(FILES['index.html'].length) },
    })
  })

  test('it listens on this machine alone', async () => {
    const { port } = new URL(line)
    // what is bound to all addresses answers at another one of the same machine
    await expect(asked(`http://127.0.0.2:${port}/`, '/')).rejects.toThrow('ECONNREFUSED')
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('%s ends it cleanly', async (signal) => {
    const { line: address, child } = await started()
    await asked(address, '/')
    child.kill(signal)
    expect(await once(child, 'exit')).toEqual([EXIT.done, null])
    await expect(asked(address, '/')).rejects.toThrow('ECONNREFUSED')
  })

  test('a port that is taken is told in one line, and without --port another one is found', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    expect(await command.run(['lab', '--port', String(port)])).toEqual({
      code: EXIT.input,
      stdout: '',
      stderr: `regard lab: port ${port} is taken; give --port another, or leave it out to have a free one\n`,
    })
    other.close()
    const [first, second] = [await started(), await started()]
    expect(first.line).not.toBe(second.line)
    expect(await asked(second.line, '/')).toMatchObject({ status: 200 })
  })
})

describe('regard lab --out', () => {
  const out = (name: string, ...words: string[]) => command.run(['lab', '--out', name, ...words])

  test('NAME.html is one file, made of those that are served', async () => {
    const { code, stdout } = await out('one.html', '--json')
    expect(command.read('one.html')).toBe(
      onePage(
        new Map(
          Object.entries(FILES)
            .sort()
            .map(([name, text]) => [name, Buffer.from(text)]),
        ),
      ),
    )
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      { out: 'one.html', form: 'file', bytes: command.read('one.html').length, files: 1 },
    ])
  })

  test('NAME/ is the folder, and one that has something in it is left alone without --force', async () => {
    expect(await out('site/')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(`site/: ${Object.keys(FILES).length} files`),
    })
    for (const [name, text] of Object.entries(FILES))
      expect(command.read(`site/${name}`)).toBe(text)
    command.write('site/index.html', 'mine')
    expect(await out('site')).toMatchObject({
      code: EXIT.usage,
      stderr: expect.stringMatching(/^regard lab: site is not empty; .*--force.*\n$/),
    })
    expect(command.read('site/index.html')).toBe('mine')
    expect((await out('site', '--force')).code).toBe(0)
    expect(command.read('site/index.html')).toBe(FILES['index.html'])
  })

  test('a folder that is there and empty is filled, and nothing else is left', async () => {
    mkdirSync(command.path('empty'))
    const before = readdirSync(command.path('.')).length
    expect((await out('empty')).code).toBe(0)
    expect([
      readdirSync(command.path('empty')).sort(),
      readdirSync(command.path('.')).length,
    ]).toEqual([['assets', 'index.html'], before])
  })

  test('NAME.zip is a package with every file and a manifest that names each, the same bytes each time', async () => {
    await out('a.zip')
    await out('b.zip')
    const [a, b] = ['a.zip', 'b.zip'].map((name) => readFileSync(command.path(name)))
    expect(a.equals(b)).toBe(true)
    const files = unzipSync(a)
    const named: string[] = []
    const parser = new SaxesParser({ xmlns: true })
    parser.on(
      'opentag',
      ({ name, attributes }) => name === 'file' && named.push(attributes.href.value),
    )
    parser.write(new TextDecoder().decode(files['imsmanifest.xml'])).close()
    expect([...named, 'imsmanifest.xml'].sort()).toEqual(Object.keys(files).sort())
    for (const name of named) expect(new TextDecoder().decode(files[name])).toBe(FILES[name])
  })

  test.each([
    [
      ['--out', 'page.pdf'],
      EXIT.usage,
      '--out page.pdf: end it in .html for one file, in / for a folder, in .zip for a SCORM package',
    ],
    [
      ['--out', 'page.html', '--port', '9000'],
      EXIT.usage,
      '--out writes the page and --port serves it; give one of them',
    ],
    [
      ['--out', 'no/page.html'],
      EXIT.input,
      'no/page.html: its folder does not exist; make it first, or choose another',
    ],
    [
      ['--port', '0'],
      EXIT.usage,
      "option '--port <number>' argument '0' is invalid. It must be an integer from 1 to 65535; regard --help shows what there is",
    ],
  ])('%j is an error of one line', async (words, code, message) => {
    const ran = await command.run(['lab', ...words])
    expect(ran).toMatchObject({ code, stdout: '' })
    expect(ran.stderr.replace(/^regard( lab)?: /, '')).toBe(`${message}\n`)
  })

  test('a file that is there is left alone without --force', async () => {
    command.write('mine.html', 'mine')
    expect(await out('mine.html')).toMatchObject({
      code: EXIT.usage,
      stderr: 'regard lab: mine.html is there already; --force overwrites it\n',
    })
    expect(command.read('mine.html')).toBe('mine')
    expect((await out('mine.html', '--force')).code).toBe(0)
  })
})

describe('regard lab where the page is not built', () => {
  const bare = installed(undefined, { apart: true })
  test('says how to build it', async () => {
    const { code, stdout, stderr } = await bare.run(['lab'])
    expect([code, stdout]).toEqual([EXIT.input, ''])
    expect(stderr).toMatch(
      /^regard lab: the page is not there: .*index\.html is missing; npm run build makes it, in a checkout\n$/,
    )
  })
})
