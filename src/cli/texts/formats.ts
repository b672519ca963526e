import type { TextFormat } from './format.ts'

/** The annotated formats that are read; the first that recognises a text reads it. */
export const FORMATS: readonly TextFormat[] = []

/** What a text may be said to be: plain, a table, or one of the formats. */
export const INPUTS: readonly string[] = [
  ...['text', 'jsonl', 'csv', 'tsv'],
  ...FORMATS.map(({ name }) => name),
]
