import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { checkpointOf, decodeTensors, load, Random } from '../../src/doors/internal.ts'
import { installed, jsonLines, TEXT } from './command.ts'

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
  '--threads',
  '1',
]
const FAILPOINT = fileURLToPath(new URL('failpoint.mjs', import.meta.url))
const STEPS = 240
const LONG = ['learn', 'my.txt', '--steps', String(STEPS), ...SMALL]

const command = installed(async (own) => {
  own.write('my.txt', `${TEXT}\n`)
  await own.run([...LONG, '-o', 'whole', '--checkpoint', 'whole.c', '--checkpoint-every', '100'])
})
const { run, path } = command

/** The step of a checkpoint, which must be whole; 0 where there is none. */
function stepOf(name: string): number {
  if (!existsSync(path(name))) return 0
  return checkpointOf(decodeTensors(readFileSync(path(name))).metadata['regard.checkpoint'])
    .progress.step
}

/** A run that goes on from a checkpoint, if there is one, and keeps it after every step. */
const goingOn = (name: string): string[] => [
  ...[
    ...LONG,
    '--progress',
    'jsonl',
    '-o',
    `${name}.model`,
    '--force',
    '--checkpoint',
    name,
    '--checkpoint-every',
    '1',
  ],
  ...(existsSync(path(name)) ? ['--resume', name] : []),
]

/** Which file a checkpoint is: each is a new one. */
const fileOf = (name: string): number => (existsSync(path(name)) ? statSync(path(name)).ino : 0)

/**
 * Kills a run so many milliseconds after its first step could begin, or after it was kept: a slow
 * machine would come no further otherwise.
 */
async function killedAfter(name: string, milliseconds: number, isKept: boolean): Promise<void> {
  const before = fileOf(name)
  const child = command.start(goingOn(name))
  const ended = once(child, 'close')
  child.stderr.on('data', async (text) => {
    if (!String(text).includes('"event":"begin"')) return
    while (isKept && fileOf(name) === before) await setTimeout(1)
    await setTimeout(milliseconds)
    child.kill('SIGKILL')
  })
  await ended
}

/** Kills a run when it has written so many bytes. */
const killedAt = (name: string, bytes: number) =>
  run(goingOn(name), {
    apart: true,
    environment: { NODE_OPTIONS: `--import ${FAILPOINT}`, FAIL_AFTER_BYTES: String(bytes) },
  })

describe('a run that is killed', () => {
  const random = new Random(7, 'kills')

  test.each<[string, (name: string, n: number) => Promise<unknown>]>([
    [
      'ten times at random moments',
      (name, n) => killedAfter(name, 1 + random.integer(300), n % 2 === 0),
    ],
    [
      'ten times at random bytes',
      (name) => killedAt(name, 1 + random.integer(20 * readFileSync(path('whole.c')).length)),
    ],
  ])(
    '%s keeps a whole file, and goes on to the hash of the run that was not',
    async (what, kill) => {
      const name = `${what.split(' ').at(-1)}.c`
      const steps = [0]
      for (let n = 0; n < 10; n++) {
        await kill(name, n)
        steps.push(stepOf(name))
      }
      console.log(`killed ${what}: after steps ${steps.slice(1).join(', ')} of ${STEPS}`)
      expect(steps).toEqual([...steps].sort((a, b) => a - b))
      expect(new Set(steps).size).toBeGreaterThan(4)
      expect(steps[5]).toBeLessThan(STEPS)
      const { code } = await run(goingOn(name))
      expect([code, command.read(`${name}.model`) === command.read('whole')]).toEqual([0, true])
    },
    120_000,
  )

  test('leaves nothing but the part that it was writing', () => {
    const parts = execFileSync('ls', ['-A', path('.')], { encoding: 'utf8' })
      .split('\n')
      .filter((file) => file.endsWith('.part'))
    for (const part of parts) rmSync(path(part))
    expect(parts.length).toBeGreaterThan(0)
  })
})

