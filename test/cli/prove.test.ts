import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { ProveOptions } from '../../src/cli/prove.ts'
import { EXIT } from '../../src/cli/terminal/errors.ts'
import { terminalOf, wrapped } from '../../src/cli/terminal/terminal.ts'

const internal = '../../src/doors/internal.ts'
let prove: typeof import('../../src/cli/prove.ts').prove

// No claim fails on the layer itself: here `prove` judges one with a mistake, positions that nobody
// asked for. Other files have these modules without it.
beforeAll(async () => {
  vi.resetModules()
  vi.doMock(internal, async (importOriginal) => {
    const real = await importOriginal<typeof import('../../src/doors/internal.ts')>()
    const judge: typeof real.judge = (claim, settings) =>
      real.judge(claim, {
        ...settings,
        build: (options, context) =>
          new real.SelfAttention(
            { ...options, position: real.positions.sinusoidal } as typeof options,
            context,
          ),
      })
    return { ...real, judge }
  })
  prove = (await import('../../src/cli/prove.ts')).prove
})
afterAll(() => {
  vi.doUnmock(internal)
  vi.resetModules()
})

/** Exit code and output of `prove` on the layer with the mistake. */
async function proved(
  names: string[],
  options: Partial<ProveOptions> = {},
): Promise<{ code: number; text: string }> {
  let text = ''
  const out = { write: (more: string) => (text += more) }
  return {
    code: await prove(names, { seed: 7, language: 'en', device: 'auto', ...options }, out),
    text,
  }
}

describe('a layer with a mistake', () => {
  test('ends with the code of a check that failed', async () => {
    expect((await proved(['order'])).code).toBe(EXIT.failed)
  })

  test('is called not proven, with the finding that failed', async () => {
    const { text } = await proved(['order'])
    expect(text).toContain('✗ the layer takes no account of order')
    expect(text).toContain('NOT proven · question 10 · order')
    expect(text).toMatch(/^ {2}✗ /m)
    expect(text).toContain('0 of 1 claims proven')
  })

  test('is not proven in JSON', async () => {
    const { code, text } = await proved(['order'], { json: true })
    const { proven, claims } = JSON.parse(text)
    expect([code, proven, claims[0].proven]).toEqual([4, false, false])
  })

  test('still shows its findings with --quiet', async () => {
    expect((await proved(['order'], { quiet: true })).text).toMatch(/^ {2}✗ /m)
  })

  test('fails the whole when one claim of several fails', async () => {
    const { code, text } = await proved(['parameter-count', 'order'])
    expect([code, text.includes('1 of 2 claims proven')]).toEqual([4, true])
  })
})

test('exit codes are those of the surface', () => {
  expect(EXIT).toMatchObject({
    done: 0,
    bug: 1,
    usage: 2,
    input: 3,
    failed: 4,
    nothing: 5,
    interrupted: 130,
  })
})

describe('colour', () => {
  const sink = { write: () => true, isTTY: true, columns: 80 }

  test('is there on a terminal', () => {
    expect(terminalOf(sink, {}).style('green', 'proven')).toBe('\x1b[32mproven\x1b[39m')
  })

  test.each([{ NO_COLOR: '1' }, { TERM: 'dumb' }])('is not there with %j', (environment) => {
    expect(terminalOf(sink, environment).style('green', 'proven')).toBe('proven')
  })

  test('is not there in a file', () => {
    expect(terminalOf({ write: () => true }, {}).style('green', 'proven')).toBe('proven')
  })
})

test('a terminal that is made narrower is narrower from then on', () => {
  const sink = { write: () => true, isTTY: true, columns: 80 }
  const terminal = terminalOf(sink, {})
  sink.columns = 40
  expect(terminal.columns).toBe(40)
})

test.each([20, 37, 80])('no line of %i columns is longer, where words allow', (columns) => {
  const lines = wrapped(
    '  · ',
    'without positions, equal words get the same contextual embedding, to the last bit',
    columns,
  ).split('\n')
  expect(lines.filter((line) => [...line].length > columns)).toEqual([])
  expect(lines.slice(1).every((line) => line.startsWith('    '))).toBe(true)
})
