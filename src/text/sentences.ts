/** How sentences are found: one per line, or by their ends. */
export type Sentences = 'line' | 'auto'

/** A sentence and its offset in the text. */
export interface Sentence {
  readonly text: string
  readonly start: number
}

// before these a point ends no sentence
const ABBREVIATIONS =
  /(?:^|[\s(«"“])(?:M|Mme|Mlle|MM|Dr|Pr|St|Ste|Mr|Mrs|Ms|Prof|cf|p|pp|vol|art|etc|vs|\p{Lu})\.$/u
const END = /[.!?…]+(?:\s?[»”]|["'’)\]])*(?=\s+["'‘“«([—–-]*\s?[\p{Lu}\p{N}])/gu

/** The sentences of one line, or of a paragraph under `auto`, trimmed. */
export function sentencesOf(text: string, how: Sentences = 'line'): Sentence[] {
  const cuts = how === 'line' ? lineEnds(text) : sentenceEnds(text)
  const sentences: Sentence[] = []
  let start = 0
  for (const end of [...cuts, text.length]) {
    const piece = text.slice(start, end)
    const trimmed = piece.trim()
    if (trimmed) sentences.push({ text: trimmed, start: start + piece.indexOf(trimmed) })
    start = end
  }
  return sentences
}

const lineEnds = (text: string): number[] =>
  Array.from(text.matchAll(/\r\n|[\n\r\u2028\u2029]/g), (match) => match.index + match[0].length)

function sentenceEnds(text: string): number[] {
  const ends: number[] = []
  for (const match of text.matchAll(END)) {
    const end = match.index + match[0].length
    if (!(match[0] === '.' && ABBREVIATIONS.test(text.slice(Math.max(0, end - 12), end))))
      ends.push(end)
  }
  return ends
}
