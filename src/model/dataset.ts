import { Random } from '../random.ts'
import { Corpus } from '../text/corpus.ts'
import type { SpooledCorpus } from '../text/spooled.ts'
import { BlockBatches, blockOf } from './blocks.ts'
import { Batches, heldOutCount, split } from './sampling.ts'

/** A sentence as its words. */
export type SentenceWords = readonly string[]

/** A text as what is learned from and what is held out. */
export interface Dataset {
  readonly sentences: number
  /** Words in all sentences together. */
  readonly words: number
  /** Occurrences that the count of a word may lack; 0 for a text in memory. */
  readonly floor: number
  /**
   * How often each word occurs; in memory as it is written, else in lower case. To be asked once.
   */
  wordCounts(): Map<string, number>
  readonly heldOut: readonly SentenceWords[]
  /** The sentences that a step reads, from 1. */
  at(step: number): readonly SentenceWords[]
  /** Steps that the first rounds take together. */
  stepsOf(rounds: number): number
  /** Gives back what it took outside of memory. */
  close(): void
}

/** How it is dealt out. */
interface Dealing {
  readonly heldOut: number
  readonly seed: number
  readonly batchWords: number
}

/**
 * The dataset of a text: in memory each round is in an order of its own, of a larger text block by
 * block.
 */
export const datasetOf = (corpus: Corpus | SpooledCorpus, dealing: Dealing): Dataset =>
  corpus instanceof Corpus ? inMemory(corpus, dealing) : spooled(corpus, dealing)

function inMemory(corpus: Corpus, { heldOut, seed, batchWords }: Dealing): Dataset {
  const halves = split(corpus, heldOut, seed)
  const batches = new Batches(
    halves.learned,
    seed,
    'sentences',
    batchWords,
    (n) => corpus.sentences[n].length,
  )
  const wordsOf = (n: number): SentenceWords =>
    Array.from(corpus.sentences[n], (word) => corpus.words[word])
  return {
    ...{
      sentences: corpus.sentences.length,
      words: corpus.size,
      floor: 0,
      heldOut: halves.heldOut.map(wordsOf),
    },
    wordCounts: () => corpus.wordCounts(),
    at: (step) => batches.at(step).map(wordsOf),
    stepsOf: (rounds) => batches.stepsOf(rounds),
    close: () => {},
  }
}

function spooled(corpus: SpooledCorpus, { heldOut: share, seed, batchWords }: Dealing): Dataset {
  const heldOut = new Map(
    heldOutNumbers(corpus, share, seed).map((number) => [number, sentenceOf(corpus, number)]),
  )
  const batches = new BlockBatches(corpus, heldOut, seed, batchWords)
  return {
    ...{
      sentences: corpus.sentenceCount,
      words: corpus.size,
      floor: corpus.floor,
      heldOut: [...heldOut.values()],
    },
    wordCounts: () => corpus.takeWordCounts(),
    at: (step) => batches.at(step).map(wordsOf),
    stepsOf: (rounds) => batches.stepsOf(rounds),
    close: () => corpus.close(),
  }
}

const wordsOf = (line: string): SentenceWords => line.split(' ')

function sentenceOf(corpus: SpooledCorpus, number: number): SentenceWords {
  const block = corpus.blocks[blockOf(corpus, number)]
  return wordsOf(corpus.linesOf(block)[number - block.first])
}

/** Numbers of the sentences that are held out, in the text's order. */
function heldOutNumbers({ sentenceCount }: SpooledCorpus, share: number, seed: number): number[] {
  const random = new Random(seed, 'heldOut')
  const chosen = new Set<number>()
  const count = heldOutCount(sentenceCount, share)
  while (chosen.size < count) chosen.add(random.integer(sentenceCount))
  return [...chosen].sort((a, b) => a - b)
}
