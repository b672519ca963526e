import type { Line } from './decode.ts'
import { endsOf } from './ends.ts'
import { languageOf } from './language.ts'
import { type Paragraph, Paragraphs, rowsOf, type TextRow, windowOf } from './paragraphs.ts'

/** How sentences are found: one per line, or by their ends in paragraphs. */
export type Sentences = 'line' | 'auto'

/** A sentence and its offset in the text. */
export interface Sentence {
  /** Where it goes on over lines, they are joined. */
  readonly text: string
  /** Offset of its first UTF-16 unit in the text; the line that holds it is the sentence's. */
  readonly start: number
}

/**
 * The sentences of a text, trimmed: its lines, or under `auto` what ends at . ! ? … 。 ؟ । and
 * their like in each paragraph.
 *
 * Closing quotation marks and brackets belong to a sentence; before a small letter it goes on, as
 * behind abbreviations, initials and, in German, ordinals.
 *
 * @param language code such as `fr`, for its abbreviations and, `el`, the question mark `;`; without
 *   one, those of several languages
 * @see Paragraphs, for how lines are joined
 */
export function sentencesOf(text: string, how: Sentences = 'line', language?: string): Sentence[] {
  const rows = rowsOf(text)
  if (how === 'line')
    return rows.flatMap(({ text, start }) => {
      const trimmed = text.trim()
      const blanks = text.length - text.trimStart().length
      return trimmed ? [{ text: trimmed, start: start + blanks }] : []
    })
  const paragraphs = new Paragraphs()
  return [...paragraphs.add(windowOf(rows)), ...paragraphs.end()].flatMap((paragraph) =>
    sentencesIn(paragraph, language).map(({ text, start, row }) => ({
      text,
      start: row.start + start,
    })),
  )
}

/** The sentences of a paragraph, and where in which row each begins. */
function sentencesIn(
  { text, starts }: Paragraph,
  language?: string,
): { text: string; start: number; row: TextRow }[] {
  let from = 0
  let line = 0
  return [...endsOf(text, language), text.length].flatMap((end) => {
    const piece = text.slice(from, end)
    const trimmed = piece.trim()
    const at = from + piece.length - piece.trimStart().length
    from = end
    if (!trimmed) return []
    while (line + 1 < starts.length && starts[line + 1].at <= at) line++
    const { row, start, at: begin } = starts[line]
    return [{ text: trimmed, start: start + at - begin, row }]
  })
}

/** Size of a window of lines: one ends with the line that reaches either. */
const WINDOW = { lines: 1024, units: 2 ** 18 }

/**
 * The sentences of a stream of lines, as lines with the number and metadata of the line in which
 * each begins; a line with words passes as it is unless it is a paragraph, which is cut between its
 * words, and so do all under `line`. A paragraph ends where metadata change, and around a line that
 * is one.
 *
 * Memory holds two windows of at most 1024 lines or 2¹⁸ UTF-16 units and a line, a paragraph, and
 * 2¹⁶ words seen before.
 *
 * @param languages of the text; a paragraph is of one of them
 * @see languageOf
 */
export async function* sentenceLines(
  lines: AsyncIterable<Line> | Iterable<Line>,
  how: Sentences = 'line',
  languages: readonly string[] = [],
): AsyncGenerator<Line> {
  if (how === 'line') return yield* lines
  const stretch = new Stretch(languages)
  let before: Line | undefined
  for await (const line of lines) {
    if (before && !isJoined(before, line)) yield* stretch.end()
    if (line.words) yield* line.paragraph ? sentencesOfWords(line, line.words, languages) : [line]
    else yield* stretch.add(line)
    before = line
  }
  yield* stretch.end()
}

/** The sentences of a line with words, with those and their offsets; each ends between two words. */
function* sentencesOfWords(
  line: Line,
  words: NonNullable<Line['words']>,
  languages: readonly string[],
): Generator<Line> {
  const { text } = line
  let from = 0
  for (const end of [...endsOf(text, languageOf(text, languages)), text.length]) {
    let to = from
    while (to < words.length && words[to].start < end) to++
    const own = words.slice(from, to)
    from = to
    const [start, stop] = [own[0]?.start ?? 0, own.at(-1)?.end ?? 0]
    if (own.length > 0)
      yield {
        ...line,
        text: text.slice(start, stop),
        words: own.map((word) => ({ ...word, start: word.start - start, end: word.end - start })),
      }
  }
}

/** Whether a paragraph may go on from a line to the next. */
const isJoined = (before: Line, line: Line): boolean =>
  !(before.paragraph || line.paragraph || line.words) &&
  (before.metadata === line.metadata ||
    JSON.stringify(before.metadata) === JSON.stringify(line.metadata))

/** Lines of one text, gathered into windows. */
class Stretch {
  readonly #languages: readonly string[]
  readonly #paragraphs = new Paragraphs()
  #rows: TextRow[] = []
  #units = 0
  #window = windowOf([])

  constructor(languages: readonly string[]) {
    this.#languages = languages
  }

  *add(line: Line): Generator<Line> {
    this.#rows.push(...rowsOf(line.text, line))
    this.#units += line.text.length
    if (this.#rows.length >= WINDOW.lines || this.#units >= WINDOW.units) yield* this.#turn()
  }

  *end(): Generator<Line> {
    yield* this.#turn()
    yield* this.#turn()
    yield* this.#linesOf(this.#paragraphs.end())
  }

  /** The sentences that end in the window before, now that the one after it is known. */
  *#turn(): Generator<Line> {
    const ahead = windowOf(this.#rows)
    yield* this.#linesOf(this.#paragraphs.add(this.#window, ahead))
    this.#window = ahead
    this.#rows = []
    this.#units = 0
  }

  *#linesOf(paragraphs: Iterable<Paragraph>): Generator<Line> {
    for (const paragraph of paragraphs) {
      const language = languageOf(paragraph.text, this.#languages)
      for (const { text, row } of sentencesIn(paragraph, language))
        if (row.line) yield { ...row.line, text }
    }
  }
}
