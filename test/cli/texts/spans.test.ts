import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Line } from '../../../src/doors/internal.ts'
import { read } from './reading.ts'

const SEED = { seed: 16, numRuns: 200 }
/** Words as texts have them: composed or not, with soft hyphens, marks, and signs of XML. */
const word = fc
  .array(fc.constantFrom('a', 'É', 'e\u0301', 'ß', '😀', '-', '.', '’', '&', '<', '#', '\u00AD'), {
    minLength: 1,
    maxLength: 5,
  })
  .map((all) => all.join(''))
  .filter((form) => form.replaceAll('\u00AD', '') !== '' && !form.startsWith('<'))
/** Words, each with whether no blank follows it. */
const sentence = fc.array(fc.tuple(word, fc.boolean()), { minLength: 1, maxLength: 6 })

const plain = (form: string) => form.replaceAll('\u00AD', '')
const escaped = (form: string) => form.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

const WRITERS: Readonly<
  Record<string, (words: readonly (readonly [string, boolean])[]) => string>
> = {
  conllu: (words) =>
    words
      .map(([form, joined], n) => {
        const misc = joined ? 'SpaceAfter=No' : '_'
        return `${n + 1}\t${form}\tx\tX\t_\t_\t0\tdep\t_\t${misc}\r\n`
      })
      .join(''),
  vertical: (words) => {
    const rows = words.map(([form, joined]) => `${escaped(form)}\tX\tx\n${joined ? '<g/>\n' : ''}`)
    return `<s>\n${rows.join('')}</s>\n`
  },
  tei: (words) => {
    const all = words.map(
      ([form, joined]) =>
        `<w lemma="x" pos="X"${joined ? ' join="right"' : ''}>${escaped(form)}</w>`,
    )
    return `<TEI><text><s>${all.join('\n')}</s></text></TEI>`
  },
}

/** Whether offsets of all words are those of the text, without gaps but blanks. */
function expectSpans({ text, words = [] }: Line): void {
  let at = 0
  for (const { token, start, end } of words) {
    expect(text.slice(start, end).normalize('NFC')).toBe(token)
    expect(text.slice(at, start)).toMatch(/^ ?$/)
    at = end
  }
  expect(at).toBe(text.length)
}

test.each(Object.keys(WRITERS))('%s: offsets of words are those of the text', async (format) => {
  await fc.assert(
    fc.asyncProperty(sentence, async (words) => {
      const lines = await read(format, WRITERS[format](words), 7)
      expect(lines).toHaveLength(1)
      expectSpans(lines[0])
      const last = words.length - 1
      expect(lines[0].text).toBe(
        words.map(([form, joined], n) => plain(form) + (joined || n === last ? '' : ' ')).join(''),
      )
      expect(lines[0].words?.every(({ lemma, pos }) => lemma === 'x' && pos === 'X')).toBe(true)
    }),
    SEED,
  )
})

test('TreeTagger: offsets of words are those of the text', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 9 }), async (words) => {
      const lines = await read('treetagger', words.map((form) => `${form}\tX\tx\n`).join(''), 5)
      for (const line of lines) expectSpans(line)
      expect(lines.flatMap((line) => line.words ?? []).map(({ token }) => token)).toEqual(
        words.map((form) => plain(form).normalize('NFC')),
      )
    }),
    SEED,
  )
})
