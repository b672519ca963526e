import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { minifySync, parseSync } from 'vite'

// Takes from a package what neither a program nor an editor reads.

/** Templates below a node that have no expression and fit between quotes. */
function plainTemplates(node, found = []) {
  if (node?.type === 'TemplateLiteral' && node.expressions.length === 0) found.push(node)
  if (typeof node !== 'object' || node === null) return found
  for (const [key, value] of Object.entries(node))
    if (!(key === 'quasi' && node.tag)) plainTemplates(value, found)
  return found
}

/**
 * A script without blanks, line ends and comments, in which variables of functions and private
 * members have short names. Declared functions, classes, their methods and all at the top of a
 * module keep theirs, so that stack traces can be read, and strings have quotes: some bundlers know
 * `typeof process === 'undefined'` by them.
 */
export function shortened(name, code) {
  const mangle = { toplevel: false, keepNames: true }
  let { code: short } = minifySync(name, code, { module: true, compress: false, mangle })
  const templates = plainTemplates(parseSync(name, short).program)
  for (const { start, end } of templates.sort((one, other) => other.start - one.start)) {
    const text = short.slice(start + 1, end - 1)
    const quote = ["'", '"'].find((mark) => !text.includes(mark))
    if (quote && !/\n|\\[`$]/.test(text))
      short = short.slice(0, start) + quote + text + quote + short.slice(end)
  }
  return short
}

/** These declarations, and those that they lead to. */
export function reachedFrom(paths, found = new Set()) {
  for (const path of paths) {
    if (found.has(path) || !existsSync(path)) continue
    found.add(path)
    const imports = readFileSync(path, 'utf8').matchAll(/['"](\.[^'"]+?)\.[jt]s['"]/g)
    const targets = Array.from(imports, ([, target]) => join(dirname(path), `${target}.d.ts`))
    reachedFrom(targets, found)
  }
  return found
}

/**
 * Declarations without the docstrings of what no public door gives: only other declarations name
 * it.
 *
 * @returns texts by path
 */
function documented(paths, publicDoors) {
  const program = ts.createProgram([...paths], { module: ts.ModuleKind.NodeNext, noEmit: true })
  const checker = program.getTypeChecker()
  const givenBy = (symbol) => {
    const one = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    if (one.flags & ts.SymbolFlags.Module) return checker.getExportsOfModule(one).flatMap(givenBy)
    return one.declarations.map((node) =>
      ts.findAncestor(node, ({ parent }) => ts.isSourceFile(parent)),
    )
  }
  const given = new Set(
    publicDoors.flatMap((path) =>
      givenBy(checker.getSymbolAtLocation(program.getSourceFile(path))),
    ),
  )
  const textOf = (path) =>
    program
      .getSourceFile(path)
      .statements.map((node) =>
        given.has(node) ? node.getFullText() : node.getFullText().replace(DOCSTRING, ''),
      )
      .join('')
  return new Map(Array.from(paths, (path) => [path, `${textOf(path).trim()}\n`]))
}
const DOCSTRING = /\s*\/\*\*[\s\S]*?\*\//g

/** A text indented by one blank where it was by some. */
const indentedByOne = (text, some) =>
  text.replace(/^ +/gm, ({ length }) => ' '.repeat(Math.floor(length / some) + (length % some)))

/** Writes a file anew. */
const rewrite = (path, change) => writeFileSync(path, change(readFileSync(path, 'utf8')))

/**
 * Removes declarations that no door leads to, docstrings that no editor shows, and what scripts run
 * without: a docstring stands in declarations too. The page and the bundle were minified when they were built.
 */
export function slim(folder, exports) {
  const [dist, quiz] = [join(folder, 'dist'), join(folder, 'quiz')]
  const doors = Object.entries(exports).flatMap(([name, { types }]) =>
    types ? [{ name, path: join(folder, types) }] : [],
  )
  const isPublic = ({ name }) => name !== './internal'
  const declarations = documented(
    reachedFrom(doors.map(({ path }) => path)),
    doors.filter(isPublic).map(({ path }) => path),
  )
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const path = join(dist, name)
    if (/^(?!lab|bundle).*\.js$/.test(name)) rewrite(path, (code) => shortened(name, code))
    else if (declarations.has(path)) writeFileSync(path, indentedByOne(declarations.get(path), 4))
    else if (name.endsWith('.d.ts')) rmSync(path)
  }
  for (const name of readdirSync(quiz)) rewrite(join(quiz, name), (text) => indentedByOne(text, 2))
}
