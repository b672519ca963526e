import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { describe, expect, test } from 'vitest'
import { TextReader } from '../../src/cli/texts/reader.ts'
import { installed, jsonLines, withModel } from './command.ts'

const TICKETS =
  'id,text,label\n1,"I was charged twice, please help",billing\n2,"The parcel\nnever came",delivery\n3,"He wrote ""no""",none\n'
const TEXTS = ['I was charged twice, please help', 'The parcel never came', 'He wrote "no"']

/** What a reader gives for a text that comes in pieces of so many bytes. */
async function read(
  text: string | Uint8Array,
  column: readonly string[] | false | undefined,
  size = 7,
) {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  async function* pieces() {
    for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
  }
  const reader = new TextReader(column === undefined ? {} : { column })
  const lines: { text: string; number: number }[] = []
  for await (const line of reader.lines({ name: 'my.csv', stream: pieces() })) lines.push(line)
  const said: string[] = []
  reader.report({ warn: (message) => said.push(message), note: (line) => said.push(line) })
  return { texts: lines.map((line) => line.text), numbers: lines.map(({ number }) => number), said }
}

describe('a column of a table', () => {
  test('by name: each cell is one text, with the line that its row begins in', async () => {
    expect(await read(TICKETS, ['text'])).toEqual({ texts: TEXTS, numbers: [2, 3, 5], said: [] })
  })

  test.each([
    ['by number', TICKETS, '2'],
    ['with CRLF', TICKETS.replaceAll('\n', '\r\n'), 'text'],
    [
      'with a byte order mark',
      `\uFEFF${TICKETS.replace('id,text', 'text,id').replace(/^(\d),(".*?"|.*?),/gms, '$2,$1,')}`,
      'text',
    ],
    ['parted by semicolons', TICKETS.replaceAll(/,(?! )/g, ';'), 'text'],
    ['parted by tabs', TICKETS.replaceAll(/,(?! )/g, '\t'), 'text'],
    ['without a last line end', TICKETS.trimEnd(), 'text'],
    [
      'below a line that names the delimiter',
      `sep=;\r\n${TICKETS.replaceAll(/,(?! )/g, ';')}`,
      'text',
    ],
    ['with an index that has no name', TICKETS.replace('id,', ','), 'text'],
    ['with blank lines', TICKETS.replace('billing\n', 'billing\n\n\n'), 'text'],
    ['as lines of JSON', TEXTS.map((text, id) => JSON.stringify({ id, text })).join('\n'), 'text'],
    [
      'as lines of JSON, by number',
      TEXTS.map((text, id) => JSON.stringify({ id, text })).join('\n\n'),
      '2',
    ],
  ])('%s', async (_, text, column) => {
    for (const size of [1, 7, 1e6]) expect((await read(text, [column], size)).texts).toEqual(TEXTS)
  })

  test.each([
    [
      'quotes within a cell that does not begin with one',
      'text,n\n5" screen,1\n6" screen,2\n',
      ['5" screen', '6" screen'],
    ],
    ['quotes after a backslash', 'text,n\n"a \\"b\\", c",1\n"d",2\n', ['a "b", c', 'd']],
    ['a TSV that has no quoting', 'text\tn\n"Oui\t1\nNon"\t2\n', ['"Oui', 'Non"']],
    [
      'one column, with commas',
      'text\nOui, dit-il\n"Non, ""jamais"""\n',
      ['Oui, dit-il', 'Non, "jamais"'],
    ],
    [
      'no names, by number',
      '1,Un chat\n2,Un chien\n3,Un loup\n',
      ['Un chat', 'Un chien', 'Un loup'],
      '2',
    ],
    ['numbers and null in JSON', '{"text":5}\n{"text":null}\n{"text":"a"}\n', ['5', 'a']],
    ['a field that a line lacks', '{"a":1}\n{"text":"b"}\n', ['b']],
  ])('%s', async (_, text, texts, column = 'text') => {
    expect((await read(text, [column])).texts).toEqual(texts)
  })

  test('several columns: row by row, in the order that was asked for', async () => {
    expect(await read('a,b,c\nw,x,y\n,z,"q\nr"\n', ['c', 'a'])).toEqual({
      ...{ texts: ['y', 'w', 'q r'], numbers: [2, 2, 3] },
      said: ['1 of 4 cells was empty and left out'],
    })
  })

  test('empty cells are left out and counted', async () => {
    const { texts, said } = await read('id,text\n1,\n2," "\n3,Tom\n', ['text'])
    expect([texts, said]).toEqual([['Tom'], ['2 of 3 cells were empty and left out']])
  })

  test.each([
    [TICKETS, 'txt', 'my.csv: no column «txt» (did you mean text?); there are id, text, label'],
    [TICKETS, '4', 'my.csv: no column «4»; there are id, text, label'],
    ['{"id":1,"text":"a"}\n', 'words', 'my.csv: no column «words»; there are id, text'],
    ['{"id":1,"text":"a"}\n', '3', 'my.csv: no column «3»; there are id, text'],
    [
      'a,text\n1,b\n2,c,d\n',
      'text',
      'my.csv: line 3: 3 cells where line 1 has 2; a cell that holds the delimiter stands in quotes',
    ],
    [
      'a,text\n1,"b\nc",d,e\n',
      'text',
      'my.csv: line 2: 4 cells where line 1 has 2; a cell that holds the delimiter stands in quotes',
    ],
    [
      'a,text\n1,b\n2,"c\nd\n',
      'text',
      'my.csv: line 3: a quote is never closed; is it a CSV file, and whole?',
    ],
    [
      '{"text":"a"}\nnonsense\n',
      'text',
      'my.csv: line 2: not an object of JSON such as {"text": "…"}, as the first line has',
    ],
    [
      '{"text":"a"}\n{"text":["b"]}\n',
      'text',
      'my.csv: line 2: field "text" must be a string, got ["b"]',
    ],
    [
      '[\n{"text": "a"}\n]\n',
      'text',
      'my.csv: JSON over several lines; --column reads lines of JSON, with one object on each',
    ],
    [
      Uint8Array.of(97, 44, 98, 10, 0xe9, 44, 98, 10),
      'a',
      'my.csv: line 2 is not UTF-8 (perhaps Latin-1 or Windows-1252); convert the file to UTF-8',
    ],
  ])('%j, column %s: %s', async (text, column, message) => {
    await expect(read(text, [column], 1000)).rejects.toThrow(message)
    await expect(read(text, [column], 1)).rejects.toThrow(message)
  })

  test('a quote that is never closed is found before all is in memory', async () => {
    await expect(
      read(
        `text,n\n${'"a, b",1\n'.repeat(9_000)}"a,1\n${'b,2\n'.repeat(400_000)}`,
        ['text'],
        60_000,
      ),
    ).rejects.toThrow('line 9002: a quote is never closed')
  })
})

