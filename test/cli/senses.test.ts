import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { decodeTensors, encodeTensors, findSenses, learn, load } from '../../src/doors/internal.ts'
import { installed } from './command.ts'

const MODEL = 'model.safetensors'
const SMALL = {
  minCount: 1,
  width: 16,
  query: 8,
  key: 8,
  value: 16,
  heads: 2,
  buckets: 64,
  steps: 150,
  batchWords: 100,
}
const WHO = ['Tom', 'Marie', 'Paul', 'Karim', 'Oliver']
const VERBS = WHO.flatMap((who) =>
  ['vu', 'pris', 'élu', 'puni'].map((done) => `${who} a été ${done} <ici> par eux`),
)
const SEASONS = WHO.flatMap((who) =>
  ['là', 'hier', 'demain'].map((where) => `cet été ${who} dort ${where}`),
)
const TEXT = [...VERBS, ...SEASONS].join('\n')

const command = installed(async (own) => {
  const model = await learn(TEXT, SMALL)
  await model.save(own.path(MODEL))
  const { tensors, metadata } = decodeTensors(await model.bytes())
  tensors['predict.W'].data.fill(3e38)
  own.write('huge.safetensors', encodeTensors({ tensors, metadata }))
  await model.close()
  own.write('my.txt', `\n${TEXT}\n`)
  own.write('other.txt', "Un été de plus, et l'été aussi\n")
  own.write(
    'open.txt',
    'Je\tPRO:PER\tje\nsuis\tVER:pres\tsuivre|être\nguide\tNOM\tguide\n.\tSENT\t.\n'.repeat(2),
  )
  own.write('same.txt', 'un été\nun été\n')
  own.write('empty.txt', '\n\n')
  const row = (sense: string) => (line: string, n: number) =>
    `été\t${sense}\t${n}\t${line.split(' ').indexOf('été')}\t${line}`
  const header = 'word\tsense\tsent_id\ttok_idx\tsentence'
  own.write('gold.tsv', [header, ...VERBS.map(row('BE')), ...SEASONS.map(row('NOUN'))].join('\n'))
  own.write('header.tsv', 'word\tsense\tsentence\n')
  own.write('place.tsv', `${header}\nété\tBE\t1\t9\tTom a été ici\n`)
  own.write('nothing.tsv', '')
  own.write(
    'edits.tsv',
    '# by hand\nname\tmy.txt:22\tseason\n\nname\tmy.txt:3\tbeen\nmove\tmy.txt:2\tseason\n',
  )
})
const senses = (words: readonly string[], input = '') =>
  command.run(['senses', MODEL, ...words], { input })

