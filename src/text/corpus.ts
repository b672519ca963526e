import { linesOf, type TextStream } from './decode.ts'
import { type Sentences, sentencesOf } from './sentences.ts'
import { type Tokenization, tokenize } from './tokens.ts'

/** A text to read, and what it is called in errors. */
export interface TextSource {
  readonly name: string
  readonly stream: TextStream
}

/** How a text is cut. */
export interface TextRules {
  /** `words` by Unicode's rules, or `space` for a text that is cut already; `words` unless told. */
  readonly tokens?: Tokenization
  /** Each line is a sentence, or sentences by their ends; `line` unless told. */
  readonly sentences?: Sentences
}

/** A longer sentence is cut: hardly a sentence, and attention would take its square. */
export const LONGEST_SENTENCE = 256

/** The sentences of some texts as numbers of their words; a number for each different word, in the order of first sight. */
export class Corpus {
  readonly words: string[] = []
  /** How often each word occurs. */
  readonly counts: number[] = []
  readonly #numbers = new Map<string, number>()
  readonly #sentences: Int32Array[] = []

  /** Reads texts to their end. @throws {RangeError} where a text is not UTF-8, with its name and line */
  static async read(sources: Iterable<TextSource> | AsyncIterable<TextSource>, rules: TextRules = {}): Promise<Corpus> {
    const corpus = new Corpus()
    for await (const { name, stream } of sources) {
      for await (const { text } of linesOf(stream, name)) {
        for (const sentence of sentencesOf(text, rules.sentences))
          corpus.add(tokenize(sentence.text, rules.tokens).map(({ token }) => token))
      }
    }
    return corpus
  }

  /** Adds a sentence, in pieces of at most LONGEST_SENTENCE words. */
  add(tokens: readonly string[]): void {
    for (let from = 0; from < tokens.length; from += LONGEST_SENTENCE) {
      this.#sentences.push(Int32Array.from(tokens.slice(from, from + LONGEST_SENTENCE), (token) => this.#count(token)))
    }
  }

  #count(word: string): number {
    let number = this.#numbers.get(word)
    if (number === undefined) {
      number = this.words.length
      this.#numbers.set(word, number)
      this.words.push(word)
      this.counts.push(0)
    }
    this.counts[number]++
    return number
  }

  get sentences(): readonly Int32Array[] {
    return this.#sentences
  }

  /** Words in all sentences together. */
  get size(): number {
    return this.#sentences.reduce((sum, { length }) => sum + length, 0)
  }

  /** Each different word with its count. */
  wordCounts(): Map<string, number> {
    return new Map(this.words.map((word, number) => [word, this.counts[number]]))
  }
}