describe('a plain text', () => {
  test('comes through line by line', async () => {
    expect(await read('\uFEFFUn, deux\r\n\ntrois, quatre', undefined)).toEqual({
      ...{ texts: ['Un, deux', '', 'trois, quatre'], numbers: [1, 2, 3], said: [] },
    })
  })

  test('a table is refused, with its columns and the way out; --no-column takes it as it stands', async () => {
    await expect(read(TICKETS, undefined)).rejects.toThrow(
      'my.csv: a table in CSV with the columns id, text, label, not plain text; --column text reads one, --no-column all as it stands',
    )
    expect((await read(TICKETS, false)).texts).toHaveLength(5)
  })
})

test('a table is refused with the command that reads it, where a command has no --column', async () => {
  const refused = (text: string) => {
    const reader = new TextReader({}, (column) => `learn --column ${column} reads one`)
    const lines = reader.lines({ name: 'my.csv', stream: [text] })
    return expect(lines.next()).rejects
  }
  await refused(TICKETS).toThrow(
    'my.csv: a table in CSV with the columns id, text, label, not plain text; learn --column text reads one',
  )
  await refused('Issue no,The text\n1,a b\n2,c d\n').toThrow("learn --column 'The text' reads one")
  await refused('{\n "text": "a"\n}').toThrow(
    'my.csv: JSON, not plain text; make lines of JSON of it',
  )
})

