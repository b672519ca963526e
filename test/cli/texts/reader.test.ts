import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { explanationOf } from '../../../src/cli/terminal/errors.ts'
import {
  type ReadingOptions,
  sourceOf,
  TextReader,
  tableRows,
} from '../../../src/cli/texts/reader.ts'
import { type Line, LONGEST_LINE } from '../../../src/doors/internal.ts'
import { sample } from './reading.ts'

const folder = mkdtempSync(join(tmpdir(), 'regard-texts-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const write = (name: string, content: string | Uint8Array) => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

/** What a reader gives for paths, and what it says. */
async function read(paths: readonly string[], options: ReadingOptions = {}) {
  const reader = new TextReader(options)
  const lines: unknown[] = []
  const files = await reader.files(paths)
  for (const path of files)
    for await (const { words: _, ...line } of reader.lines(sourceOf(path))) lines.push(line)
  const said: string[] = []
  const say = (line: string) => said.push(line.replaceAll(`${folder}/`, ''))
  reader.report({ warn: say, note: say })
  return { files: files.map((file) => file.replace(`${folder}/`, '')), lines, said }
}

/** What a reader gives for bytes in pieces of some size. */
async function pieces(bytes: Uint8Array, size: number, options: ReadingOptions = {}) {
  async function* stream() {
    for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
  }
  const lines: string[] = []
  for await (const { text, number } of new TextReader(options).lines({
    name: 'f',
    stream: stream(),
  }))
    lines.push(`${number} ${text}`)
  return lines
}

const TWO = 'Cet été\nUn hiver\n'
const LINES = ['1 Cet été', '2 Un hiver']
const utf16 = (text: string, mark = true) => Buffer.from((mark ? '\uFEFF' : '') + text, 'utf16le')
const swapped = (bytes: Buffer) => Buffer.from(bytes).swap16()

describe('the same two lines', () => {
  test.each<[string, Uint8Array]>([
    ['UTF-8', Buffer.from(TWO)],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${TWO}`)],
    ['UTF-16 LE with a mark', utf16(TWO)],
    ['UTF-16 BE with a mark', swapped(utf16(TWO))],
    ['UTF-16 LE without one', utf16(TWO, false)],
    ['UTF-16 BE without one', swapped(utf16(TWO, false))],
    ['gzip', gzipSync(TWO)],
    ['gzip of UTF-16', gzipSync(utf16(TWO))],
    ['gzip of gzip', gzipSync(gzipSync(TWO))],
    ['gzip in two members', Buffer.concat([gzipSync('Cet é'), gzipSync('té\nUn hiver\n')])],
    ['ends with carriage returns', Buffer.from(TWO.replaceAll('\n', '\r'))],
    ['ends with both', Buffer.from(TWO.replaceAll('\n', '\r\n'))],
  ])('of %s', async (_, bytes) => {
    for (const size of [1, 2, 3, 1000]) expect(await pieces(bytes, size)).toEqual(LINES)
  })

  test.each([
    'Кот спит на окне.\nДождь идёт.\n',
    'שלום עולם\nמה שלומך\n',
    'مرحبا بالعالم\nكيف حالك\n',
    '他在北京。\n一二三，四。\n',
    'カメラを買いました。\n私は東京へ。\n',
  ])('of another script in UTF-16 without a mark: %j', async (text) => {
    const expected = text
      .trimEnd()
      .split('\n')
      .map((line, n) => `${n + 1} ${line}`)
    expect(await pieces(utf16(text, false), 5)).toEqual(expected)
    expect(await pieces(swapped(utf16(text, false)), 5)).toEqual(expected)
  })
})

test('a text with NUL characters is not taken for UTF-16', async () => {
  for (const text of ['a\0b\n', 'un\0deux\0trois\nquatre\n', 'un chat\0dort\n'.repeat(9)])
    await expect(pieces(Buffer.from(text), 1000)).rejects.toThrow('line 1 holds a NUL character')
})

test.each<[string, Uint8Array, string]>([
  [
    'gzip that is cut',
    gzipSync(TWO).subarray(0, 25),
    'f: line 2 or after: its gzip ends too early; is the file whole?',
  ],
  [
    'gzip that is damaged',
    gzipSync(TWO).fill(0xaa, 12, 20),
    'f: line 1 or after: its gzip is damaged; get it again',
  ],
  [
    'UTF-16 that is cut',
    utf16(TWO).subarray(0, 35),
    'f: line 2 or after is not UTF-16; is the file whole?',
  ],
  [
    'Latin-1',
    Buffer.from('un\n\u00e9t\u00e9\n', 'latin1'),
    'f: line 2 is not UTF-8 (perhaps Latin-1 or Windows-1252); convert the file to UTF-8',
  ],
  [
    'PDF',
    Buffer.from('%PDF-1.7\n%\xe2\xe3\n', 'latin1'),
    'f: it is PDF; take its text first, such as with: pdftotext f',
  ],
  [
    'a Word document',
    Buffer.from(`PK\x03\x04${'\0'.repeat(26)}[Content_Types].xml`, 'latin1'),
    'f: it is an Office document;',
  ],
  [
    'OpenDocument',
    Buffer.from(
      `PK\x03\x04${'\0'.repeat(26)}mimetypeapplication/vnd.oasis.opendocument.text`,
      'latin1',
    ),
    'f: it is an OpenDocument file;',
  ],
  [
    'EPUB',
    Buffer.from(`PK\x03\x04${'\0'.repeat(26)}mimetypeapplication/epub+zip`, 'latin1'),
    'f: it is EPUB; make plain text of it, such as with: pandoc -t plain f',
  ],
  [
    'a zip archive',
    Buffer.from('PK\x03\x04\x14\0\0\0a.txt', 'latin1'),
    'f: it is a zip archive; unpack it',
  ],
  [
    'gzip of a tar archive',
    gzipSync(Buffer.from(`a.txt${'\0'.repeat(252)}ustar\0`)),
    'f: it is a tar archive; unpack it',
  ],
  ['7z', Buffer.from('7z\xbc\xaf\x27\x1c\0\x04', 'latin1'), 'f: it is a 7z archive'],
  ['PNG', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), 'f: it is an image'],
  ['SQLite', Buffer.from('SQLite format 3\0', 'latin1'), 'f: it is an SQLite database'],
  [
    'Word as it was',
    Buffer.from('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'latin1'),
    'f: it is an old Office document',
  ],
  [
    'UTF-32',
    Buffer.from('\xff\xfe\0\0a\0\0\0', 'latin1'),
    'f: it is UTF-32; convert it: iconv -f UTF-32 -t UTF-8 f',
  ],
  ['binary data', Uint8Array.of(0, 1, 2, 0xff, 0, 7), 'f: it is binary data; name a text'],
  ['RTF', Buffer.from('{\\rtf1\\ansi Cet été}'), 'f: it is RTF;'],
  [
    'HTML',
    Buffer.from('<!DOCTYPE html>\n<html><body>Cet été</body></html>'),
    'f: it is HTML; make plain text of it',
  ],
  ['XHTML', Buffer.from('<?xml version="1.0"?>\n<!-- a -->\n<html xmlns="x">'), 'f: it is HTML;'],
  ['XML without a declaration', Buffer.from('<a>\n<b>Cet été</b>\n</a>\n'), 'f: it is XML'],
  ['XML of a namespace', Buffer.from('<CHAT xmlns="x">\nCet été\n'), 'f: it is XML, but not TEI'],
  [
    'XML',
    Buffer.from('<?xml version="1.0"?>\n<book><p>Cet été</p></book>'),
    'f: it is XML, but not TEI;',
  ],
])('%s is refused in one line, with what to do', async (_, bytes, message) => {
  const error = await pieces(bytes, 1000).catch((cause: unknown) => cause)
  const { exitCode, message: told } = explanationOf(error)
  expect([exitCode, told]).toEqual([3, expect.stringContaining(message)])
})

test('a text that is marked up is read as it stands where it is said to be text', async () => {
  for (const text of ['<html>', '<?xml version="1.0"?><a/>', '{\\rtf1}', 'id,text\n1,a b\n2,c d'])
    expect(await pieces(Buffer.from(text), 9, { input: 'text' })).toHaveLength(
      text.split('\n').length,
    )
})

test('a file with carriage returns alone may be larger than a line may be long', async () => {
  const count = Math.ceil((1.5 * LONGEST_LINE) / 8)
  const lines = await pieces(Buffer.from('un chat\r'.repeat(count)), 65_536)
  expect([lines.length, lines.at(-1)]).toEqual([count, `${count} un chat`])
})

describe('a folder', () => {
  mkdirSync(join(folder, 'all/b'), { recursive: true })
  mkdirSync(join(folder, 'none'))
  write('all/b/2.txt', 'deux\n')
  write('all/b.txt', 'trois\n')
  write('all/a-1.txt.gz', gzipSync('un\n'))
  write('all/.hidden', 'rien\n')
  write('all/\u{1F600}.txt', 'six\n')
  write('all/\uFB00.txt', 'cinq\n')
  write('all/x.pdf', '%PDF-1.4\n')
  symlinkSync('..', join(folder, 'all/b/circle'))

  test('is every file below it, by code points; what is no text is named, what is hidden counted', async () => {
    const { files, lines, said } = await read([join(folder, 'all')])
    expect(files).toEqual([
      ...['all/a-1.txt.gz', 'all/b.txt', 'all/b/2.txt', 'all/x.pdf'],
      ...['all/\uFB00.txt', 'all/\u{1F600}.txt'],
    ])
    expect(lines).toEqual(
      ['un', 'trois', 'deux', 'cinq', 'six'].map((text) => ({ text, number: 1 })),
    )
    expect(said).toEqual([
      '1 file left out, no plain text: all/x.pdf (PDF)',
      '1 hidden file left out',
    ])
  })

  test('has tables that are left out by name, and read when named by themselves', async () => {
    mkdirSync(join(folder, 'mixed'))
    write('mixed/a.txt', TWO)
    const table = write('mixed/b.csv', 'id,text\n1,"Il dort, elle lit"\n2,Non\n')
    const { lines, said } = await read([join(folder, 'mixed')])
    expect(lines).toMatchObject([{ text: 'Cet été' }, { text: 'Un hiver' }])
    expect(said).toEqual([
      '1 table left out: mixed/b.csv (--column text); each is read when named by itself',
    ])
    await expect(read([table])).rejects.toThrow('--column text reads one')
    expect((await read([table], { column: ['text'] })).lines).toHaveLength(2)
  })

  test('without a file is refused', async () => {
    await expect(read([join(folder, 'none')])).rejects.toThrow(
      'none: there is no file in this folder',
    )
  })
})

test('stdin is read once', async () => {
  await expect(new TextReader({}).files(['-', '-'])).rejects.toMatchObject({ exitCode: 2 })
  await expect(new TextReader({}).files(['a', '-'], undefined, '-')).rejects.toMatchObject({
    exitCode: 2,
  })
  expect(await new TextReader({}).files(['-', 'a'])).toEqual(['-', 'a'])
})

const CONLLU =
  '# text = Il dort\n1\tIl\til\tPRON\t_\t_\t2\tnsubj\t_\t_\n2\tdort\tdormir\tVERB\t_\t_\t0\troot\t_\t_\n\n'

describe('formats', () => {
  test('are said once, with the number of files that have the same', async () => {
    const [a, b] = ['a.conllu', 'b.conllu'].map((name) => write(name, CONLLU))
    const plain = write('plain.txt', TWO)
    expect((await read([a, plain])).said).toEqual(['a.conllu: reads as CoNLL-U'])
    const both = await read([a, plain, b])
    expect(both.said).toEqual(['2 files: read as CoNLL-U'])
    expect(both.lines).toMatchObject([{ text: 'Il dort' }, {}, {}, { text: 'Il dort' }])
  })

  test.each([
    ['sample.conllu', 'CoNLL-U', 2],
    ['sample.treetagger.txt', "TreeTagger's columns", 2],
    ['sample.vert', "Sketch Engine's vertical", 2],
    ['sample.tei.xml', 'TEI', 7, 'TEI: left out words of note (2), words of speaker (1)'],
  ])('%s reads as %s, gzipped and in UTF-16 too', async (name, title, count, ...leftOut) => {
    for (const bytes of [sample(name), utf16(sample(name)), gzipSync(sample(name))]) {
      const { lines, said } = await read([write(name, bytes)])
      expect(lines).toHaveLength(count)
      const reads = said.indexOf(`${name}: reads as ${title}`)
      expect(reads).toBeGreaterThanOrEqual(0)
      expect(said.slice(reads + 1)).toEqual(leftOut)
    }
  })

  test('paragraphs of TEI are cut into sentences', async () => {
    const path = write('sample.tei.xml', sample('sample.tei.xml'))
    const texts = async (options: ReadingOptions) =>
      ((await read([path], options)).lines as Line[]).map(({ text }) => text)
    const sentences = ['Il n’est pas venu.', 'Il dort.']
    const verses = ['Un vers,', 'puis deux.', 'Bonjour.', 'transmis']
    expect(await texts({})).toEqual(['Chapitre I', ...sentences, ...verses])
    // the others are cut later, by the languages of the text
    expect(await texts({ sentences: 'auto' })).toHaveLength(6)
  })

  test('--input decides', async () => {
    const path = write('c.conllu', CONLLU)
    expect((await read([path], { input: 'text' })).lines).toHaveLength(4)
    expect(await read([path], { input: 'conllu' })).toMatchObject({
      said: [],
      lines: [{ text: 'Il dort' }],
    })
  })

  test('of tables need a column, and the others take none', () => {
    for (const options of [
      { input: 'csv' },
      { input: 'conllu', column: ['2'] },
      { input: 'text', column: ['2'] },
    ])
      expect(() => new TextReader(options)).toThrow('--column')
  })

  test('a table may be UTF-16 and gzipped, as spreadsheets write it', async () => {
    const bytes = gzipSync(utf16('id\ttext\n1\t"Oui, ""oui"" !"\n'))
    expect(await pieces(bytes, 7, { column: ['text'] })).toEqual(['2 Oui, "oui" !'])
  })

  test('a table is what it is said to be', async () => {
    expect(
      await pieces(Buffer.from('a,b\tc\n1,2\t3\n'), 9, { input: 'csv', column: ['2'] }),
    ).toEqual(['1 b\tc', '2 2\t3'])
    expect(
      await pieces(Buffer.from('a,b\tc\n1,2\t3\n'), 9, { input: 'tsv', column: ['2'] }),
    ).toEqual(['1 c', '2 3'])
  })
})

describe('metadata', () => {
  const a = write('a.txt', 'un\n')
  const b = write('b.txt.gz', gzipSync('deux\n'))
  const c = write('c.txt', 'trois\n')

  test('of a table go to the lines of files by path or name; what has none is named and counted', async () => {
    const metadata = write(
      'meta.tsv',
      `year\tfile\tauthor\n1880\t${a}\tAnon\n1901\tb\t\n1\tz.txt\tX\n`,
    )
    const { lines, said } = await read([a, b, c], { metadata })
    expect(lines).toEqual([
      { text: 'un', number: 1, metadata: { year: '1880', author: 'Anon' } },
      { text: 'deux', number: 1, metadata: { year: '1901', author: '' } },
      { text: 'trois', number: 1 },
    ])
    expect(said).toEqual([
      'meta.tsv: 1 row names no file that is read: z.txt',
      'meta.tsv: 1 file has no row: c.txt',
    ])
  })

  test.each([
    ['name,year\na,1\n', 'no column «file»'],
    ['file,year\na.txt,1\na,2\n', 'line 3: '],
    ['file,year\na,1,2\n', 'line 2: 3 cells, where the first line has 2'],
  ])('%j is refused', async (table, message) => {
    await expect(read([a], { metadata: write('bad.csv', table) })).rejects.toThrow(message)
  })

  test('a row that may be of two files is refused', async () => {
    mkdirSync(join(folder, 'other'))
    const other = write('other/a.txt', 'un\n')
    const metadata = write('two.csv', 'file,year\na,1\n')
    await expect(read([a, other], { metadata })).rejects.toThrow('give the path of one')
  })
})

describe('a table of labels', () => {
  const rows = async (content: string | Uint8Array) => {
    const found: (readonly string[])[] = []
    for await (const { cells } of tableRows(write('rows', content))) found.push(cells)
    return found
  }

  test('keeps quotes as they stand, unless they are doubled', async () => {
    expect(await rows('a\tb\n" Oui "\tx\n"\ty\n')).toEqual([
      ['a', 'b'],
      ['" Oui "', 'x'],
      ['"', 'y'],
    ])
    expect(await rows('a\tb\n"un ""mot"""\tx\n')).toEqual([
      ['a', 'b'],
      ['un "mot"', 'x'],
    ])
  })

  test('may be CSV, UTF-16 and gzipped', async () => {
    expect(await rows(gzipSync(utf16('a,b\n"x, y",1\n')))).toEqual([
      ['a', 'b'],
      ['x, y', '1'],
    ])
  })
})

describe('texts are taken for nothing else', () => {
  const corpus = fileURLToPath(new URL('../../../corpus/', import.meta.url))

  test('of the corpus', async () => {
    const texts = readdirSync(corpus).filter((name) => name.endsWith('.txt'))
    expect(texts.length).toBeGreaterThan(0)
    for (const name of texts) {
      const { lines, said } = await read([join(corpus, name)])
      expect([said, lines.length]).toEqual([
        [],
        readFileSync(join(corpus, name), 'utf8').trimEnd().split('\n').length,
      ])
    }
  })

  test.each([
    'He said " yes " and left\n"Where?" she asked.\na\tb\n',
    '<title>Un essai</title>\nIl dort.\n',
    '# Titre\n\n1. Un\n2. Deux\n',
    'PKU est une université.\n',
    '%\n{ rtf }\n',
    'TOM\tBonjour\nMARIE\tBonjour, Tom\nTOM\tTu viens ?\n',
    ' = Robert = \n \n He had a role , " Teddy " .\n',
    'ID3 est un nom.\n',
    '<doc id="1" title="Un essai">\nUn essai\n\nIl dort.\n</doc>\n',
    '<A> Bonjour.\n<B> Il dort.\n<A> Oui.\n',
    '<3 <3 <3\n',
  ])('%j', async (text) => {
    const { lines, said } = await read([write('text', text)])
    expect([lines.length, said]).toEqual([text.trimEnd().split('\n').length, []])
  })
})
