import { describe, expect, test } from 'vitest'
import { load } from '../../src/doors/internal.ts'
import { installed, jsonLines, SENTENCE, withModel } from './command.ts'

const MODEL = 'model.safetensors'
const command = installed(withModel)
const { run } = command
const embed = (words: readonly string[], input = '') => run(['embed', MODEL, ...words], { input })

/** What the library gives for a text. */
async function embedded(text: string | readonly string[]) {
  const model = await load(command.path(MODEL))
  const [tokens] = await model.embed([text])
  await model.close()
  return tokens
}

const float32 = (numbers: readonly number[]) => Float32Array.from(numbers)

describe('regard embed', () => {
  test('prints a table of words, counted from 1', async () => {
    const { code, stdout, stderr } = await embed([SENTENCE])
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/))
    expect(rows.map(([place, token]) => [place.trim(), token])).toEqual(
      SENTENCE.split(' ').map((word, n) => [String(n + 1), word]),
    )
    expect([code, stderr]).toEqual([
      0,
      '6 of 10 numbers are shown; --format csv, jsonl or npy gives all\n',
    ])
  })

  test('--json is one document that reads back to the same float32', async () => {
    const { stdout, stderr } = await embed([SENTENCE, '--json'])
    const tokens = await embedded(SENTENCE)
    const { vectors, ...rest } = JSON.parse(stdout)
    expect(rest).toEqual({
      id: 0,
      tokens: SENTENCE.split(' '),
      spans: tokens.map(({ start, end }) => [start, end]),
      at: [0, 1, 2, 3, 4, 5],
    })
    expect(vectors.map(float32)).toEqual(tokens.map(({ vector }) => vector))
    expect(stderr).toBe('')
  })

  test('csv has a row for each word, places from 0', async () => {
    const { stdout } = await embed(['Tom, été', '--format', 'csv'])
    const [header, ...rows] = stdout.trimEnd().split('\n')
    expect(header).toBe(
      `id,at,token,start,end,${Array.from({ length: 10 }, (_, c) => `v${c}`).join(',')}`,
    )
    expect(rows.map((row) => row.split(',').slice(0, 2))).toEqual([
      ['0', '0'],
      ['0', '1'],
      ['0', '2'],
    ])
    expect(rows[1]).toMatch(/^0,1,",",3,4,/)
    const [tom] = await embedded('Tom, été')
    expect(float32(rows[0].split(',').slice(5).map(Number))).toEqual(tom.vector)
  })

  test('.npy by the name of the file', async () => {
    await embed([SENTENCE, '-o', 'vectors.npy'])
    const file = new Uint8Array(Buffer.from(command.read('vectors.npy'), 'latin1'))
    expect(command.read('vectors.npy')).toContain("'shape': (6, 10)")
    expect(file.length).toBeGreaterThan(128)
  })

  test('--at is one place, counted from 1', async () => {
    const { stdout } = await embed([SENTENCE, '--at', '4', '--json'])
    const { at, vectors } = JSON.parse(stdout)
    expect([at, float32(vectors[0])]).toEqual([[3], (await embedded(SENTENCE))[3].vector])
  })

  test('--word is every occurrence', async () => {
    const { stdout } = await embed([SENTENCE, '--word', 'e\u0301te\u0301', '--json'])
    expect(JSON.parse(stdout).at).toEqual([2, 5])
  })

  test('a phrase has the mean of the vectors of its words, and how many they are', async () => {
    const words = [SENTENCE, '--word', 'cet été', '--word', 'Tom']
    const { at, lengths, vectors } = JSON.parse((await embed([...words, '--json'])).stdout)
    expect([at, lengths]).toEqual([
      [0, 4],
      [1, 2],
    ])
    const [, , , , { vector: one }, { vector: other }] = await embedded(SENTENCE)
    const mean = Array.from(one, (x: number, c: number) => Math.fround((x + other[c]) / 2))
    expect(Array.from(float32(vectors[1]))).toEqual(mean)
    const { stdout } = await embed([...words, '--format', 'csv'])
    expect(stdout.split('\n')[2]).toMatch(/^0,4,cet été,18,25,/)
  })

  test('- reads lines from stdin, empty ones left out', async () => {
    const { stdout } = await embed(['-', '--format', 'jsonl'], `${SENTENCE}\n\nTom dort\n`)
    expect(jsonLines(stdout).map(({ id, tokens }) => [id, tokens.length])).toEqual([
      [0, 6],
      [1, 2],
    ])
  })

  test('more lines than are read at once keep their order', async () => {
    const texts = Array.from({ length: 150 }, (_, n) => `Tom ${n}`)
    const { stdout } = await embed(['--input', 'text', '--format', 'jsonl'], texts.join('\n'))
    expect(jsonLines(stdout).map(({ tokens }) => tokens.join(' '))).toEqual(texts)
  })
})

