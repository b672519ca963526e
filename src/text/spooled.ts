import { type Corpus, piecesOf } from './corpus.ts'
import { WordCounter } from './counter.ts'
import type { Spool } from './spool.ts'
import { folded } from './vocabulary.ts'

/** UTF-16 units of a block, about: what is read at once. */
const BLOCK = 2 ** 16

/** Consecutive sentences that lie together in the spool. */
export interface SpooledBlock {
  readonly at: number
  readonly bytes: number
  /** Number of its first sentence, from 0. */
  readonly first: number
  readonly sentences: number
  readonly words: number
}

/**
 * The sentences of texts that are larger than memory: their words lie in a spool, in blocks, and
 * are counted in lower case in bounded memory. What stays in memory is a line for each block.
 */
export class SpooledCorpus {
  readonly blocks: SpooledBlock[] = []
  /** Sentences in all blocks together. */
  sentenceCount = 0
  /** Words in all of them. */
  size = 0
  readonly #spool: Spool
  #counter: WordCounter
  readonly #length: number
  #pending: string[] = []
  #pendingWords = 0
  #pendingLength = 0

  /** @param length UTF-16 units of a block, about */
  constructor(spool: Spool, counter = new WordCounter(), length = BLOCK) {
    this.#spool = spool
    this.#counter = counter
    this.#length = length
  }

  /** Takes over what a corpus in memory has read. */
  take(corpus: Corpus): void {
    for (const [word, count] of corpus.wordCounts()) this.#counter.add(folded(word), count)
    for (const sentence of corpus.sentences)
      this.#keep(Array.from(sentence, (number) => corpus.words[number]))
  }

  /** Adds a sentence, in pieces of at most LONGEST_SENTENCE words. */
  add(tokens: readonly string[]): void {
    for (const piece of piecesOf(tokens)) {
      for (const token of piece) this.#counter.add(folded(token))
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

  /** Writes what is left over, once all was added. */
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

  /** The sentences of a block, their words with a blank between them. */
  linesOf({ at, bytes }: SpooledBlock): string[] {
    const whole = new Uint8Array(bytes)
    this.#spool.read(at, whole)
    return decoder.decode(whole).split('\n')
  }

  /** Occurrences that a word's count may lack, at most. */
  get floor(): number {
    return this.#counter.floor
  }

  /**
   * Words in lower case with their counts, as far as they are counted; they are not kept beside.
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
