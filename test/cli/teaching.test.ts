import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { installed } from './command.ts'

const page = readFileSync(fileURLToPath(new URL('../../docs/teaching.md', import.meta.url)), 'utf8')
/**
 * Every command of the page, in its order, as words; `lab` needs the built page, with which
 * lab.test.ts runs it.
 */
const commands = [...page.matchAll(/npx regard ([^`\n#]+)/g)]
  .map(([, words]) =>
    [...words.trim().matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word),
  )
  .filter(([name]) => name !== 'lab')
const command = installed(async (own) =>
  own.write('answers.csv', /```\n(name,q1[^`]*)```/.exec(page)?.[1] ?? ''),
)

/** What is there by other hands when a command of the page needs it. */
function prepare(words: readonly string[]): void {
  const copy = (from: string, to: string): void =>
    copyFileSync(command.path(from), command.path(to))
  if (words.includes('results/')) {
    mkdirSync(command.path('results'))
    copy('ada.json', 'results/ada.json')
  }
  if (words.includes('questions.xml')) copy('quiz.xml', 'questions.xml')
  if (words.includes('responses.csv')) copy('answers.csv', 'responses.csv')
}

test('every command of the page on teaching runs, and writes the file that it names', async () => {
  expect(commands.length).toBeGreaterThan(18)
  for (const words of commands) {
    prepare(words)
    const { code, stderr } = await command.run(words, { input: 'a\n'.repeat(40) })
    expect([words.join(' '), code, code === 0 ? '' : stderr]).toEqual([words.join(' '), 0, ''])
    const output = words.includes('-o') ? words[words.indexOf('-o') + 1] : undefined
    expect(output === undefined || existsSync(command.path(output))).toBe(true)
  }
})

test('the table of the page gives the points that it should', async () => {
  const { stdout } = await command.run(['quiz', 'grade', 'self-attention', 'answers.csv'])
  expect(stdout.split('\n')[1]).toBe('Ada   10 / 10  100 %')
})