describe('regard senses', () => {
  test('prints groups with their measure, and lines with the word in one column', async () => {
    const { code, stdout, stderr } = await senses(['my.txt', '--word', 'été'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(
      /^été · 35 occurrences in my\.txt \(35 lines, 255 words\) · .*\n2 groups, silhouette \.\d\d · tried, and clouds: 2 \.\d\d \(-?\.\d\d\)/,
    )
    expect(stdout).toMatch(/\ngroup 1 {2}20 lines, 57 %.*\n/)
    expect(stdout).toMatch(/\n {2}beside it .*\n/)
    const lines = stdout.split('\n').filter((line) => /^[? ] +\d+ {2,}/.test(line))
    expect(lines).toHaveLength(35)
    expect(new Set(lines.map((line) => line.indexOf(' été '))).size).toBe(1)
    for (const line of lines) expect([...line].length).toBeLessThanOrEqual(100)
  })

  test('gives what the library gives', async () => {
    const model = await load(command.path(MODEL))
    const expected = await findSenses(model, 'été', [...VERBS, ...SEASONS])
    await model.close()
    const { groups, view, seed, occurrences } = JSON.parse(
      (await senses(['my.txt', '--word', 'été', '--json'])).stdout,
    )
    expect([view, seed, occurrences]).toEqual(['place', 7, 35])
    const found = groups.flatMap(
      ({ group, lines }: { group: number; lines: { line: number; at: number }[] }) =>
        lines.map(({ line, at }) => [group, line, at]),
    )
    const sorted = (rows: number[][]) => [...rows].sort((a, b) => a[1] - b[1])
    expect(sorted(found)).toEqual(
      expected.lines.map(({ group, text, at }) => [group + 1, text + 2, at]),
    )
  })

  test('JSON has contexts that join to the line, words with weights, and margins', async () => {
    const { groups } = JSON.parse((await senses(['my.txt', '--word', 'été', '--json'])).stdout)
    const [first] = groups[0].lines
    expect(first.left + first.word + first.right).toBe(VERBS[first.line - 2])
    expect(first).toMatchObject({
      file: 'my.txt',
      at: 2,
      word: 'été',
      uncertain: false,
      moved: false,
    })
    expect(groups[1].only[0]).toEqual({ word: 'cet', weight: 15, count: 15 })
    expect(groups[0].expected[0]).toEqual({ word: expect.any(String), weight: expect.any(Number) })
  })

  test.each([
    ['tsv', '\t'],
    ['csv', ','],
  ])('%s has a row for each line', async (format, separator) => {
    const { stdout } = await senses(['my.txt', '--word', 'été', '--format', format])
    const [header, ...rows] = stdout.trimEnd().split('\n')
    expect(header).toBe(
      [
        'group',
        'name',
        'file',
        'line',
        'at',
        'left',
        'word',
        'right',
        'margin',
        'uncertain',
        'moved',
      ].join(separator),
    )
    expect(rows).toHaveLength(35)
    expect(rows[0]).toMatch(
      new RegExp(
        [
          '^1',
          '',
          'my.txt',
          '2',
          '2',
          'Tom a',
          'été',
          'vu <ici> par eux',
          '[-.\\d]+',
          '0',
          '0$',
        ].join(separator),
      ),
    )
  })

  test('HTML is one page in the order of the screen, with nothing of the text as markup', async () => {
    const order = (text: string, pattern: RegExp) =>
      Array.from(text.matchAll(pattern), ([, line]) => line)
    const { stdout: html } = await senses(['my.txt', '--word', 'été', '--format', 'html'])
    const { stdout: tsv } = await senses(['my.txt', '--word', 'été', '--format', 'tsv'])
    expect(html).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/)
    expect([
      html.includes('<ici>'),
      html.includes('&lt;ici&gt;'),
      /https?:|<script|<link/.test(html),
    ]).toEqual([false, true, false])
    expect(order(html, /<li title="my\.txt:(\d+):/g)).toEqual(order(tsv, /\tmy\.txt\t(\d+)\t/g))
  })

  test('-o chooses the format by the end of the name', async () => {
    expect(await senses(['my.txt', '--word', 'été', '-o', 'out.html'])).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    })
    expect(command.read('out.html').startsWith('<!doctype html>')).toBe(true)
  })

  test('several forms, stdin, and capitals that play no role', async () => {
    const { stdout } = await senses(
      ['-', '--word', 'été', '--word', 'étés', '--ignore-case', '--format', 'csv'],
      'Un Été\ndes étés\n',
    )
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((row) => row.split(',').slice(2, 7)),
    ).toEqual([
      ['stdin', '1', '1', 'Un', 'Été'],
      ['stdin', '2', '1', 'des', 'étés'],
    ])
  })

  test('--sort orders by words to the left and right, --context cuts, --limit takes some', async () => {
    const rows = async (...words: string[]) => {
      const { stdout } = await senses([
        'my.txt',
        '--word',
        'été',
        '--groups',
        '1',
        '--format',
        'tsv',
        ...words,
      ])
      return stdout
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((row) => row.split('\t').slice(5, 8))
    }
    const sorted = await rows('--sort', '2L,1R', '--context', '2')
    const keys = sorted.map(
      ([left, , right]) => `${left.split(' ').at(-2) ?? ''} ${right.split(' ')[0]}`,
    )
    const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
    expect(keys.map(plain)).toEqual(
      keys
        .map(plain)
        .sort((a, b) =>
          a.startsWith(' ') === b.startsWith(' ') ? (a < b ? -1 : a > b ? 1 : 0) : a < b ? -1 : 1,
        ),
    )
    expect(
      sorted.every(
        ([left, , right]) => left.split(' ').length <= 2 && right.split(' ').length <= 2,
      ),
    ).toBe(true)
    expect(await rows('--limit', '4')).toHaveLength(4)
  })

  test('--min leaves small groups out, and counts them', async () => {
    const { stdout } = await senses(['my.txt', '--word', 'été', '--min', '16'])
    expect(stdout).toMatch(/\n1 group with 15 lines of 35 not shown: smaller than --min\n$/)
  })

  test('one occurrence, and equal ones, are one group', async () => {
    const { code, stdout } = await senses(['same.txt', '--word', 'été'])
    expect([code, stdout.match(/group \d/g)]).toEqual([0, ['group 1']])
  })

  test('is the same twice, and on another number of threads', async () => {
    const words = ['my.txt', '--word', 'été', '--json', '--threads']
    expect(await senses([...words, '1'])).toEqual(await senses([...words, '2']))
  })
})

