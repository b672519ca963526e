import { type Corpus, piecesOf } from './corpus.ts'
import { WordCounter } from './counter.ts'
import type { Spool } from './spool.ts'

/** Approximate size of a block in UTF-16 units: the unit of reading. */
const BLOCK = 2 ** 16

/** Consecutive sentences, stored together in the spool. */
export interface SpooledBlock {
  readonly at: number
  readonly bytes: number
  /** Number of its first sentence, from 0. */
  readonly first: number
  readonly sentences: number
  readonly words: number
}

/**
 * The sentences of texts that are larger than memory: their words are stored in a spool, in blocks,
 * and counted in lower case in bounded memory. Memory holds one record per block.
 */
export class SpooledCorpus {
  readonly blocks: SpooledBlock[] = []
  /** Number of sentences in all blocks. */
  sentenceCount = 0
  /** Number of words in all blocks. */
  size = 0
  readonly #spool: Spool
  #counter: WordCounter
  readonly #length: number
  #pending: string[] = []
  #pendingWords = 0
  #pendingLength = 0

  /** @param length approximate size of a block in UTF-16 units */
  constructor(spool: Spool, counter = new WordCounter(), length = BLOCK) {
    this.#spool = spool
    this.#counter = counter
    this.#length = length
  }

  /** Takes over the sentences of a corpus in memory. */
  take(corpus: Corpus): void {
    for (const [word, count] of corpus.wordCounts()) this.#counter.add(word.toLowerCase(), count)
    for (const sentence of corpus.sentences)
      this.#keep(Array.from(sentence, (number) => corpus.words[number]))
  }

  /** Adds a sentence, in pieces of at most LONGEST_SENTENCE words. */
  add(tokens: readonly string[]): void {
    for (const piece of piecesOf(tokens)) {
      for (const token of piece) this.#counter.add(token.toLowerCase())
      this.#keep(piece)
    }
  }

  #keep(tokens: readonly string[]): void {
    const line = tokens.join(' ')
    this.#pending.push(line)
    this.#pendingWords += tokens.length
    this.#pendingLength += line.length + 1
    this.sentenceCount++
    this.size += tokens.length
    if (this.#pendingLength >= this.#length) this.end()
  }

  /** Writes the rest, once all was added. */
  end(): void {
    if (this.#pending.length === 0) return
    const bytes = encoder.encode(this.#pending.join('\n'))
    const before = this.blocks[this.blocks.length - 1]
    const sentences = this.#pending.length
    const at = before ? before.at + before.bytes : 0
    this.#spool.append(bytes)
    this.blocks.push({
      at,
      bytes: bytes.length,
      first: this.sentenceCount - sentences,
      sentences,
      words: this.#pendingWords,
    })
    this.#pending = []
    this.#pendingWords = 0
    this.#pendingLength = 0
  }

  /** The sentences of a block, words separated by blanks. */
  linesOf({ at, bytes }: SpooledBlock): string[] {
    const whole = new Uint8Array(bytes)
    this.#spool.read(at, whole)
    return decoder.decode(whole).split('\n')
  }

  /** Largest error of a count, which may be too low. */
  get floor(): number {
    return this.#counter.floor
  }

  /**
   * The counted words in lower case, with their counts.
   *
   * @see WordCounter
   */
  takeWordCounts(): Map<string, number> {
    const counts = this.#counter.counts()
    this.#counter = new WordCounter()
    return counts
  }

  close(): void {
    this.#spool.close()
  }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
