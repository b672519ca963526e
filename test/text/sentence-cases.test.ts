import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sentencesOf } from '../../src/text/sentences.ts'

// language, text, and its sentences with white space folded
const CASES = readFileSync(new URL('sentence-cases.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as [string, string, ...string[]])

const foldedIn = (text: string, language: string): string[] =>
  sentencesOf(text, 'auto', language || undefined).map((sentence) =>
    sentence.text.replace(/\s+/g, ' '),
  )

test.each(CASES)('in %j, the sentences of %j', (language, text, ...sentences) => {
  expect(foldedIn(text, language)).toEqual(sentences)
  expect(foldedIn(text.replaceAll('\n', '\r\n'), language)).toEqual(sentences)
})
