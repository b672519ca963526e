import { csvRow, visible, visibleLines } from 'regard/internal'
import { describe, expect, test } from 'vitest'

/** Every code unit that is a control character or turns the direction of reading around. */
const SPECIAL = Array.from({ length: 0x2070 }, (_, code) => String.fromCharCode(code)).filter(
  (sign) => /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(sign),
)

describe('visible', () => {
  test('is a picture or U+FFFD for each, and nothing is left out', () => {
    expect(SPECIAL).toHaveLength(65 + 5 + 4)
    expect([...visible(SPECIAL.join(''))].join('')).toBe(
      Array.from({ length: 32 }, (_, n) => String.fromCharCode(0x2400 + n)).join('') +
        '␡' +
        '\ufffd'.repeat(32 + 9),
    )
    expect(visible('a\x1b[31m\r\nb\t\u202ec')).toBe('a␛[31m␍␊b␉\ufffdc')
  })

  test('leaves all other text as it is', () => {
    const text = 'été 東京 🙂 e\u0301 \u200d\u200f\u00a0\u2028\ufeff'
    expect([visible(text), visibleLines(text)]).toEqual([text, text])
  })
})

test('visibleLines keeps tabs, line ends and the direction of reading', () => {
  expect(visibleLines('a\tb\nc\r\nd\re\x1bf\x9bg\u202eh')).toBe('a\tb\nc\r\nd␍e␛f\ufffdg\u202eh')
})

test('csvRow makes control characters visible, with either delimiter', () => {
  expect(csvRow(['a\x1b[0m', 'b\x85', 'c\x7f'])).toBe('"a␛[0m","b\ufffd","c␡"\n')
  expect(csvRow(['a\rb', 'c\r\nd', 'e,f', 'g\th'], '\t')).toBe('"a␍b"\t"c\r\nd"\te,f\t"g\th"\n')
})
