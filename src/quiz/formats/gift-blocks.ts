/** Lines of a GIFT file that belong together: a category, a text or a question. */
export interface Block {
  readonly text: string
  /** Number of its first line, from 1. */
  readonly line: number
}

/**
 * Blocks of a GIFT file: blank lines part them, lines that begin with // are comments, a category
 * stands by itself.
 */
export function blocksOf(text: string): Block[] {
  const blocks: { text: string; line: number }[] = []
  let open = false
  for (const [n, line] of text.split(/\r\n|\n|\r/).entries()) {
    const trimmed = line.trim()
    if (trimmed.startsWith('//')) continue
    const category = trimmed.startsWith('$CATEGORY:')
    if (trimmed && open && !category) blocks[blocks.length - 1].text += `\n${line}`
    else if (trimmed) blocks.push({ text: line, line: n + 1 })
    open = trimmed !== '' && !category
  }
  return blocks
}

/** Place of the first of these marks that no backslash stands before; -1 for none. */
export function markAt(text: string, marks: string, from = 0): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (marks.includes(text[at])) return at
  }
  return -1
}

/** A text cut before each of these marks that no backslash stands before. */
export function cutBefore(text: string, marks: string): string[] {
  const pieces: string[] = []
  let from = 0
  for (let at = markAt(text, marks, 1); at >= 0; at = markAt(text, marks, at + 1)) {
    pieces.push(text.slice(from, at))
    from = at
  }
  return [...pieces, text.slice(from)].filter((piece) => piece.trim() !== '')
}

/** Marks that were meant, without their backslashes. */
export const unescapeGift = (text: string): string =>
  text.replace(/\\([\\~=#{}:n])/g, (_, sign: string) => (sign === 'n' ? '\n' : sign))