describe('a checkpoint', () => {
  const again = ['--checkpoint', 'whole.c', '-o', 'x', '--force']

  test('that would be larger than the system allows leaves the one before, and says so', async () => {
    command.write('kept.c', command.read('my.txt'))
    const words = [
      ...LONG,
      '-o',
      'x',
      '--force',
      '--checkpoint',
      'kept.c',
      '--checkpoint-every',
      '1',
    ].join(' ')
    const script = `trap '' XFSZ; ulimit -f 4; "$0" ${command.script()} ${words} 2>&1; echo "code $?"`
    const said = execFileSync('bash', ['-c', script, process.execPath], {
      cwd: path('.'),
      encoding: 'utf8',
    })
    expect(said).toContain(
      'kept.c: it would be larger than the system allows; choose another place',
    )
    expect(said).toContain('code 3')
    expect(command.read('kept.c')).toBe(command.read('my.txt'))
  })

  test('is shown by inspect, and opens as the model of its moment', async () => {
    const { stdout } = await run(['inspect', 'whole.c'])
    expect(stdout).toMatch(
      /^checkpoint {2}step 200 of 240; regard learn --resume goes on from it$/m,
    )
    const hash = execFileSync('sha256sum', [path('my.txt')], { encoding: 'utf8' }).slice(0, 64)
    expect(stdout).toContain(`its text  sha-256 ${hash}`)
    const { checkpoint } = JSON.parse((await run(['inspect', 'whole.c', '--json'])).stdout)
    expect(checkpoint).toMatchObject({
      step: 200,
      text: hash,
      options: { steps: 240, batchWords: 50 },
    })
    const model = await load(path('whole.c'))
    expect(model.learned.map(({ steps }) => steps)).toEqual([200])
    await model.close()
    expect(
      await run(['learn', 'my.txt', '--from', 'whole.c', '-o', 'after', '--steps', '2']),
    ).toMatchObject({ code: 0 })
  })

  test.each<[string, string[], string]>([
    ['another text', ['learn', 'other.txt', '--steps', '240', ...SMALL], 'another text: SHA-256 '],
    [
      'other options',
      [...LONG.slice(0, 2), '--steps', '241', ...SMALL],
      'another steps: 240, got 241; give the options that it was begun with',
    ],
    [
      'another arithmetic',
      [...LONG.slice(0, 4), ...SMALL.slice(0, -2), '--device', 'reference'],
      'another arithmetic: portable, got plain',
    ],
  ])('is not gone on from with %s', async (_what, words, message) => {
    command.write('other.txt', `${TEXT} encore\n`)
    const { code, stderr } = await run([
      ...words,
      '--resume',
      'whole.c',
      '-o',
      'x',
      '--force',
      '--quiet',
    ])
    expect([code, stderr.trimEnd().split('\n').length]).toEqual([3, 1])
    expect(stderr).toContain(`regard learn: the checkpoint has ${message}`)
  })

  test('that is none is refused in one line', async () => {
    expect(await run([...LONG, '--resume', 'my.txt', '-o', 'x', '--force'])).toMatchObject({
      ...{
        code: 3,
        stdout: '',
        stderr: expect.stringMatching(
          /^regard learn: the checkpoint: not a safetensors file at byte 0: .*\n$/,
        ),
      },
    })
  })

  test('that is there is not overwritten, unless it is gone on from', async () => {
    expect(await run([...LONG, '-o', 'y', '--checkpoint', 'whole.c'])).toMatchObject({
      ...{ code: 2, stderr: 'regard learn: whole.c is there already; --force overwrites it\n' },
    })
    const { code } = await run([
      ...LONG,
      '-o',
      'y',
      '--checkpoint',
      'whole.c',
      '--resume',
      'whole.c',
    ])
    expect([code, command.read('y') === command.read('whole')]).toEqual([0, true])
  })

  test('every so many seconds is kept by the clock', async () => {
    const child = command.start([
      'learn',
      'my.txt',
      '-o',
      'z',
      '--steps',
      '1000000',
      '--checkpoint',
      'z.c',
      '--checkpoint-every',
      '1s',
      ...SMALL,
    ])
    while (!existsSync(path('z.c'))) await setTimeout(100)
    child.kill('SIGKILL')
    await once(child, 'close')
    expect(stepOf('z.c')).toBeGreaterThan(0)
  })

  test('is kept by Ctrl-C and by the end of a cluster’s time, and what is said then goes on', async () => {
    const words = [
      'learn',
      'my.txt',
      '-o',
      'stopped',
      '--steps',
      '2000',
      '--checkpoint',
      's.c',
      '--progress',
      'jsonl',
      ...SMALL,
    ]
    const child = command.start(words)
    let stderr = ''
    child.stderr.on('data', (text) => {
      stderr += text
      if (!child.killed && stderr.includes('"event":"step"')) child.kill('SIGTERM')
    })
    const [code] = await once(child, 'close')
    const said = jsonLines(stderr).at(-1).message.split('to go on: regard ')[1]
    expect([code, said]).toEqual([130, `${words.join(' ')} --force --resume s.c`])
    expect(await run(said.split(' '))).toMatchObject({ code: 0 })
    await run(['learn', 'my.txt', '-o', 'unstopped', '--steps', '2000', ...SMALL])
    expect(command.read('stopped')).toBe(command.read('unstopped'))
  }, 120_000)

  test.each(['0', '5m', 'x'])('--checkpoint-every %s is refused', async (text) => {
    const { code, stderr } = await run([...LONG, ...again, '--checkpoint-every', text])
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(
        'It must be a number of steps, such as 500, or of seconds, such as 60s',
      ),
    ])
  })
})

describe('learning that diverges', () => {
  const absurd = ['learn', 'my.txt', '-o', 'diverged', '--steps', '200', '--quiet', ...SMALL]

  test('into NaN ends with 4, with step, rate and remedy, and without a model', async () => {
    const { code, stderr } = await run([...absurd, '--rate', '1e30'])
    expect([code, stderr.trimEnd().split('\n').at(-1)]).toEqual([
      4,
      expect.stringMatching(
        /^regard learn: the loss of the objective hidden became (NaN|Infinity) at step \d+, where the rate was [\de+.]+; give a smaller rate, such as 0\.01; nothing is saved; --checkpoint FILE would keep the last good parameters$/,
      ),
    ])
    expect(existsSync(path('diverged'))).toBe(false)
  })

  test('far above its beginning ends with 4, and the last good parameters stay in the checkpoint', async () => {
    const { code, stderr } = await run([
      ...absurd,
      '--rate',
      '30',
      '--checkpoint',
      'good.c',
      '--checkpoint-every',
      '1',
    ])
    expect([code, stderr]).toEqual([
      4,
      expect.stringMatching(
        /the loss rose from [\d.]+ to [\d.e+]+ and stayed there at step \d+, .*; good\.c has the last good parameters, for --from\n$/,
      ),
    ])
    expect(stepOf('good.c')).toBeLessThan(10)
    expect(
      await run([
        'learn',
        'my.txt',
        '--from',
        'good.c',
        '-o',
        'mended',
        '--steps',
        '3',
        '--rate',
        '.01',
      ]),
    ).toMatchObject({ code: 0 })
  })
})
