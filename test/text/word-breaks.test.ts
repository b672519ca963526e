import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { tokenize } from '../../src/text/tokens.ts'

// Unicode's own test of word breaks: `÷ 0061 × 0308 ÷ 002C ÷`, code points with a break or none.
const CASES = readFileSync(new URL('word-breaks.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('÷'))

/** A place within a case: the text before and after it, and whether UAX 29 joins them. */
interface Place {
  readonly before: string
  readonly after: string
  readonly joined: boolean
}

/** The places of a case. */
function placesOf(line: string): Place[] {
  const parts = line.split(' ')
  const points = parts.filter((_, n) => n % 2 === 1).map((hex) => Number.parseInt(hex, 16))
  return points.slice(1).map((_, n) => ({
    before: String.fromCodePoint(...points.slice(0, n + 1)),
    after: String.fromCodePoint(...points.slice(n + 1)),
    joined: parts[2 * n + 2] === '×',
  }))
}

/** Without what WB4 skips. */
const bare = (text: string): string => text.replace(/[\p{M}\p{Cf}]/gu, '')

/** The tailorings of `src/text/unicode/words.ts` by name: the places where UAX 29 joins. */
const TAILORINGS: Readonly<Record<string, (before: string, after: string) => boolean>> = {
  'white space': (before) => /\s$/.test(bare(before)),
  'dropped: control characters': (before) => /\p{Cc}$/u.test(bare(before)),
  'dropped: format characters outside words': (before, after) =>
    /^\p{Cf}/u.test(after) || /^\p{Cf}+$/u.test(before),
  apostrophe: (before, after) =>
    (/\d$/.test(bare(before)) && /^['’]/.test(after)) || /\d['’]$/.test(bare(before)),
  colon: (before, after) => /:$/.test(bare(before)) || /^:/.test(after),
  katakana: (before, after) =>
    (/〱$/.test(bare(before)) && /^_/.test(after)) ||
    (/_$/.test(bare(before)) && /^〱/.test(after)),
  emoji: (before, after) => /\u200D$/.test(before) && /^[✁🛑👶]/u.test(after),
}

const differences = CASES.flatMap((line) => {
  const places = placesOf(line)
  const text = places.length ? places[0].before + places[0].after : ''
  const tokens = tokenize(text, 'unicode')
  return places.filter(({ before, joined }) => {
    const at = before.length
    return joined !== tokens.some(({ start, end }) => start < at && at < end)
  })
})

const namesOf = ({ before, after, joined }: Place): string[] =>
  joined ? Object.keys(TAILORINGS).filter((name) => TAILORINGS[name](before, after)) : []

test("words end where Unicode's test says, but for the tailorings that have a name", () => {
  expect(CASES).toHaveLength(1823)
  expect(differences.filter((place) => namesOf(place).length === 0)).toEqual([])
})

test('each tailoring is needed by itself', () => {
  const alone = new Set(
    differences.map(namesOf).flatMap((names) => (names.length === 1 ? names : [])),
  )
  expect(Object.keys(TAILORINGS).filter((name) => !alone.has(name))).toEqual([])
})
