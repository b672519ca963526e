import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const SOURCES = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts') && !file.includes('/kernels/'))
  .map((file) => ({ file, text: readFileSync(join(ROOT, 'src', file), 'utf8') }))

/** The left column of the table of words: names in backticks, and phrases in quotes. */
const LEFT = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8')
  .split('## Words')[1]
  .split('\n## ')[0]
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| not ') && !line.startsWith('| --'))
  .map((line) => line.split(' | ')[0])
const NAMES = LEFT.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name))
const PHRASES = LEFT.flatMap((cell) => [...cell.matchAll(/"([^"]+)"/g)].map(([, text]) => text))

/** Keys of formats, which do not move, and other meanings. */
const ALLOWED: Readonly<Record<string, RegExp>> = {
  form: /^(model\/file|cli\/(inspect|lab\/(lab|out)|learn\/learn)|quiz\/formats\/apps-script)\.ts$/,
  formOf: /^(cli\/lab\/out|quiz\/formats\/apps-script)\.ts$/,
  setting: /^quiz\/unicode\.ts$/,
  asked: /^model\/ask\.ts$/,
}

function namesIn(text: string): Set<string> {
  const names = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) names.add(node.text.replace('#', ''))
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest))
  return names
}

test('the table of words names what stands nowhere in src', () => {
  expect(NAMES).toEqual(expect.arrayContaining(['place', 'form', 'asked', 'surroundings']))
  const found = SOURCES.flatMap(({ file, text }) => {
    const said = NAMES.filter((name) => new RegExp(`\\b${name}\\b`).test(text))
    const names = said.length > 0 ? namesIn(text) : new Set()
    return said
      .filter((name) => names.has(name) && !ALLOWED[name]?.test(file))
      .map((name) => `${file}: ${name}`)
  })
  expect(found).toEqual([])
})

test('nor its phrases', () => {
  expect(PHRASES).toContain('unless told')
  const found = SOURCES.flatMap(({ file, text }) =>
    PHRASES.filter((phrase) => text.includes(phrase)).map((phrase) => `${file}: ${phrase}`),
  )
  expect(found).toEqual([])
})
