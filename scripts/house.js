import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import ts from 'typescript'

// The house as it stands: who imports whom in src/ and lab/, as Mermaid graphs, and the figures
// that CONTRIBUTING.md names.

const root = fileURLToPath(new URL('..', import.meta.url))

/** Files that the build writes. */
const isGenerated = (path) => path.endsWith('.generated.ts')
const isKernel = (path) => path.startsWith('device/wasm/kernels/')

/** Every source file below a folder: its path from there, and its syntax tree. */
export function sources(folder = 'src') {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.tsx?$/.test(path) && !isGenerated(path))
    .sort()
    .map((path) => ({
      path,
      tree: ts.createSourceFile(
        path,
        readFileSync(join(root, folder, path), 'utf8'),
        ts.ScriptTarget.ES2022,
        true,
      ),
    }))
}

/** Its room: the folder, or the file beside the folders. */
export const roomOf = (path) => path.split('/')[0].replace(/\.tsx?$/, '')

/** Arrows between the rooms of a folder, from use to meaning: «layer --> device». */
export function arrows(files) {
  const found = new Set()
  for (const { path, tree } of files) {
    if (isKernel(path)) continue
    for (const { fileName } of ts.preProcessFile(tree.text, true, true).importedFiles) {
      if (!fileName.startsWith('.') || !/\.tsx?$/.test(fileName)) continue
      const target = roomOf(join(dirname(path), fileName).replaceAll('\\', '/'))
      if (target !== '..' && target !== roomOf(path)) found.add(`${roomOf(path)} --> ${target}`)
    }
  }
  return [...found].sort()
}

/** The arrows as a Mermaid graph, without those that follow from others. */
export function graph(files) {
  const all = arrows(files).map((arrow) => arrow.split(' --> '))
  const next = (room) => all.filter(([from]) => from === room).map(([, to]) => to)
  const reaches = (room, target, seen = new Set()) =>
    !seen.has(room) &&
    seen.add(room) &&
    next(room).some((other) => other === target || reaches(other, target, seen))
  const direct = all.filter(
    ([from, to]) => !next(from).some((other) => other !== to && reaches(other, to)),
  )
  return ['graph LR', ...direct.map(([from, to]) => `  ${from} --> ${to}`)].join('\n')
}

const isFunction = (node) =>
  ts.isFunctionDeclaration(node) ||
  ts.isMethodDeclaration(node) ||
  ts.isConstructorDeclaration(node) ||
  ts.isArrowFunction(node)

const linesOf = (node, tree) =>
  tree.getLineAndCharacterOfPosition(node.getEnd()).line -
  tree.getLineAndCharacterOfPosition(node.getStart(tree)).line +
  1

function nodesOf(tree) {
  const found = []
  const visit = (node) => {
    found.push(node)
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return found
}

/** Every function with a body of its own: its lines and parameters. */
const functionsOf = (files) =>
  files.flatMap(({ path, tree }) =>
    nodesOf(tree)
      .filter((node) => isFunction(node) && node.body && ts.isBlock(node.body))
      .map((node) => ({
        path,
        name: node.name?.getText(tree) ?? '',
        lines: linesOf(node, tree),
        parameters: node.parameters.length,
      })),
  )

/** Leaves of the syntax tree, comments apart. */
function tokensOf({ tree }) {
  const isComment = ({ kind }) =>
    kind >= ts.SyntaxKind.FirstJSDocNode && kind <= ts.SyntaxKind.LastJSDocNode
  const count = (node) => {
    const parts = node.getChildren(tree).filter((part) => !isComment(part))
    return parts.length
      ? parts.reduce((sum, part) => sum + count(part), 0)
      : Number(node.getWidth(tree) > 0)
  }
  return count(tree)
}

/** Exported declarations, and those of them without a docstring. */
function exportsOf(files) {
  const declared = files.flatMap(({ tree }) =>
    tree.statements.filter(
      (node) =>
        ts.canHaveModifiers(node) &&
        ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword),
    ),
  )
  return {
    all: declared.length,
    bare: declared.filter((node) => ts.getJSDocCommentsAndTags(node).length === 0).length,
  }
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
const percent = (part, all) => `${((100 * part) / all).toFixed(1)} %`

/** Share of lines that hold a comment. */
function commentShare(files) {
  const lines = files.flatMap(({ tree }) => tree.text.split('\n')).filter((line) => line.trim())
  return percent(lines.filter((line) => /^\s*(\/\*\*|\*|\/\/)/.test(line)).length, lines.length)
}

function figures(folder) {
  const files = sources(folder)
  const written = files.filter(({ path }) => !isKernel(path))
  const lengths = files
    .map(({ path, tree }) => ({ path, lines: tree.text.split('\n').length - 1 }))
    .sort((a, b) => a.lines - b.lines)
  const functions = functionsOf(written).sort((a, b) => a.lines - b.lines)
  const lines = files.flatMap(({ tree }) => tree.text.split('\n'))
  const wide = (columns) =>
    percent(lines.filter(({ length }) => length > columns).length, lines.length)
  const tokens = new Map()
  for (const file of files)
    tokens.set(roomOf(file.path), (tokens.get(roomOf(file.path)) ?? 0) + tokensOf(file))
  const sum = [...tokens.values()].reduce((a, b) => a + b, 0)
  const { all, bare } = exportsOf(written)
  const many = functions.filter(({ parameters }) => parameters >= 7)
  console.log(`\n${folder}\n\n${graph(files)}\n`)
  console.log(
    `tokens             ${sum}: ${[...tokens].map(([room, count]) => `${room} ${count}`).join(', ')}`,
  )
  console.log(
    `files              ${files.length}: half up to ${at(lengths, 0.5).lines} lines, the longest ${lengths.at(-1).lines} (${lengths.at(-1).path})`,
  )
  console.log(
    `functions          ${functions.length}: half up to ${at(functions, 0.5).lines} lines, 90 % up to ${at(functions, 0.9).lines}`,
  )
  for (const { path, name, lines } of functions.slice(-5).reverse())
    console.log(`                   ${lines} lines  ${path} ${name}`)
  console.log(
    `seven parameters   ${many.length} functions outside kernels${many.map(({ path, name }) => `\n                   ${path} ${name}`).join('')}`,
  )
  console.log(`wide lines         ${wide(100)} beyond 100 columns, ${wide(120)} beyond 120`)
  console.log(
    `comments           ${commentShare(files)} of the lines${folder === 'src' ? `, mechanism ${commentShare(files.filter(({ path }) => path.startsWith('mechanism/')))}` : ''}`,
  )
  console.log(`without docstring  ${percent(bare, all)} of ${all} exports`)
}

/** How many names each door of the package gives at run time, as it is built. */
async function doors() {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  console.log('\ndoors, as built\n')
  for (const [door, target] of Object.entries(exports)) {
    if (!target.types) continue
    const names = Object.keys(await import(pathToFileURL(join(root, target.default)).href))
    console.log(`${door.padEnd(18)} ${names.length} names`)
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  figures('src')
  figures('lab')
  await doors()
}
