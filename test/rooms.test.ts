import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

const SRC = fileURLToPath(new URL('../src/', import.meta.url))

/** Rooms and the rooms, or single files, that each may import. A room may import itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  kinds: [],
  elementary: [],
  text: ['kinds'],
  tensor: ['kinds'],
  random: ['kinds', 'tensor', 'elementary'],
  io: ['kinds', 'tensor', 'text/spool.ts'],
  mechanism: ['kinds', 'tensor', 'elementary'],
  device: ['kinds', 'tensor', 'elementary', 'random', 'mechanism'],
  layer: ['kinds', 'tensor', 'elementary', 'random', 'mechanism', 'device/device.ts'],
  learn: [
    'kinds',
    'tensor',
    'elementary',
    'random',
    'mechanism',
    'layer',
    'text',
    'device/device.ts',
  ],
  model: [
    'kinds',
    'tensor',
    'elementary',
    'random',
    'mechanism',
    'text',
    'io',
    'layer',
    'learn',
    'device/device.ts',
    'device/open.ts',
  ],
  claims: [
    'kinds',
    'tensor',
    'elementary',
    'random',
    'text',
    'mechanism',
    'layer',
    'device/device.ts',
  ],
  quiz: ['kinds', 'random', 'claims', 'device/device.ts'],
  senses: ['kinds', 'elementary', 'random', 'text', 'learn', 'model'],
  initializers: ['random'],
  index: [
    'kinds',
    'tensor',
    'elementary',
    'random',
    'initializers',
    'text',
    'io',
    'mechanism',
    'device',
    'layer',
    'learn',
    'model',
  ],
  wasm: ['device'],
  doors: [
    'index',
    'kinds',
    'io',
    'text',
    'device',
    'layer',
    'learn',
    'mechanism',
    'model',
    'senses',
    'claims',
    'quiz',
  ],
  cli: ['doors/internal.ts'],
}
/** Kernels are AssemblyScript: another language, compiled apart. */
const KERNELS = 'device/wasm/kernels/'
/** What only openDevice may choose, and only when it is asked for. */
const CONCRETE = /^device\/(reference(\.ts|\/)|wasm\/)/
/** Where files, console, page, clock and packages may be reached. */
const HOSTS = /^(cli\/|device\/wasm\/|io\/(files|spool)\.ts$)/

interface Import {
  readonly from: string
  /** A file of src, or the name of a package. */
  readonly to: string
  readonly inSource: boolean
  readonly dynamic: boolean
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.generated.ts'))
const roomOf = (file: string): string => file.split('/')[0].replace(/\.ts$/, '')

/** Every import and re-export of a file, of types too. */
function importsOf(from: string, folder = SRC): Import[] {
  const found: Import[] = []
  const add = (specifier: ts.Node | undefined, dynamic: boolean): void => {
    if (!specifier || !ts.isStringLiteral(specifier)) return
    const inSource = specifier.text.startsWith('.')
    const path = inSource
      ? normalize(join(dirname(from), specifier.text)).replaceAll('\\', '/')
      : specifier.text
    found.push({
      from,
      to: inSource && !/\.\w+$/.test(path) ? `${path}.ts` : path,
      inSource,
      dynamic,
    })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node))
      add(node.moduleSpecifier, false)
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], true)
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node.argument.literal, false)
    ts.forEachChild(node, visit)
  }
  visit(
    ts.createSourceFile(from, readFileSync(folder + from, 'utf8'), ts.ScriptTarget.ES2022, true),
  )
  return found
}

const imports = files.filter((file) => !file.startsWith(KERNELS)).flatMap((file) => importsOf(file))
const inside = imports.filter(({ inSource }) => inSource)
const sentence = ({ from, to }: Import, why: string): string => `${from} imports ${to}, ${why}`

/** Every circle of imports, by the names from the first that is reached again. */
function circlesIn(arrows: readonly Pick<Import, 'from' | 'to'>[]): string[] {
  const next = new Map<string, (typeof arrows)[number][]>()
  for (const arrow of arrows) next.set(arrow.from, [...(next.get(arrow.from) ?? []), arrow])
  function circleFrom(start: string): string[] | undefined {
    const done = new Set<string>()
    const walk = (path: string[]): string[] | undefined => {
      for (const { to } of next.get(path[path.length - 1]) ?? []) {
        if (to === start) return [...path, to]
        if (done.has(to)) continue
        done.add(to)
        const circle = walk([...path, to])
        if (circle) return circle
      }
      return undefined
    }
    return walk([start])
  }
  const circles = [...next.keys()].map(circleFrom).filter((circle) => circle !== undefined)
  return circles.map((circle) => circle.join(' imports '))
}

