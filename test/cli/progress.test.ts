import { describe, expect, test } from 'vitest'
import { type Happening, minutes, reporterOf } from '../../src/cli/terminal/progress.ts'
import { Reading } from '../../src/cli/terminal/reading.ts'
import { TextReader } from '../../src/cli/texts/reader.ts'

/** What a reporter writes while a run of 40 steps takes 20 seconds. */
function reported(options: Parameters<typeof reporterOf>[1], isTTY = false, columns = 100): string {
  let text = ''
  let seconds = 100
  const write = (more: string): void => {
    text += more
  }
  const reporter = reporterOf('learn', options, { write, isTTY, columns }, () => seconds)
  seconds += 5
  reporter.happens({
    event: 'begin',
    sentences: 3,
    words: 30,
    questions: 0,
    vocabulary: 9,
    steps: 40,
  })
  reporter.warn('the text is small')
  for (let step = 1; step <= 40; step++) {
    seconds += 0.5
    reporter.happens({
      event: 'step',
      step,
      steps: 40,
      words: 1000 * step,
      loss: 6.5 - step / 10,
    } satisfies Happening)
  }
  reporter.happens({ event: 'heldOut', step: 40, loss: 3.25 })
  reporter.happens({ event: 'done', words: 40000, heldOutLoss: 3.25 })
  reporter.note('saved')
  return text
}

test('away from a terminal, a line every few seconds', () => {
  expect(reported({}).split('\n')).toEqual([
    'regard learn: warning: the text is small',
    'step 1 of 40 · loss 6.400 · 2 000 words/s · 0:20 left',
    'step 11 of 40 · loss 5.400 · 2 000 words/s · 0:15 left',
    'step 21 of 40 · loss 4.400 · 2 000 words/s · 0:10 left',
    'step 31 of 40 · loss 3.400 · 2 000 words/s · 0:05 left',
    'step 40: held-out loss 3.250 nats per predicted word',
    'learned in 0:20 · 40 000 words read · held-out loss 3.250 nats per predicted word',
    'saved',
    '',
  ])
})

test('with --quiet, warnings alone', () => {
  expect(reported({ quiet: true })).toBe('regard learn: warning: the text is small\n')
  expect(reported({ quiet: true }, true)).toBe('regard learn: warning: the text is small\n')
})

test('with --progress jsonl, nothing but the lines of JSON that scripts rely on', () => {
  const lines = reported({ progress: 'jsonl' })
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect([lines[1], lines[2]]).toEqual([
    { event: 'warning', message: 'the text is small' },
    { event: 'step', step: 1, words: 1000, wordsPerSecond: 2000, loss: 6.4 },
  ])
  expect(lines.slice(-3)).toEqual([
    { event: 'heldOut', step: 40, seconds: 20, loss: 3.25 },
    { event: 'done', seconds: 20, words: 40000, heldOutLoss: 3.25 },
    { event: 'note', message: 'saved' },
  ])
})

describe('on a terminal', () => {
  const drawn = reported({}, true)

  test('a bar is drawn in place: each drawing clears the one before', () => {
    const bars = drawn.split('\r\x1b[2K').filter((piece) => piece.includes('words/s'))
    expect(bars).toHaveLength(40)
    expect(bars[19]).toBe('████████████░░░░░░░░░░░░  50 %  loss 4.500 · 2 000 words/s · 0:10 left')
  })

  test('the last bar stays, and lines follow it', () => {
    expect(drawn.split('\n').slice(1)).toEqual([
      expect.stringMatching(/█{24} 100 % {2}loss 2\.500 · 2 000 words\/s · 0:00 left$/),
      'step 40: held-out loss 3.250 nats per predicted word',
      'learned in 0:20 · 40 000 words read · held-out loss 3.250 nats per predicted word',
      'saved',
      '',
    ])
  })

  test('no drawing is wider than the terminal', () => {
    const widths = reported({}, true, 40)
      .replaceAll('\r\x1b[2K', '\n')
      .split('\n')
      .filter((piece) => piece.includes('%'))
      .map((piece) => [...piece].length)
    expect(Math.max(...widths)).toBe(39)
  })
})

test('the rate is that of the last seconds', () => {
  const lines: string[] = []
  let seconds = 0
  const reporter = reporterOf(
    'learn',
    { progress: 'jsonl' },
    { write: (line: string) => lines.push(line) },
    () => seconds,
  )
  for (let step = 1; step <= 20; step++) {
    seconds += 1
    reporter.happens({
      event: 'step',
      step,
      steps: 20,
      words: step <= 10 ? 100 * step : 1000 + 900 * (step - 10),
      loss: 1,
    })
  }
  expect([lines[9], lines[19]].map((line) => JSON.parse(line).wordsPerSecond)).toEqual([100, 900])
})

test.each([
  [0, '0:00'],
  [59.2, '1:00'],
  [61, '1:01'],
  [3605, '1:00:05'],
])('%f seconds are %s', (seconds, text) => {
  expect(minutes(seconds)).toBe(text)
})

describe('of what is read', () => {
  function read(options: Parameters<typeof reporterOf>[1], isTTY = false): string {
    let [text, seconds] = ['', 100]
    const write = (more: string): void => {
      text += more
    }
    const reporter = reporterOf('near', options, { write, isTTY, columns: 90 }, () => seconds)
    for (let n = 1; n <= 11; n++) {
      reporter.happens({
        ...{ event: 'read', lines: 100 * n, words: 1000 * (n - 1), occurrences: n },
        ...(isTTY ? { share: n / 20 } : {}),
      } satisfies Happening)
      seconds += 1
    }
    reporter.happens({ event: 'readAll' })
    return text
  }

  test('away from a terminal, a line every few seconds', () => {
    expect(read({})).toBe(
      '600 lines · 6 occurrences · 1 000 words/s\n1 100 lines · 11 occurrences · 1 000 words/s\n',
    )
  })

  test('is wiped where an error ends the reading', () => {
    let [text, seconds] = ['', 100]
    const write = (more: string): void => {
      text += more
    }
    const reporter = reporterOf('near', {}, { write, isTTY: true, columns: 90 }, () => seconds++)
    const reading = new Reading([], new TextReader({}), reporter)
    for (const texts of [1, 2]) reading.options.progress({ texts, words: texts, occurrences: 0 })
    expect(text).toMatch(/^2 lines · 0 occurrences · \d words\/s$/)
    reading.end()
    expect(text.endsWith('\r\x1b[2K')).toBe(true)
  })

  test('a bar with the share of the bytes on a terminal, wiped at its end', () => {
    const drawn = read({}, true).split('\r\x1b[2K')
    expect(drawn).toHaveLength(11)
    expect(drawn[4]).toBe(
      `${'█'.repeat(7)}${'░'.repeat(17)}  30 %  6 occurrences · 1 000 words/s · 0:12 left`,
    )
    expect(drawn[10]).toBe('')
  })

  test('nothing with --quiet, and lines of JSON for scripts', () => {
    expect(read({ quiet: true })).toBe('')
    expect(JSON.parse(read({ progress: 'jsonl' }).split('\n')[1])).toEqual({
      ...{ event: 'read', seconds: 5, lines: 600, words: 5000, occurrences: 6 },
    })
  })
})
