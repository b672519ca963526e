import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import ts from 'typescript'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { readPieces, readWhole, writeWhole } from '../../src/io/files.ts'
import type { FilePath } from '../../src/io/path.ts'

const root = mkdtempSync(join(tmpdir(), 'regard-files-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let folders = 0
/** An empty folder. */
function folder(): string {
  const path = join(root, String(folders++))
  mkdirSync(path)
  return path
}

const messageOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'no error',
    (error: Error) => `${error.constructor.name}: ${error.message}`,
  )

/** Whether the command runs; otherwise says why the test is left out. */
function can(what: string, command: string, ...words: string[]): boolean {
  try {
    execFileSync(command, words, { stdio: 'pipe' })
    return true
  } catch (error) {
    console.log(`not tested: ${what}: ${command} is refused (${String(error).split('\n')[0]})`)
    return false
  }
}

describe('writing', () => {
  test.each<[string, Uint8Array | string | string[]]>([
    ['bytes', new TextEncoder().encode('été\n')],
    ['text', 'été\n'],
    ['pieces', ['ét', 'é\n']],
  ])('gives a file its %s, and leaves nothing else', async (_, pieces) => {
    const here = folder()
    await writeWhole(join(here, 'a.txt'), pieces)
    expect([readFileSync(join(here, 'a.txt'), 'utf8'), readdirSync(here)]).toEqual([
      'été\n',
      ['a.txt'],
    ])
  })

  test('gives a new file the permissions that the process gives to new files', async () => {
    const here = folder()
    writeFileSync(join(here, 'plain'), '')
    await writeWhole(join(here, 'ours'), 'x')
    expect(statSync(join(here, 'ours')).mode).toBe(statSync(join(here, 'plain')).mode)
  })

  test.each([0o600, 0o644, 0o666, 0o755])('over a file keeps its permissions %o', async (mode) => {
    const path = join(folder(), 'a')
    writeFileSync(path, 'old')
    chmodSync(path, mode)
    await writeWhole(path, 'new')
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['new', mode])
  })

  test('through a symbolic link replaces what it leads to', async () => {
    const [here, there] = [folder(), folder()]
    writeFileSync(join(there, 'a'), 'old')
    symlinkSync(join(there, 'a'), join(here, 'link'))
    await writeWhole(join(here, 'link'), 'new')
    expect([
      lstatSync(join(here, 'link')).isSymbolicLink(),
      readFileSync(join(there, 'a'), 'utf8'),
    ]).toEqual([true, 'new'])
  })

  test('through a symbolic link to nothing makes the file there', async () => {
    const [here, there] = [folder(), folder()]
    symlinkSync(join('..', there.slice(root.length + 1), 'a'), join(here, 'link'))
    await writeWhole(join(here, 'link'), 'new')
    expect([
      lstatSync(join(here, 'link')).isSymbolicLink(),
      readFileSync(join(there, 'a'), 'utf8'),
    ]).toEqual([true, 'new'])
  })

  test('to a device does not replace the device', async () => {
    await writeWhole('/dev/null', 'x')
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
  })

  test('many at once to one name leaves one of them whole', async () => {
    const path = join(folder(), 'a')
    const texts = Array.from({ length: 20 }, (_, n) => String(n).repeat(100_000))
    await Promise.all(texts.map((text) => writeWhole(path, text)))
    expect(texts).toContain(readFileSync(path, 'utf8'))
    expect(readdirSync(join(path, '..'))).toEqual(['a'])
  })

  test('steps around what a process of the same number has left', async () => {
    const here = folder()
    writeFileSync(join(here, `.regard-${process.pid}-0.part`), 'of another')
    await writeWhole(join(here, 'a'), 'x')
    expect(readdirSync(here)).toEqual([`.regard-${process.pid}-0.part`, 'a'])
  })
})

