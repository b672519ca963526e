import { describe, expect, test } from 'vitest'
import { PHRASES } from '../../src/cli/quiz/take/phrases.ts'
import { replyTo } from '../../src/cli/quiz/take/reply.ts'
import type { QuizItem } from '../../src/doors/internal.ts'
import { readResult } from '../../src/doors/internal.ts'
import { installed } from './command.ts'

const OWN = {
  ...{
    regardQuiz: 1,
    id: 'own',
    title: 'My «own» quiz',
    languages: ['de', 'en'],
    name: { required: false },
  },
  sections: [
    {
      title: { de: 'Teil', en: 'Part' },
      text: { de: 'Über $d_q$', en: 'On $d_q$' },
      items: [
        {
          ...{ id: 'many', kind: 'multiple', text: 'Which?' },
          options: [...'abc'].map((id) => ({ id, text: id.toUpperCase(), right: id !== 'b' })),
        },
        {
          ...{ id: 'number', kind: 'numeric', text: 'How many?', points: 2 },
          answer: { value: 0.5, tolerance: 0.1 },
          feedback: { right: 'So it is.' },
        },
        { ...{ id: 'open', kind: 'numeric', text: 'And?', required: false }, answer: { value: 1 } },
      ],
    },
  ],
}

const command = installed(async (own) => {
  own.write('own.json', JSON.stringify(OWN))
  own.write(
    'keyless.json',
    JSON.stringify(OWN)
      .replaceAll(/,"right":(true|false)/g, '')
      .replaceAll(/,"answer":\{[^}]*\}/g, '')
      .replace(/,"feedback":\{[^}]*\}/, ''),
  )
  own.write('two.json', JSON.stringify(OWN).replace('"multiple"', '"single"'))
  own.write(
    'latin1.json',
    Uint8Array.from(Buffer.from('{"id": 1,\n"title": "\u00e9t\u00e9"}', 'latin1')),
  )
  own.write(
    'binary.json',
    Uint8Array.from({ length: 100_000 }, (_, n) => (n * 7919) % 256),
  )
  own.write('there.json', '')
})
const take = (words: string[], lines: readonly string[], environment = {}) =>
  command.run(['quiz', 'take', ...words], {
    input: lines.map((line) => `${line}\n`).join(''),
    environment,
  })

/** Right answers to all but the second and the tenth. */
const ANSWERS = ['a', 'b', '1', 'A', 'b', ' c ', '2', 'a', 'a', 'a']

