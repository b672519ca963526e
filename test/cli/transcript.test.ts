import { describe, expect, test } from 'vitest'
import { decimal, sparkline, Transcript } from '../../src/cli/start/transcript.ts'
import { subscript } from '../../src/cli/terminal/terminal.ts'

/** A sink that keeps what is written. */
function sink(columns?: number) {
  const written: string[] = []
  return {
    written,
    write: (text: string) => written.push(text),
    ...(columns ? { isTTY: true, columns } : {}),
  }
}

const LINES = [
  { head: 'one', text: 'first' },
  { head: 'two', text: 'second, which is longer than a narrow terminal is wide' },
  { head: 'a head that takes more than its column', text: 'third' },
]

describe('a transcript', () => {
  test('away from a terminal is each line once, when it is final, whatever its length', () => {
    const out = sink()
    const transcript = new Transcript(out, {})
    transcript.show(LINES.slice(0, 2), 1)
    transcript.show(LINES, 3)
    transcript.show(LINES, 3)
    expect(out.written.join('')).toBe(
      'one       first\ntwo       second, which is longer than a narrow terminal is wide\na head that takes more than its column  third\n',
    )
  })

  test('on a terminal is drawn again in place, no row wider than the terminal', () => {
    const out = sink(41)
    const transcript = new Transcript(out, {})
    transcript.show(LINES.slice(0, 2), 0)
    transcript.show(LINES, 0)
    const [first, again] = out.written
    expect(first.split('\n').slice(0, -1)).toHaveLength(3)
    expect(again.startsWith('\x1b[3A\r\x1b[J')).toBe(true)
    const rows = again.replace('\x1b[3A\r\x1b[J', '').split('\n')
    for (const row of rows) expect([...row].length).toBeLessThanOrEqual(40)
    expect(rows.slice(0, 2)).toEqual([
      'one       first',
      'two       second, which is longer than a',
    ])
    expect(rows.slice(3)).toEqual(['a head that takes more than its column', '          third', ''])
  })

  test('on a terminal that cannot move its cursor is plain', () => {
    const out = sink(41)
    new Transcript(out, { TERM: 'dumb' }).show(LINES, 1)
    expect(out.written).toEqual(['one       first\n'])
  })
})

test('numbers become bars between the least and the most', () => {
  expect(sparkline([8, 4, 1], 12)).toBe('█▄▁')
  expect(sparkline([3, 3], 12)).toBe('▁▁')
  expect([
    ...sparkline(
      Array.from({ length: 100 }, (_, n) => n),
      12,
    ),
  ]).toHaveLength(12)
})

test('weights have two digits and no zero before the point, negative ones a minus', () => {
  expect([0, 0.068, 1, 0.999, -0.314, -0.001].map((x) => decimal(x))).toEqual([
    '.00',
    '.07',
    '1.00',
    '1.00',
    '−.31',
    '.00',
  ])
  expect(subscript(12)).toBe('₁₂')
})
