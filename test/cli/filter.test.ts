import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { installed, SENTENCE, TEXT, withModel } from './command.ts'

const MODEL = 'model.safetensors'
const FILTER = ['embed', MODEL, '--input', 'jsonl', '--threads', '1']
const command = installed(async (own) => {
  await withModel(own)
  own.write('my.txt', TEXT)
  await own.run([
    'learn',
    'my.txt',
    '-o',
    'short.safetensors',
    '--steps',
    '1',
    '--position',
    'learned:8',
    '--quiet',
  ])
})
const { run } = command

const lineOf = (id: number, text = `${SENTENCE} numéro ${id}`): string =>
  `${JSON.stringify({ id, text })}\n`
const lines = (count: number): string =>
  Array.from({ length: count }, (_, n) =>
    lineOf(n, `Tom ${n} a été ${'ici '.repeat(n % 17)}`),
  ).join('')

describe('embed as a filter of lines', () => {
  test('answers a line before the next one comes', async () => {
    const child = command.start(FILTER)
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    for (const id of [1, 2, 3]) {
      child.stdin?.write(lineOf(id))
      expect(JSON.parse((await answers.next()).value as string).id).toBe(id)
    }
    child.stdin?.end()
    expect(await once(child, 'close')).toEqual([0, null])
  })

  test('gives the same bytes for lines that come one by one as for all at once', async () => {
    const all = lines(90)
    const child = command.start(FILTER)
    let slowly = ''
    child.stdout.on('data', (text) => {
      slowly += text
    })
    for (const line of all.trimEnd().split('\n')) {
      child.stdin?.write(`${line}\n`)
      await setTimeout(3)
    }
    child.stdin?.end()
    await once(child, 'close')
    expect(slowly).toBe((await run(FILTER, { input: all })).stdout)
  })

  test('ends with 0 and says nothing where it gets no line', async () => {
    expect(await run(FILTER)).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(await run([...FILTER, '--word', 'été'])).toMatchObject({ code: 5 })
  })

  test.each([
    ['that is no JSON', MODEL, 'nonsense\n', /^regard embed: stdin: line 2: not JSON .*\n$/],
    [
      'that is too long for the model',
      'short.safetensors',
      lineOf(2, 'mot '.repeat(9)),
      /^regard embed: stdin: line 2: .*\n$/,
    ],
  ])(
    'a line %s ends it with 3, though nobody closes its input',
    async (_what, model, line, message) => {
      const child = command.start(FILTER.map((word) => (word === MODEL ? model : word)))
      let stderr = ''
      child.stderr.on('data', (text) => {
        stderr += text
      })
      child.stdin?.write(lineOf(1, 'Tom') + line)
      expect((await once(child, 'close'))[0]).toBe(3)
      expect(stderr).toMatch(message)
    },
  )

  test('a reader that has seen enough ends it quietly', async () => {
    const child = command.start(FILTER)
    let stderr = ''
    child.stderr.on('data', (text) => {
      stderr += text
    })
    child.stdin?.on('error', () => {})
    child.stdout.once('data', () => child.stdout.destroy())
    const ended = once(child, 'close')
    let id = 0
    while (child.exitCode === null && id < 20_000) {
      child.stdin?.write(lineOf(id++))
      if (id % 100 === 0) await setTimeout(1)
    }
    expect([(await ended)[0], stderr]).toEqual([0, ''])
  })

  /** Forty words that no line had before. */
  const wordsOf = (line: number): string =>
    Array.from({ length: 40 }, (_, n) => `mot${(line * 40 + n) * 7919}`).join(' ')

  test('has a constant memory on ever new words, and loses no line of a reader that waits', async () => {
    // a heap without room for what is kept of each word
    const child = command.start(FILTER, { NODE_OPTIONS: '--max-old-space-size=48' })
    let read = 0
    child.stdout.on('data', (text: Buffer) => {
      for (const byte of text) if (byte === 10) read++
    })
    const ended = once(child, 'close')
    child.stdin?.on('error', () => {})
    for (let line = 0; line < 4000 && child.exitCode === null; line++) {
      if (line === 2000) {
        child.stdout.pause()
        setTimeout(500).then(() => child.stdout.resume())
      }
      const taken = child.stdin?.write(lineOf(line, wordsOf(line)))
      if (!taken) await Promise.race([once(child.stdin as NodeJS.WritableStream, 'drain'), ended])
    }
    child.stdin?.end()
    expect([(await ended)[0], read]).toEqual([0, 4000])
  })
})

const shell = (script: string): string =>
  execFileSync('sh', ['-c', script], {
    cwd: command.path('.'),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
const shellFilter = (): string => `${process.execPath} ${command.script()} ${FILTER.join(' ')}`

test('the parts that split hands to the jobs of an array give together the bytes of one run', () => {
  command.write('in.jsonl', lines(100))
  const part = (n: number): string =>
    `split -n l/${n}/3 in.jsonl | ${shellFilter()} -o part${n}.jsonl`
  shell([1, 2, 3].map(part).join(' && '))
  expect(shell('cat part1.jsonl part2.jsonl part3.jsonl')).toBe(
    shell(`${shellFilter()} < in.jsonl`),
  )
})

/** Whether GNU parallel is here; otherwise says so. */
function hasParallel(): boolean {
  try {
    return execFileSync('parallel', ['--version'], { encoding: 'utf8', stdio: 'pipe' }).startsWith(
      'GNU parallel',
    )
  } catch {
    console.log(
      'not tested: embed under GNU parallel: it is not installed (apt-get install parallel)',
    )
    return false
  }
}

describe.runIf(hasParallel())('under GNU parallel', () => {
  test.each([
    [
      'a pipe cut into parts',
      (jobs: number) =>
        `parallel --will-cite --pipe --keep-order --block 8k -j ${jobs} '${shellFilter()}' < in.jsonl`,
    ],
    [
      'parts of a file',
      (jobs: number) =>
        `parallel --will-cite --pipe-part --keep-order -a in.jsonl --block 8k -j ${jobs} '${shellFilter()}'`,
    ],
  ])('%s give together the bytes of one run', (_what, scriptOf) => {
    command.write('in.jsonl', lines(400))
    const one = shell(`${shellFilter()} < in.jsonl`)
    expect(one.trimEnd().split('\n')).toHaveLength(400)
    expect(shell(scriptOf(3))).toBe(one)
  })

  test('a bad line makes parallel fail, with the line of its part', () => {
    command.write('bad.jsonl', `${lines(3)}nonsense\n`)
    expect(() =>
      shell(`parallel --will-cite --pipe --keep-order -j 2 '${shellFilter()}' < bad.jsonl 2>&1`),
    ).toThrow(/line 4: not JSON|Command failed/)
  })
})
