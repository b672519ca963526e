import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { installed, SENTENCE, withModel } from './command.ts'

const MODEL = 'model.safetensors'
const FILTER = ['embed', MODEL, '--input', 'jsonl', '--threads', '1']
const command = installed(withModel)
const { run } = command

const lineOf = (id: number, text = `${SENTENCE} numéro ${id}`): string => `${JSON.stringify({ id, text })}\n`
const lines = (count: number): string =>
  Array.from({ length: count }, (_, n) => lineOf(n, `Tom ${n} a été ${'ici '.repeat(n % 17)}`)).join('')

/** Resident megabytes, as Linux tells them. */
function residentOf(pid: number | undefined): number {
  const [, kilobytes] = readFileSync(`/proc/${pid}/status`, 'utf8').match(/^VmRSS:\s+(\d+)/m) as RegExpMatchArray
  return Number(kilobytes) / 1000
}

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

  test('a bad line ends it with 3, though nobody closes its input', async () => {
    const child = command.start(FILTER)
    let stderr = ''
    child.stderr.on('data', (text) => {
      stderr += text
    })
    child.stdin?.write(`${lineOf(1)}nonsense\n`)
    expect((await once(child, 'close'))[0]).toBe(3)
    expect(stderr).toMatch(/^regard embed: stdin: line 2: not JSON .*\n$/)
  })

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

  test.skipIf(process.platform !== 'linux')('waits for a slow reader, and its memory stays flat on ever new words', async () => {
    const child = command.start(FILTER)
    const sizes: number[] = []
    let [written, read] = [0, 0]
    const wordsOf = (n: number): string => Array.from({ length: 40 }, (_, w) => `mot${(n * 40 + w) * 7919}`).join(' ')
    child.stdout.on('data', (text: Buffer) => {
      for (const byte of text) if (byte === 10) read++
    })
    for (; written < 4000; written++) {
      if (!child.stdin?.write(lineOf(written, wordsOf(written)))) await once(child.stdin as NodeJS.WritableStream, 'drain')
      if (written % 500 === 499) sizes.push(residentOf(child.pid))
    }
    // a reader that stops for a while: nothing is lost, nothing is heaped up
    child.stdout.pause()
    let pushed = 0
    const write = (): boolean => child.stdin?.write(lineOf(written + pushed++, wordsOf(written + pushed))) as boolean
    while (write() && pushed < 5000);
    await setTimeout(300)
    const waiting = residentOf(child.pid)
    child.stdout.resume()
    child.stdin?.end()
    expect((await once(child, 'close'))[0]).toBe(0)
    expect(read).toBe(written + pushed)
    const later = [...sizes.slice(4), waiting]
    console.log(
      `resident MB after every 500 lines of 40 new words: ${sizes.map(Math.round).join(', ')}; while the reader waits: ${Math.round(waiting)}`,
    )
    expect(Math.max(...later) - Math.max(...sizes.slice(0, 4))).toBeLessThan(60)
  })
})

const shell = (script: string): string =>
  execFileSync('sh', ['-c', script], { cwd: command.path('.'), encoding: 'utf8', maxBuffer: 2 ** 28 })
const shellFilter = `${process.execPath} package/dist/cli/regard.js ${FILTER.join(' ')}`

test('the parts that split hands to the jobs of an array give together the bytes of one run', () => {
  command.write('in.jsonl', lines(100))
  const part = (n: number): string => `split -n l/${n}/3 in.jsonl | ${shellFilter} -o part${n}.jsonl`
  shell([1, 2, 3].map(part).join(' && '))
  expect(shell('cat part1.jsonl part2.jsonl part3.jsonl')).toBe(shell(`${shellFilter} < in.jsonl`))
})

/** Whether GNU parallel is here; otherwise says so. */
function hasParallel(): boolean {
  try {
    return execFileSync('parallel', ['--version'], { encoding: 'utf8', stdio: 'pipe' }).startsWith('GNU parallel')
  } catch {
    console.log('not tested: embed under GNU parallel: it is not installed (apt-get install parallel)')
    return false
  }
}

describe.runIf(hasParallel())('under GNU parallel', () => {
  test.each([
    [
      'a pipe cut into parts',
      (jobs: number) => `parallel --will-cite --pipe --keep-order --block 8k -j ${jobs} '${shellFilter}' < in.jsonl`,
    ],
    [
      'parts of a file',
      (jobs: number) => `parallel --will-cite --pipe-part --keep-order -a in.jsonl --block 8k -j ${jobs} '${shellFilter}'`,
    ],
  ])('%s give together the bytes of one run', (_what, scriptOf) => {
    command.write('in.jsonl', lines(400))
    const one = shell(`${shellFilter} < in.jsonl`)
    expect(one.trimEnd().split('\n')).toHaveLength(400)
    expect(shell(scriptOf(3))).toBe(one)
  })

  test('a bad line makes parallel fail, with the line of its part', () => {
    command.write('bad.jsonl', `${lines(3)}nonsense\n`)
    expect(() => shell(`parallel --will-cite --pipe --keep-order -j 2 '${shellFilter}' < bad.jsonl 2>&1`)).toThrow(
      /line 4: not JSON|Command failed/,
    )
  })
})
