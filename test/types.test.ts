import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url)).replaceAll('\\', '/')
const DIST = `${ROOT}dist/`

/** The declarations of every public door of the package, as they are built. */
const doors = Object.entries(
  JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')).exports as Record<
    string,
    string | { types?: string }
  >,
)
  .flatMap(([name, door]) =>
    typeof door === 'object' && door.types && name !== './internal'
      ? [ROOT + door.types.slice(2)]
      : [],
  )
  .sort()

/** The strictest that a consumer may ask for, without the types of Node. */
const STRICT: ts.CompilerOptions = {
  ...{
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noPropertyAccessFromIndexSignature: true,
  },
  ...{ skipLibCheck: false, types: [], noEmit: true, target: ts.ScriptTarget.ES2022 },
}
const NODE_NEXT = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
}
const BUNDLER = { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler }

/**
 * A program of a consumer that resolves `regard` by the package's exports, as the package itself
 * may.
 */
const consumer = (options: ts.CompilerOptions): ts.Program =>
  ts.createProgram([`${ROOT}test/types-consumer.ts`, ...doors], { ...STRICT, ...options })

const own = (program: ts.Program): readonly ts.SourceFile[] =>
  program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(DIST))

describe('declarations compile for a consumer, strictly and without the types of Node', () => {
  test.each([
    [
      'Node’s resolution and no library but the language',
      { ...NODE_NEXT, lib: ['lib.es2023.d.ts'] },
    ],
    ['Node’s resolution and a page', { ...NODE_NEXT, lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'] }],
    [
      'a bundler’s resolution and a worker',
      { ...BUNDLER, lib: ['lib.es2023.d.ts', 'lib.webworker.d.ts'] },
    ],
  ])('%s', (_name, options) => {
    const program = consumer(options)
    expect(own(program).length).toBeGreaterThan(50)
    expect(
      ts
        .getPreEmitDiagnostics(program)
        .map((one) => ts.flattenDiagnosticMessageText(one.messageText, '\n')),
    ).toEqual([])
  })

  test('no typed array has a parameter, which TypeScript before 5.7 does not know', () => {
    const generic = own(consumer(BUNDLER)).flatMap(({ fileName, text }) =>
      Array.from(
        text.matchAll(/\b\w+Array<ArrayBuffer\w*>|\bBuffer<\w+>/g),
        ([found]) => `${fileName.slice(DIST.length)}: ${found}`,
      ),
    )
    expect(generic).toEqual([])
  })
})

describe('every type', () => {
  const program = consumer({ ...NODE_NEXT, lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'] })
  const checker = program.getTypeChecker()
  const resolved = (symbol: ts.Symbol): ts.Symbol =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol

  /** What can be imported, from a door or a namespace at a door. */
  const exported = new Set<ts.Symbol>()
  const add = (module: ts.Symbol): void => {
    for (const symbol of checker.getExportsOfModule(module).map(resolved)) {
      if (exported.has(symbol)) continue
      exported.add(symbol)
      if (symbol.flags & ts.SymbolFlags.ValueModule) add(symbol)
    }
  }
  for (const door of doors)
    add(checker.getSymbolAtLocation(program.getSourceFile(door) as ts.SourceFile) as ts.Symbol)

  const NAMED =
    ts.SymbolFlags.Interface |
    ts.SymbolFlags.TypeAlias |
    ts.SymbolFlags.Class |
    ts.SymbolFlags.Variable |
    ts.SymbolFlags.Function
  const isOwn = (symbol: ts.Symbol): boolean =>
    (symbol.declarations ?? []).some((one) => one.getSourceFile().fileName.startsWith(DIST))

  /** The name that stands in a type. */
  function nameIn(node: ts.Node): ts.Node | undefined {
    if (ts.isTypeReferenceNode(node)) return node.typeName
    if (ts.isExpressionWithTypeArguments(node)) return node.expression
    return ts.isTypeQueryNode(node) ? node.exprName : undefined
  }

  /** Types of the package that a declaration names. */
  function namedIn(declaration: ts.Node): ts.Symbol[] {
    const found: ts.Symbol[] = []
    const visit = (node: ts.Node): void => {
      const name = nameIn(node)
      const symbol = name && checker.getSymbolAtLocation(name)
      if (symbol) found.push(resolved(symbol))
      ts.forEachChild(node, visit)
    }
    visit(declaration)
    return found.filter((symbol) => symbol.flags & NAMED && isOwn(symbol))
  }

  test('that stands in a public signature can be imported', () => {
    const missing = [...exported]
      .flatMap((symbol) => symbol.declarations ?? [])
      .filter((declaration) => !ts.isSourceFile(declaration))
      .flatMap((declaration) => namedIn(declaration).filter((symbol) => !exported.has(symbol)))
    expect(
      [
        ...new Set(
          missing.map(
            ({ name, declarations: [declaration] = [] }) =>
              `${name} of ${declaration?.getSourceFile().fileName.slice(DIST.length)}`,
          ),
        ),
      ].sort(),
    ).toEqual([])
    expect(exported.size).toBeGreaterThan(200)
  })
})
