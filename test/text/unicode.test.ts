import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { tokenize } from '../../src/text/tokens.ts'

interface Case {
  readonly language: string
  readonly text: string
  readonly words: readonly string[]
  readonly spans: readonly (readonly number[])[]
  readonly why: string
}

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')
const CASES = read('words.jsonl')
  .trim()
  .split('\n')
  .map((line): Case => JSON.parse(line))

test.each(CASES)('$language: $text: $why', ({ language, text, words, spans }) => {
  const tokens = tokenize(text, 'unicode', [language])
  expect(tokens.map(({ token }) => token)).toEqual(words)
  expect(tokens.map(({ start, end }) => [start, end])).toEqual(spans)
})
