import { checkOptions, oneOf } from '../kinds.ts'
import { copied } from './counter.ts'
import { type Line, linesOf, type TextStream } from './decode.ts'
import { LANGUAGES } from './language.ts'
import { type Sentences, sentenceLines, sentencesOf } from './sentences.ts'
import { TOKENIZATIONS, type Tokenization, tokenize } from './tokens.ts'

/** A text to read, and its name in errors. */
export interface TextSource {
  readonly name: string
  readonly stream: TextStream
}

/** A text in lines, and its name in errors. */
export interface LineSource {
  readonly name: string
  readonly lines: AsyncIterable<Line> | Iterable<Line>
}

/** Texts to read, one after the other. */
export type TextSources = Iterable<TextSource | LineSource> | AsyncIterable<TextSource | LineSource>

/** How a text is split into sentences and words. */
export interface TextRules {
  /** How words are found; default `unicode`. */
  readonly tokens?: Tokenization
  /** `line`: each line is a sentence, the default; `auto`: found in paragraphs. */
  readonly sentences?: Sentences
  /** Languages of the text, by codes such as `fr`, the commonest first; default none. */
  readonly languages?: readonly string[]
}

const RULES = {
  tokens: oneOf(...TOKENIZATIONS),
  sentences: oneOf('line', 'auto'),
  languages: LANGUAGES,
}

/** Longest sentence in words; a longer one is cut, since attention takes quadratic time. */
export const LONGEST_SENTENCE = 256

/** The sentences of some texts as word numbers; words are numbered in order of first occurrence. */
export class Corpus {
  readonly words: string[] = []
  /** Count of each word. */
  readonly counts: number[] = []
  readonly #numbers = new Map<string, number>()
  readonly #sentences: Int32Array[] = []
  #size = 0

  /**
   * Reads texts to their end.
   *
   * @throws {RangeError} if a text is not UTF-8, with its name and line
   */
  static async read(sources: TextSources, rules: TextRules = {}): Promise<Corpus> {
    checkOptions('Corpus.read', rules, RULES, "{ sentences: 'auto' }")
    const corpus = new Corpus()
    for await (const tokens of tokensOf(sources, rules)) corpus.add(tokens)
    return corpus
  }

  /** Adds a sentence, in pieces of at most LONGEST_SENTENCE words. */
  add(tokens: readonly string[]): void {
    for (const piece of piecesOf(tokens))
      this.#sentences.push(Int32Array.from(piece, (token) => this.#count(token)))
    this.#size += tokens.length
  }

  #count(word: string): number {
    let number = this.#numbers.get(word)
    if (number === undefined) {
      number = this.words.length
      const own = copied(word)
      this.#numbers.set(own, number)
      this.words.push(own)
      this.counts.push(0)
    }
    this.counts[number]++
    return number
  }

  get sentences(): readonly Int32Array[] {
    return this.#sentences
  }

  /** Number of words in all sentences. */
  get size(): number {
    return this.#size
  }

  /** Clears the corpus. */
  clear(): void {
    for (const list of [this.words, this.counts, this.#sentences]) list.length = 0
    this.#numbers.clear()
    this.#size = 0
  }

  /** Each distinct word with its count. */
  wordCounts(): Map<string, number> {
    return new Map(this.words.map((word, number) => [word, this.counts[number]]))
  }
}

/** The words of each sentence of some texts, one sentence after the other. */
export async function* tokensOf(sources: TextSources, rules: TextRules): AsyncGenerator<string[]> {
  for await (const source of sources) {
    const lines = 'lines' in source ? source.lines : linesOf(source.stream, source.name)
    for await (const { text, words } of sentenceLines(lines, rules.sentences, rules.languages)) {
      if (words) yield words.map(({ token }) => token)
      else
        for (const sentence of sentencesOf(text))
          yield tokenize(sentence.text, rules.tokens, rules.languages).map(({ token }) => token)
    }
  }
}

/** A sentence in pieces of at most LONGEST_SENTENCE words. */
export function piecesOf(tokens: readonly string[]): (readonly string[])[] {
  const pieces: (readonly string[])[] = []
  for (let from = 0; from < tokens.length; from += LONGEST_SENTENCE)
    pieces.push(tokens.slice(from, from + LONGEST_SENTENCE))
  return pieces
}
