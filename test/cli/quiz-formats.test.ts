import { existsSync, mkdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { rowOf } from '../../src/cli/terminal/output.ts'
import {
  builtInQuiz,
  itemsOf,
  type QuizResult,
  readQuiz,
  resultRows,
} from '../../src/doors/internal.ts'
import { installed } from './command.ts'

const MINI = {
  regardQuiz: 1,
  id: 'mini',
  title: { en: 'Mini', fr: 'Petit' },
  languages: ['en', 'fr'],
  name: { label: 'Name' },
  sections: [
    {
      title: 'S',
      items: [
        {
          id: 'one',
          kind: 'single',
          text: 'Which?',
          shuffle: true,
          explanation: 'SECRET',
          options: [
            { id: 'a', text: 'yes', right: true, feedback: 'SECRET' },
            { id: 'b', text: 'no' },
          ],
        },
        {
          id: 'n',
          kind: 'numeric',
          text: 'How many?',
          points: 3,
          answer: { value: 31415 },
          feedback: { right: 'SECRET' },
        },
      ],
    },
  ],
}
const result = (name: string, answers: QuizResult['answers'], quiz = 'mini'): QuizResult => ({
  ...{
    regardQuizResult: 1,
    quiz: { id: quiz, title: 'Mini' },
    name,
    language: 'en',
    mode: 'test',
    seed: 7,
  },
  ...{ started: '2026-01-02T03:04:05.000Z', finished: '2026-01-02T03:14:05.000Z', answers },
})
const command = installed(async (own) => {
  own.write('mini.json', JSON.stringify(MINI))
  mkdirSync(own.path('results'))
  own.write('results/1.json', JSON.stringify(result('Ann', { one: ['a'], n: 31415 })))
  own.write('results/2.json', JSON.stringify(result('Ann', { one: ['b'], n: null })))
  own.write('results/3.json', JSON.stringify(result('=НМ', { one: ['z'], gone: ['a'], n: 1 })))
  own.write('results/4.json', JSON.stringify(result('Bob', {}, 'other')))
  own.write('results/5.json', '{"x": 1}')
  own.write('results/notes.txt', 'x')
})
const quiz = (...words: string[]) => command.run(['quiz', ...words])

describe('regard quiz export', () => {
  test.each([
    ['x.gift', /^\$CATEGORY: \$course\$\/top\/Mini\n/],
    ['x.xml', /^<\?xml .*\n<quiz>/],
    ['x.gs', /function makeForm\(\)/],
    ['x.html', /^<!doctype html>/],
    ['x.json', /"regardQuiz": 1/],
  ])('writes %s in the format that its end says', async (file, begins) => {
    const { code, stdout, stderr } = await quiz('export', 'mini.json', '-o', file)
    expect([code, stdout]).toEqual([0, ''])
    for (const line of stderr.trimEnd().split('\n').filter(Boolean))
      expect(line).toMatch(/^regard quiz export: warning: [\w-]+: \w+: /)
    expect(command.read(file)).toMatch(begins)
    expect((await quiz('export', 'mini.json', '-o', file)).stderr).toBe(
      `regard quiz export: ${file} is there already; --force overwrites it\n`,
    )
  })

  test('says what the format cannot carry, a line for each thing', async () => {
    const { stderr } = await quiz('export', 'mini.json', '--to', 'gift')
    expect(stderr.match(/gift: \w+/g)).toEqual(
      ['id', 'languages', 'name', 'required', 'points', 'shuffle'].map((field) => `gift: ${field}`),
    )
    const { stdout, stderr: none } = await quiz('export', 'mini.json', '--to', 'gift', '--json')
    expect([none, JSON.parse(stdout).remarks.length]).toEqual(['', 6])
  })

  test.each(['html', 'apps-script', 'json'])(
    'as %s without the key holds the answers nowhere',
    async (format) => {
      const { code, stdout } = await quiz('export', 'mini.json', '--to', format, '--without-key')
      expect(code).toBe(0)
      expect(stdout).toContain('Which?')
      expect(stdout).not.toMatch(/SECRET|31415|"right"|✓/)
    },
  )

  test('takes the language and the order that are asked for', async () => {
    expect(
      (await quiz('export', 'mini.json', '--to', 'gift', '--language', 'fr')).stdout,
    ).toContain('/top/Petit\n')
    const orders = await Promise.all(
      [1, 2, 3, 4].map((seed) =>
        quiz('export', 'mini.json', '--to', 'html', '--seed', String(seed)),
      ),
    )
    const shown = orders.map(({ stdout }) => stdout.match(/<code>\w<\/code>/g)?.join(''))
    expect(new Set(shown).size).toBe(2)
    expect(orders.map(({ stdout }) => stdout.match(/Sheet \d/)?.[0])).toEqual([
      'Sheet 1',
      'Sheet 2',
      'Sheet 3',
      'Sheet 4',
    ])
  })

  test.each([
    [
      ['--to', 'gift', '--without-key'],
      2,
      'gift holds no question without its key; --without-key goes with html, apps-script and json',
    ],
    [
      ['--to', 'html', '--language', 'fe'],
      2,
      'mini.json has no language "fe"; did you mean fr? it has en, fr',
    ],
    [
      ['-o', 'x.pdf'],
      2,
      'needs --to gift|moodle|apps-script|html|json, or -o with a name that ends in one of .gift .xml .gs .html .json',
    ],
    [
      ['--to', 'gift', '--seed', '1'],
      2,
      '--seed goes with --to html; other formats shuffle by themselves',
    ],
  ])('%j is refused', async (words, code, message) => {
    expect(await quiz('export', 'mini.json', ...words)).toEqual({
      code,
      stdout: '',
      stderr: `regard quiz export: ${message}\n`,
    })
  })
})

describe('regard quiz import', () => {
  test.each(['gift', 'xml', 'gs'])('reads what export wrote as %s', async (end) => {
    await quiz('export', 'mini.json', '-o', `again.${end}`, '--force')
    const { code, stdout } = await quiz('import', `again.${end}`)
    expect(code).toBe(0)
    const read = readQuiz(stdout)
    expect(itemsOf(read).map(({ id, kind }) => [id, kind])).toEqual([
      ['one', 'single'],
      ['n', 'numeric'],
    ])
    if (end === 'gs') expect(read).toEqual(MINI)
  })

  test.each([
    [
      'bad.gift',
      '::q::x{=a =b ~c}',
      'bad.gift: line 1: question q: (a) and (b) are right in a choice of one; mark one, or make it a choice of several',
    ],
    [
      'bad.xml',
      '<quiz><question>',
      'bad.xml: Missing end tag for element question, at line 1, column 17; is the file whole?',
    ],
    [
      'latin.gift',
      Uint8Array.of(0x78, 0xe9, 0x7b),
      'latin.gift: line 1 is not UTF-8 (perhaps Latin-1 or Windows-1252); convert the file to UTF-8',
    ],
    [
      'empty.gift',
      '',
      'empty.gift: there is no question in it that a quiz could hold; name a file that has some',
    ],
    [
      'bad.gs',
      'function makeForm() {}',
      'bad.gs: it holds no quiz; only a script that regard quiz export wrote, and its last comment whole, can be read',
    ],
    [
      'bad.json',
      JSON.stringify({ ...MINI, sections: [...MINI.sections, ...MINI.sections] }),
      /^bad\.json: .*"one" is the id at .* too; give each its own$/,
    ],
  ])(
    '%s is refused in one line, and the output stays as it was',
    async (file, content, message) => {
      command.write(file, content)
      command.write('kept.json', 'kept')
      const { code, stdout, stderr } = await quiz('import', file, '-o', 'kept.json', '--force')
      expect([code, stdout, command.read('kept.json')]).toEqual([3, '', 'kept'])
      const said = stderr.replace('regard quiz import: ', '').trimEnd()
      if (typeof message === 'string') expect(said).toBe(message)
      else expect(said).toMatch(message)
      await quiz('import', file, '-o', 'new.json')
      expect(existsSync(command.path('new.json'))).toBe(false)
    },
  )
})

describe('regard quiz grade', () => {
  test('a folder of results: points, people of one name apart, what is not understood with its file', async () => {
    const { code, stdout, stderr } = await quiz('grade', 'mini.json', 'results')
    expect(code).toBe(0)
    expect(stdout).toBe(`name  points
Ann    4 / 4  100 %  results/1.json
Ann    0 / 4    0 %  results/2.json
=НМ    0 / 4    0 %

item  right  difficulty  discrimination  blank  commonest wrong
one   1 / 3         .33            1.00      1  (b) × 1
n     1 / 3         .33            1.00      1  1 × 1
`)
    expect(stderr.trimEnd().split('\n')).toEqual(
      [
        'results/notes.txt: left out: neither .json nor .csv',
        'results/3.json: item one: it has no option "z"; it counts as no answer',
        'results/3.json: item gone: the quiz has no such item; it counts as no answer',
        'results/4.json: left out: it answers the quiz "other", and not "mini"; grade it with that',
        expect.stringMatching(/^results\/5\.json: left out: /),
      ].map((line) =>
        typeof line === 'string'
          ? `regard quiz grade: warning: ${line}`
          : expect.stringContaining('results/5.json: left out: '),
      ),
    )
  })

  test('the same as CSV of people, of items, and JSON', async () => {
    const people = await quiz('grade', 'mini.json', 'results', '--format', 'csv')
    expect(people.stdout).toBe(
      "name,points,of,file,line,one,n\nAnn,4,4,results/1.json,,1,3\nAnn,0,4,results/2.json,,0,0\n'=НМ,0,4,results/3.json,,0,0\n",
    )
    await quiz('grade', 'mini.json', 'results', '--items', '-o', 'items.csv')
    expect(command.read('items.csv').split('\n')[1]).toMatch(/^one,3,1,1,0\.33333\d*,1,b,1$/)
    await quiz('grade', 'mini.json', 'results', '-o', 'grades.json')
    const { people: graded, unread } = JSON.parse(command.read('grades.json'))
    expect([graded.length, graded[2].name, unread.length]).toEqual([3, '=НМ', 5])
  })

  test('a table of results, as regard quiz take writes it', async () => {
    const builtIn = await builtInQuiz('self-attention')
    const answers = Object.fromEntries(itemsOf(builtIn).map(({ id }) => [id, ['a']]))
    const rows = resultRows(builtIn, [
      result('Ann', answers, builtIn.id),
      result('Bob', answers, 'other'),
    ])
    command.write('table.csv', rows.map((row) => rowOf(row, 'csv')).join(''))
    const { stdout, stderr } = await quiz('grade', 'self-attention', 'table.csv')
    expect(stdout).toContain('Ann   6 / 10  60 %')
    expect(stderr).toBe(
      'regard quiz grade: warning: table.csv: line 3: it answers the quiz "other"; it is left out\n',
    )
  })

  test('a name does nothing to the terminal that it is shown on', async () => {
    command.write('names.csv', 'Name,Which?\n"An\u001b[2Jn\ne",yes\n')
    const { stdout } = await quiz('grade', 'mini.json', 'names.csv')
    expect(stdout.split('\n')[1]).toBe('An␛[2Jn␊e   1 / 4  25 %')
    expect(
      JSON.parse((await quiz('grade', 'mini.json', 'names.csv', '--json')).stdout).people[0].name,
    ).toBe('An\u001b[2Jn\ne')
  })

  test.each([
    [
      'broken.csv',
      'Name,Which?\nAnn,"yes\n',
      3,
      'broken.csv: line 2: a quote is never closed; is it a CSV file, and whole?',
    ],
    [
      'other.csv',
      'A,B\n1,2\n',
      3,
      'other.csv: line 1: no column is a question of the quiz mini; is it the answers to this quiz?',
    ],
    [
      'utf16.csv',
      Uint8Array.of(0xff, 0xfe, 0x4e, 0, 0x4e),
      3,
      'utf16.csv: line 1 or after is not UTF-16; is the file whole?',
    ],
  ])('%s is refused', async (file, content, code, message) => {
    command.write(file, content)
    expect(await quiz('grade', 'mini.json', file)).toEqual({
      code,
      stdout: '',
      stderr: `regard quiz grade: ${message}\n`,
    })
  })
})
