import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build, type Plugin, parseSync, type Rolldown } from 'vite'
import { describe, expect, test } from 'vitest'
import * as index from '../src/index.ts'

const at = (path: string): string => fileURLToPath(new URL(`../src/${path}.ts`, import.meta.url))

interface Bundle {
  /** Every import that is not of a file of the package. */
  readonly foreign: readonly string[]
  readonly chunks: readonly Rolldown.OutputChunk[]
}

/** What a bundler with its defaults makes for a browser of code that imports the package. */
async function bundled(code: string): Promise<Bundle> {
  const foreign: string[] = []
  const entry: Plugin = {
    name: 'entry',
    enforce: 'pre',
    resolveId: (source, importer) => {
      if (source === 'entry') return '\0entry'
      if (source === 'regard') return at('index')
      if (source.startsWith('regard/')) return at(`doors/${source.slice(7)}`)
      // what begins with \0 is the bundler's own
      if (importer && !/^[.\0]/.test(source)) foreign.push(`${importer} imports ${source}`)
      return null
    },
    load: (id) => (id === '\0entry' ? code : null),
  }
  const { output } = (await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [entry],
    build: {
      write: false,
      target: 'es2022',
      modulePreload: false,
      rolldownOptions: { input: 'entry' },
    },
  })) as Rolldown.RolldownOutput
  return { foreign, chunks: output.filter((file) => file.type === 'chunk') }
}

test('all doors together bundle for a browser as they are: no module of Node, no package', async () => {
  const { foreign, chunks } = await bundled(
    "import * as regard from 'regard/internal'; globalThis.regard = regard",
  )
  expect(foreign).toEqual([])
  const names = chunks.map(({ fileName }) => fileName)
  expect(
    chunks
      .flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports])
      .filter((name) => !names.includes(name)),
  ).toEqual([])
})

// kB gzipped, at once and with what is loaded when it is asked for
test.each([
  ['regard', 'Tensor', 1.9, 1.9],
  ['regard/text', 'tokenize', 8.2, 8.2],
  ['regard', 'attend', 10.1, 10.1],
  ['regard', 'openDevice', 3, 60.5],
  ['regard', 'SelfAttention, openDevice', 20.8, 71.4],
  ['regard/quiz', 'readQuiz', 7, 7],
  ['regard', 'load', 53.3, 103.9],
  ['regard', 'learn', 76.8, 127.4],
])(
  '%s: %s costs at most %f kB, and %f with what is loaded later',
  async (door, names, atOnce, inAll) => {
    const { chunks } = await bundled(
      `import { ${names} } from '${door}'; globalThis.used = [${names}]`,
    )
    const sizeOf = (some: readonly Rolldown.OutputChunk[]) =>
      some.reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length / 1000, 0)
    const first = chunks.filter(({ isEntry }) => isEntry)
    const reached = new Set(first.flatMap(({ fileName, imports }) => [fileName, ...imports]))
    const sizes = [sizeOf(chunks.filter(({ fileName }) => reached.has(fileName))), sizeOf(chunks)]
    console.log(
      `size of ${names}: ${sizes.map((size) => size.toFixed(1)).join(' kB, with what is loaded later ')} kB gzipped`,
    )
    expect(sizes[0]).toBeLessThanOrEqual(atOnce)
    expect(sizes[1]).toBeLessThanOrEqual(inAll)
  },
)

/** Names of the scripts beside the bundle, which it imports when they are needed. */
const LATER: readonly string[] = []

describe('regard/bundle', () => {
  const folder = new URL('../dist/bundle/', import.meta.url)
  const code = readFileSync(new URL('regard.js', folder), 'utf8')

  test('gives what the main door gives', async () => {
    const bundle = await import(new URL('regard.js', folder).href)
    const kindsOf = (names: object): object =>
      Object.fromEntries(Object.entries(names).map(([name, value]) => [name, typeof value]))
    expect(kindsOf(bundle)).toEqual(kindsOf(index))
    expect(readFileSync(new URL('regard.d.ts', folder), 'utf8')).toBe(
      "export * from '../index.js'\n",
    )
  })

  test('is one script, beside what is imported on demand', () => {
    const { staticImports, dynamicImports } = parseSync('regard.js', code).module
    expect([staticImports.length, dynamicImports.length]).toEqual([0, LATER.length])
    const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'))
    expect(scripts.map((name) => name.replace(/-[\w-]{8}\.js$/, '')).sort()).toEqual(
      ['regard.js', ...LATER].sort(),
    )
    const zipped = gzipSync(code, { level: 9 }).length
    console.log(`bundle: ${code.length} bytes, ${zipped} gzipped`)
    expect(code.length).toBeGreaterThan(200_000)
    expect(zipped).toBeLessThanOrEqual(132_500)
  })
})
