import { describe, expect, test } from 'vitest'
import { ownText } from '../../src/cli/start/own-text.ts'
import { Transcript } from '../../src/cli/start/transcript.ts'
import { reporterOf } from '../../src/cli/terminal/progress.ts'
import { wrapped } from '../../src/cli/terminal/terminal.ts'
import { openDevice } from '../../src/doors/internal.ts'
import { installed, jsonLines, type Ran, withModel } from './command.ts'

/** Colours, a title, the clipboard, a cleared screen, a deletion, C1 and a turned direction. */
const SEQUENCES =
  '\x1b[31mrouge\x1b[0m \x1b]0;title\x07 \x1b]52;c;eA==\x07 \x1b[2J \b\x7f \x9b5m\x85 \u202etxt\u202c \0'
const ESCAPES = `cet été ${SEQUENCES.replace('\0', '')} fin\n`
/** As a hostile archive may call a file. */
const NAME = 'a\n\x1b[2J\tb\x9b\u202e.txt'
const SEEN = 'a␊␛[2J␉b\ufffd\ufffd.txt'
const MODEL = 'model.safetensors'

const quizText = (text: string) => ({
  ...{ regardQuiz: 1, id: 'mine', title: text, languages: ['en'], name: { label: text } },
  description: `${text}\nsecond`,
  sections: [
    {
      ...{ title: text, text },
      items: [
        {
          ...{ id: 'one', kind: 'single', text, explanation: text },
          options: [
            { id: 'a', text, right: true, feedback: text },
            { id: 'b', text: `${text}\n${text}` },
          ],
        },
      ],
    },
  ],
})

const command = installed(async (own) => {
  await withModel(own)
  own.write('escapes.txt', ESCAPES)
  own.write(NAME, ESCAPES)
  own.write('quiz.json', JSON.stringify(quizText('title\r\u202etxt\tb')))
  own.write(`${NAME}.json`, JSON.stringify(quizText(SEQUENCES)))
  own.write('responses.csv', 'Name,"title \u202etxt b"\n"A\x1b[2J\x9b",x\x1b[2J\x9b\n')
})

/** What may not reach a terminal: where a control character stands, if one does. */
const controlsIn = (text: string) =>
  Array.from(text.matchAll(/[^\P{Cc}\t\n]/gu), ({ index }) => text.slice(index - 9, index + 9))
const expectPlain = ({ stdout, stderr }: Ran) =>
  expect([controlsIn(stdout), controlsIn(stderr)]).toEqual([[], []])
/** The same, where lines are ours alone, and the direction of reading too. */
const expectVisible = (ran: Ran) => {
  expectPlain(ran)
  expect(`${ran.stdout}${ran.stderr}`).not.toMatch(/[\t\u202a-\u202e\u2066-\u2069]/)
}