describe('on labelled text', () => {
  test('--gold alone groups its own sentences, and says how well they agree', async () => {
    const { stdout } = await senses(['--word', 'été', '--gold', 'gold.tsv', '--json'])
    const { agreement, groups } = JSON.parse(stdout)
    expect(agreement).toEqual({
      labelled: 35,
      homogeneity: 1,
      completeness: 1,
      vMeasure: 1,
      adjustedRand: 1,
    })
    expect(groups[1].lines[0]).toMatchObject({ file: 'gold.tsv', line: 22, at: 1, gold: 'NOUN' })
  })

  test('beside files, the lines that it labels are compared', async () => {
    command.write('some.tsv', command.read('gold.tsv').split('\n').slice(0, 8).join('\n'))
    command.write('split.txt', TEXT.replaceAll('<ici>', 'ici'))
    command.write('split.tsv', command.read('some.tsv').replaceAll('<ici>', 'ici'))
    const { stdout } = await senses(['split.txt', '--word', 'été', '--gold', 'split.tsv'])
    expect(stdout).toContain(
      'against 7 labels: V-measure 1.00 (homogeneity 1.00, completeness 1.00), adjusted Rand index 1.00',
    )
  })
})

describe('changes by hand', () => {
  test('--edits names groups and moves lines, and says which', async () => {
    const { stdout } = await senses(['my.txt', '--word', 'été', '--edits', 'edits.tsv'])
    expect(stdout).toMatch(/\nbeen {2}19 lines, 54 %/)
    expect(stdout).toMatch(/\nseason {2}16 lines, 46 %/)
    expect(stdout).toMatch(/\n! +2 {2}/)
  })

  test('--write-edits writes what can be replayed, with a line for each group without a name', async () => {
    await senses(['my.txt', '--word', 'été', '--write-edits', 'written.tsv'])
    const written = command.read('written.tsv')
    const offered = Array.from(
      written.matchAll(/^#(name\tmy\.txt:\d+:\d\tNAME)$/gm),
      ([, line]) => line,
    )
    expect(offered).toHaveLength(2)
    command.write(
      'named.tsv',
      offered.map((line, n) => line.replace('NAME', `sense ${n}`)).join('\n'),
    )
    const { stdout } = await senses([
      'my.txt',
      '--word',
      'été',
      '--edits',
      'named.tsv',
      '--json',
      '--write-edits',
      'again.tsv',
    ])
    expect(JSON.parse(stdout).groups.map(({ name }: { name: string }) => name)).toEqual([
      'sense 0',
      'sense 1',
    ])
    const replayed = await senses(['my.txt', '--word', 'été', '--edits', 'again.tsv', '--json'])
    expect(replayed.stdout).toBe(stdout)
  })

  test.each([
    [
      'nam\tx\ty',
      'a change begins with name, merge, split, move, group and has tabs between its parts, got "nam"',
    ],
    ['name\tmy.txt:2', 'must be name, GROUP, NAME, with tabs between them'],
    ['split\tmy.txt:2\ttwo', 'a group is split into 2 or more, got "two"'],
    ['merge\tmy.txt:2\tmy.txt:99', 'no group is called "my.txt:99" and no such line has the word'],
    ['move\tmy.txt:99\tmy.txt:2', 'no such line has the word: "my.txt:99"'],
  ])('%j is refused with its place: 3', async (line, message) => {
    command.write('bad.tsv', `# a comment\n${line}\n`)
    const stderr = `regard senses: bad.tsv: line 2: ${message}\n`
    expect(await senses(['my.txt', '--word', 'été', '--edits', 'bad.tsv'])).toEqual({
      code: 3,
      stdout: '',
      stderr,
    })
  })

  test('a line that has the word twice is named with its place', async () => {
    command.write('bad.tsv', 'name\tother.txt:1\tx\n')
    const stderr =
      'regard senses: bad.tsv: line 1: other.txt:1 has the word 2 times; say other.txt:1:1 or other.txt:1:7\n'
    expect(await senses(['other.txt', '--word', 'été', '--edits', 'bad.tsv'])).toEqual({
      code: 3,
      stdout: '',
      stderr,
    })
  })
})

describe('what is read', () => {
  const head = (stdout: string) => stdout.split('\n').slice(0, 4).join(' ')

  test('a text that comes twice has the groups that it has once, and says so', async () => {
    command.write('twice.txt', `${TEXT}\n${TEXT}\n`)
    const [once, twice] = await Promise.all(
      ['my.txt', 'twice.txt'].map(async (file) =>
        JSON.parse((await senses([file, '--word', 'été', '--json'])).stdout),
      ),
    )
    expect([twice.tried, twice.silhouette, twice.distinct]).toEqual([
      ...[once.tried, once.silhouette, once.distinct],
    ])
    expect(twice.groups.map(({ size }: { size: number }) => size)).toEqual([40, 30])
    const { stdout } = await senses(['twice.txt', '--word', 'été'])
    expect(stdout).toContain(' · 70 lines, 35 different')
  })

  test('three lines twenty times are one group', async () => {
    const three = 'le bois est vert\nle bois est sec\nle bois est dur\n'
    command.write('three.txt', three)
    command.write('sixty.txt', three.repeat(20))
    const once = head((await senses(['three.txt', '--word', 'bois'])).stdout)
    const often = head((await senses(['sixty.txt', '--word', 'bois'])).stdout)
    expect(once).toContain('one group')
    expect(often).toContain('one group · 60 lines, 3 different')
  })

  test('more groups than lines that differ are said to be fewer', async () => {
    const { stdout, stderr } = await senses(['sixty.txt', '--word', 'bois', '--groups', '50'])
    expect(stdout.match(/^group \d/gm)).toHaveLength(3)
    expect(stderr).toBe('regard senses: warning: 3 groups, not 50: 3 lines of 60 are different\n')
  })

  test('--most is the first, --sample is drawn from all', async () => {
    const first = await senses(['my.txt', '--word', 'été', '--most', '5', '--json'])
    expect(first.stderr).toContain(
      'warning: only the first 5 occurrences were read; --most N reads more, --sample N draws from all\n',
    )
    const { occurrences, read, groups } = JSON.parse(
      (await senses(['my.txt', '--word', 'été', '--sample', '9', '--json'])).stdout,
    )
    expect([occurrences, read]).toEqual([9, { lines: 35, words: 255, occurrences: 35 }])
    const { stderr } = await senses(['my.txt', '--word', 'été', '--sample', '9', '--format', 'csv'])
    expect(stderr).toBe('9 of 35 occurrences of été in my.txt (35 lines, 255 words)\n')
    const lines = groups.flatMap((group: { lines: { line: number }[] }) => group.lines)
    expect(Math.max(...lines.map(({ line }: { line: number }) => line))).toBeGreaterThan(20)
    const both = await senses(['my.txt', '--word', 'été', '--sample', '9', '--most', '5'])
    expect([both.code, both.stderr]).toEqual([
      2,
      'regard senses: --most takes the first occurrences, --sample draws from all: give one of them\n',
    ])
  })

  test('a page: a long name gives way, not the line; what is known of a line is on it', async () => {
    const long = `${'long'.repeat(20)}.txt`
    command.write(long, 'un été\nun hiver\nun été\n')
    command.write('known.csv', `file,author\n${long},Anon & Co\n`)
    const words = [long, 'my.txt', '--word', 'été', '--metadata', 'known.csv', '--format', 'html']
    const { stdout } = await senses(words)
    expect(stdout).toContain(
      `<li title="${long}:3:1 · author Anon &amp; Co · un été"><span class="where"><span>${long}</span>:3</span>`,
    )
  })

  test('a word that is given twice counts once, in the title too', async () => {
    const { stdout } = await senses(['my.txt', '--word', 'été', '--word', 'été', '--limit', '1'])
    expect(stdout).toMatch(/^été · 35 occurrences /)
  })

  test('a phrase is one occurrence, with all its words hidden', async () => {
    const { stdout } = await senses(['my.txt', '--word', 'a été', '--format', 'csv'])
    const rows = stdout.trimEnd().split('\n').slice(1)
    expect([rows.length, rows[0].split(',').slice(2, 8)]).toEqual([
      20,
      ['my.txt', '2', '1', 'Tom', 'a été', 'vu <ici> par eux'],
    ])
  })

  test('lemmas, parts of speech and metadata are columns behind the place', async () => {
    const row = (id: number, form: string, lemma: string, pos: string) =>
      [id, form, lemma, pos, '_', '_', 0, '_', '_', '_'].join('\t')
    command.write(
      'tagged.conllu',
      ['# year = 1880', row(1, 'Un', 'un', 'DET'), row(2, 'tour', 'tour', 'NOUN'), '', ''].join(
        '\n',
      ),
    )
    const { stdout } = await senses(['tagged.conllu', '--lemma', 'tour', '--format', 'csv'])
    expect(stdout).toBe(
      'group,name,file,line,at,year,lemma,pos,left,word,right,margin,uncertain,moved\n' +
        '1,,tagged.conllu,2,1,1880,tour,NOUN,Un,tour,,0,0,0\n',
    )
  })

  test('a concordance has the 128 words on either side that the model reads', async () => {
    command.write('long.txt', `${'a '.repeat(300)}été${' b'.repeat(300)}\n`)
    const line = async (...words: string[]) =>
      JSON.parse((await senses(['long.txt', '--word', 'été', '--json', ...words])).stdout).groups[0]
        .lines[0]
    expect(await line()).toMatchObject({
      left: `…${'a '.repeat(128)}`,
      right: `${' b'.repeat(128)}…`,
    })
    expect((await line('--context', '299')).left).toBe('a '.repeat(299))
  })

  test('every occurrence of a long line is read once, in little memory', async () => {
    command.write('line.txt', `${'un été bleu '.repeat(20_000)}\n`)
    const before = process.memoryUsage().rss
    const { code, stdout } = await senses(['line.txt', '--word', 'été', '--most', '4000', '--json'])
    expect([code, JSON.parse(stdout).occurrences]).toEqual([0, 4000])
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 2 ** 20)
  })
})