describe('what cannot be written leaves all as it was, and one line', () => {
  test('pieces that fail on the way: their own error', async () => {
    const here = folder()
    writeFileSync(join(here, 'a'), 'old')
    async function* pieces() {
      yield 'new'
      throw new RangeError('line 3 is bad')
    }
    expect(await messageOf(writeWhole(join(here, 'a'), pieces()))).toBe('RangeError: line 3 is bad')
    expect([readFileSync(join(here, 'a'), 'utf8'), readdirSync(here)]).toEqual(['old', ['a']])
  })

  test('a folder that does not exist', async () => {
    const path = join(folder(), 'missing', 'a')
    expect(await messageOf(writeWhole(path, 'x'))).toBe(
      `Error: ${path}: its folder does not exist; make it first, or choose another`,
    )
  })

  test('a path below a file', async () => {
    const file = join(folder(), 'file')
    writeFileSync(file, '')
    expect(await messageOf(writeWhole(join(file, 'a'), 'x'))).toBe(
      `Error: ${join(file, 'a')}: a part of its path is a file, not a folder; check its name`,
    )
  })

  test('a folder', async () => {
    const here = folder()
    expect(await messageOf(writeWhole(here, 'x'))).toBe(
      `Error: ${here}: it is a folder; name a file`,
    )
  })

  test('a circle of links', async () => {
    const here = folder()
    symlinkSync(join(here, 'a'), join(here, 'b'))
    symlinkSync(join(here, 'b'), join(here, 'a'))
    expect(await messageOf(writeWhole(join(here, 'a'), 'x'))).toBe(
      `Error: ${join(here, 'a')}: its symbolic links lead in a circle; remove one of them`,
    )
  })

  test('a folder that may not be changed', async () => {
    const here = folder()
    writeFileSync(join(here, 'a'), 'old')
    chmodSync(here, 0o555)
    // root goes by modes nowhere: it needs the attribute
    const asRoot = process.getuid?.() === 0
    if (asRoot && !can('a folder that may not be changed', 'chattr', '+i', here)) return
    try {
      expect(await messageOf(writeWhole(join(here, 'a'), 'new'))).toMatch(
        /^Error: .*\/a: (access is denied|the system does not permit it); check its permissions$/,
      )
      expect([readFileSync(join(here, 'a'), 'utf8'), readdirSync(here)]).toEqual(['old', ['a']])
    } finally {
      if (asRoot) execFileSync('chattr', ['-i', here])
      chmodSync(here, 0o755)
    }
  })

  test('a file that its owner has protected', async ({ skip }) => {
    skip(process.getuid?.() === 0, 'root may write to it')
    const path = join(folder(), 'a')
    writeFileSync(path, 'old')
    chmodSync(path, 0o444)
    expect(await messageOf(writeWhole(path, 'new'))).toBe(
      `Error: ${path}: access is denied; check its permissions`,
    )
  })

  test('a full disk', async () => {
    const here = folder()
    if (!can('a full disk', 'mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', here)) return
    try {
      writeFileSync(join(here, 'a'), 'old')
      expect(await messageOf(writeWhole(join(here, 'a'), new Uint8Array(200_000)))).toBe(
        `Error: ${join(here, 'a')}: the disk is full; free some space, or choose another place`,
      )
      expect([readFileSync(join(here, 'a'), 'utf8'), readdirSync(here)]).toEqual(['old', ['a']])
    } finally {
      execFileSync('umount', [here])
    }
  })

  test('a full device', async ({ skip }) => {
    skip(!existsSync('/dev/full'), 'there is no /dev/full')
    expect(await messageOf(writeWhole('/dev/full', 'x'))).toBe(
      'Error: /dev/full: the disk is full; free some space, or choose another place',
    )
  })
})

describe('a process that is killed while it writes', () => {
  const script = join(root, 'src', 'io', 'files.js')
  beforeAll(() => {
    const compilerOptions = {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ES2022,
      rewriteRelativeImportExtensions: true,
    }
    mkdirSync(join(root, 'src', 'io'), { recursive: true })
    writeFileSync(join(root, 'package.json'), '{ "type": "module" }')
    for (const name of ['io/files', 'io/path', 'kinds']) {
      const source = readFileSync(new URL(`../../src/${name}.ts`, import.meta.url), 'utf8')
      const { outputText } = ts.transpileModule(source, { compilerOptions })
      writeFileSync(join(root, 'src', `${name}.js`), outputText)
    }
  })

  test('leaves the old file whole, and does not hinder the next', async () => {
    const here = folder()
    const path = join(here, 'a')
    writeFileSync(path, 'old')
    const program = `
      import { writeWhole } from ${JSON.stringify(pathToFileURL(script).href)}
      async function* pieces() {
        yield 'x'.repeat(1e6)
        process.stdout.write('half')
        await new Promise((done) => setTimeout(done, 60_000))
      }
      await writeWhole(${JSON.stringify(path)}, pieces())`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    expect(readdirSync(here)).toHaveLength(2)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(readFileSync(path, 'utf8')).toBe('old')
    await writeWhole(path, 'new')
    expect(readFileSync(path, 'utf8')).toBe('new')
  })
})