describe('who may import whom', () => {
  const rooms = [...new Set(files.map(roomOf))].sort()

  test('every room stands in the table', () => {
    expect(rooms.filter((room) => !(room in MAY_IMPORT))).toEqual([])
  })

  test.each(rooms)('%s imports its own rooms alone', (room) => {
    const allowed = MAY_IMPORT[room] ?? []
    const wrong = inside.filter(
      ({ from, to }) =>
        roomOf(from) === room &&
        roomOf(to) !== room &&
        !allowed.includes(roomOf(to)) &&
        !allowed.includes(to),
    )
    expect(wrong.map((one) => sentence(one, 'which its room may not'))).toEqual([])
  })

  test('a concrete device is imported by concrete devices, by static.ts, and by open.ts when it is asked for', () => {
    const wrong = inside.filter(
      ({ from, to, dynamic }) =>
        CONCRETE.test(to) &&
        !CONCRETE.test(from) &&
        from !== 'device/static.ts' &&
        !(from === 'device/open.ts' && dynamic),
    )
    expect(wrong.map((one) => sentence(one, 'a concrete device'))).toEqual([])
  })

  test('kernels import kernels alone', () => {
    const wrong = files
      .filter((file) => file.startsWith(KERNELS))
      .flatMap((file) => importsOf(file))
      .filter(({ to }) => !to.startsWith(KERNELS))
    expect(wrong.map((one) => sentence(one, 'which is no kernel'))).toEqual([])
  })

  test('packages and the platform are imported by hosts alone', () => {
    const wrong = imports.filter(({ from, inSource }) => !inSource && !HOSTS.test(from))
    expect(wrong.map((one) => sentence(one, 'a package'))).toEqual([])
  })

  test('every import is of a file that there is', () => {
    expect(
      inside
        .filter(({ to }) => !files.includes(to) && !to.includes('generated'))
        .map((one) => sentence(one, 'which is not there')),
    ).toEqual([])
  })
})

describe('the page', () => {
  const LAB = fileURLToPath(new URL('../lab/', import.meta.url))
  const PACKAGES = ['regard/internal', 'preact', 'preact/hooks', '@preact/signals']
  const pages = readdirSync(LAB, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => /\.tsx?$/.test(file) && !/^(vite\.config\.ts|build\/)/.test(file))
  const found = pages.flatMap((file) => importsOf(file, LAB))

  test('imports the package by its name, and packages that draw', () => {
    const wrong = found.filter(({ to, inSource }) =>
      inSource ? to.startsWith('..') : !PACKAGES.includes(to),
    )
    expect(found.some(({ to }) => to === 'regard/internal')).toBe(true)
    expect(wrong.map((one) => sentence(one, 'which is neither of the page nor public'))).toEqual([])
  })

  const own = found.filter(({ inSource, to }) => inSource && /\.tsx?$/.test(to))
  const folderOf = (file: string): string => (file.includes('/') ? file.split('/')[0] : file)

  test('has no circle of imports, neither of files nor of folders', () => {
    expect(circlesIn(own)).toEqual([])
    const folders = own.map(({ from, to }) => ({ from: folderOf(from), to: folderOf(to) }))
    expect(circlesIn(folders.filter(({ from, to }) => from !== to))).toEqual([])
  })

  test('loads its views from page.tsx alone', () => {
    expect(own.filter(({ to }) => to === 'loaders.ts').map(({ from }) => from)).toEqual([
      'page.tsx',
    ])
  })

  test('stands on state, words and the names of the views, which know no view', () => {
    const ground = ['state', 'words', 'parts', 'worker', 'shipped', 'view.ts']
    const wrong = own.filter(
      ({ from, to }) =>
        ground.includes(folderOf(from)) && ![...ground, 'build'].includes(folderOf(to)),
    )
    expect(wrong.map((one) => sentence(one, 'which stands above it'))).toEqual([])
  })

  test('has no file longer than 400 lines', () => {
    const long = pages.filter(
      (file) =>
        readFileSync(LAB + file, 'utf8')
          .trimEnd()
          .split('\n').length > 400,
    )
    expect(long).toEqual([])
  })
})

test('values are given on by name: a module that is loaded later and given on by *, esbuild may forget to run', () => {
  const starred = files.filter((file) => /^export \* from/m.test(readFileSync(SRC + file, 'utf8')))
  expect(starred).toEqual(['doors/internal.ts'])
})

test('imports never run in a circle, not even of types', () => {
  expect(circlesIn(inside)).toEqual([])
})

test('no file is longer than 400 lines', () => {
  const long = files
    .map((file) => ({
      file,
      lines: readFileSync(SRC + file, 'utf8')
        .trimEnd()
        .split('\n').length,
    }))
    .filter(({ lines }) => lines > 400)
  expect(long.map(({ file, lines }) => `${file} has ${lines} lines`)).toEqual([])
})

/** Names of the types that a file exports of its own: interfaces, aliases and classes. */
function exportedTypes(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(SRC + file, 'utf8'), ts.ScriptTarget.Latest)
  return source.statements.flatMap((one) => {
    const declares =
      ts.isInterfaceDeclaration(one) || ts.isTypeAliasDeclaration(one) || ts.isClassDeclaration(one)
    if (!declares || !one.name) return []
    const exported = one.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
    return exported ? [one.name.text] : []
  })
}

test('one name of an exported type is one type', () => {
  const homes = new Map<string, string[]>()
  for (const file of files)
    for (const name of exportedTypes(file)) homes.set(name, [...(homes.get(name) ?? []), file])
  expect(homes.size).toBeGreaterThan(100)
  const twice = [...homes].filter(([, at]) => at.length > 1)
  expect(twice.map(([name, at]) => `${name} is a type of ${at.join(' and of ')}`)).toEqual([])
})
