import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
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

/** A text indented by one blank where it was by some. */
const indentedByOne = (text, some) =>
  text.replace(/^ +/gm, ({ length }) => ' '.repeat(Math.floor(length / some) + (length % some)))

/** Writes a file anew. */
const rewrite = (path, change) => writeFileSync(path, change(readFileSync(path, 'utf8')))

/**
 * Removes declarations that no door leads to, and what scripts run without: a docstring stands in
 * declarations too. The page and the bundle were minified when they were built.
 */
export function slim(folder, exports) {
  const [dist, quiz] = [join(folder, 'dist'), join(folder, 'quiz')]
  const doors = Object.values(exports).flatMap(({ types }) => (types ? [join(folder, types)] : []))
  const reached = reachedFrom(doors)
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const path = join(dist, name)
    if (/^(?!lab|bundle).*\.js$/.test(name)) rewrite(path, (code) => shortened(name, code))
    else if (reached.has(path)) rewrite(path, (text) => indentedByOne(text, 4))
    else if (name.endsWith('.d.ts')) rmSync(path)
  }
  for (const name of readdirSync(quiz)) rewrite(join(quiz, name), (text) => indentedByOne(text, 2))
}
