import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addressOf, linked, pack } from '../scripts/pack.js'
import { reachedFrom } from '../scripts/slim.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'regard-package-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Packed {
  readonly size: number
  readonly paths: readonly string[]
  readonly manifest: Readonly<Record<string, unknown>>
  read(path: string): string
}

/** What is published of the checkout, as it is built. */
function packed(name: string, repository?: string): Packed {
  const out = join(folder, name)
  mkdirSync(out)
  const tarball = pack({ out, ...(repository ? { repository } : {}) })
  execFileSync('tar', ['-xzf', tarball], { cwd: out })
  const read = (path: string): string => readFileSync(join(out, 'package', path), 'utf8')
  const paths = readdirSync(join(out, 'package'), { recursive: true, encoding: 'utf8' }).map(
    (path) => path.replaceAll('\\', '/'),
  )
  return { size: statSync(tarball).size, paths, manifest: JSON.parse(read('package.json')), read }
}

/** Targets of links and pictures, and of no code. */
const targetsOf = (text: string): string[] =>
  Array.from(
    text.replace(/```[\s\S]*?```|`[^`\n]*`/g, '').matchAll(/\]\(([^)]*)\)/g),
    ([, target]) => target,
  )
/** Anchors of the page that a link leads to: its headings, as repositories name them. */
const anchorsOf = (page: string, target: string): Set<string> =>
  new Set(
    Array.from(
      readFileSync(
        target.startsWith('#') ? join(root, page) : join(root, dirname(page), target.split('#')[0]),
        'utf8',
      ).matchAll(/^#+ (.*)$/gm),
      ([, heading]) =>
        heading
          .toLowerCase()
          .replace(/[^\p{L}\p{N} _-]/gu, '')
          .replaceAll(' ', '-'),
    ),
  )
const isRelative = (target: string): boolean => !/^(https?:|#)/.test(target)

let plain: Packed
let published: Packed
beforeAll(() => {
  plain = packed('plain')
  published = packed('published', 'somebody/regard')
})
const pages = (): string[] => plain.paths.filter((path) => path.endsWith('.md'))

describe('the package', () => {
  test('has at most 1.4 MB, with two models and their card and the bundle, and has nothing twice', () => {
    const { size, paths } = plain
    console.log(`package: ${size} bytes, ${paths.length} files and folders`)
    expect(size).toBeLessThanOrEqual(1_400_000)
    expect(size).toBeGreaterThan(1_200_000)
    const needed = [
      'dist/bundle/regard.d.ts',
      'dist/bundle/regard.js',
      'models/README.md',
      'models/en.safetensors',
      'models/fr.safetensors',
      'dist/cli/regard.js',
      'dist/lab/index.html',
    ]
    expect(
      [...needed, 'dist/lab/THIRD-PARTY-NOTICES.txt', 'LICENSE'].filter(
        (path) => !paths.includes(path),
      ),
    ).toEqual([])
    expect(
      paths.filter((path) => /\/(corpus|fr|en)-[^/]*\.bin$|large|\.map$|page\.html$/.test(path)),
    ).toEqual([])
  })

  test('has nothing that serves a checkout alone: no scripts to run, no packages to build with', () => {
    const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const { scripts, devDependencies, ...rest } = own
    expect([Object.keys(scripts).length > 0, Object.keys(devDependencies).length > 0]).toEqual([
      true,
      true,
    ])
    expect(plain.manifest).toEqual(rest)
  })

  test('has the declarations that a door leads to, with the docstrings of what public doors give, and no others', () => {
    const { exports } = plain.manifest as { exports: Record<string, { types?: string }> }
    const doors = Object.values(exports).flatMap(({ types }) => (types ? [types.slice(2)] : []))
    const found = reachedFrom(doors.map((path) => join(folder, 'plain/package', path)))
    expect(doors.length).toBeGreaterThan(6)
    expect(plain.paths.filter((path) => path.endsWith('.d.ts')).length).toBe(found.size)
    expect(plain.read('dist/layer/self-attention.d.ts')).toContain('@throws {RangeError}')
    expect(plain.paths.filter((path) => /^dist\/cli\/.*\.d\.ts$/.test(path))).toEqual([])
    const own = readFileSync(join(root, 'dist/tensor.d.ts'), 'utf8')
    for (const text of [own, plain.read('dist/tensor.d.ts')])
      expect(text).toMatch(/\*\/\nexport declare class Tensor/)
    // a namespace of the main door
    expect(plain.read('dist/mechanism/mask.d.ts')).toMatch(/\*\/\nexport declare/)
    expect(own).toMatch(/\*\/\nexport declare const sizeOf/)
    expect(plain.read('dist/tensor.d.ts')).toMatch(/[^/]\nexport declare const sizeOf/)
    // a tool's four blanks are one
    expect(plain.read('dist/tensor.d.ts')).toMatch(/\n \/\*\*[^/]*\n {2}\* [^/]*\*\/\n \w/)
    const quiz = 'quiz/extended.json'
    expect(JSON.parse(plain.read(quiz))).toEqual(JSON.parse(readFileSync(join(root, quiz), 'utf8')))
  })

  test('names no folder of the machine that made it', () => {
    const texts = plain.paths.filter((path) => /\.(js|d\.ts|json|html|css|md)$/.test(path))
    expect(texts.filter((path) => plain.read(path).includes(root))).toEqual([])
  })

  test('has the scripts of the checkout without blanks: names that stack traces show stay, and the page is as it is', () => {
    const own = (path: string): string => readFileSync(join(root, path), 'utf8')
    const script = 'dist/layer/self-attention.js'
    expect(plain.read(script).length).toBeLessThan(0.7 * own(script).length)
    const named = (code: string) => code.match(/\b(?:async function|function|class) \w+/g)
    expect(plain.read(script)).not.toContain('drawnParameters(config)')
    for (const path of [script, 'dist/kinds.js', 'dist/io/spool.js'])
      expect(named(plain.read(path))).toEqual(named(own(path)))
    // a bundler may look for a string in quotes
    const library = plain.paths.filter((path) => /^dist\/(?!lab|bundle).*\.js$/.test(path))
    expect(plain.read('dist/device/scopes.js')).toContain("typeof process==='undefined'")
    expect(library.filter((path) => /(?:from|import\(|===)`\w/.test(plain.read(path)))).toEqual([])
    const page = plain.paths.filter((path) => /^dist\/(lab|bundle)\/.*\.js$/.test(path))
    expect(page.length).toBeGreaterThan(10)
    expect(page.filter((path) => plain.read(path) !== own(path))).toEqual([])
  })

  test('leads to its index in each way that is in use', () => {
    const { main, types, exports } = plain.manifest as {
      main: string
      types: string
      exports: Record<string, Record<string, string>>
    }
    expect([main, types]).toEqual([exports['.'].default, exports['.'].types])
    expect([main, types].map((path) => plain.paths.includes(path.slice(2)))).toEqual([true, true])
    expect(plain.manifest.author).toBe('the regard authors')
  })

  test('imports nothing of Node outside the command: bundlers would follow it, and a browser would ask its host for it', () => {
    const library = plain.paths.filter((path) => /^dist\/(?!cli\/).*\.js$/.test(path))
    expect(library.length).toBeGreaterThan(100)
    expect(
      library.filter((path) => /\b(?:from|import\()\s*['"`]node:/.test(plain.read(path))),
    ).toEqual([])
  })

  test('names no map of a source, for it has none', () => {
    const scripts = plain.paths.filter((path) => /\.(js|css|d\.ts)$/.test(path))
    expect(scripts.length).toBeGreaterThan(200)
    expect(scripts.filter((path) => plain.read(path).includes('sourceMappingURL'))).toEqual([])
  })
})

describe('links of the package', () => {
  test('lead to a file in the checkout, those of each of its pages', () => {
    const folders = ['', 'docs', 'models', 'corpus', 'lab', 'examples', 'bench/results']
    const all = folders.flatMap((name) =>
      readdirSync(join(root, name)).flatMap((file) =>
        file.endsWith('.md') ? [join(name, file)] : [],
      ),
    )
    expect(all.length).toBeGreaterThan(20)
    const links = all.flatMap((page) =>
      targetsOf(readFileSync(join(root, page), 'utf8')).map((target) => ({ page, target })),
    )
    const dead = links.filter(
      ({ page, target }) =>
        isRelative(target) && !existsSync(join(root, dirname(page), target.split('#')[0])),
    )
    expect(dead).toEqual([])
    const anchored = links.filter(
      ({ page, target }) =>
        /^(?!https?:).*#/.test(target) && !anchorsOf(page, target).has(target.split('#')[1]),
    )
    expect(links.some(({ target }) => /\.md#/.test(target))).toBe(true)
    expect(anchored).toEqual([])
  })

  test('without a repository lead to a file of it, or are none', () => {
    expect(pages().sort()).toEqual(['README.md', 'corpus/README.md', 'models/README.md'])
    const dead = pages().flatMap((page) =>
      targetsOf(plain.read(page))
        .filter(
          (target) =>
            isRelative(target) &&
            !plain.paths.includes(join(dirname(page), target).replaceAll('\\', '/')),
        )
        .map((target) => `${page}: ${target}`),
    )
    expect(dead).toEqual([])
    expect(targetsOf(plain.read('README.md')).filter(isRelative).length).toBeGreaterThan(0)
    expect(plain.read('README.md')).not.toContain('look-wide-light.png')
    expect([plain.manifest.repository, plain.manifest.homepage, plain.manifest.bugs]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  test('with one lead to its files, at the tag of the version, and no other word is changed', () => {
    const address = 'https://github.com/somebody/regard'
    const at = new RegExp(`${address}/(?:blob|tree|raw)/v${plain.manifest.version}/([^)#]*)`, 'g')
    const found = pages().flatMap((page) =>
      Array.from(published.read(page).matchAll(at), ([, path]) => path),
    )
    expect(found.length).toBeGreaterThan(25)
    expect(found.filter((path) => !existsSync(join(root, path)))).toEqual([])
    expect(pages().flatMap((page) => targetsOf(published.read(page)).filter(isRelative))).toEqual(
      [],
    )
    expect(published.read('README.md')).toContain(
      `](${address}/raw/v${plain.manifest.version}/docs/lab/look-wide-light.png)`,
    )
    expect(published.read('README.md').replace(at, '$1')).toBe(
      readFileSync(join(root, 'README.md'), 'utf8'),
    )
    expect(published.manifest).toMatchObject({
      repository: { type: 'git', url: `git+${address}.git` },
      homepage: `${address}#readme`,
      bugs: { url: `${address}/issues` },
    })
  })

  test.each([
    ['[a](b.md#c) and [d](#e)', 'a and [d](#e)'],
    [
      '![a](b.png)\n[here](there.md), [out](https://example.org/x)',
      '\n[here](there.md), [out](https://example.org/x)',
    ],
    ['`[a](b.md)` [`a`](b.md)\n```\n[a](b.md)\n```', '`[a](b.md)` `a`\n```\n[a](b.md)\n```'],
  ])('%j becomes %j where there.md alone is packed', (text, expected) => {
    expect(linked(text, 'page.md', undefined, (path: string) => path === 'there.md')).toBe(expected)
  })

  test.each([
    ['me/regard', 'https://github.com/me/regard'],
    ['https://git.example.org/me/regard', 'https://git.example.org/me/regard'],
    ['git+https://github.com/me/regard.git', 'https://github.com/me/regard'],
    ['https://github.com/me/regard/', 'https://github.com/me/regard'],
  ])('the repository %s is at %s', (repository, address) => {
    expect(addressOf(repository)).toBe(address)
  })

  test.each([
    'regard',
    'http://github.com/me/regard',
    'https://github.com/regard',
    'a/b/c',
    'me/re gard',
    '',
  ])('the repository %j is refused', (repository) => {
    expect(() => addressOf(repository)).toThrow(
      `--repository needs owner/name or https://host/owner/name, got ${repository}`,
    )
  })
})

test('packing says what is missing', () => {
  expect(() => pack({ out: join(folder, 'nowhere') })).toThrow(
    `pack: --out ${join(folder, 'nowhere')} is no folder; make it first`,
  )
})
