import { describe, expect, test } from 'vitest'
import { learnCommand } from '../../src/cli/learn/learn.ts'
import { type LearnOptions, learn } from '../../src/doors/internal.ts'
import { installed, QUESTIONS, TEXT } from './command.ts'

// What is said on the command line is what the library is told: the same bytes come of it.

const command = installed(async ({ write }) => {
  write('my.txt', TEXT)
  write('questions.tsv', QUESTIONS)
})

const SMALL: LearnOptions = {
  width: 10,
  query: 6,
  key: 6,
  value: 14,
  heads: 2,
  buckets: 97,
  steps: 2,
}
const flagsOf = (options: LearnOptions): string[] =>
  Object.entries(options).flatMap(([name, value]) =>
    [value]
      .flat()
      .flatMap((one) => [
        `--${name.replace('languages', 'language').replace(/[A-Z]/g, (sign) => `-${sign.toLowerCase()}`)}`,
        String(one),
      ]),
  )

/**
 * Every option that the library takes as it is, a few at a time; test/model/options.test.ts holds
 * that each makes another model.
 */
const CASES: readonly LearnOptions[] = [
  {
    width: 8,
    query: 4,
    key: 4,
    value: 8,
    heads: 1,
    buckets: 61,
    position: 'rotary',
    tokens: 'space',
    steps: 3,
  },
  {
    alignment: 'dot',
    distribution: 'sparsemax',
    objective: 'next',
    embedding: 'seen',
    minCount: 11,
    vocabulary: 9,
    store: 'float16',
  },
  {
    layers: 2,
    sentences: 'auto',
    batchWords: 40,
    rate: 0.02,
    hide: 0.3,
    dropout: 0.2,
    heldOut: 0.2,
    seed: 11,
  },
  { wordsInMemory: 100, embedding: 'hidden' },
  { languages: ['en', 'fr'] },
  { tokens: 'words' },
]

/** The bytes of a file that the command wrote. */
async function written(words: readonly string[], name: string): Promise<string> {
  const { code, stderr } = await command.run(['learn', 'my.txt', '-o', name, ...words])
  expect([code, code === 0 ? '' : stderr]).toEqual([0, ''])
  return command.read(name)
}

async function byLibrary(options: LearnOptions): Promise<string> {
  const model = await learn(TEXT, options)
  const bytes = Buffer.from(await model.bytes()).toString('utf8')
  await model.close()
  return bytes
}

describe('learn', () => {
  test.each(CASES.map((own) => [Object.keys(own).join(', '), own] as const))(
    'takes to the library, as it is, %s',
    async (name, own) => {
      const options = { ...SMALL, ...own }
      expect((await written(flagsOf(options), name)) === (await byLibrary(options))).toBe(true)
    },
  )

  test('takes rounds, and clues of questions, likewise', async () => {
    const { steps: _, ...small } = SMALL
    const rounds = { ...small, epochs: 2, batchWords: 40 }
    expect((await written(flagsOf(rounds), 'rounds')) === (await byLibrary(rounds))).toBe(true)
    const asked = ['--questions', command.path('questions.tsv')]
    for (const clues of ['overlap', 'none'] as const) {
      const options = { ...SMALL, clues }
      const file = await written([...flagsOf(options), ...asked], `asked-${clues}`)
      expect(file === (await byLibrary({ ...options, questions: QUESTIONS })), clues).toBe(true)
    }
  })

  test('has no option of which nothing is said here', () => {
    const said = new Set(
      [...CASES, { epochs: 2, clues: 'none' }].flatMap((options) => Object.keys(options)),
    )
    const others = [
      'output',
      'force',
      'from',
      'questions',
      'column',
      'input',
      'device',
      'threads',
      'fused',
      'progress',
      'quiet',
      'json',
      'color',
      'verbose',
    ]
    const checkpoints = ['checkpoint', 'checkpointEvery', 'resume']
    const names = learnCommand().options.map((option) => option.attributeName())
    expect(
      names.filter((name) => !said.has(name) && ![...others, ...checkpoints].includes(name)),
    ).toEqual([])
  })

  test('interrupted, says how to go on with every option that the model does not keep', async () => {
    const own = {
      sentences: 'auto',
      minCount: 3,
      vocabulary: 40,
      wordsInMemory: 100_000,
      rate: 0.011,
      hide: 0.2,
      steps: 100_000,
    } as const
    const more = { batchWords: 50, dropout: 0.1, heldOut: 0.1, store: 'float16', seed: 11 } as const
    const words = [
      'learn',
      'my.txt',
      '-o',
      'whole',
      ...flagsOf({ ...SMALL, ...own, ...more }),
      '--questions',
      command.path('questions.tsv'),
    ]
    const child = command.start([...words, '--threads', '1', '--progress', 'jsonl'])
    let said = ''
    let sent = false
    child.stderr.on('data', (piece: Buffer) => {
      said += piece
      if (!sent && said.includes('"event":"step"')) sent = child.kill('SIGINT')
    })
    await new Promise((done) => child.on('close', done))
    const again = /to go on: (.*?)["\n]/.exec(said)?.[1] ?? said
    for (const [flag, value] of Object.entries({ ...own, ...more, threads: 1 })) {
      if (flag === 'steps') expect(Number(/--steps (\d+)/.exec(again)?.[1])).toBeLessThan(100_000)
      else expect(again).toContain(flagsOf({ [flag]: value } as LearnOptions).join(' '))
    }
    expect(again).toContain(`--questions ${command.path('questions.tsv')}`)
    expect(again).toMatch(/--from whole -o whole --force$/)
  })
})
