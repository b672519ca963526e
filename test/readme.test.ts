import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { graph, sources } from '../scripts/house.js'
import * as regard from '../src/doors/internal.ts'
import { mutants } from './claims/mutants.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** The fenced blocks of a language. */
function blocks(language: string, text = readme): string[] {
  const found = Array.from(
    text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g')),
    (match) => match[1],
  )
  if (found.length === 0) throw new Error(`no block of ${language}`)
  return found
}

/** A value as the README writes it: numbers to three decimals. */
function printed(value: unknown): string {
  if (ArrayBuffer.isView(value))
    return Array.from(value as Float32Array, (x) => Number(x.toFixed(3))).join(', ')
  if (Array.isArray(value))
    return `[ ${value.map((item) => (typeof item === 'string' ? `'${item}'` : item)).join(', ')} ]`
  return String(value)
}

test.each(blocks('ts').map((code) => [code.split('\n')[0], code]))(
  "the README's example %s runs and prints what stands beside it",
  async (_name, code) => {
    const lines = code.split('\n')
    const expected = lines
      .filter((line) => line.startsWith('console.log'))
      .map((line) => line.split('// ')[1].trim())
    const body = lines.join('\n').replace(/import \{(.*)\} from 'regard'/, 'const {$1} = regard')
    const found: string[] = []
    const run = new Function('regard', 'console', `return (async () => {${body}})()`)
    await run(regard, { log: (...values: unknown[]) => found.push(values.map(printed).join(' ')) })
    expect(found).toEqual(expected)
  },
)

test('the picture of the rooms is the one that the imports draw', () => {
  const contributing = readFileSync(new URL('../CONTRIBUTING.md', import.meta.url), 'utf8')
  expect(blocks('mermaid', contributing)[0].trim()).toBe(graph(sources()))
})

test('the README is short and counts the claims, and the layers with a mistake, that there are', () => {
  expect(readme.split('\n').length).toBeLessThanOrEqual(200)
  expect(readme).toContain(
    `${regard.claims.length} claims, ${mutants.length} layers with a mistake`,
  )
})
