import { describe, expect, test } from 'vitest'
import { load } from '../../src/doors/internal.ts'
import { installed, jsonLines, SENTENCE, withModel } from './command.ts'

const MODEL = 'model.safetensors'
const command = installed(withModel)
const attend = (words: readonly string[], input = '') =>
  command.run(['attend', MODEL, ...words], { input })

async function weightsOf(text: string) {
  const model = await load(command.path(MODEL))
  const { weights } = await model.attend(text)
  await model.close()
  return weights
}

describe('regard attend', () => {
  test('gives the id of a line back in its rows, whatever it is', async () => {
    const input = '{"id":{"a":1},"text":"été"}\n{"id":"b","text":"été"}\n'
    const words = ['--input', 'jsonl', '--format', 'tsv', '--head', '1']
    const [, ...rows] = (await attend(words, input)).stdout.trimEnd().split('\n')
    expect(rows.map((row) => row.split('\t')[0])).toEqual(['"{""a"":1}"', 'b'])
  })

  test('prints a matrix for each head, rows look at columns', async () => {
    const { code, stdout, stderr } = await attend([SENTENCE])
    const lines = stdout.split('\n')
    expect([code, stderr]).toEqual([0, ''])
    expect(lines.filter((line) => line.startsWith('head '))).toEqual([
      'head 1 of 2: each word looks at',
      'head 2 of 2: each word looks at',
    ])
    expect(lines[1].trim().split(/ +/)).toEqual(SENTENCE.split(' '))
    const weights = await weightsOf(SENTENCE)
    expect(lines[3].split(/ +/)).toEqual([
      'a',
      ...Array.from({ length: 6 }, (_, j) => weights.at(0, 1, j).toFixed(2).slice(1)),
    ])
  })

  test('a text too wide for a matrix shows where each word looks most', async () => {
    const { stdout } = await attend([`${SENTENCE} `.repeat(5), '--head', '2'])
    const lines = stdout.trimEnd().split('\n')
    expect([lines.length, lines[0]]).toEqual([31, 'head 2 of 2: each word looks at'])
    expect(lines[1]).toMatch(/^ 1 {2}Tom +(\.\d\d \d+ \S+ *){3}$/)
  })

  test('csv and jsonl have the same float32, heads and places from 0', async () => {
    const weights = await weightsOf(SENTENCE)
    const [csv, jsonl] = [
      await attend([SENTENCE, '--format', 'csv']),
      await attend([SENTENCE, '--format', 'jsonl']),
    ]
    const rows = csv.stdout
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((row) => row.split(','))
    expect(rows[6 * 6 + 1].slice(0, 6)).toEqual(['0', '1', '0', 'Tom', '1', 'a'])
    expect(Float32Array.from(rows, (row) => Number(row[6]))).toEqual(weights.data)
    const lines = jsonLines(jsonl.stdout)
    expect(lines.map(({ head }) => head)).toEqual([0, 1])
    expect(Float32Array.from(lines.flatMap((line) => line.weights.flat()))).toEqual(weights.data)
  })

  test('--head is one head, counted from 1', async () => {
    const { stdout } = await attend([SENTENCE, '--head', '2', '--json'])
    const { heads, tokens } = JSON.parse(stdout)
    expect([heads.map(({ head }: { head: number }) => head), tokens]).toEqual([
      [1],
      SENTENCE.split(' '),
    ])
  })

  test('a head that there is not', async () => {
    expect(await attend([SENTENCE, '--head', '3'])).toEqual({
      ...{
        code: 2,
        stdout: '',
        stderr: 'regard attend: --head 3: the model has 2 heads, counted from 1\n',
      },
    })
  })

  test('- takes lines from stdin', async () => {
    const { stdout } = await attend(['-', '--format', 'jsonl'], 'Tom a\ncet été\n')
    expect(jsonLines(stdout).map(({ id, head }) => [id, head])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ])
  })
})
