import { log } from '../elementary.ts'
import type { Form } from '../layer/embeddings.ts'
import { copied } from '../text/counter.ts'
import { bucketsOf, SHAPES, shapeOf } from '../text/letters.ts'
import { folded, type Vocabulary } from '../text/vocabulary.ts'

/** Forms of words that the vocabulary has not, or not so written, that are kept. */
const MOST_OTHERS = 2 ** 15

/** The forms of words: one object for each, so that equal words are found equal. */
export class Lexicon {
  readonly vocabulary: Vocabulary
  /**
   * Rows of `letters.E`: the hashed runs of letters, the shapes, and the sign that hides a word.
   */
  readonly letterRows: number
  /** What stands where a word is hidden. */
  readonly hidden: Form
  readonly #buckets: number
  readonly #shapes: readonly Form[]
  /** Of the words of the vocabulary, as it writes them; and of all others. */
  readonly #forms = new Map<string, Form>()
  readonly #others = new Map<string, Form>()
  readonly #numbered: Form[] = []

  /** @param buckets for the runs of letters, ≥ 1 */
  constructor(vocabulary: Vocabulary, buckets: number) {
    this.vocabulary = vocabulary
    this.#buckets = buckets
    this.letterRows = buckets + SHAPES.length + 1
    this.hidden = { word: -1, letters: [this.letterRows - 1] }
    this.#shapes = SHAPES.map((_, n) => ({ word: -1, letters: [buckets + n] }))
  }

  /** The form of a word as it is written: of one that the vocabulary has not, its letters alone. */
  formOf(word: string): Form {
    const known = this.#forms.get(word) ?? this.#others.get(word)
    if (known) return known
    const form = {
      word: this.vocabulary.numberOf(folded(word)) ?? -1,
      letters: bucketsOf(word, this.#buckets),
    }
    if (this.vocabulary.words[form.word] === word) this.#forms.set(word, form)
    else this.#others.set(copied(word), form)
    return form
  }

  /**
   * Lets go of forms of other words, where they have become many: between two passes, for within
   * one equal words must be found equal.
   */
  forget(): void {
    if (this.#others.size > MOST_OTHERS) this.#others.clear()
  }

  /**
   * The form of a word where a question is asked: of a word that the vocabulary has not, its shape
   * alone.
   */
  askedFormOf(word: string): Form {
    const form = this.formOf(word)
    return form.word < 0 ? this.shapeOf(word) : form
  }

  /** What is left of a word when only its shape is read. */
  shapeOf(word: string): Form {
    return this.#shapes[shapeOf(word)]
  }

  /** The form of a word by its number in the vocabulary. */
  formOfNumber(number: number): Form {
    this.#numbered[number] ??= this.formOf(this.vocabulary.words[number])
    return this.#numbered[number]
  }

  /**
   * How rare words are, from 0 for the commonest to 1 for one that the vocabulary has not.
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
