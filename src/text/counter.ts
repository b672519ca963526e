/** Different words that are counted at once, at most. */
export const MOST_COUNTED = 2 ** 19

interface Entry {
  /** Occurrences since the word was last new. */
  count: number
  /** Occurrences before that, at most. */
  readonly missed: number
}

/**
 * Counts words in bounded memory: exactly while there are no more different ones than `most`, then
 * the commonest well.
 *
 * When there are more, the rarest half is forgotten: all words that may have occurred up to `floor`
 * times. A word that comes anew may have been forgotten before, up to `floor` times. So a word that
 * occurred t times in all has a count from t − floor to t, one without a count occurred `floor`
 * times at most, and after N words floor < 2N/most: each rise by d takes d from the excess over the
 * floor, count + missed − floor, of more than most/2 words, and a word read adds 1 to that of one.
 *
 * @see Misra & Gries 1982; Manku & Motwani 2002, §4.2
 */
export class WordCounter {
  readonly #most: number
  #entries = new Map<string, Entry>()
  #floor = 0

  /** @param most different words, an integer ≥ 2 */
  constructor(most = MOST_COUNTED) {
    this.#most = most
  }

  /** Occurrences that a word's count may lack, at most; 0 while all counts are exact. */
  get floor(): number {
    return this.#floor
  }

  /** Counts a word so many times. */
  add(word: string, times = 1): void {
    const entry = this.#entries.get(word)
    if (entry) entry.count += times
    else {
      this.#entries.set(copied(word), { count: times, missed: this.#floor })
      if (this.#entries.size > this.#most) this.#forget()
    }
  }

  /** The words that are counted, with their counts. */
  counts(): Map<string, number> {
    return new Map(Array.from(this.#entries, ([word, { count }]) => [word, count]))
  }

  #forget(): void {
    const most = Float64Array.from(
      this.#entries.values(),
      ({ count, missed }) => count + missed,
    ).sort()
    // no more than half of the room stays taken
    this.#floor = most[most.length - 1 - Math.floor(this.#most / 2)]
    this.#entries = new Map(
      [...this.#entries].filter(([, { count, missed }]) => count + missed > this.#floor),
    )
  }
}

/** Engines keep a long piece of a text as a view of it, which keeps all of it. */
const LONGEST_COPY = 12

/** A word by itself: the text that it was cut from is let go. */
export const copied = (word: string): string =>
  word.length > LONGEST_COPY ? [...word].join('') : word
