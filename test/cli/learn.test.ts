import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { load } from '../../src/doors/internal.ts'
import { installed, jsonLines, QUESTIONS, TEXT } from './command.ts'

const SMALL = [
  '--width',
  '10',
  '--query',
  '6',
  '--key',
  '6',
  '--value',
  '14',
  '--heads',
  '2',
  '--batch-words',
  '50',
]

const command = installed(async (own) => {
  own.write('my.txt', `${TEXT}\n`)
  own.write('questions.tsv', QUESTIONS)
  await own.run(['learn', 'my.txt', '-o', 'model.safetensors', '--steps', '4', ...SMALL])
})
const { run } = command

async function formOf(name: string) {
  const model = await load(command.path(name))
  await model.close()
  return model
}

describe('regard learn', () => {
  test('saves a model, says on stderr how it went, and nothing on stdout', async () => {
    const { code, stdout, stderr } = await run([
      'learn',
      'my.txt',
      '-o',
      'said.safetensors',
      '--steps',
      '4',
      ...SMALL,
    ])
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    const lines = stderr.trimEnd().split('\n')
    expect(lines[0]).toBe(
      'D 10 · d_q 6 · d_k 6 · d_v 14 · heads 2 · layers 1 · scaledDot · softmax · relative:12 · seed 7 · device wasm, portable',
    )
    expect(lines[1]).toBe(
      'language fr, by the beginnings of the texts; --language CODE says another',
    )
    expect(lines[2]).toMatch(/^40 sentences, \d+ words, \d+ different ones kept: 4 steps$/)
    expect(lines.at(-1)).toMatch(/^saved said\.safetensors \([\d.]+ [kM]B, sha-256 [0-9a-f]{64}\)$/)
    expect(stderr).not.toContain('\x1b')
  })

  test('--fused learns with fused arithmetic, in Node 20 too, and the model says so', async () => {
    const { code, stderr } = await run([
      'learn',
      'my.txt',
      '-o',
      'fused.safetensors',
      '--fused',
      '--threads',
      '2',
      '--steps',
      '2',
      ...SMALL,
    ])
    expect({ code, place: stderr.split('\n')[0].split(' · ').at(-1) }).toEqual({
      code: 0,
      place: 'device wasm, fused',
    })
    const { stdout } = await run(['inspect', 'fused.safetensors', '--json'])
    expect(JSON.parse(stdout).arithmetic).toBe('fused')
  })

  test('the same seed gives the same file, another seed another', async () => {
    for (const [name, seed] of [
      ['a', '7'],
      ['b', '7'],
      ['c', '8'],
    ]) {
      await run(['learn', 'my.txt', '-o', name, '--steps', '4', '--seed', seed, ...SMALL])
    }
    expect([
      command.read('a') === command.read('b'),
      command.read('a') === command.read('c'),
    ]).toEqual([true, false])
  })

  test('options reach the model', async () => {
    const words = [
      ...['--alignment', 'general:tanh', '--distribution', 'entmax:1.30', '--position', 'rotary'],
      ...['--objective', 'next', '--min-count', '3'],
    ]
    const { code } = await run([
      'learn',
      'my.txt',
      '-o',
      'options',
      '--steps',
      '2',
      '--tokens',
      'space',
      '--held-out',
      '.1',
      ...words,
      ...SMALL,
    ])
    const { config: form, vocabulary } = await formOf('options')
    expect({ code, ...form }).toMatchObject({
      ...{
        code: 0,
        width: 10,
        query: 6,
        key: 6,
        value: 14,
        heads: 2,
        alignment: 'general:tanh',
        distribution: 'entmax:1.3',
      },
      ...{ position: 'rotary', objective: 'next', tokens: 'space' },
    })
    expect([vocabulary.numberOf("l'été,"), vocabulary.numberOf('3')]).toEqual([
      expect.any(Number),
      undefined,
    ])
  })

  test('the embedding, the rate and the share that is hidden are options', async () => {
    const learned = ['learn', 'my.txt', '--steps', '2', ...SMALL]
    expect(await run([...learned, '-o', 'hiding', '--embedding', 'hidden'])).toMatchObject({
      code: 0,
    })
    expect((await formOf('hiding')).config.embedding).toBe('hidden')
    await run([...learned, '-o', 'faster', '--rate', '.02'])
    await run([...learned, '-o', 'more', '--hide', '.4'])
    expect(new Set(['faster', 'more', 'hiding'].map((name) => command.read(name))).size).toBe(3)
    expect(await run([...learned, '-o', 'no', '--rate', '0'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('above 0'),
    })
    const causal = await run([...learned, '-o', 'no', '--objective', 'next', '--embedding', 'both'])
    expect(causal).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('use the embedding seen'),
    })
  })

  test('reads stdin for -, and writes to stdout for -o -', async () => {
    const { stdout } = await run([
      'learn',
      '-',
      '-o',
      '-',
      '--steps',
      '4',
      '--quiet',
      '--json',
      ...SMALL,
    ])
    expect(stdout).toBe('')
    expect(
      await run(['learn', '-', '-o', 'piped', '--steps', '4', '--quiet', ...SMALL], {
        input: TEXT,
      }),
    ).toMatchObject({ code: 0 })
    expect(command.read('piped')).toBe(command.read('model.safetensors'))
  })

  test('reads a pipe by its name, from its beginning', async () => {
    const words = ['learn', '/dev/stdin', '-o', 'named', '--steps', '4', ...SMALL].join(' ')
    execFileSync('sh', ['-c', `cat my.txt | "$0" ${command.script()} ${words}`, process.execPath], {
      cwd: command.path('.'),
      stdio: 'pipe',
    })
    expect(command.read('named')).toBe(command.read('model.safetensors'))
  })

  test('--json is one document about the file', async () => {
    const { stdout, code } = await run([
      'learn',
      'my.txt',
      '-o',
      'json',
      '--steps',
      '4',
      '--json',
      ...SMALL,
    ])
    const about = JSON.parse(stdout)
    expect({ code, ...about }).toMatchObject({
      code: 0,
      model: 'json',
      seed: 7,
      interrupted: false,
      learned: { steps: 4, sentences: 40 },
    })
    const inspected = await run(['inspect', 'json', '--json'])
    expect(JSON.parse(inspected.stdout).sha256).toBe(about.sha256)
  })

  test('--progress jsonl makes every line of stderr one of JSON', async () => {
    const { stderr } = await run([
      'learn',
      'my.txt',
      '-o',
      'events',
      '--steps',
      '10',
      '--progress',
      'jsonl',
      '--batch-words',
      '50',
    ])
    const events = jsonLines(stderr)
    const step = events.find(({ event }) => event === 'step')
    expect(step).toEqual({
      event: 'step',
      step: 10,
      words: expect.any(Number),
      wordsPerSecond: expect.any(Number),
      loss: expect.any(Number),
    })
    expect(events.map(({ event }) => event)).toContain('warning')
    expect(events.find(({ event }) => event === 'done')).toMatchObject({ words: step.words })
  })

  test('--progress jsonl makes an error a line of JSON too', async () => {
    const { code, stderr } = await run(['learn', 'missing.txt', '-o', 'x', '--progress', 'jsonl'])
    const message = 'missing.txt: there is no such file; check its name'
    expect([code, jsonLines(stderr)]).toEqual([3, [{ event: 'error', exitCode: 3, message }]])
  })

  test('--quiet leaves warnings', async () => {
    const { stderr } = await run(['learn', 'my.txt', '-o', 'quiet', '--steps', '4', '--quiet'])
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^regard learn: warning: the text is small for these widths: /),
    ])
  })

  test('questions are learned with clues of overlap, and with --clues none by embeddings alone', async () => {
    for (const [name, clues, ...options] of [
      ['with', 'overlap'],
      ['without', 'none', '--clues', 'none'],
    ]) {
      await run([
        'learn',
        'my.txt',
        '-o',
        name,
        '--steps',
        '4',
        '--questions',
        'questions.tsv',
        ...SMALL,
        ...options,
      ])
      expect((await formOf(name)).config.clues).toBe(clues)
      expect(await run(['ask', name, 'Tom dort', 'What happened to Tom ?'])).toMatchObject({
        code: 0,
      })
    }
    await run(['learn', 'my.txt', '-o', 'unasked', '--steps', '4', ...SMALL])
    expect((await formOf('unasked')).config.clues).toBe('none')
  })

  test('--questions teaches questions', async () => {
    await run([
      'learn',
      'my.txt',
      '-o',
      'asked',
      '--steps',
      '4',
      '--questions',
      'questions.tsv',
      ...SMALL,
    ])
    const { learned } = await formOf('asked')
    expect(learned).toMatchObject([{ steps: 4, questions: 2 }])
  })

  test('--from goes on from a model, with its form', async () => {
    const { code } = await run([
      'learn',
      'my.txt',
      '--from',
      'model.safetensors',
      '-o',
      'further',
      '--steps',
      '3',
    ])
    const { learned, config: form } = await formOf('further')
    expect([code, learned.map(({ steps }) => steps), form.width]).toEqual([0, [4, 3], 10])
  })

  test('--from with another form is refused', async () => {
    expect(
      await run(['learn', 'my.txt', '--from', 'model.safetensors', '-o', 'x', '--width', '12']),
    ).toEqual({
      ...{ code: 3, stdout: '' },
      stderr: 'regard learn: the model to go on from has width 10, got 12; leave it out\n',
    })
  })
})

