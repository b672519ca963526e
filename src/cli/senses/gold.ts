import { normalized, type Token } from '../../doors/internal.ts'
import { inputError } from '../terminal/errors.ts'
import { sourceOf, tableRows } from '../texts/reader.ts'

/** Senses that occurrences are labelled with. */
export interface Gold {
  /** The labelled sentences as tokens, each once, with the line of the table that has it first. */
  readonly sentences: readonly { readonly tokens: readonly Token[]; readonly number: number }[]
  /** The sense of a word at a position, if it has one. */
  labelOf(tokens: readonly Token[], at: number): string | undefined
}

const COLUMNS = ['sense', 'tok_idx', 'sentence'] as const

/**
 * A table of labels: tabs, a header with `sense`, `tok_idx` (a position from 0) and `sentence` (tokens
 * with spaces between them); other columns are left alone.
 *
 * @param wanted whether a word at a position is one of those that are looked for: the other rows are
 *   left out
 * @throws {CommandError} with the name and line of what cannot be
 */
export async function readGold(
  path: string,
  wanted: (tokens: readonly Token[], at: number) => boolean,
): Promise<Gold> {
  const { name } = sourceOf(path)
  const labels = new Map<string, string>()
  const sentences = new Map<string, { tokens: readonly Token[]; number: number }>()
  let columns: readonly number[] | undefined
  for await (const { cells, line: number } of tableRows(path)) {
    if (!columns) {
      columns = columnsOf(cells, name)
      continue
    }
    const [sense, index, sentence] = columns.map((column) => cells[column] ?? '')
    const tokens = placed(sentence.split(' ').filter(Boolean))
    const at = Number(index)
    if (!/^\d+$/.test(index) || at >= tokens.length)
      throw inputError(
        `${name}: line ${number}: tok_idx must be a position from 0 to ${tokens.length - 1}, got ${JSON.stringify(index)}`,
      )
    if (!sense)
      throw inputError(
        `${name}: line ${number}: the sense is empty; give one, or leave the row out`,
      )
    if (!wanted(tokens, at)) continue
    labels.set(`${at}\t${keyOf(tokens)}`, sense)
    if (!sentences.has(sentence)) sentences.set(sentence, { tokens, number })
  }
  if (!columns)
    throw inputError(
      `${name}: is empty; its first line must name the columns ${COLUMNS.join(', ')}, with tabs between them`,
    )
  let last: { readonly tokens?: readonly Token[]; readonly key: string } = { key: '' }
  return {
    sentences: [...sentences.values()],
    labelOf(tokens, at) {
      // occurrences of one line come one after the other
      if (last.tokens !== tokens) last = { tokens, key: keyOf(tokens) }
      return labels.get(`${at}\t${last.key}`)
    },
  }
}

/** Tokens as they stand in their sentence. */
function placed(words: readonly string[]): Token[] {
  let start = 0
  return words.map((word) => {
    const token = { token: word.normalize('NFC'), start, end: start + word.length }
    start = token.end + 1
    return token
  })
}

const keyOf = (tokens: readonly Token[]) =>
  normalized(tokens.map(({ token }) => token).join(' '), false)

function columnsOf(cells: readonly string[], name: string) {
  return COLUMNS.map((column) => {
    const found = cells.indexOf(column)
    if (found < 0)
      throw inputError(
        `${name}: line 1 must name the columns ${COLUMNS.join(', ')}, with tabs between them; ${column} is missing`,
      )
    return found
  })
}
