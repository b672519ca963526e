import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { graph } from '../scripts/house.js'
import * as regard from '../src/index.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** The fenced block of a language. */
function block(language: string): string {
  const found = readme.match(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``))
  if (!found) throw new Error(`README.md: no block of ${language}`)
  return found[1]
}

/** A value as the README writes it: numbers to three decimals. */
function printed(value: unknown): string {
  if (ArrayBuffer.isView(value)) return Array.from(value as Float32Array, (x) => Number(x.toFixed(3))).join(', ')
  if (Array.isArray(value)) return `[ ${value.map((item) => (typeof item === 'string' ? `'${item}'` : item)).join(', ')} ]`
  return String(value)
}

test("the README's example runs and prints what stands beside it", async () => {
  const lines = block('ts').split('\n')
  const expected = lines.filter((line) => line.startsWith('console.log')).map((line) => line.split('// ')[1].trim())
  const body = lines.join('\n').replace(/import \{(.*)\} from 'regard'/, 'const {$1} = regard')
  const found: string[] = []
  const run = new Function('regard', 'console', `return (async () => {${body}})()`)
  await run(regard, { log: (...values: unknown[]) => found.push(values.map(printed).join(' ')) })
  expect(found).toEqual(expected)
})

test("the README's picture of the rooms is the one that the imports draw", () => {
  expect(block('mermaid').trim()).toBe(graph())
})

test('the README is short and counts the claims that there are', () => {
  expect(readme.split('\n').length).toBeLessThanOrEqual(200)
  expect(readme).toContain(`${regard.claims.length} claims`)
})