describe('a file that is there', () => {
  test('is not overwritten', async () => {
    command.write('mine', 'precious')
    expect(await run(['learn', 'my.txt', '-o', 'mine'])).toEqual({
      ...{ code: 2, stdout: '' },
      stderr: 'regard learn: mine is there already; --force overwrites it\n',
    })
    expect(command.read('mine')).toBe('precious')
  })

  test('is overwritten with --force', async () => {
    command.write('mine', 'precious')
    await run(['learn', 'my.txt', '-o', 'mine', '--steps', '4', '--force', ...SMALL])
    expect(command.read('mine')).toBe(command.read('model.safetensors'))
  })
})

describe('Ctrl-C', () => {
  const long = ['--steps', '100000', '--progress', 'jsonl', ...SMALL]

  /**
   * Sends the signal so often, each time when an event of that kind has come; then what it ended
   * with.
   */
  async function interruptedAt(words: readonly string[], events: readonly string[]) {
    const child = command.start(words)
    const waiting = [...events]
    let stderr = ''
    child.stderr.on('data', (text) => {
      const more = String(text)
      stderr += more
      if (waiting.length && more.includes(`"event":"${waiting[0]}"`)) {
        waiting.shift()
        child.kill('SIGINT')
      }
    })
    const [code] = await once(child, 'close')
    return { code, events: jsonLines(stderr) }
  }

  test('saves what was learned so far, says how to go on, and ends with 130', async () => {
    const { code, events } = await interruptedAt(
      ['learn', 'my.txt', '-o', "it's.safetensors", ...long],
      ['step'],
    )
    const { learned } = await formOf("it's.safetensors")
    expect([code, learned[0].steps > 0, learned[0].steps < 100000]).toEqual([130, true, true])
    const quoted = "'it'\\''s.safetensors'"
    expect(events.at(-1).message).toBe(
      `interrupted after step ${learned[0].steps}; to go on: regard learn my.txt --steps ${100000 - learned[0].steps} --batch-words 50 --from ${quoted} -o ${quoted} --force`,
    )
  })

  test('what it says goes on', async () => {
    await interruptedAt(['learn', 'my.txt', '-o', 'part', ...long], ['step'])
    const { code } = await run([
      'learn',
      'my.txt',
      '--from',
      'part',
      '-o',
      'part',
      '--force',
      '--steps',
      '3',
    ])
    const { learned } = await formOf('part')
    expect([code, learned.map(({ steps }) => steps)]).toEqual([0, [expect.any(Number), 3]])
  })

  test('before the first step ends at once, without a file', async () => {
    const child = command.start(['learn', '-', '-o', 'nothing', ...long])
    // it waits for a text that never comes; before it listens to signals, they end it as they end
    // any process
    setTimeout(() => child.kill('SIGINT'), 1500)
    const [code, signal] = await once(child, 'close')
    expect([130, 'SIGINT']).toContain(code ?? signal)
    expect(() => command.read('nothing')).toThrow('ENOENT')
  })
})
