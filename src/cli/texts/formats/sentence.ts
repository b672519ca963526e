import type { AnnotatedToken, Line } from '../../../doors/internal.ts'

/** A word of an annotated text. */
export interface AnnotatedWord {
  /** As it stands in the text. */
  readonly surface: string
  readonly lemma?: string | undefined
  readonly pos?: string | undefined
  /** Whether no blank follows it. */
  readonly joined?: boolean | undefined
}

/** The cell of a column; undefined where it says nothing. */
export const cell = (text: string | undefined): string | undefined =>
  text === undefined || text === '' || text === '_' ? undefined : text

/** A word with, where it says none, the lemmas and parts of speech of the words it is made of. */
export function merged<W extends AnnotatedWord>(word: W, parts: readonly AnnotatedWord[]): W {
  const all = (what: 'lemma' | 'pos') =>
    parts.length > 0 && parts.every((part) => part[what])
      ? parts.map((part) => part[what]).join('+')
      : undefined
  return { ...word, lemma: word.lemma ?? all('lemma'), pos: word.pos ?? all('pos') }
}

/** A sentence of words, with the blanks between them that people read. */
export function sentenceOf(
  all: readonly AnnotatedWord[],
  number: number,
  metadata: Readonly<Record<string, string>>,
): Line {
  let text = ''
  let blank = ''
  const words: AnnotatedToken[] = []
  for (const { lemma, pos, joined, ...word } of all) {
    // soft hyphens show where a word may be cut, and are none of it
    const surface = word.surface.replaceAll('\u00AD', '')
    text += blank + surface
    blank = joined ? '' : ' '
    const token = surface.normalize('NFC')
    const annotation = { ...(lemma && { lemma }), ...(pos && { pos }) }
    words.push({ token, start: text.length - surface.length, end: text.length, ...annotation })
  }
  return { text, number, words, ...(Object.keys(metadata).length > 0 && { metadata }) }
}
