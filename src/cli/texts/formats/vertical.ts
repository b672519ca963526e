import type { Line } from '../../../doors/internal.ts'
import type { TextFormat } from '../format.ts'
import { type Cells, columnLines, columnsOf, isHeader, lemmasIn, rowsIn } from './columns.ts'
import { isKnown, isSentence, structureIn } from './structures.ts'

/**
 * Sketch Engine's and CWB's vertical: a word on each line with its attributes between tabs, and
 * structures such as `<doc>`, `<p>` and `<s>` on lines of their own.
 *
 * The form is the first column, or as a line of names says; the lemma is the column most like it,
 * the part of speech the first that is not. `<g/>` joins two words.
 *
 * @see https://www.sketchengine.eu/documentation/preparing-corpus-text/
 */
export const vertical: TextFormat = {
  name: 'vertical',
  title: "Sketch Engine's vertical",
  recognises,
  read: (stream, name) => columnLines(stream, name),
}

/** A word, be it with three blanks, and no sentence. */
const FORM = /^\S+(?: \S+){0,3}$/
/** Lines that fit, of those that are looked at. */
const MOST = 0.95

/** Whether rows have words in their first column and as many cells as each other. */
export function areWords(rows: readonly Cells[]): boolean {
  const width = rows[Math.floor(rows.length / 2)]?.length
  const fits = (row: Cells) => row.length === width && FORM.test(row[0]) && !/\s/.test(row[1] ?? '')
  return rows.length > 0 && rows.filter(fits).length >= rows.length * MOST
}

/**
 * A structure that verticals have, words in the first column, as many cells in all rows, and
 * sentences, or a column of lemmas like the words beside one of tags; a single column only between
 * `<s>` and `</s>`.
 */
function recognises(lines: readonly Line[]): boolean {
  const structures = lines.flatMap(({ text }) => structureIn(text) ?? [])
  const rows = rowsIn(lines)
  const words = isHeader(rows[0] ?? []) ? rows.slice(1) : rows
  if (!structures.some(isKnown) || !areWords(words)) return false
  const sentences = structures.filter(isSentence)
  if (words[0].length === 1)
    return (
      words.every(([word]) => !/\s/.test(word)) && sentences.some(({ kind }) => kind === 'close')
    )
  const { lemma, pos } = columnsOf(rows)
  return sentences.length > 0 || (pos > 0 && lemmasIn(words, lemma) >= 0.5)
}
