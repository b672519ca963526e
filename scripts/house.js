import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import ts from 'typescript'

// The house as it stands: which room imports which, as a Mermaid graph, and how long files and functions are.

const root = fileURLToPath(new URL('..', import.meta.url))
const source = join(root, 'src')

/** Every source file of the package: its path from src/, and its syntax tree. */
export function sources() {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.includes('kernels'))
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => ({ path, tree: ts.createSourceFile(path, readFileSync(join(source, path), 'utf8'), ts.ScriptTarget.ES2022, true) }))
}

/** Its room: the folder below src/, or the file there. */
export const roomOf = (path) => path.split('/')[0].replace(/\.ts$/, '')

/** Arrows between rooms, from use to meaning: «layer --> device». */
export function arrows() {
  const found = new Set()
  for (const { path, tree } of sources()) {
    for (const { fileName } of ts.preProcessFile(tree.text).importedFiles) {
      if (!fileName.startsWith('.')) continue
      const target = relative(source, join(source, dirname(path), fileName))
      if (roomOf(target) !== roomOf(path)) found.add(`${roomOf(path)} --> ${roomOf(target)}`)
    }
  }
  return [...found].sort()
}

/** The arrows as a Mermaid graph, without those that follow from others. */
export function graph() {
  const all = arrows()
  const next = (room) => all.filter((arrow) => arrow.startsWith(`${room} `)).map((arrow) => arrow.split(' --> ')[1])
  const reaches = (room, target) => next(room).some((other) => other === target || reaches(other, target))
  const direct = all.filter((arrow) => {
    const [from, to] = arrow.split(' --> ')
    return !next(from).some((other) => other !== to && reaches(other, to))
  })
  return ['graph LR', ...direct.map((arrow) => `  ${arrow}`)].join('\n')
}

const linesOf = (node, tree) =>
  tree.getLineAndCharacterOfPosition(node.getEnd()).line - tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1

/** Lines of every function with a body of its own. */
function functionLengths() {
  const lengths = []
  for (const { path, tree } of sources()) {
    const visit = (node) => {
      const named = ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isConstructorDeclaration(node)
      const arrow = ts.isArrowFunction(node) && ts.isBlock(node.body)
      if (named || arrow) lengths.push({ path, name: node.name?.getText(tree) ?? '', lines: linesOf(node, tree) })
      ts.forEachChild(node, visit)
    }
    visit(tree)
  }
  return lengths.sort((a, b) => a.lines - b.lines)
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]

/** Share of lines that hold a comment, in the files that a test accepts. */
function commentShare(accepts) {
  const lines = sources()
    .filter(({ path }) => accepts(path))
    .flatMap(({ tree }) => tree.text.split('\n'))
    .filter((line) => line.trim())
  const comments = lines.filter((line) => /^\s*(\/\*\*|\*|\/\/)/.test(line))
  return `${Math.round((100 * comments.length) / lines.length)} %`
}

function report() {
  const files = sources()
    .map(({ path, tree }) => ({ path, lines: tree.text.split('\n').length - 1 }))
    .sort((a, b) => a.lines - b.lines)
  const functions = functionLengths()
  console.log(graph())
  console.log(
    `\n${files.length} files: half of them up to ${at(files, 0.5).lines} lines, the longest ${files.at(-1).lines} (${files.at(-1).path})`,
  )
  console.log(`${functions.length} functions: half of them up to ${at(functions, 0.5).lines} lines, 90 % up to ${at(functions, 0.9).lines}`)
  console.log(`lines of comment: mechanism ${commentShare((path) => path.startsWith('mechanism/'))}, all ${commentShare(() => true)}`)
  for (const { path, name, lines } of functions.slice(-8).reverse()) console.log(`  ${String(lines).padStart(3)} lines  ${path} ${name}`)
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) report()
