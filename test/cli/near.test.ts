import { describe, expect, test } from 'vitest'
import { load } from '../../src/doors/internal.ts'
import { installed, jsonLines, SENTENCE, TEXT, withModel } from './command.ts'

const MODEL = 'model.safetensors'
const command = installed(async (own) => {
  await withModel(own)
  own.write('my.txt', `\n${TEXT}\n`)
  own.write('other.txt', 'Un été de plus\n')
  own.write('empty.txt', '\n\n')
})
const near = (words: readonly string[], input = '') =>
  command.run(['near', MODEL, ...words], { input })

describe('regard near', () => {
  test('prints concordance lines, the nearest first, with file and line', async () => {
    const { code, stdout, stderr } = await near(['my.txt', '--at', '3', SENTENCE, '--count', '5'])
    const lines = stdout.trimEnd().split('\n')
    expect([code, stderr, lines.length]).toEqual([
      0,
      '250 occurrences in my.txt (40 lines, 260 words)\n',
      5,
    ])
    for (const line of lines) expect(line).toMatch(/^-?\d\.\d\d {2}my\.txt:\d+ .*«\S+»/)
    const similarities = lines.map((line) => Number(line.slice(0, 4)))
    expect(similarities).toEqual([...similarities].sort((a, b) => b - a))
  })

  test('gives what the library gives, with the line that it stands in', async () => {
    const model = await load(command.path(MODEL))
    const texts = TEXT.split('\n')
    const expected = await model.near({ text: SENTENCE, at: 2 }, texts, { count: 7 })
    await model.close()
    const { stdout } = await near(['my.txt', '--at', '3', SENTENCE, '--count', '7', '--json'])
    const { neighbours } = JSON.parse(stdout)
    expect(neighbours).toHaveLength(7)
    for (const [n, { text, at, token, similarity, tokens }] of expected.entries()) {
      const span = [tokens[at].start, tokens[at].end]
      expect(neighbours[n]).toMatchObject({
        file: 'my.txt',
        line: text + 2,
        at,
        token,
        text: texts[text],
        span,
      })
      expect(neighbours[n].similarity).toBeCloseTo(similarity, 6)
    }
  })

  test('the text may stand before the files', async () => {
    const [one, two] = [
      await near(['--at', '3', SENTENCE, 'my.txt', 'other.txt']),
      await near(['my.txt', 'other.txt', '--at', '3', SENTENCE]),
    ]
    expect(one).toEqual(two)
  })

  test('--word is occurrences of the word alone', async () => {
    const { stdout } = await near([
      'my.txt',
      'other.txt',
      '--word',
      'été',
      '--format',
      'jsonl',
      '--count',
      '50',
    ])
    const lines = jsonLines(stdout)
    expect(new Set(lines.map(({ token }) => token))).toEqual(new Set(['été']))
    expect(lines.some(({ file }) => file === 'other.txt')).toBe(true)
  })

  test('--word with --at is occurrences of the word near to another', async () => {
    const { stdout } = await near([
      'my.txt',
      '--at',
      '1',
      SENTENCE,
      '--word',
      'chat',
      '--format',
      'csv',
      '--count',
      '2',
    ])
    const [header, ...rows] = stdout.trimEnd().split('\n')
    expect([header, rows.length]).toEqual(['file,line,at,token,similarity,text', 2])
    for (const row of rows) expect(row).toMatch(/^my\.txt,\d+,1,chat,[-\d.e]+,Un chat noir/)
  })

  test('- is stdin', async () => {
    const { stdout } = await near(['-', '--word', 'été', '--json'], 'Un été\n')
    expect(JSON.parse(stdout).neighbours).toMatchObject([{ file: 'stdin', line: 1, at: 1 }])
  })

  test.each([
    [['my.txt', '--word', 'hiver'], 'no occurrence of «hiver» found'],
    [['empty.txt', '--at', '1', 'Tom'], 'no words found'],
  ])('%j finds nothing: 5', async (words, line) => {
    expect(await near(words)).toEqual({ code: 5, stdout: '', stderr: `regard near: ${line}\n` })
  })
})