describe('reading', () => {
  test('gives all bytes', async () => {
    const path = join(folder(), 'a')
    writeFileSync(path, Uint8Array.of(0, 255, 10))
    expect([...(await readWhole(path))]).toEqual([0, 255, 10])
  })

  test('what is not there is one line', async () => {
    const path = join(folder(), 'a')
    expect(await messageOf(readWhole(path))).toBe(
      `Error: ${path}: there is no such file; check its name`,
    )
  })

  test('a folder is one line', async () => {
    const here = folder()
    expect(await messageOf(readWhole(here))).toBe(`Error: ${here}: it is a folder; name a file`)
  })
})

describe('a file has a path or an address', () => {
  const pieces = async (file: FilePath): Promise<Uint8Array> => {
    const all: Uint8Array[] = []
    for await (const piece of readPieces(file)) all.push(piece)
    return new Uint8Array(Buffer.concat(all))
  }

  test('which reading and writing take alike', async () => {
    const path = join(folder(), 'é 1')
    const url = pathToFileURL(path)
    const addresses = [path, url, url.href, url.href.replace('file:///', 'file:/')]
    for (const [n, address] of addresses.entries()) {
      await writeWhole(address, Uint8Array.of(n, 255))
      expect([...readFileSync(path)]).toEqual([n, 255])
      expect([...(await readWhole(address))]).toEqual([n, 255])
      expect([...(await pieces(address))]).toEqual([n, 255])
    }
  })

  const calls: [string, (file: FilePath) => Promise<unknown>, string][] = [
    ['readWhole', readWhole, 'download it first'],
    ['readPieces', pieces, 'download it first'],
    ['writeWhole', (file) => writeWhole(file, 'x'), 'give a path'],
  ]
  test.each(calls)('and %s refuses what is neither', async (name, call, remedy) => {
    const wanted = `${name}: needs a path, or the address of a file (file:///…), got`
    expect(await messageOf(call(''))).toBe(`RangeError: ${wanted} ""`)
    expect(await messageOf(call('a\0b'))).toBe(`RangeError: ${wanted} "a\\u0000b"`)
    expect(await messageOf(call(3 as never))).toBe(`TypeError: ${wanted} 3`)
    expect(await messageOf(call(null as never))).toBe(`TypeError: ${wanted} null`)
    for (const address of ['https://example.org/a', 'file:///a%2Fb'])
      expect(await messageOf(call(address))).toBe(
        `RangeError: ${address}: it is no file of this machine; ${remedy}`,
      )
  })
})

describe('without files', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.restoreAllMocks()
  })
  const NONE = 'Error: a: there are no files here; give or take the bytes themselves'
  const calls: [string, () => Promise<unknown>][] = [
    ['reading', () => readWhole('a')],
    ['reading in pieces', () => readPieces('a').next()],
    ['writing', () => writeWhole('a', 'x')],
  ]

  test.each([
    ['process', undefined],
    ['process.getBuiltinModule', {}],
    ['the module', { getBuiltinModule: () => undefined }],
    ['anything in the module', { getBuiltinModule: () => ({}) }],
  ])('where there is no %s, each call says so', async (_, process) => {
    vi.stubGlobal('process', process)
    for (const [, call] of calls) expect(await messageOf(call())).toBe(NONE)
  })

  test('in a worker of Cloudflare, where files last for one request, each call says that', async () => {
    vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' })
    const fail = (code: string) => () =>
      Promise.reject(Object.assign(new Error(code), { code, syscall: 'open' }))
    const files = { open: fail('ENOENT'), readFile: fail('ENOENT'), stat: fail('EPERM') }
    vi.spyOn(process, 'getBuiltinModule').mockImplementation((() => files) as never)
    for (const [, call] of calls)
      expect(await messageOf(call())).toBe(
        'Error: a: files here last for one request, in /tmp alone; give or take the bytes themselves',
      )
  })
})
