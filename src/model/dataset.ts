import { Random } from '../random.ts'
import { Corpus } from '../text/corpus.ts'
import type { SpooledCorpus } from '../text/spooled.ts'
import { BlockBatches, blockOf } from './blocks.ts'
import { Batches, heldOutCount, split } from './sampling.ts'

/** A sentence as a list of words. */
export type SentenceWords = readonly string[]

/** A text, split into training and held-out sentences. */
export interface Dataset {
  readonly sentences: number
  /** Number of words in all sentences. */
  readonly words: number
  /** Largest error of a word count, which may be too low; 0 for a text in memory. */
  readonly floor: number
  /** Word counts, as spelled if in memory, else in lower case. Call it once. */
  wordCounts(): Map<string, number>
  readonly heldOut: readonly SentenceWords[]
  /** The sentences of a step, from 1. */
  at(step: number): readonly SentenceWords[]
  /** Number of steps in the first rounds. */
  stepsOf(rounds: number): number
  /** Releases what it holds outside of memory. */
  close(): void
}

/** How it is split into batches. */
interface Dealing {
  readonly heldOut: number
  readonly seed: number
  readonly batchWords: number
}

/**
 * The dataset of a text: in memory each round is shuffled as a whole, a larger text block by block.
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

/** Numbers of the held-out sentences, in the text's order. */
function heldOutNumbers({ sentenceCount }: SpooledCorpus, share: number, seed: number): number[] {
  const random = new Random(seed, 'heldOut')
  const chosen = new Set<number>()
  const count = heldOutCount(sentenceCount, share)
  while (chosen.size < count) chosen.add(random.integer(sentenceCount))
  return [...chosen].sort((a, b) => a - b)
}
