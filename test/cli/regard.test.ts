import type { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { installed, manifest } from './command.ts'

const { version } = manifest
const command = installed()
const regard = (words: readonly string[], environment: Record<string, string> = {}) =>
  command.run(words, { environment })

const withoutTimes = (json: string): unknown =>
  JSON.parse(json, (key, value) => (key === 'milliseconds' ? undefined : value))

const COMMANDS = [
  'learn',
  'embed',
  'attend',
  'ask',
  'near',
  'senses',
  'prove',
  'quiz',
  'quiz take',
  'quiz check',
  'inspect',
  'bench',
]

describe('regard alone', () => {
  test('says in one sentence what it is, and three things to try', async () => {
    const { code, stdout, stderr } = await regard([])
    const tries = stdout.split('\n').filter((line) => line.startsWith('  regard '))
    expect({ code, stderr, tries: tries.length, first: stdout.split('\n')[0] }).toEqual({
      code: 0,
      stderr: '',
      tries: 3,
      first: `regard ${version}: contextual embeddings by self-attention, learned from plain text, and a layer proven by running it.`,
    })
  })

  test('what it says to try works, in its order', async () => {
    command.write('my.txt', 'Tom a été entarté cet été\nTom a été ici\n')
    const { stdout } = await regard([])
    const tries = stdout
      .split('\n')
      .flatMap((line) => (line.startsWith('  regard ') ? [line.trim().split(/ {2,}/)[0]] : []))
    for (const line of tries) {
      const words = [...line.matchAll(/"([^"]*)"|\S+/g)].map(([whole, quoted]) => quoted ?? whole)
      // fewer steps than it would take by itself: that it learns is what counts
      const brief = words.includes('learn') ? ['--steps', '3'] : []
      // a name, and an answer to each question
      const input = words.includes('quiz') ? `Ada\n${'a\n'.repeat(10)}` : ''
      expect(await command.run([...words.slice(1), ...brief], { input })).toMatchObject({ code: 0 })
    }
  })

  test('--version is that of the package', async () => {
    expect(await regard(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  test.each([[['-h']], [['help']], ...COMMANDS.map((name) => [[...name.split(' '), '-h']])])(
    '%j shows examples before it explains',
    async (words) => {
      const { code, stdout } = await regard(words)
      const [example, usage] = [stdout.indexOf('  regard '), stdout.indexOf('Usage:')]
      expect([code, example > 0, usage > example]).toEqual([0, true, true])
    },
  )
})

describe('wrong usage ends with 2, one line on stderr and nothing on stdout', () => {
  test.each<[string[], string]>([
    [['prov'], 'regard: unknown command "prov"; did you mean prove? regard --help shows them all'],
    [
      ['quiz', 'tak'],
      'regard quiz: unknown command "tak"; did you mean take? regard quiz --help shows them all',
    ],
    [
      ['quiz', 'take', '--sed', '3'],
      "regard: unknown option '--sed' (Did you mean --seed?); regard --help shows what there is",
    ],
    [['embroider'], 'regard: unknown command "embroider"; regard --help shows them all'],
    [
      ['--versio'],
      "regard: unknown option '--versio' (Did you mean --version?); regard --help shows what there is",
    ],
    [
      ['prove', 'ordr'],
      'regard prove: unknown claim "ordr"; did you mean order? regard prove --list shows them all',
    ],
    [
      ['prove', 'order', 'zzzzzzzz'],
      'regard prove: unknown claim "zzzzzzzz"; regard prove --list shows them all',
    ],
    [['prove', '11'], 'regard prove: unknown claim "11"; regard prove --list shows them all'],
    [['prove', '3', '--all'], 'regard prove: name claims or give --all, not both'],
    [['prove', '3', '--threads', '2'], 'regard prove: --threads goes with --device wasm'],
    [['prove', '3', '--fused'], 'regard prove: --fused goes with --device wasm'],
    [
      ['prove', 'order', '--sed', '3'],
      "regard: unknown option '--sed' (Did you mean --seed?); regard --help shows what there is",
    ],
    [
      ['prove', 'order', '--seed', '-1'],
      "regard: option '--seed <number>' argument '-1' is invalid. It must be an integer from 0 to 2^53 - 1; regard --help shows what there is",
    ],
    [
      ['prove', 'order', '--seed', 'abc'],
      "regard: option '--seed <number>' argument 'abc' is invalid. It must be an integer from 0 to 2^53 - 1; regard --help shows what there is",
    ],
    [
      ['prove', 'order', '--seed', '9007199254740993'],
      "regard: option '--seed <number>' argument '9007199254740993' is invalid. It must be an integer from 0 to 2^53 - 1; regard --help shows what there is",
    ],
    [
      ['prove', 'order', '--language', 'de'],
      "regard: option '--language <language>' argument 'de' is invalid. Allowed choices are en, fr; regard --help shows what there is",
    ],
    [
      ['prove', 'order', '--sentence'],
      "regard: option '--sentence <text>' argument missing; regard --help shows what there is",
    ],
  ])('%j', async (words, line) => {
    expect(await regard(words)).toEqual({ code: 2, stdout: '', stderr: `${line}\n` })
  })
})

test('a sentence without two different words is bad input: 3, one line, nothing on stdout', async () => {
  const stderr =
    'regard prove: --sentence needs at least two different words, separated by spaces\n'
  for (const sentence of ['', '  ', 'a a'])
    expect(await regard(['prove', 'order', '--sentence', sentence])).toEqual({
      code: 3,
      stdout: '',
      stderr,
    })
})

describe('regard prove', () => {
  test('--list names every claim, those of the quiz by number', async () => {
    const { code, stdout } = await regard(['prove', '--list'])
    const numbers = stdout
      .split('\n')
      .flatMap((line) => /^ ?(\d+) {2}[a-z-]+ /.exec(line)?.[1] ?? [])
    expect([code, numbers]).toEqual([0, ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10']])
  })

  test('without a name lists, as --list does', async () => {
    expect(await regard(['prove'])).toEqual(await regard(['prove', '--list']))
  })

  test('a name proves that claim alone', async () => {
    const { code, stdout, stderr } = await regard(['prove', 'order'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('✓ the layer takes no account of order: f(PX) = P f(X)')
    expect(stdout).toContain('\n1 of 1 claims proven in ')
  })

  test('a number proves the claim of that question', async () => {
    const { code, stdout } = await regard(['prove', '4'])
    expect([code, stdout.includes('question 4 · contextual-embedding')]).toEqual([0, true])
  })

  test('--all proves every claim', async () => {
    const { code, stdout, stderr } = await regard(['prove', '--all'])
    const last = stdout.trimEnd().split('\n').at(-1) ?? ''
    console.log(`regard prove --all: ${last}`)
    const [, proven, count] = /^(\d+) of (\d+) claims proven in [\d.]+ s\.$/.exec(last) ?? []
    expect({ code, stderr, proven, some: Number(count) >= 15 }).toEqual({
      code: 0,
      stderr: '',
      proven: count,
      some: true,
    })
  })

  test('--quiet prints verdicts alone', async () => {
    const { stdout } = await regard(['prove', 'order', 'equal-rows', '--quiet'])
    expect(
      stdout.split('\n').filter((line) => line.startsWith('  · ') || line.startsWith('  (')),
    ).toEqual([])
    expect(stdout.split('\n').filter((line) => line.startsWith('✓ '))).toHaveLength(2)
  })

  test('--sentence proves it about these words', async () => {
    const { code, stdout } = await regard([
      'prove',
      'contextual-embedding',
      '--sentence',
      'le chat voit le chien',
    ])
    expect([code, stdout.includes('«le»')]).toEqual([0, true])
  })

  test('--device wasm proves it there', async () => {
    const { code, stdout } = await regard([
      'prove',
      'order',
      '--device',
      'wasm',
      '--threads',
      '2',
      '--json',
    ])
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({
      code: 0,
      device: 'wasm',
      dtype: 'float32',
      arithmetic: 'portable',
      proven: true,
    })
  })

  test('--fused proves it with one rounding for each multiply-add, in Node 20 too', async () => {
    const { code, stdout } = await regard([
      'prove',
      'order',
      '--device',
      'wasm',
      '--fused',
      '--threads',
      '2',
      '--json',
    ])
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({
      code: 0,
      device: 'wasm',
      arithmetic: 'fused',
      proven: true,
    })
  })
})

describe('--json', () => {
  test('is one document whose claims have verdict, findings and options', async () => {
    const { code, stdout, stderr } = await regard(['prove', 'order', '2', '--json'])
    const { claims, proven, seed, device, dtype } = JSON.parse(stdout)
    expect({ code, stderr, proven, seed, device, dtype }).toEqual({
      ...{ code: 0, stderr: '', proven: true, seed: 7 },
      ...{ device: 'reference', dtype: 'float64' },
    })
    expect(claims.map(({ claim }: { claim: string }) => claim)).toEqual(['order', 'equal-widths'])
    for (const claim of claims) {
      expect(claim.proven).toBe(true)
      expect(claim.findings.length).toBeGreaterThan(0)
      expect(
        claim.options.map(({ right, holds }: Record<string, boolean>) => right === holds),
      ).not.toContain(false)
      expect(claim.options.filter(({ right }: Record<string, boolean>) => right)).toHaveLength(1)
    }
  })

  test('is one line', async () => {
    const { stdout } = await regard(['prove', 'order', '--json'])
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  })

  test('of the list names and numbers claims', async () => {
    const { stdout } = await regard(['prove', '--list', '--json'])
    expect(JSON.parse(stdout)[9]).toMatchObject({ name: 'order', question: 10 })
  })

  test('is the same for the same seed, but for the times', async () => {
    const [one, two] = [
      await regard(['prove', 'order', '5', '--seed', '11', '--json']),
      await regard(['prove', 'order', '5', '--seed', '11', '--json']),
    ]
    expect(withoutTimes(one.stdout)).toEqual(withoutTimes(two.stdout))
  })

  test('is another for another seed', async () => {
    const [one, two] = [
      await regard(['prove', 'order', '--seed', '11', '--json']),
      await regard(['prove', 'order', '--seed', '12', '--json']),
    ]
    const findings = (json: string) => JSON.parse(json).claims[0].findings
    expect(findings(one.stdout)).not.toEqual(findings(two.stdout))
  })
})

describe('the language', () => {
  test('is French with --language fr, decimals too', async () => {
    const { stdout } = await regard(['prove', 'order', '--language', 'fr'])
    expect(stdout).toContain('la couche ne tient pas compte de l’ordre')
    expect(stdout).toMatch(/1 énoncés? sur 1 prouvés? en \d+,\d\d s\./)
  })

  test('is that of the environment unless told', async () => {
    const french = await regard(['prove', '--list'], { LC_ALL: 'fr_CH.UTF-8' })
    expect(french.stdout).toBe((await regard(['prove', '--list', '--language', 'fr'])).stdout)
    expect(
      (await regard(['prove', '--list', '--language', 'en'], { LC_ALL: 'fr_CH.UTF-8' })).stdout,
    ).toBe((await regard(['prove', '--list'])).stdout)
  })
})

describe('where it prints', () => {
  test.each([{}, { NO_COLOR: '1' }, { TERM: 'dumb' }])(
    'away from a terminal, with %j, there is no escape byte',
    async (environment) => {
      const { stdout, stderr } = await regard(['prove', 'order'], environment)
      expect(`${stdout}${stderr}`).not.toContain('\x1b')
    },
  )

  test('a reader that has seen enough ends it without a word', async () => {
    const child = command.start(['prove', '--all'])
    let stderr = ''
    child.stderr.on('data', (text) => {
      stderr += text
    })
    child.stdout.once('data', () => (child.stdout as Readable).destroy())
    const code = await new Promise((done) => child.on('close', done))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })
})
