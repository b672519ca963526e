import type { Line } from '../../../doors/internal.ts'
import type { TextFormat } from '../format.ts'
import { columnLines, isTaggedEnd, lemmasIn, rowsIn } from './columns.ts'
import { areWords } from './vertical.ts'

/**
 * TreeTagger's output: word, tag and lemma between tabs. A sentence ends with the tag for its end
 * (SENT, $. or FS), with a mark that ends one, or with a blank line; the lemma of a word that it
 * does not know is the word.
 *
 * @see https://www.cis.lmu.de/~schmid/tools/TreeTagger/
 */
export const treetagger: TextFormat = {
  name: 'treetagger',
  title: "TreeTagger's columns",
  recognises,
  read: (stream, name) => columnLines(stream, name, { word: 0, pos: 1, lemma: 2, lempos: false }),
}

/** Words of a sentence, at the most, where sentences end. */
const LONGEST = 250

/**
 * Two or three columns, with words and tags without blanks, marks tagged as the ends of
 * sentences, one in 250 words at the least, and lemmas like the words: a list of words has no ends,
 * a table of two languages no lemmas, a table below a header a name for each column.
 */
function recognises(lines: readonly Line[]): boolean {
  const rows = rowsIn(lines).filter((row) => row.length > 1)
  const full = lines.filter(({ text }) => text.trim())
  if (rows.length < full.length / 2 || !areWords(rows) || rows[0].length > 3) return false
  const ends = rows.filter(([word, tag]) => isTaggedEnd(word, tag)).length
  if (ends < rows.length / LONGEST) return false
  return rows[0].length === 3
    ? lemmasIn(rows, 2) >= 0.5
    : rows.every(([, tag]) => /^[\p{Lu}\p{P}\p{S}]/u.test(tag))
}
