import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readResult } from '../../src/doors/internal.ts'
import { installed } from '../cli/command.ts'
import { Terminal, type TerminalOptions } from './terminal.ts'

const command = installed()

/**
 * A folder for what one user remembers and writes, and terminals in which that user takes quizzes.
 */
function user(name: string) {
  const home = command.path(name)
  mkdirSync(home)
  const kept = join(home, 'regard', 'quiz')
  return {
    path: (file: string) => join(home, file),
    kept: () => (existsSync(kept) ? readdirSync(kept).map((file) => join(kept, file)) : []),
    take: (words: readonly string[] = [], { environment, ...options }: TerminalOptions = {}) =>
      new Terminal([process.execPath, command.script(), 'quiz', 'take', ...words], {
        ...options,
        environment: { XDG_STATE_HOME: home, ...environment },
      }),
  }
}

describe('practice in a terminal', () => {
  const ada = user('ada')

  test('a wrong answer runs, Ctrl-C and a kill lose nothing, and the result is written', async () => {
    let terminal = ada.take()
    await terminal.shows('Your name:')
    terminal.type('')
    await terminal.shows('the name is needed')
    terminal.type('Ada «НМ»')
    await terminal.shows('Enter begins')
    terminal.type('')
    await terminal.asks('question 1 of 10')
    terminal.type('?')
    await terminal.shows('answer first; then ? runs the layer')
    terminal.type('1')
    await terminal.shows('✓ a: right')
    terminal.type('')
    await terminal.asks('question 2 of 10')
    terminal.type('')
    const third = await terminal.asks('question 3 of 10')
    expect(third).toContain('a  Σₜ exp(q³·kᵗ/√d_k) / Σₜ′ exp(q³·kᵗ′/√d_k) · vᵗ')
    terminal.type('b')
    const wrong = await terminal.asks('? shows the whole run')
    expect(wrong).toContain('✗ b: not right')
    expect(wrong).toMatch(
      /The layer: each key by its own query: up to \d\.\d+ from the layer; its «weights»\s+sum to anything from 0\.\d+ to \d\.\d+/,
    )
    terminal.type('w')
    expect(await terminal.asks('(c) refuted')).toMatch(/\(a\) holds .*\(b\) refuted/s)
    terminal.type('z')
    await terminal.shows('"z" is no answer here; give a letter from a to c')
    terminal.type('<')
    await terminal.asks('question 2 of 10')
    terminal.type('#3')
    await terminal.shows('your answer: b')
    terminal.press('C-c')
    await terminal.shows('kept: the same command goes on from here')
    expect(await terminal.code()).toBe(130)
    terminal.close()

    terminal = ada.take()
    await terminal.shows(
      /Ada «НМ» began this on \d{4}-\d\d-\d\d \d\d:\d\d UTC \(practice\) and answered 2 of\s+10\./,
    )
    terminal.type('')
    expect(await terminal.asks('question 3 of 10')).toContain('your answer: b')
    terminal.type('a')
    await terminal.shows('✓ a: right')
    terminal.kill()
    expect(await terminal.code()).toBe(137)
    terminal.close()

    terminal = ada.take()
    await terminal.shows('/n]')
    terminal.type('y')
    expect(await terminal.asks('question 3 of 10')).toContain('your answer: a')
    terminal.type('', 'a', '', 'b', '', 'c', '', 'b', '', 'a', '', 'b', '', 'b', '')
    const end = await terminal.asks('9 of 10 answered. Enter hands in')
    expect(end).not.toContain('question 2')
    terminal.type('')
    await terminal.shows('question 2: an answer is needed')
    terminal.type('a', '!')
    await terminal.shows('File for the result')
    terminal.type(join(ada.path('missing'), 'result.json'))
    await terminal.shows('its folder does not exist')
    terminal.type(ada.path('result.json'))
    const score = await terminal.asks('A number runs the layer')
    expect(score).toContain('Score: 9 of 10')
    expect(score).toContain(' 9 ✗ b · right: a')
    expect(ada.kept()).toEqual([])
    terminal.type('9')
    await terminal.shows(/\(b\) refuted .*it gives \d+,\s+and the layer\s+has \d+/s)
    terminal.type('')
    expect(await terminal.code()).toBe(0)
    const result = readResult(readFileSync(ada.path('result.json'), 'utf8'))
    expect(result).toMatchObject({
      name: 'Ada «НМ»',
      mode: 'practice',
      score: { points: 9, of: 10 },
    })
    expect(Object.values(result.answers).map(String)).toEqual([
      'a',
      'a',
      'a',
      'a',
      'b',
      'c',
      'b',
      'a',
      'b',
      'b',
    ])
  })
})

