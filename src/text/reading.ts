import { Corpus, type TextRules, type TextSources, tokensOf } from './corpus.ts'
import { MOST_COUNTED, WordCounter } from './counter.ts'
import { MemorySpool, type Spool } from './spool.ts'
import { SpooledCorpus } from './spooled.ts'

/** Number of words kept in memory; the sentences of a longer text are spooled. */
export const WORDS_IN_MEMORY = 2 ** 23
/**
 * A sentence takes memory in addition to its words: with fewer than eight words each, fewer words
 * are kept.
 */
const WORDS_OF_A_SENTENCE = 8

/** Options for texts that are larger than memory. */
export interface RoomOptions {
  /**
   * Largest text in memory, in words, an integer ≥ 1. It decides how a text is shuffled, so other
   * numbers give other bits.
   */
  readonly words?: number
  /** Opens a store for the sentences of a longer text; default: memory. */
  readonly spool?: () => Spool | Promise<Spool>
}

/**
 * Reads texts to their end: into memory, or if they do not fit, into a spool.
 *
 * @throws {RangeError} as Corpus.read does
 */
export async function readCorpus(
  sources: TextSources,
  rules: TextRules,
  { words = WORDS_IN_MEMORY, spool = () => new MemorySpool() }: RoomOptions = {},
): Promise<Corpus | SpooledCorpus> {
  const small = new Corpus()
  let large: SpooledCorpus | undefined
  try {
    for await (const tokens of tokensOf(sources, rules)) {
      if (large) large.add(tokens)
      else small.add(tokens)
      if (large || fits(small, words)) continue
      large = new SpooledCorpus(
        await spool(),
        new WordCounter(Math.min(MOST_COUNTED, Math.max(2, words))),
      )
      large.take(small)
      small.clear()
    }
    large?.end()
  } catch (error) {
    large?.close()
    throw error
  }
  return large ?? small
}

const fits = ({ size, sentences, words }: Corpus, most: number): boolean =>
  size <= most && WORDS_OF_A_SENTENCE * sentences.length <= most && words.length <= MOST_COUNTED
