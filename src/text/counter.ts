/** Largest number of distinct words that are counted at once. */
export const MOST_COUNTED = 2 ** 19

interface Entry {
  /** Occurrences since the word was last added. */
  count: number
  /** Upper bound of the occurrences before that. */
  readonly missed: number
}

/**
 * Counts words in bounded memory: exactly up to `most` distinct words, then approximately, the
 * commonest well.
 *
 * Beyond that the rarest half is dropped: all words that may have occurred up to `floor` times. A
 * word that is added again may have been dropped before, with up to `floor` occurrences. So a word
 * that occurred t times has a count from t − floor to t, one without a count occurred at most
 * `floor` times, and after N words floor < 2N/most: each rise by d takes d from the excess over the
 * floor, count + missed − floor, of more than most/2 words, and a word read adds 1 to that of one.
 *
 * @see Misra & Gries 1982; Manku & Motwani 2002, §4.2
 */
export class WordCounter {
  readonly #most: number
  #entries = new Map<string, Entry>()
  #floor = 0

  /** @param most number of distinct words, an integer ≥ 2 */
  constructor(most = MOST_COUNTED) {
    this.#most = most
  }

  /** Largest error of a count, which may be too low; 0 while all counts are exact. */
  get floor(): number {
    return this.#floor
  }

  /** Adds occurrences of a word. */
  add(word: string, times = 1): void {
    const entry = this.#entries.get(word)
    if (entry) entry.count += times
    else {
      this.#entries.set(copied(word), { count: times, missed: this.#floor })
      if (this.#entries.size > this.#most) this.#forget()
    }
  }

  /** The counted words, with their counts. */
  counts(): Map<string, number> {
    return new Map(Array.from(this.#entries, ([word, { count }]) => [word, count]))
  }

  #forget(): void {
    const most = Float64Array.from(
      this.#entries.values(),
      ({ count, missed }) => count + missed,
    ).sort()
    // at most half of the words stay
    this.#floor = most[most.length - 1 - Math.floor(this.#most / 2)]
    this.#entries = new Map(
      [...this.#entries].filter(([, { count, missed }]) => count + missed > this.#floor),
    )
  }
}

/** From this length, engines keep a substring as a view, which keeps the whole text alive. */
const LONGEST_COPY = 12

/** A copy of a word that does not keep the text alive. */
export const copied = (word: string): string =>
  word.length > LONGEST_COPY ? [...word].join('') : word