describe('lines of JSON', () => {
  test('come back in order, one for each, with their id', async () => {
    const input = [
      { id: 'a', text: SENTENCE },
      { id: { any: [1] }, tokens: ['cet', "l'été 2", 'été'], at: [2, 0] },
      { id: null, text: 'Tom', at: [] },
    ]
    const { code, stdout, stderr } = await embed(
      ['--input', 'jsonl', '--format', 'jsonl'],
      input.map((line) => JSON.stringify(line)).join('\n'),
    )
    const lines = jsonLines(stdout)
    expect([code, stderr, lines.map(({ id }) => id)]).toEqual([0, '', ['a', { any: [1] }, null]])
    expect(lines.map(({ at, spans }) => [at, spans !== undefined])).toEqual([
      [[0, 1, 2, 3, 4, 5], true],
      [[2, 0], false],
      [[], true],
    ])
    expect(lines[1].tokens).toEqual(['cet', "l'été 2", 'été'])
    const tokens = await embedded(['cet', "l'été 2", 'été'])
    expect(lines[1].vectors.map(float32)).toEqual([tokens[2].vector, tokens[0].vector])
  })

  test('a bad line stops it with its number, and the good ones before it are out', async () => {
    const { code, stdout, stderr } = await embed(
      ['--input', 'jsonl'],
      '{"id":1,"text":"Tom"}\n\n{"id":2,"txt":"a"}\n{"id":3,"text":"b"}\n',
    )
    expect([code, stderr]).toEqual([
      3,
      'regard embed: stdin: line 3: field "text": give either "text" or "tokens"\n',
    ])
    expect(jsonLines(stdout).map(({ id }) => id)).toEqual([1])
  })

  test('--skip-bad counts bad lines and goes on', async () => {
    const { code, stdout, stderr } = await embed(
      ['--input', 'jsonl', '--skip-bad'],
      '{"id":1,"text":"Tom"}\nfoo\n{"id":2}\n{"id":3,"text":"b"}\n',
    )
    expect([code, stderr]).toEqual([0, 'regard embed: warning: 2 bad lines were left out\n'])
    expect(jsonLines(stdout).map(({ id }) => id)).toEqual([1, 3])
  })

  test('into a file: with a bad line there is no file', async () => {
    await embed(['--input', 'jsonl', '-o', 'out.jsonl'], '{"id":1,"text":"Tom"}\nfoo\n')
    expect(() => command.read('out.jsonl')).toThrow('ENOENT')
  })
})

test('a word that does not occur ends with 5 and one line', async () => {
  expect(await embed([SENTENCE, '--word', 'hiver', '--json'])).toMatchObject({
    ...{ code: 5, stderr: 'regard embed: no occurrence of «hiver» found\n' },
  })
  const { stderr } = await embed([SENTENCE, '--word', 'CET', '--json'])
  expect(stderr).toBe(
    'regard embed: no occurrence of «CET» found; 1 is in other capitals; --ignore-case finds it\n',
  )
})
