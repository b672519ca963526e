import { appendFileSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, expect, test } from 'vitest'
import { installed, jsonLines, TEXT } from './command.ts'

const SMALL = [
  '--width',
  '8',
  '--query',
  '4',
  '--key',
  '4',
  '--value',
  '8',
  '--heads',
  '2',
  '--batch-words',
  '50',
  '--threads',
  '1',
]
const LARGE = ['--words-in-memory', '100', ...SMALL]
const command = installed(async (own) => own.write('my.txt', `${TEXT}\n`))
const { run } = command

const spools = (): string[] => readdirSync(tmpdir()).filter((name) => name.endsWith('.spool'))

describe('learning from a text larger than memory', () => {
  test('says so, and leaves no temporary file', async () => {
    const { code, stderr } = await run(['learn', 'my.txt', '-o', 'a', '--steps', '4', ...LARGE])
    expect(code).toBe(0)
    expect(stderr).toMatch(/^the text is larger than memory: it is shuffled block by block$/m)
    expect(spools()).toEqual([])
  })

  test('gives the same file from stdin, in any number of files, and the words are counted within the error that is told', async () => {
    const [first, second] = [
      TEXT.slice(0, TEXT.indexOf('\n', 700)),
      TEXT.slice(TEXT.indexOf('\n', 700) + 1),
    ]
    command.write('first.txt', first)
    command.write('second.txt', second)
    await run(['learn', 'my.txt', '-o', 'file', '--steps', '4', ...LARGE])
    await run(['learn', '-', '-o', 'stdin', '--steps', '4', ...LARGE], { input: TEXT })
    await run(['learn', 'first.txt', 'second.txt', '-o', 'files', '--steps', '4', ...LARGE])
    expect([
      command.read('stdin') === command.read('file'),
      command.read('files') === command.read('file'),
    ]).toEqual([true, true])
    const { stderr } = await run([
      'learn',
      'my.txt',
      '-o',
      'rough',
      '--steps',
      '4',
      ...SMALL,
      '--words-in-memory',
      '12',
      '--progress',
      'jsonl',
    ])
    const { floor, vocabulary } = jsonLines(stderr).find(({ event }) => event === 'begin')
    expect([floor > 0, vocabulary <= 12]).toEqual([true, true])
  })

  test('has a bounded memory on ever new words', async () => {
    const lines = Array.from(
      { length: 12_000 },
      (_, n) =>
        `le chat ${Array.from({ length: 30 }, (_, w) => `mot${(n * 30 + w) * 7919}`).join(' ')}`,
    )
    command.write('large.txt', lines.join('\n'))
    const learnt = ['learn', 'large.txt', '-o', 'b', '--steps', '3', ...SMALL, '--quiet']
    const environment = { NODE_OPTIONS: '--max-old-space-size=48' }
    expect(
      await run([...learnt, '--force', '--words-in-memory', '20000'], { environment, apart: true }),
    ).toMatchObject({ code: 0 })
    // kept in memory, the same text is too much for so small a heap
    expect((await run([...learnt, '--force'], { environment, apart: true })).code).not.toBe(0)
  })

  test('a file that changes after it was read is told, and the model is of what it held before', async () => {
    command.write('growing.txt', `${TEXT}\n`)
    const child = command.start([
      'learn',
      'growing.txt',
      '-o',
      'c',
      '--steps',
      '150',
      '--progress',
      'jsonl',
      ...LARGE,
    ])
    let stderr = ''
    child.stderr.on('data', (text) => {
      if (!stderr.includes('"begin"') && String(text).includes('"begin"'))
        appendFileSync(command.path('growing.txt'), 'plus tard\n')
      stderr += text
    })
    const code = await new Promise((resolve) => child.once('close', resolve))
    const message = 'growing.txt has changed since it was read; the model is of what it held before'
    expect([code, jsonLines(stderr).filter(({ event }) => event === 'warning')]).toEqual([
      0,
      expect.arrayContaining([{ event: 'warning', message }]),
    ])
    await run(['learn', 'my.txt', '-o', 'd', '--steps', '150', ...LARGE])
    expect(command.read('c')).toBe(command.read('d'))
  })

  test('a temporary folder that cannot be written to is one line', async () => {
    const { code, stderr } = await run(['learn', 'my.txt', '-o', 'e', '--quiet', ...LARGE], {
      environment: { TMPDIR: '/nonexistent' },
      apart: true,
    })
    expect([code, stderr]).toEqual([
      3,
      expect.stringMatching(
        /^regard learn: \/nonexistent\/\.regard-\d+-0\.spool: its folder does not exist; make it first, or name another in TMPDIR\n$/,
      ),
    ])
  })
})
