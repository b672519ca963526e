import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { graph, sources } from '../scripts/house.js'
import { claims } from '../src/doors/quiz.ts'
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

test('the picture of the rooms is the one that the imports draw', () => {
  const contributing = readFileSync(new URL('../CONTRIBUTING.md', import.meta.url), 'utf8')
  expect(blocks('mermaid', contributing)[0].trim()).toBe(graph(sources()))
})

test('the README is short and counts the claims, and the layers with a mistake, that there are', () => {
  expect(readme.split('\n').length).toBeLessThanOrEqual(200)
  expect(readme).toContain(`${claims.length} claims, ${mutants.length} layers with a mistake`)
})
