import { describe, expect, test } from 'vitest'
import { widthOf } from '../../src/cli/terminal/terminal.ts'
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

  test('counts the lines that have no annotations, where others have some', async () => {
    command.write(
      'tagged.conllu',
      '1\tUn\tun\tDET\t_\t_\t2\tdet\t_\t_\n2\tété\tété\tNOUN\t_\t_\t0\troot\t_\t_\n\n',
    )
    const words = ['tagged.conllu', 'other.txt', '--at', '3', SENTENCE, '--lemma', 'été']
    expect(await near(words)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(
        'regard near: warning: 1 line without lemmas or parts of speech left out\n',
      ),
    })
  })

  test('says how many of all occurrences a sample has', async () => {
    const words = ['my.txt', '--at', '3', SENTENCE, '--sample']
    expect((await near([...words, '5'])).stderr).toBe(
      '5 of 250 occurrences in my.txt (40 lines, 260 words)\n',
    )
    expect((await near([...words, '500'])).stderr).toMatch(/^250 occurrences in /)
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

  test('the word stands in one column, however long names are and whatever the script', async () => {
    const name = `${'a-long-name-'.repeat(9)}.txt`
    command.write(name, 'un été\nil dit 「、」 été, et puis encore beaucoup de mots\n')
    const { stdout } = await near([name, 'my.txt', '--word', 'été', '--count', '90'])
    const lines = stdout.trimEnd().split('\n')
    expect(
      lines.filter((line) => /^-?\d\.\d\d {2}….*-long-name-\.txt:[12] /.test(line)),
    ).toHaveLength(2)
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(100)
    expect(new Set(lines.map((line) => widthOf(line.slice(0, line.indexOf('«'))))).size).toBe(1)
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

describe('what near looks for', () => {
  const CONLLU = [
    '# author = Anon',
    '1\tLe\tle\tDET',
    '2\tchat\tchat\tNOUN',
    '',
    '# author = Ann',
    '1\tDes\tun\tDET',
    '2\tchats\tchat\tNOUN',
    '',
    '',
  ]
    .map((row) => (/^\d/.test(row) ? `${row}\t_\t_\t0\t_\t_\t_` : row))
    .join('\n')

  test('lemmas and what the text says of its lines, behind file, line and place', async () => {
    command.write('tagged.conllu', CONLLU)
    const { stdout, stderr } = await near([
      'tagged.conllu',
      '--at',
      '1',
      SENTENCE,
      '--lemma',
      'chat',
      '--pos',
      'noun',
      '--format',
      'csv',
    ])
    const [header, ...rows] = stdout.trimEnd().split('\n')
    expect(header).toBe('file,line,at,author,lemma,pos,token,similarity,text')
    expect(
      rows
        .map((row) =>
          row
            .split(',')
            .filter((_, n) => n < 7)
            .join(','),
        )
        .sort(),
    ).toEqual(['tagged.conllu,2,1,Anon,chat,NOUN,chat', 'tagged.conllu,6,1,Ann,chat,NOUN,chats'])
    expect(stderr).toContain(
      '2 occurrences of lemma chat, noun in tagged.conllu (2 lines, 4 words)\n',
    )
  })

  test('a phrase, with * and whatever the capitals', async () => {
    const { stdout } = await near([
      'my.txt',
      '--at',
      '3',
      SENTENCE,
      '--word',
      'CET ét*',
      '--ignore-case',
      '--json',
    ])
    const { neighbours } = JSON.parse(stdout)
    expect(new Set(neighbours.map(({ token }: { token: string }) => token))).toEqual(
      new Set(['cet été']),
    )
    for (const { text, span } of neighbours) expect(text.slice(...span)).toBe('cet été')
  })

  test('without --at, one word alone: 2', async () => {
    for (const words of [
      ['--word', 'ét*'],
      ['--word', 'a', '--word', 'b'],
      ['--pos', 'NOUN'],
    ])
      expect(await near(['my.txt', ...words])).toEqual({
        code: 2,
        stdout: '',
        stderr:
          'regard near: needs --at PLACE TEXT, to which occurrences are near; one --word or --lemma without * and ? may stand for it\n',
      })
  })

  test('the query itself is no answer, and what is said of it does not mislead: 5', async () => {
    command.write('itself.txt', 'été fini\nÉté\n')
    const capitals = '; 1 is in other capitals; --ignore-case finds it'
    for (const [words, said] of [
      [
        ['--at', '1', 'été fini', '--word', 'été'],
        `no occurrence of «été» found but the query itself${capitals}`,
      ],
      [['--at', '1', 'été', '--word', 'hiver'], 'no occurrence of «hiver» found'],
    ] as const) {
      const { code, stderr } = await near(['itself.txt', ...words])
      expect([code, stderr]).toEqual([5, `regard near: ${said}\n`])
    }
  })

  test('128 words on either side of a long line, with … where it goes on', async () => {
    command.write('long.txt', `${'a '.repeat(300)}été${' b'.repeat(300)}\n`)
    const { neighbours } = JSON.parse((await near(['long.txt', '--word', 'été', '--json'])).stdout)
    expect(neighbours[0].text).toBe(`…${'a '.repeat(128)}été${' b'.repeat(128)}…`)
    expect(neighbours[0].text.slice(...neighbours[0].span)).toBe('été')
  })

  test('Ctrl-C ends the reading, and shows what was found: 130', async () => {
    const words = ['near', MODEL, '-', '--word', 'été', '--format', 'csv', '--progress', 'jsonl']
    const child = command.start(words)
    let [stdout, stderr] = ['', '']
    const begun = new Promise<void>((resolve) => {
      child.stderr.on('data', (piece) => {
        stderr += piece
        if (stderr.includes('"read"')) resolve()
      })
    })
    child.stdout.on('data', (piece) => {
      stdout += piece
    })
    child.stdin?.write('un été\nun hiver\n'.padEnd(2 ** 17, ' \n'))
    await begun
    child.kill('SIGINT')
    const code = await new Promise((resolve) => child.on('exit', resolve))
    expect([code, stdout.split('\n').slice(1)]).toEqual([
      130,
      [expect.stringMatching(/^stdin,1,1,été,/), ''],
    ])
    const messages = jsonLines(stderr).map(({ message }) => message)
    expect(messages).toContain(
      'stopping, and showing what was found; Ctrl-C once more stops at once',
    )
    expect(messages).toContainEqual(
      expect.stringMatching(/^stopped at stdin: line \d+ \(2 lines, 4 words\)$/),
    )
  })

  test('Ctrl-C once more stops at once, also while groups are found', async () => {
    const words = ['senses', MODEL, '-', '--word', 'été', '--groups', '100', '-o', 'g.csv']
    const child = command.start([...words, '--progress', 'jsonl'])
    const ended = new Promise((resolve) => child.on('exit', (...how) => resolve(how)))
    let stderr = ''
    const said = (what: string) =>
      new Promise<void>((resolve) => {
        child.stderr.on('data', (piece) => {
          stderr += piece
          if (stderr.includes(what)) resolve()
        })
      })
    const stopping = said('"stopping')
    const begun = said('"read"')
    // places that differ, so that their groups take long
    const places = Array.from({ length: 4000 }, (_, n) => `${n} ${n % 977}a été ${n % 613}b\n`)
    child.stdin?.write(places.join(''))
    await begun
    await new Promise((resolve) => setTimeout(resolve, 1500))
    child.kill('SIGINT')
    await stopping
    child.kill('SIGINT')
    expect(await ended).toEqual([null, 'SIGINT'])
    expect(() => command.read('g.csv')).toThrow('ENOENT')
  })
})