describe('what cannot be', () => {
  test.each<[string[], number, string | RegExp]>([
    [['my.txt'], 2, 'needs --word WORD'],
    [['--word', 'été'], 2, 'needs a file to look in, or - for stdin'],
    [['my.txt', '--word', ' '], 2, '--word takes a word, got none'],
    [
      ['my.txt', '--word', "l'été"],
      5,
      "no occurrence of «l'été» found; the nearest word there is «été»",
    ],
    [
      ['my.txt', '--word', 'CET'],
      5,
      'no occurrence of «CET» found; 15 are in other capitals; --ignore-case finds them',
    ],
    [
      ['my.txt', '--lemma', 'être'],
      3,
      'the texts have no lemmas; tag them first (CoNLL-U, TreeTagger, vertical), or search by word',
    ],
    [['my.txt', '--word', 'été', '--sort', '1X'], 2, /^--sort takes 1L, 2L, 1R, … .*, got "1X"$/],
    [['missing.txt', '--word', 'été'], 3, 'missing.txt: there is no such file; check its name'],
    [
      ['my.txt', '--word', 'été', '--edits', 'missing.tsv'],
      3,
      'missing.tsv: there is no such file; check its name',
    ],
    [
      ['--word', 'été', '--gold', 'header.tsv'],
      3,
      /^header\.tsv: line 1 must name the columns .*; tok_idx is missing$/,
    ],
    [
      ['--word', 'été', '--gold', 'place.tsv'],
      3,
      'place.tsv: line 2: tok_idx must be a position from 0 to 3, got "9"',
    ],
    [
      ['--word', 'été', '--gold', 'nothing.tsv'],
      3,
      /^nothing\.tsv: is empty; its first line must name the columns/,
    ],
    [
      ['my.txt', '--word', 'demian'],
      5,
      'no occurrence of «demian» found; the nearest word there is «demain»',
    ],
    [
      ['my.txt', '--word', 'ETE'],
      5,
      'no occurrence of «ETE» found; the nearest word there is «été»',
    ],
    [
      ['open.txt', '--quiet', '--lemma', 'suivrre'],
      5,
      'no occurrence of lemma «suivrre» found; the nearest lemma there is «suivre»',
    ],
    [
      ['open.txt', '--quiet', '--pos', 'ver'],
      5,
      'no occurrence of ver found; the texts have PRO:PER, VER:pres, NOM, SENT',
    ],
    [
      ['open.txt', '--quiet', '--word', 'guide', '--pos', 'VER*'],
      5,
      'no occurrence of «guide» with VER* found',
    ],
    [['my.txt', '--word', 'extraordinaire'], 5, 'no occurrence of «extraordinaire» found'],
    [['empty.txt', '--word', 'été'], 5, 'no words found'],
  ])('%j: %i', async (words, code, message) => {
    const ran = await senses(words)
    expect(ran).toMatchObject({ code, stdout: '' })
    const line = ran.stderr.replace(/^regard senses: /, '').trimEnd()
    if (typeof message === 'string') expect(line).toBe(message)
    else expect(line).toMatch(message)
  })

  test('a model whose numbers leave float32 is said to be damaged: 3', async () => {
    const ran = await command.run(['senses', 'huge.safetensors', 'my.txt', '--word', 'été'])
    const stderr =
      'regard senses: the embedding of «été» is not finite; the model is damaged, learn it again\n'
    expect(ran).toEqual({ code: 3, stdout: '', stderr })
  })

  test('a file that is there is not overwritten, and what fails leaves none', async () => {
    command.write('there.html', 'mine')
    expect(await senses(['my.txt', '--word', 'été', '-o', 'there.html'])).toMatchObject({ code: 2 })
    expect(await senses(['my.txt', '--word', 'hiver', '-o', 'new.html'])).toMatchObject({ code: 5 })
    expect(command.read('there.html')).toBe('mine')
    expect(() => readFileSync(command.path('new.html'))).toThrow('ENOENT')
  })
})
