import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { installed, jsonLines, withModel } from './command.ts'

/** Reads a table by Python's csv, as strictly as it can, and prints its rows as JSON. */
const READER = `
import csv, json, sys
with open(sys.argv[1], newline='', encoding='utf-8') as file:
    print(json.dumps(list(csv.reader(file, dialect=sys.argv[2], strict=True))))
`

/** Whether Python is here; otherwise says so. */
function hasPython() {
  const found = spawnSync('python3', ['-c', 'import csv']).status === 0
  if (!found)
    console.warn('not tested: tables read by Python: there is no python3 (apt-get install python3)')
  return found
}

/** Sentences with a word of their own, and what a reader of tables may stumble over. */
const QUOTES = 'He said " yes " and left\n"Where?" she asked.\na\tb\n'
const NASTY = [
  '"said he, and never ended',
  '""said',
  ' said between blanks ',
  'NA said NA \\N null',
  '=1+1 said @SUM -2 +3',
  'said \\t \\n \\ "\\" \\\\',
  "'said' ; said , said | said",
  'un été said \u00a0\u202f',
].join('\n')
const NAME = 'a\tb "c"\n\\d=.txt'

const command = installed(async (own) => {
  await withModel(own)
  own.write('quotes.txt', QUOTES)
  own.write(NAME, QUOTES + NASTY)
})

/** The rows of a command's table as Python reads them, without the header. */
async function readBack(format: 'csv' | 'tsv', words: readonly string[], input = '') {
  const name = `table.${format}`
  const to = ['-o', name, '--force', '--quiet']
  expect(await command.run([...words, ...to], { input })).toEqual({
    code: 0,
    stdout: '',
    stderr: '',
  })
  const dialect = format === 'csv' ? 'excel' : 'excel-tab'
  const read = spawnSync('python3', ['-c', READER, command.path(name), dialect], {
    encoding: 'utf8',
  })
  expect(read.stderr).toBe('')
  const [head, ...rows] = JSON.parse(read.stdout) as string[][]
  for (const row of rows) expect(row).toHaveLength(head.length)
  return rows.map((row) => Object.fromEntries(row.map((cell, c) => [head[c], cell])))
}

describe.runIf(hasPython()).each(['tsv', 'csv'] as const)('Python reads %s', (format) => {
  test('of embed: a row for each word, each cell as it was', async () => {
    const texts = [...QUOTES.split('\n'), ...NASTY.split('\n'), '" \t\r\n "'].filter(Boolean)
    const ids = texts.map((_, n) => ['x\ty', 'x\r\ny', '"', ' z', 'NA', '\\', ','][n % 7] + n)
    const input = texts.map((text, n) => `${JSON.stringify({ id: ids[n], text })}\n`).join('')
    const words = ['embed', 'model.safetensors', '--input', 'jsonl']
    const documents = jsonLines((await command.run(words, { input })).stdout)
    const expected = documents.flatMap(({ id, tokens, spans, vectors }) =>
      tokens.map((token: string, at: number) => [id, at, token, ...spans[at], ...vectors[at]]),
    )
    const rows = await readBack(format, [...words, '--format', format], input)
    expect(expected.length).toBeGreaterThan(60)
    expect(rows.map((row) => Object.values(row))).toEqual(
      expected.map((cells) => cells.map(String)),
    )
  })

  test('of embed, near and senses for a text of quotes: as many rows as words', async () => {
    const tokens = ['He said " yes " and left', '" Where ? " she asked .', 'a b']
      .join(' ')
      .split(' ')
    const model = 'model.safetensors'
    const embedded = await readBack(format, ['embed', model, '-'], QUOTES)
    expect(embedded.map(({ token }) => token)).toEqual(tokens)
    const attended = await readBack(format, ['attend', model, '-', '--head', '1'], QUOTES)
    expect(attended.map(({ queryToken }) => queryToken)).toHaveLength(7 ** 2 + 7 ** 2 + 2 ** 2)
    const words = ['near', model, 'quotes.txt', '--count', '99', '--at', '1', 'a']
    const near = await readBack(format, words)
    expect(near.map(({ token }) => token).sort()).toEqual([...tokens].sort())
    const senses = await readBack(format, ['senses', model, 'quotes.txt', '--word', '"'])
    expect(senses.map(({ word }) => word)).toEqual(['"', '"', '"', '"'])
  })

  test('of near, whatever the file and its lines hold', async () => {
    const words = ['near', 'model.safetensors', NAME, '--word', 'said', '--count', '99']
    const { neighbours } = JSON.parse((await command.run([...words, '--json'])).stdout)
    const rows = await readBack(format, words)
    expect(neighbours.length).toBeGreaterThan(10)
    expect(rows).toEqual(
      neighbours.map(({ file, line, at, token, similarity, text }: Record<string, unknown>) => ({
        ...{
          file,
          line: String(line),
          at: String(at),
          token,
          similarity: String(similarity),
          text,
        },
      })),
    )
    expect(rows[0].file).toBe(NAME)
  })

  test('of senses, whatever the file and its lines hold', async () => {
    const words = ['senses', 'model.safetensors', NAME, '--word', 'said']
    const { groups } = JSON.parse((await command.run([...words, '--json'])).stdout)
    const rows = await readBack(format, words)
    const expected = groups.flatMap(({ lines }: { lines: Record<string, string>[] }) =>
      lines.map(({ file, left, word, right }) => [file, left.trim(), word, right.trim()]),
    )
    expect(expected.length).toBeGreaterThan(10)
    expect(rows.map(({ file, left, word, right }) => [file, left, word, right])).toEqual(expected)
  })

  test('of ask, with tokens that are given', async () => {
    const tokens = ['"', 'a\tb', ' ', '\\', 'NA', 'x\ny']
    const input = `${JSON.stringify({ id: 1, tokens, question: 'Who?' })}\n`
    const words = ['ask', 'model.safetensors', '--input', 'jsonl', '--quiet', '--format', format]
    const { stderr } = await command.run(words, { input })
    expect(stderr).toMatch(/^regard ask: warning: /)
    await command.run([...words, '-o', `asked.${format}`], { input })
    const dialect = format === 'csv' ? 'excel' : 'excel-tab'
    const read = spawnSync('python3', ['-c', READER, command.path(`asked.${format}`), dialect])
    const [, ...rows] = JSON.parse(String(read.stdout)) as string[][]
    expect(rows.map(([, , token]) => token)).toEqual(tokens)
  })
})