describe('control characters of a text do not reach what is printed by', () => {
  const read = [
    ['senses', ['senses', MODEL, 'escapes.txt', '--word', 'été'], ['table', 'csv', 'tsv', 'html']],
    ['near', ['near', MODEL, 'escapes.txt', '--word', 'été'], ['table', 'csv', 'tsv', 'jsonl']],
    ['embed', ['embed', MODEL, '-'], ['table', 'csv', 'tsv', 'jsonl']],
    ['attend', ['attend', MODEL, '-'], ['table', 'csv', 'tsv', 'jsonl']],
    ['ask', ['ask', MODEL, '-', SEQUENCES.replace('\0', '')], ['table', 'csv', 'tsv', 'jsonl']],
  ] as const
  const cases = read.flatMap(([name, words, formats]) =>
    [...formats, 'json'].map((format) => [name, format, words] as const),
  )
  test.each(cases)('%s as %s', async (_, format, words) => {
    const asked = format === 'json' ? ['--json'] : ['--format', format]
    const ran = await command.run([...words, ...asked], { input: ESCAPES })
    expect(ran.code).toBe(0)
    expect(ran.stdout).toContain('été')
    expectPlain(ran)
    if (format === 'table') expectVisible(ran)
  })

  test('senses and near show each as something, and leave nothing out', async () => {
    const { stdout } = await command.run(['senses', MODEL, 'escapes.txt', '--word', 'été'])
    expect(stdout).toContain('cet été ␛[31mrouge␛[0m ␛]0;title␇ ␛]52;c;eA==␇')
    const { stdout: near } = await command.run(['near', MODEL, 'escapes.txt', '--word', 'été'])
    expect(near).toMatch(/cet «été» ␛\[31mrouge␛\[0m/)
  })

  test('tables of tokens that were given with controls in them', async () => {
    const tokens = ['un\x1b[2J', '\x9b', 'a\tb', 'c\nd', '\u202e']
    const input = `${JSON.stringify({ id: 'x\x9b', tokens, question: 'Who?' })}\n`
    for (const name of ['embed', 'ask'])
      for (const format of ['table', 'csv', 'tsv', 'jsonl']) {
        const words = [name, MODEL, '--input', 'jsonl', '--format', format]
        const ran = await command.run(words, { input })
        expect(ran.code).toBe(0)
        if (format === 'table') expectVisible(ran)
        else expectPlain(ran)
        if (format === 'jsonl')
          expect(jsonLines(ran.stdout)[0]).toMatchObject({ id: 'x\x9b', tokens })
      }
  })
})

describe('control characters of an annotated text, and of what a table says of it', () => {
  const C = '\x1b[2J\x9b'
  const rowOf = (word: string, id: number) =>
    `${id}\t${word}${C}\t${word}${C}\tN${C}\t_\t_\t${id - 1}\tdep\t_\t_`
  const comments = [`# newdoc id = d${C}`, `# author${C} = x${C}`, '# sent_id = 1']

  test.each([
    ['near', 'jsonl'],
    ['near', 'table'],
    ['near', 'tsv'],
    ['senses', 'table'],
    ['senses', 'csv'],
    ['senses', 'html'],
  ])('are not printed by %s as %s', async (name, format) => {
    command.write('tagged.conllu', [...comments, rowOf('Le', 1), rowOf('tour', 2), ''].join('\n'))
    command.write('files.tsv', `file\tye${C}ar\ntagged.conllu\t18${C}80\n`)
    const words = [name, MODEL, 'tagged.conllu', '--metadata', 'files.tsv', '--lemma', 'tour*']
    const at = name === 'near' ? ['--at', '1', 'tour'] : []
    const ran = await command.run([...words, ...at, '--format', format])
    expect([ran.code, ran.stdout !== '']).toEqual([0, true])
    expectPlain(ran)
  })
})

describe('a file name with a newline and escapes', () => {
  const labels = ['senses', MODEL, NAME, 'escapes.txt', '--word', 'été']

  test('is on one line of every table for people', async () => {
    const near = await command.run(['near', MODEL, NAME, '--word', 'été'])
    expectVisible(near)
    expect(near.stdout.split('\n')).toHaveLength(2)
    expect(near.stdout).toContain(`${SEEN}:1`)
    const senses = await command.run(['senses', MODEL, NAME, '--word', 'été'])
    expectVisible(senses)
    expect(senses.stdout).toContain(SEEN)
    expectVisible(await command.run(labels))
  })

  test('is whole in JSON, and its line end is in a cell of its own in tables', async () => {
    const { stdout } = await command.run(['near', MODEL, NAME, '--word', 'été', '--json'])
    expect(JSON.parse(stdout).neighbours[0].file).toBe(NAME)
    const { stdout: cells } = await command.run([...labels, '--format', 'csv'])
    expect(cells).toContain('"a\n␛[2J\tb\ufffd\u202e.txt"')
    expect(
      controlsIn(await command.run([...labels, '--format', 'html']).then((ran) => ran.stdout)),
    ).toEqual([])
  })

  test('is one line of a file of changes, which is read again', async () => {
    const { code } = await command.run([...labels, '--write-edits', 'edits.tsv'])
    expect(code).toBe(0)
    const edits = command.read('edits.tsv')
    expect(controlsIn(edits)).toEqual([])
    for (const line of edits.trimEnd().split('\n')) expect(line).toMatch(/^#/)
    command.write('named.tsv', `name\t${SEEN}:1:1\tsummer\n`)
    const ran = await command.run([...labels, '--edits', 'named.tsv'])
    expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining('summer')])
  })

  test.each([
    ['learn', ['learn', `no-${NAME}`, '-o', 'x.safetensors'], 3],
    ['near', ['near', MODEL, `no-${NAME}`, '--word', 'été'], 3],
    ['senses', ['senses', `no-${NAME}`, 'escapes.txt', '--word', 'été'], 3],
    ['inspect', ['inspect', NAME], 3],
    ['an output', ['near', MODEL, 'escapes.txt', '--word', 'été', '-o', `no/${NAME}`], 3],
    ['an output that is there', ['near', MODEL, NAME, '--word', 'été', '-o', NAME], 2],
    ['a quiz', ['quiz', 'check', `${NAME}.json`], 3],
    ['a column', ['near', MODEL, NAME, '--column', NAME, '--word', 'été'], 3],
    ['a word', ['senses', MODEL, 'escapes.txt', '--word', 'x\x1b[2J\x9b'], expect.any(Number)],
    ['an unknown option', ['near', `--x\x1b[2J\n\x9b`], 2],
    ['an unknown command', [`x\x1b[2J\n\x9b`], 2],
  ])('is seen in an error of %s', async (_, words, code) => {
    const ran = await command.run(words)
    expectVisible(ran)
    expect([ran.code, ran.stderr.split('\n').length]).toEqual([code, 2])
    expectPlain(await command.run([...words, '--verbose']))
  })

  test('is seen in notes and warnings, and in JSON of progress', async () => {
    const said: string[] = []
    const sink = { write: (text: string) => said.push(text) }
    for (const progress of ['auto', 'jsonl'] as const) {
      const { note, warn } = reporterOf('near', { progress }, sink)
      note(NAME)
      warn(NAME)
    }
    expect(said.slice(0, 2)).toEqual([`${SEEN}\n`, `regard near: warning: ${SEEN}\n`])
    expect(controlsIn(said.join(''))).toEqual([])
    expect(JSON.parse(said[3])).toEqual({ event: 'warning', message: NAME })
  })
})

describe('a quiz of a stranger does nothing to the terminal', () => {
  test.each([
    ['check', ['quiz', 'check', 'quiz.json']],
    ['take', ['quiz', 'take', 'quiz.json', '--name', 'A', '--language', 'en']],
    ['grade', ['quiz', 'grade', 'quiz.json', 'responses.csv']],
  ])('on %s', async (_, words) => {
    const ran = await command.run(words, { input: 'a\n\n' })
    expect([ran.code, ran.stdout !== '']).toEqual([0, true])
    expectVisible(ran)
  })

  test('which shows what is in it', async () => {
    const words = ['quiz', 'take', 'quiz.json', '--name', 'A', '--language', 'en']
    const { stdout } = await command.run(words, { input: 'a\n\n' })
    expect(stdout).toContain('\ntitle␍\ufffdtxt b\nsecond\n')
  })

  test('and with control characters it is refused, which are seen', async () => {
    const ran = await command.run(['quiz', 'check', `${NAME}.json`])
    expect([ran.code, ran.stdout]).toEqual([3, ''])
    expect(ran.stderr).toContain(`${SEEN}.json: `)
    expectVisible(ran)
  })

  test.each([[], ['--json'], ['--format', 'csv'], ['--format', 'tsv', '--items']])(
    'nor do those who answered it, graded with %j',
    async (...given) => {
      const ran = await command.run(['quiz', 'grade', 'quiz.json', 'responses.csv', ...given])
      expect(ran.code).toBe(0)
      expectPlain(ran)
    },
  )
})

test('what npm start shows of a text of one’s own is visible', async () => {
  const said: string[] = []
  const device = await openDevice({ device: 'wasm', threads: 1 })
  const text = `${ESCAPES}\nle chien \x1b[2J noir voit le chien \x9b brun\n\n`.repeat(12)
  command.write(NAME, text)
  const saved = command.path('own.safetensors')
  const sink = { write: (more: string) => said.push(more) }
  await ownText(command.path(NAME), saved, 7, device, sink).finally(() => device.close())
  command.write(NAME, ESCAPES)
  expect(said.join('')).toContain('␛[2J noir')
  expect(said.join('')).toContain(SEEN)
  expect(said.join('')).not.toMatch(/[^\P{Cc}\n]/u)
})

test('wrapped text is visible, and a transcript keeps its own styles', () => {
  expect(wrapped('', 'a\x1b[2J b', 40)).toBe('a␛[2J b')
  const said: string[] = []
  const sink = { write: (text: string) => said.push(text), isTTY: true, columns: 40 }
  new Transcript(sink, {}).show([{ head: 'one', text: `\x1b[1m${'word '.repeat(9)}\x1b[22m` }], 1)
  expect(said.join('')).toContain('\x1b[1m')
})
