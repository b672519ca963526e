import { log } from '../elementary.ts'
import type { WordFeatures } from '../layer/embeddings.ts'
import { copied } from '../text/counter.ts'
import { apostropheOf, withApostrophe } from '../text/fold.ts'
import { bucketsOf, SHAPES, shapeOf } from '../text/letters.ts'
import { folded, type Vocabulary } from '../text/vocabulary.ts'

/** Number of words, out of vocabulary or in another spelling, whose features are cached. */
const MOST_OTHERS = 2 ** 15

/**
 * The features of words: one object for each, so that equal words are identical. All apostrophes are
 * one: that which the vocabulary has most of.
 */
export class Lexicon {
  readonly vocabulary: Vocabulary
  /** Rows of `letters.E`: the buckets of letter n-grams, the word shapes, and the mask token. */
  readonly letterRows: number
  /** The mask token. */
  readonly hidden: WordFeatures
  readonly #buckets: number
  readonly #apostrophe: string
  readonly #shapes: readonly WordFeatures[]
  /** Forms of the words of the vocabulary, in its spelling; and of all others. */
  readonly #features = new Map<string, WordFeatures>()
  readonly #others = new Map<string, WordFeatures>()
  readonly #numbered: WordFeatures[] = []

  /** @param buckets for letter n-grams, ≥ 1 */
  constructor(vocabulary: Vocabulary, buckets: number) {
    this.vocabulary = vocabulary
    this.#buckets = buckets
    this.#apostrophe = apostropheOf(vocabulary.words)
    this.letterRows = buckets + SHAPES.length + 1
    this.hidden = { word: -1, letters: [this.letterRows - 1] }
    this.#shapes = SHAPES.map((_, n) => ({ word: -1, letters: [buckets + n] }))
  }

  /** The features of a word as it is spelled; only its letters if it is out of vocabulary. */
  featuresOf(word: string): WordFeatures {
    const known = this.#features.get(word) ?? this.#others.get(word)
    if (known) return known
    const own = this.#spelled(word)
    const number = this.vocabulary.numberOf(folded(word)) ?? -1
    const features =
      own === word
        ? { word: number, letters: bucketsOf(word, this.#buckets) }
        : this.featuresOf(own)
    const isOfVocabulary =
      own === word && this.#spelled(this.vocabulary.words[number] ?? '') === word
    if (isOfVocabulary) this.#features.set(word, features)
    else this.#others.set(copied(word), features)
    return features
  }

  #spelled(word: string): string {
    return withApostrophe(word, this.#apostrophe)
  }

  /**
   * Clears the cache of other words' features if it has become large. Call it between two passes: within one,
   * equal words must be identical.
   */
  forget(): void {
    if (this.#others.size > MOST_OTHERS) this.#others.clear()
  }

  /** The features of a word for questions: only its shape if it is out of vocabulary. */
  queryFeaturesOf(word: string): WordFeatures {
    const features = this.featuresOf(word)
    return features.word < 0 ? this.shapeOf(word) : features
  }

  /** The features of a word's shape alone. */
  shapeOf(word: string): WordFeatures {
    return this.#shapes[shapeOf(word)]
  }

  /** The features of a word by its number in the vocabulary. */
  featuresOfNumber(number: number): WordFeatures {
    const known = this.#numbered[number]
    if (known) return known
    const features = this.featuresOf(this.vocabulary.words[number])
    // a vocabulary may have another spelling before
    this.#numbered[number] = features.word === number ? features : { ...features, word: number }
    return this.#numbered[number]
  }

  /**
   * How rare words are, from 0 for the commonest to 1 for words out of vocabulary.
   *
   * @param counts of the vocabulary's words
   */
  rarity(counts: readonly number[]): (word: string) => number {
    const most = log(1 + counts.reduce((top, count) => Math.max(top, count), 1))
    return (word) => {
      const number = this.vocabulary.numberOf(folded(word))
      return number === undefined ? 1 : 1 - log(1 + counts[number]) / most
    }
  }
}
