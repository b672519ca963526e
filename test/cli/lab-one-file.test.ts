import { createContext, runInContext } from 'node:vm'
import { inflateRawSync } from 'node:zlib'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { onePage } from '../../src/cli/lab/one-file.ts'
import { pageFiles } from '../../src/cli/lab/page.ts'
import { PAGE } from './built-page.ts'

const filesOf = (page: Readonly<Record<string, string>>) =>
  new Map(Object.entries(page).map(([name, text]) => [name, new TextEncoder().encode(text)]))

/** What stands in the page by the name of a file. */
const within = (html: string, name: string): Buffer =>
  Buffer.from(
    new RegExp(`<script type="application/octet-stream" data-file="${name}">([^<]*)</script>`).exec(
      html,
    )?.[1] ?? '',
    'base64',
  )

/** What the page's only script tells, on a page or in a worker. */
async function told(html: string, globals: object): Promise<unknown[]> {
  const all: unknown[] = []
  const context = createContext({
    ...globals,
    URL,
    tell: (...one: unknown[]) => all.push(one.join(' ')),
  })
  runInContext(inflateRawSync(within(html, 'page')).toString(), context)
  await new Promise((resolve) => setTimeout(resolve))
  return all
}

describe('the page as one file', () => {
  const html = onePage(filesOf(PAGE))

  test('asks for nothing beside it, and has all that was there', () => {
    expect(html.match(/(?:href|src)="[^"]*"/g)).toEqual([
      'href="data:image/svg+xml;base64,PHN2Zy8+"',
    ])
    expect([within(html, 'corpus').toString(), within(html, 'model').toString()]).toEqual([
      'text',
      'model',
    ])
    expect(html).toContain('<style>b{}\na{}</style>')
    expect(html).toMatch(
      /<div id="page"><\/div>[\s\S]*<script type="module">[\s\S]*<\/body>\n<\/html>\n$/,
    )
  })

  test('its script runs each module once, when it is first imported, and a view when it is asked for', async () => {
    expect(await told(html, { document: {} })).toEqual([
      'page',
      'index 1 file:///x.bin',
      'view 1',
      'view 0',
    ])
  })

  test('the same script is the worker where there is no document', async () => {
    expect(await told(html, {})).toEqual(['worker'])
  })

  test.each([
    ['index.html', 'index.html'],
    ['assets/icon-a1B2c3d0.svg', 'assets/icon-a1B2c3d0.svg'],
    ['assets/index-a1B2c3d1.js', 'assets/index-a1B2c3d1.js'],
    ['assets/page-a1B2c3d2.js', 'assets/page-a1B2c3d2.js'],
    ['assets/view-a1B2c3d4.js', 'assets/view-a1B2c3d4.js'],
    ['assets/worker-a1B2c3d5.js', 'assets/worker-….js'],
    ['assets/index-a1B2c3d3.css', 'assets/index-a1B2c3d3.css'],
    ['assets/corpus-a1B2c3d7.bin', 'assets/corpus-….bin'],
    ['assets/model-a1B2c3d8.bin', 'assets/model-….bin'],
  ])('without %s it is refused, by the name %s', (name, said) => {
    const files = filesOf(PAGE)
    files.delete(name)
    expect(() => onePage(files)).toThrow(
      `the page is not as it is built: ${said}; npm run build makes it anew, in a checkout`,
    )
  })

  test.each([
    'import*as e from"./page-a1B2c3d2.js";',
    'tell(1);export default 1;',
    'import("./page-a1B2c3d2.js")',
  ])('a module that is written otherwise is refused: %s', (code) => {
    expect(() => onePage(filesOf({ ...PAGE, 'assets/view-a1B2c3d4.js': code }))).toThrow(
      'the page is not as it is built: assets/view-a1B2c3d4.js; npm run build makes it anew, in a checkout',
    )
  })
})

describe('the page as it is built', () => {
  test('says its encoding within the first kilobyte, and whose code it holds', async () => {
    const files = await pageFiles()
    const notices = new TextDecoder().decode(files.get('THIRD-PARTY-NOTICES.txt'))
    for (const html of [new TextDecoder().decode(files.get('index.html')), onePage(files)]) {
      expect(html.slice(0, 1024)).toContain('<meta charset="utf-8" />')
      expect(html).toContain(`<!--\n${notices}-->`)
    }
    for (const name of [
      'the regard authors',
      'Jason Miller',
      '@preact/signals-core',
      'Preact Team',
      'Vite contributors',
      'WITHOUT WARRANTY OF ANY KIND',
    ])
      expect(notices).toContain(name)
  })

  test('no module assigns to what it exported, once it has run: as a function it could not tell', async () => {
    const files = await pageFiles()
    const names = [...files.keys()].filter((name) => name.endsWith('.js'))
    expect(
      names.flatMap((name) => assignedExports(new TextDecoder().decode(files.get(name)))),
    ).toEqual([])
    expect(
      assignedExports('let a=0,b=0;b=1;const f=()=>{a++},g=b=>{b=2};export{a as x,b as y}'),
    ).toEqual(['a'])
  })
})

/** Exported variables of a module that a function of it assigns to. */
function assignedExports(code: string): string[] {
  const host = ts.createCompilerHost({})
  const file = ts.createSourceFile('module.js', code, ts.ScriptTarget.ES2022, true)
  const options = {
    allowJs: true,
    noLib: true,
    noResolve: true,
    types: [],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ES2022,
  }
  const getSourceFile = (name: string) => (name === 'module.js' ? file : undefined)
  const checker = ts
    .createProgram(['module.js'], options, { ...host, getSourceFile })
    .getTypeChecker()
  const exported = new Set<ts.Symbol | undefined>()
  const found: string[] = []
  const visit = (
    node: ts.Node,
    see: (node: ts.Node, inFunction: boolean) => void,
    inFunction = false,
  ): void => {
    see(node, inFunction)
    ts.forEachChild(node, (child) => visit(child, see, inFunction || ts.isFunctionLike(node)))
  }
  visit(file, (node) => {
    if (ts.isExportSpecifier(node)) exported.add(checker.getExportSpecifierLocalTargetSymbol(node))
  })
  visit(file, (node, inFunction) => {
    const isAssignment =
      ts.isBinaryExpression(node) &&
      node.operatorToken.kind >= ts.SyntaxKind.FirstAssignment &&
      node.operatorToken.kind <= ts.SyntaxKind.LastAssignment
    const isStep =
      (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) &&
      /\+\+|--/.test(node.getText())
    const target = isAssignment ? node.left : isStep ? node.operand : undefined
    if (
      inFunction &&
      target &&
      ts.isIdentifier(target) &&
      exported.has(checker.getSymbolAtLocation(target))
    )
      found.push(target.text)
  })
  return found
}