describe('a test in a terminal', () => {
  const zoe = user('zoe')

  test('tells nothing before it is handed in, and outlives its terminal', async () => {
    const words = ['--mode', 'test', '--language', 'fr', '-o', zoe.path('zoe.csv')]
    let terminal = zoe.take(words, { columns: 50 })
    await terminal.shows('Votre nom :')
    terminal.type('Zoé', '')
    await terminal.asks('question 1 sur 10')
    terminal.type('?')
    await terminal.shows(/une fois les\s+réponses rendues/)
    terminal.type('b')
    const second = await terminal.asks('question 2 sur 10')
    expect(second).not.toMatch(/juste|✓|✗/)
    terminal.close()

    terminal = zoe.take(words, { columns: 50 })
    await terminal.shows(/Zoé a commencé le .* \(contrôle\)/)
    terminal.type('o')
    await terminal.asks('question 2 sur 10')
    terminal.type('a', 'c', 'a', 'b', 'c', 'b', 'a', 'a', 'b')
    await terminal.shows('10 réponses sur 10.')
    terminal.type('')
    expect(await terminal.asks('Entrée termine.')).toContain('Score : 8 sur 10')
    terminal.type('3')
    await terminal.shows('(c) réfuté')
    terminal.press('C-d')
    expect(await terminal.code()).toBe(0)
    const [, row] = readFileSync(zoe.path('zoe.csv'), 'utf8').split('\n')
    expect(row).toMatch(/^Zoé,8,10,self-attention,.*,b,a,c,a,b,c,b,a,a,b$/)
  })

  test('declined, it begins anew', async () => {
    const terminal = zoe.take(['--name', 'Zoé'])
    await terminal.shows('Enter begins')
    terminal.type('')
    await terminal.asks('question 1 of 10')
    terminal.close()
    const again = zoe.take(['--name', 'Eve'])
    await again.shows('/n]')
    again.type('n')
    await again.shows('Enter begins')
    again.press('C-c')
    expect(await again.code()).toBe(130)
    expect(readFileSync(zoe.kept()[0], 'utf8')).toContain('"name":"Eve"')
  })
})

test('what was kept and is broken is said in one line, and left behind', async () => {
  const eve = user('eve')
  const first = eve.take(['--name', 'Eve'])
  await first.shows('Enter begins')
  first.close()
  const [file] = eve.kept()
  writeFileSync(file, '{"at": "q1"}\n{"regardQuizResult": 2}\n')
  const terminal = eve.take(['--name', 'Eve'])
  await terminal.shows(/regardQuizResult: must be\s*1/)
  await terminal.shows('Enter begins')
})

test('colours are there, but not against NO_COLOR, and nothing is wider than a narrow terminal', async () => {
  const looks = { columns: 32 }
  const colours = user('colours').take(['--name', 'A'], looks)
  await colours.shows('Enter begins')
  expect(colours.screen('-e')).toContain('\x1b[')
  const plain = user('plain').take(['--name', 'A', '--language', 'fr'], {
    ...looks,
    environment: { NO_COLOR: '1' },
  })
  await plain.shows('Entrée commence')
  plain.type('', '#3', 'c')
  const screen = await plain.asks('? montre toute')
  expect(screen).toContain('✗ c : pas juste')
  expect(plain.screen('-e')).not.toContain('\x1b[')
  expect(screen.split('\n').filter((line) => [...line].length > 32)).toEqual([])
})