describe('without a terminal', () => {
  test('the name and an answer on each line give a result', async () => {
    const { code, stdout, stderr } = await take(
      ['--mode', 'test', '--seed', '11', '-o', 'ada.json'],
      ['  Ada «НМ» 🎓', ...ANSWERS],
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('a  Σₜ exp(q³·kᵗ/√d_k) / Σₜ′ exp(q³·kᵗ′/√d_k) · vᵗ')
    expect(stdout).toContain('Score: 8 of 10')
    expect(stdout).toContain('  2 ✗ b · right: a')
    const result = readResult(command.read('ada.json'), 'ada.json')
    expect(result).toMatchObject({
      name: 'Ada «НМ» 🎓',
      language: 'en',
      mode: 'test',
      seed: 11,
      score: { points: 8, of: 10 },
    })
    expect(Object.values(result.answers).map(String)).toEqual([
      'a',
      'b',
      'a',
      'a',
      'b',
      'c',
      'b',
      'a',
      'a',
      'a',
    ])
    expect(result.started <= result.finished).toBe(true)
  })

  test('practice judges each answer and runs the layer', async () => {
    const { code, stdout } = await take(['--name', 'Ada'], ANSWERS)
    expect(code).toBe(0)
    expect(stdout).toContain(
      '✗ b: not right\n  Values are summed, never multiplied with keys: their width is free.',
    )
    expect(stdout).toMatch(/The layer: d_v = d_k: d_q \d, d_k \d, d_v \d satisfies it and fails/)
    expect(stdout).toContain('✗ a: not right')
  })

  test('French where the language or the system is', async () => {
    const wanted = ['Votre nom', 'question 10 sur 10', 'Score : 8 sur 10', 'juste : a']
    const chosen = await take(['--mode', 'test', '--language', 'fr', '--name', 'Zoé'], ANSWERS)
    for (const words of wanted.slice(1)) expect(chosen.stdout).toContain(words)
    const system = await take(['--name', 'Zoé'], ANSWERS, { LC_ALL: 'fr_FR.UTF-8' })
    expect(system.stdout).toContain('La couche : W_Q (11, 3)')
    expect(system.stdout).toContain('pas juste')
  })

  test('--json prints the result and nothing else, with --quiet nothing on stderr either', async () => {
    const { code, stdout, stderr } = await take(
      ['--json', '--quiet', '--mode', 'test', '--name', 'Ada'],
      ANSWERS,
    )
    expect([code, stderr, stdout.split('\n').length]).toEqual([0, '', 2])
    expect(readResult(stdout).score).toEqual({ points: 8, of: 10 })
    const spoken = await take(['--json', '--name', 'Ada'], ANSWERS)
    expect(readResult(spoken.stdout).mode).toBe('practice')
    expect(spoken.stderr).toContain('question 1 of 10')
  })

  test('a result as CSV quotes what must be', async () => {
    const { code, stdout } = await take(
      ['--mode', 'test', '--quiet', '--format', 'csv', '-o', '-', '--name', 'Ada, "Countess"'],
      ANSWERS,
    )
    const [heading, row] = stdout.split('\n')
    expect(code).toBe(0)
    expect(heading).toBe(
      'name,points,of,quiz,title,language,mode,seed,started,finished,q1,q2,q3,q4,q5,q6,q7,q8,q9,q10',
    )
    expect(row).toMatch(
      /^"Ada, ""Countess""",8,10,self-attention,Quiz 9: the self-attention layer,en,test,7,[^,]+Z,[^,]+Z,a,b,a,a,b,c,b,a,a,a$/,
    )
    await take(['--mode', 'test', '-o', 'ada.CSV', '--name', 'Ada'], ANSWERS)
    expect(command.read('ada.CSV')).toMatch(/^name,points/)
  })

  test('lines may go back and answer again', async () => {
    const lines = ['b', '<', 'a', '', '<', 'a', '#4', 'a', '#3', 'a', '#5', ...ANSWERS.slice(4)]
    const { stdout } = await take(['--mode', 'test', '--name', 'Ada', '--json', '--quiet'], lines)
    expect(readResult(stdout).score).toEqual({ points: 9, of: 10 })
  })

  test('shuffled options are told by the letters that are shown, and kept by their own', async () => {
    const all = (letter: string): string[] => Array(10).fill(letter)
    const shuffled = await take(
      ['--mode', 'test', '--name', 'Ada', '--json', '--quiet', '--shuffle', '--seed', '3'],
      all('a'),
    )
    const again = await take(
      ['--mode', 'test', '--name', 'Ada', '--json', '--quiet', '--shuffle', '--seed', '3'],
      all('a'),
    )
    const { answers } = readResult(shuffled.stdout)
    expect(new Set(Object.values(answers).map(String)).size).toBeGreaterThan(1)
    expect(readResult(again.stdout).answers).toEqual(answers)
  })
})

describe('a quiz of one’s own', () => {
  test('asks for several letters, for numbers, and for what may be left out', async () => {
    const { code, stdout, stderr } = await take(['own.json', '--json'], ['', 'a c', '0,45', ''])
    expect([
      code,
      stderr.includes('one or more are right'),
      stderr.includes('may be left out'),
    ]).toEqual([0, true, true])
    const result = readResult(stdout)
    expect(result).toMatchObject({
      name: '',
      language: 'en',
      answers: { many: ['a', 'c'], number: 0.45, open: null },
      score: { points: 3, of: 4 },
    })
    expect(stderr).toContain('So it is.')
    expect(stderr).toContain('On d_q')
  })

  test('is shown in a language that the command itself does not speak', async () => {
    const { stdout, stderr } = await take(
      ['own.json', '--language', 'DE', '--json'],
      ['', 'ac', '-1e-3', '1'],
    )
    expect(readResult(stdout)).toMatchObject({
      language: 'de',
      answers: { number: -0.001, open: 1 },
      score: { points: 2, of: 4 },
    })
    expect(stderr).toContain('Über d_q')
  })

  test('without its key is taken as a test, and has no score', async () => {
    const { code, stdout, stderr } = await take(
      ['keyless.json', '--mode', 'test', '--json'],
      ['Ada', 'b', '3', ''],
    )
    expect([code, readResult(stdout).score, stderr.includes('This file has no key')]).toEqual([
      0,
      undefined,
      true,
    ])
  })
})

describe('what cannot be taken ends with one line', () => {
  test.each<[string[], string[], number, string | RegExp]>([
    [['missing.json'], [], 3, 'missing.json: there is no such file; check its name'],
    [['.'], [], 3, '.: it is a folder; name a file'],
    [
      ['latin1.json'],
      [],
      3,
      'latin1.json: line 2 is not UTF-8 (perhaps Latin-1 or Windows-1252); convert the file to UTF-8',
    ],
    [['binary.json'], [], 3, /^binary\.json: line 1 is not UTF-8.*; convert the file to UTF-8$/],
    [['there.json'], [], 3, 'there.json: is empty; give a quiz as JSON, see docs/quiz.md'],
    [
      ['two.json'],
      [],
      3,
      /^two\.json: line 1: sections\[0\]\.items\[0\]\.options: has 2 options that are right, and may have 1; mark one, /,
    ],
    [['-'], [], 2, 'FILE cannot be -: the answers come from stdin'],
    [['--language', 'de'], [], 2, 'the quiz has no language "de"; it has en, fr'],
    [
      ['keyless.json'],
      [],
      2,
      'the quiz has no key, so nothing can be judged at once; add --mode test',
    ],
    [['-o', 'there.json'], [], 2, 'there.json is there already; --force overwrites it'],
    [
      ['-o', 'missing/x.json'],
      [],
      3,
      'missing/x.json: its folder does not exist; make it first, or choose another',
    ],
    [['--name', ' '], [], 2, '--name needs a name'],
    [[], [], 2, 'stdin ended before a name; give it on the first line, or as --name NAME'],
    [
      ['--name', 'Ada'],
      ['a', 'z'],
      3,
      'stdin: line 2: q2: "z" is no answer here; give a letter from a to c',
    ],
    [['--name', 'Ada'], ['a b'], 3, 'stdin: line 1: q1: one answer alone; give one letter'],
    [['--name', 'Ada'], ['#11'], 3, 'stdin: line 1: questions go from 1 to 10'],
    [
      ['--name', 'Ada'],
      ['a', 'b'],
      3,
      'stdin ended at question 3 of 10 (q3); give a line for each, an empty one for no answer',
    ],
    [
      ['--name', 'Ada'],
      ['a', '', 'a', 'a', '', ...ANSWERS.slice(5)],
      3,
      'stdin: questions 2, 5: an answer is needed: q2, q5',
    ],
    [
      ['own.json', '--mode', 'test'],
      ['', 'a c', 'many'],
      3,
      'stdin: line 3: number: "many" is no answer here; give a number such as 3 or 0.5',
    ],
    [['--name', 'Ada'], ['a\0'], 3, 'stdin: line 1 holds a NUL character; this is not plain text'],
  ])('%j with %j', async (words, lines, code, line) => {
    const found = await take(['--quiet', ...words], lines)
    expect([found.code, found.stdout, found.stderr.split('\n').length]).toEqual([code, '', 2])
    const text = found.stderr.trimEnd().replace(/^regard quiz take: /, '')
    if (typeof line === 'string') expect(text).toBe(line)
    else expect(text).toMatch(line)
  })
})

describe('what is typed', () => {
  const single = {
    id: 'q',
    kind: 'single',
    text: '?',
    options: [...'uvw'].map((id) => ({ id, text: id })),
  } as QuizItem
  const many = { ...single, kind: 'multiple' } as QuizItem
  const long = {
    ...single,
    options: Array.from({ length: 30 }, (_, n) => ({ id: `o${n}`, text: 'x' })),
  } as QuizItem
  const number = { id: 'q', kind: 'numeric', text: '?' } as QuizItem
  const answer = (response: unknown) => ({ kind: 'answer', response })

  test.each<[QuizItem, string, unknown]>([
    [single, 'a', answer(['u'])],
    [single, ' C ', answer(['w'])],
    [single, '2', answer(['v'])],
    [single, '-', answer(null)],
    [single, '', { kind: 'next' }],
    [single, '<', { kind: 'back' }],
    [single, 'retour', { kind: 'back' }],
    [single, '?', { kind: 'why' }],
    [single, 'w', { kind: 'why' }],
    [single, '# 12', { kind: 'go', to: 12 }],
    [single, 'Q', { kind: 'quit' }],
    [many, 'ca', answer(['u', 'w'])],
    [many, '3, 1', answer(['u', 'w'])],
    [many, 'a a', answer(['u'])],
    [long, 'w', answer(['o22'])],
    [long, '30', answer(['o29'])],
    [number, '-3', answer(-3)],
    [number, '−0,5', answer(-0.5)],
    [number, '.5', answer(0.5)],
    [number, '1e3', answer(1000)],
    [
      number,
      '0x10',
      { kind: 'unknown', text: '"0x10" is no answer here; give a number such as 3 or 0.5' },
    ],
    [
      number,
      '1e999',
      { kind: 'unknown', text: '"1e999" is no answer here; give a number such as 3 or 0.5' },
    ],
    [number, 'q', { kind: 'quit' }],
  ])('to %o: %j', (item, typed, expected) => {
    expect(replyTo(item, typed, PHRASES.en)).toEqual(expected)
  })
})

describe('regard quiz check', () => {
  test('reads stdin and files, and says in one line what is no quiz', async () => {
    const found = await command.run(['quiz', 'check', '-', 'own.json', '--json'], {
      input: JSON.stringify(OWN),
    })
    const { passed, quizzes } = JSON.parse(found.stdout)
    expect([found.code, passed, quizzes.map(({ file }: { file: string }) => file)]).toEqual([
      0,
      true,
      ['stdin', 'own.json'],
    ])
    const bad = await command.run(['quiz', 'check', 'own.json', 'two.json'])
    expect([bad.code, bad.stdout, bad.stderr.split('\n').length]).toEqual([3, '', 2])
    expect(bad.stderr).toMatch(
      /^regard quiz check: two\.json: line 1: sections\[0\]\.items\[0\]\.options: has 2 options that are right/,
    )
  })

  test('without a file proves the quizzes that ship', async () => {
    const { code, stdout } = await command.run(['quiz', 'check'])
    expect(code).toBe(0)
    expect(stdout).toContain('✓ item q10 · proven · order')
    expect(stdout).toContain('10 items: 10 proven, 0 unproven, 0 failed.')
  })
})
