import { appendFileSync, mkdirSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { WatchedFiles } from '../../../src/cli/learn/watched.ts'
import { TextReader } from '../../../src/cli/texts/reader.ts'
import { installed, jsonLines, QUESTIONS, TEXT, withModel } from '../command.ts'
import { sample } from './reading.ts'

const MODEL = 'model.safetensors'
const WRAPPED =
  'It was the best\nof times, it was\nthe worst of times.\n\n  An indented line begins\nanother paragraph.\n'
const LABELS =
  'sense\ttok_idx\tsentence\nseason\t5\tTom a été entarté cet été\nbe\t2\tTom a été entarté cet été\n'

const command = installed(async (own) => {
  await withModel(own)
  mkdirSync(own.path('all/b'), { recursive: true })
  const lines = TEXT.split('\n')
  own.write('my.txt', `${TEXT}\n`)
  own.write('my.txt.gz', gzipSync(`${TEXT}\n`))
  own.write('utf16.txt', Buffer.from(`\uFEFF${TEXT}\n`, 'utf16le'))
  own.write('all/a.txt', `${lines.slice(0, 20).join('\n')}\n`)
  own.write('all/b/c.txt.gz', gzipSync(`${lines.slice(20).join('\n')}\n`))
  own.write('all/d.pdf', '%PDF-1.4\n')
  own.write('wrapped.txt', WRAPPED)
  for (const name of ['sample.conllu', 'sample.tei.xml', 'sample.vert'])
    own.write(name, sample(name))
  own.write('-dash.txt', `${TEXT}\n`)
  own.write('meta.csv', 'file,author\nwrapped,Dickens\nnobody.txt,X\n')
})
const { run } = command

describe('learn', () => {
  const SMALL = [
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
  ]
  const learned = async (...words: string[]) => {
    const { stdout, stderr } = await run([
      'learn',
      ...words,
      '-o',
      'own.safetensors',
      '--force',
      '--json',
      ...SMALL,
    ])
    return { hash: JSON.parse(stdout).sha256, stderr }
  }

  test('gives the same bits from a text, gzipped, in UTF-16, from stdin and in a folder', async () => {
    const { hash } = await learned('my.txt')
    for (const path of ['my.txt.gz', 'utf16.txt']) expect((await learned(path)).hash).toBe(hash)
    const { hash: inFolder, stderr } = await learned('all')
    expect([inFolder, stderr]).toEqual([
      hash,
      expect.stringContaining(
        'regard learn: warning: 1 file left out, no plain text: all/d.pdf (PDF)\n',
      ),
    ])
  })

  test('what was left out of a folder is no file that was searched', async () => {
    for (const name of ['near', 'senses']) {
      const words = [name, 'model.safetensors', 'all', '--word', 'été', '--format', 'csv']
      const { stderr } = await command.run(words)
      expect(stderr).toMatch(/occurrences of été in 2 files \(/)
    }
  })

  test('reads annotated words as they are cut', async () => {
    const { stderr } = await learned('sample.conllu', '--min-count', '1')
    expect(stderr).toContain('sample.conllu: reads as CoNLL-U\n')
    expect(stderr).toMatch(/^2 sentences, 11 words, /m)
  })

  test('reads questions that are gzipped, and as CSV', async () => {
    const rows = QUESTIONS.trimEnd()
      .split('\n')
      .map((row) => row.split('\t'))
    command.write('q.tsv', QUESTIONS)
    command.write('q.tsv.gz', gzipSync(QUESTIONS))
    command.write('q.csv', rows.map((row) => row.map((cell) => `"${cell}"`).join(',')).join('\n'))
    const hashes = await Promise.all(
      ['q.tsv', 'q.tsv.gz', 'q.csv'].map(
        async (name) => (await learned('my.txt', '--questions', name)).hash,
      ),
    )
    expect(new Set(hashes).size).toBe(1)
  })

  test('refuses a gzipped file that changes while it is read', async () => {
    // ever other bytes, so that the file is large
    const text = Array.from({ length: 60_000 }, (_, n) => `mot${Math.imul(n, 2654435761)}\n`).join(
      '',
    )
    command.write('growing.txt.gz', gzipSync(text))
    const path = command.path('growing.txt.gz')
    const [source] = new WatchedFiles([path]).sources
    let lines = 0
    const all = async () => {
      for await (const _ of new TextReader({}).lines(source))
        if (lines++ === 0) appendFileSync(path, gzipSync('plus tard\n'))
    }
    await expect(all()).rejects.toThrow('it changed while it was read')
  })
})

describe('a text from stdin', () => {
  const embedded = async (input: string | Uint8Array, ...words: string[]) => {
    const ran = await run(['embed', MODEL, '-', '--format', 'jsonl', ...words], { input })
    return { ...ran, tokens: jsonLines(ran.stdout).map(({ tokens }) => tokens.join(' ')) }
  }

  test('may be gzipped, in UTF-16 or annotated', async () => {
    const text = 'Cet été\nUn hiver\n'
    for (const input of [gzipSync(text), Buffer.from(text, 'utf16le')])
      expect((await embedded(input)).tokens).toEqual(['Cet été', 'Un hiver'])
    expect(await embedded(sample('sample.conllu'))).toMatchObject({
      stderr: 'stdin: reads as CoNLL-U\n',
      tokens: ['Le tour du lac est long .', 'Les tours sont hautes'],
    })
  })

  test('may be gzipped lines of JSON', async () => {
    const input = gzipSync('{"id":1,"text":"Cet été"}\n')
    const { stdout } = await run(['embed', MODEL, '--input', 'jsonl'], { input })
    expect(jsonLines(stdout)).toMatchObject([{ id: 1, tokens: ['Cet', 'été'] }])
  })

  test('may be cut into sentences', async () => {
    expect((await embedded(WRAPPED, '--sentences', 'auto')).tokens).toEqual([
      'It was the best of times , it was the worst of times .',
      'An indented line begins another paragraph .',
    ])
  })

  test('is never joined from cells of a table, nor from blocks of TEI', async () => {
    const table = 'id,said\n1,"no\nend"\n2,and small. But two\n'
    expect((await embedded(table, '--column', 'said', '--sentences', 'auto')).tokens).toEqual([
      'no end',
      'and small .',
      'But two',
    ])
    expect((await embedded(sample('sample.tei.xml'), '--sentences', 'auto')).tokens).toEqual(
      (await embedded(sample('sample.tei.xml'))).tokens.flatMap((line) =>
        line.split(/(?<=[.]) (?=Il)/),
      ),
    )
  })

  test('is what --input says, and a TEXT is none of it', async () => {
    const { tokens } = await embedded('# a\n1\tb\n', '--input', 'text')
    expect(tokens).toEqual(['# a', '1 b'])
    for (const words of [
      ['--input', 'tei'],
      ['--sentences', 'auto'],
    ])
      expect(await run(['embed', MODEL, 'Tom', ...words])).toMatchObject({ code: 2, stdout: '' })
  })

  test('is called stdin', async () => {
    const { stdout } = await run(['senses', MODEL, '-', '--word', 'été'], { input: TEXT })
    expect(stdout.split('\n')[0]).toContain(' in stdin ')
    expect(await run(['senses', MODEL, '-', '-', '--word', 'été'], { input: TEXT })).toMatchObject({
      code: 2,
      stderr:
        'regard senses: - is stdin, which can be read once; name a file instead of the other\n',
    })
  })

  test('is attended to from lines of JSON too', async () => {
    const input = '{"id":"a","text":"Cet été"}\n'
    const { stdout } = await run(['attend', MODEL, '--input', 'jsonl', '--format', 'jsonl'], {
      input,
    })
    expect(jsonLines(stdout).map(({ id }) => id)).toEqual(['a', 'a'])
  })
})

describe.each(['near', 'senses'])('%s', (name) => {
  const found = (...words: string[]) => run([name, MODEL, ...words, '--format', 'csv'])

  test('reads folders, annotated texts and sentences', async () => {
    const folder = await found('all', '--word', 'été')
    expect([folder.code, folder.stdout]).toEqual([
      0,
      expect.stringMatching(/all\/(?:a\.txt|b\/c\.txt\.gz)/),
    ])
    const tei = await found('sample.tei.xml', '--word', 'dort')
    expect([tei.code, tei.stderr.split('\n')[0]]).toEqual([0, 'sample.tei.xml: reads as TEI'])
    const { stdout } = await found('wrapped.txt', '--word', 'worst', '--sentences', 'auto')
    expect(stdout).toContain('It was the best of times, it was')
    expect(stdout).toMatch(/wrapped\.txt,1,/)
  })

  test('shows metadata, and names what they lack', async () => {
    const { code, stdout, stderr } = await found(
      'wrapped.txt',
      'my.txt',
      '--word',
      'worst',
      '--metadata',
      'meta.csv',
    )
    expect(stdout).toMatch(/^.*,author\b.*\n.*,Dickens\b/)
    expect([code, stderr.split('\n').slice(0, 2)]).toEqual([
      0,
      [
        `regard ${name}: warning: meta.csv: 1 row names no file that is read: nobody.txt`,
        `regard ${name}: warning: meta.csv: 1 file has no row: my.txt`,
      ],
    ])
  })

  test('hints at a file whose name begins with a dash', async () => {
    expect(await found('-dash.txt', '--word', 'été')).toMatchObject({
      code: 2,
      stderr:
        'regard: -dash.txt is read as an option; for the file of that name write ./-dash.txt, or -- before it\n',
    })
    expect((await found('./-dash.txt', '--word', 'été')).code).toBe(0)
  })
})

test('labels may be gzipped or in UTF-16', async () => {
  command.write('labels.tsv', LABELS)
  command.write('labels.tsv.gz', gzipSync(LABELS))
  command.write('labels16.tsv', Buffer.from(LABELS, 'utf16le'))
  const [plain, ...others] = await Promise.all(
    ['labels.tsv', 'labels.tsv.gz', 'labels16.tsv'].map(async (name) => {
      const { code, stdout } = await run([
        'senses',
        MODEL,
        '--word',
        'été',
        '--gold',
        name,
        '--json',
      ])
      return [code, stdout.replaceAll(name, 'labels.tsv')]
    }),
  )
  expect(plain[0]).toBe(0)
  for (const other of others) expect(other).toEqual(plain)
})

test('a lemma by itself is what occurrences are near to, and each of several that a word has', async () => {
  const row = (id: number, form: string, lemma: string) =>
    `${[id, form, lemma, 'NOUN', '_', '_', '0', 'root', '_', '_'].join('\t')}\n`
  const text = `# text = été étés au\n${row(1, 'cet', 'ce')}${row(2, 'été', 'être|été')}\n`
  const found = await run(['near', MODEL, '-', '--lemma', 'été', '--json'], {
    input: text,
  })
  expect(JSON.parse(found.stdout).neighbours).toMatchObject([{ token: 'été', lemma: 'être|été' }])
  const two = await run(['near', MODEL, '-', '--lemma', 'été', '--lemma', 'cet'], { input: text })
  expect([two.code, two.stderr]).toEqual([2, expect.stringContaining('one --word or --lemma')])
})

test('learn says what was left out where no words are left', async () => {
  const xml = '<TEI><text><body><stage>Il sort.</stage></body></text></TEI>'
  const { code, stderr } = await run(['learn', '-', '-o', 'none.safetensors'], { input: xml })
  expect([code, stderr]).toEqual([
    expect.any(Number),
    expect.stringContaining('TEI: left out words of stage (2)\n'),
  ])
  expect(code).not.toBe(0)
})