describe('commands', () => {
  const command = installed(async (own) => {
    await withModel(own)
    own.write('tickets.csv', TICKETS)
    own.write('plain.txt', `${TEXTS.join('\n')}\n`)
    own.write(
      'a b.jsonl',
      TEXTS.map((text) => JSON.stringify({ 'the text': text, n: 1 })).join('\n'),
    )
  })
  const { run } = command
  const REFUSED =
    'tickets.csv: a table in CSV with the columns id, text, label, not plain text; --column text reads one, --no-column all as it stands\n'
  const SMALL = [
    '--min-count',
    '1',
    '--steps',
    '2',
    '--width',
    '8',
    '--query',
    '4',
    '--key',
    '4',
    '--value',
    '4',
    '--heads',
    '1',
    '--quiet',
    '--force',
  ]
  const sha256 = async (words: readonly string[]) =>
    JSON.parse((await run(['learn', ...words, '-o', 'own.safetensors', ...SMALL, '--json'])).stdout)
      .sha256

  test('learn refuses a table, and learns of a column what it learns of its cells in a plain text', async () => {
    expect(await run(['learn', 'tickets.csv', '-o', 'no.safetensors'])).toEqual({
      code: 3,
      stdout: '',
      stderr: `regard learn: ${REFUSED}`,
    })
    expect(() => command.read('no.safetensors')).toThrow('ENOENT')
    const hash = await sha256(['plain.txt'])
    expect(await sha256(['tickets.csv', '--column', 'text'])).toBe(hash)
    expect(await sha256(['a b.jsonl', '--column', 'the text'])).toBe(hash)
    expect(await sha256(['tickets.csv', '--no-column'])).not.toBe(hash)
  })

  test.each([
    [
      'near',
      ['model.safetensors', 'tickets.csv', '--word', 'parcel'],
      '"file":"tickets.csv","line":3,"at":1,"token":"parcel"',
    ],
    ['senses', ['model.safetensors', 'tickets.csv', '--word', 'parcel'], '"parcel"'],
  ])('%s reads a column of a file', async (name, words, part) => {
    expect(await run([name, ...words])).toMatchObject({
      code: 3,
      stderr: `regard ${name}: ${REFUSED}`,
    })
    const { code, stdout } = await run([name, ...words, '--column', 'text', '--json'])
    expect(code).toBe(0)
    expect(stdout).toContain(part)
  })

  test.each([
    ['embed', []],
    ['attend', ['--head', '1']],
    ['ask', ['Who ?']],
  ])('%s reads a column from stdin', async (name, more) => {
    const words = [name, 'model.safetensors', '-', ...more]
    const refused = await run(words, { input: TICKETS })
    expect([refused.code, refused.stdout, refused.stderr]).toEqual([
      3,
      '',
      `regard ${name}: ${REFUSED.replace('tickets.csv', 'stdin')}`,
    ])
    const { stdout } = await run([...words, '--column', 'text', '--format', 'jsonl'], {
      input: TICKETS,
    })
    expect(jsonLines(stdout).map(({ id, tokens }) => [id, tokens.length])).toEqual([
      [0, 7],
      [1, 4],
      [2, 5],
    ])
  })

  test('embed answers a row before the next one comes', async () => {
    const child = command.start([
      'embed',
      'model.safetensors',
      '-',
      '--column',
      'text',
      '--format',
      'jsonl',
    ])
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    child.stdin?.write('id,text\n')
    for (const text of ['"Tom, ici"', 'Marie là']) {
      child.stdin?.write(`1,${text}\n`)
      expect(JSON.parse((await answers.next()).value as string).tokens.length).toBeGreaterThan(1)
    }
    child.stdin?.end()
    expect(await once(child, 'close')).toEqual([0, null])
  })

  test.each([
    ['embed', []],
    ['ask', ['Who ?']],
    ['learn', ['-o', 'no.safetensors']],
  ])('%s refuses a table from a stdin that stays open, and ends', async (name, more) => {
    const child = command.start(
      name === 'learn' ? [name, '-', ...more] : [name, 'model.safetensors', '-', ...more],
    )
    // as much as is looked at
    child.stdin?.write(TICKETS.repeat(1000))
    expect(await once(child, 'close')).toEqual([3, null])
  })

  test('--column goes neither with a text nor with --input jsonl', async () => {
    expect(await run(['embed', 'model.safetensors', 'Tom', '--column', 'text'])).toMatchObject({
      ...{
        code: 2,
        stderr: 'regard embed: --column goes with lines of a table from stdin, not with TEXT\n',
      },
    })
    expect(
      await run(['embed', 'model.safetensors', '--input', 'jsonl', '--column', 'text']),
    ).toMatchObject({
      ...{
        code: 2,
        stderr:
          'regard embed: --input jsonl reads "text" or "tokens" of each line; leave it out, or leave --column out\n',
      },
    })
  })
})
