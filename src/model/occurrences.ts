import { COUNT, FUNCTION, SEED, SIGNAL } from '../kinds.ts'
import { turn } from '../learn/turn.ts'
import { Random } from '../random.ts'
import { SEARCH_KINDS, Searcher, type WordMatch, type WordSearch } from '../text/search.ts'
import { type Token, tokenize } from '../text/tokens.ts'
import type { Reader, TextInput } from './modules.ts'

/** How much of some texts has been read. */
export interface TextsRead {
  readonly texts: number
  /** Words and punctuation marks. */
  readonly words: number
  readonly occurrences: number
}

/** Options of a search through texts. */
export interface SearchOptions extends WordSearch {
  /** So many of the occurrences, drawn by seed, each as likely as any; default: all. */
  readonly sample?: number
  /** Seed of what is drawn; default 7. */
  readonly seed?: number
  /** Ends the reading once it is aborted; what was found until then is the result. */
  readonly signal?: { readonly aborted: boolean }
  /** Called after each text. */
  readonly progress?: (read: TextsRead) => void
}

/** A check of each option. */
export const SEARCH_OPTIONS = {
  ...SEARCH_KINDS,
  ...{ sample: COUNT, seed: SEED, signal: SIGNAL, progress: FUNCTION },
} as const

/** Words of a text that were searched for. */
export interface TextMatch extends WordMatch {
  /** Number of the text, from 0. */
  readonly text: number
  readonly tokens: readonly Token[]
}

/** What was read, and what of it could be meant. */
export interface SearchResult extends TextsRead {
  /** Whether there are more occurrences than were asked for. */
  readonly more: boolean
  /** Whether the reading was ended before the end. */
  readonly stopped: boolean
  /** How many more occurrences there would be without case. */
  readonly otherCase: number
  /** How many texts have no lemma, or no part of speech, though one was searched for. */
  readonly unannotated: number
}

/** Finds what is searched for in texts as they are read. */
export class TextSearch {
  readonly searcher: Searcher
  readonly #model: Reader
  readonly #options: SearchOptions
  #texts = 0
  #words = 0
  #occurrences = 0
  #left = 0
  #more = false

  /** @param where the caller, in errors */
  constructor(where: string, model: Reader, options: SearchOptions) {
    this.#model = model
    this.#options = options
    this.searcher = searcherFor(where, model, options)
  }

  get read(): TextsRead {
    return { texts: this.#texts, words: this.#words, occurrences: this.#occurrences }
  }

  get result(): SearchResult {
    const { otherCase, unannotated } = this.searcher
    return {
      ...this.read,
      ...{ more: this.#more, stopped: this.#stopped, otherCase, unannotated },
    }
  }

  /** How many occurrences were left out. */
  get left(): number {
    return this.#left
  }

  get #stopped(): boolean {
    return this.#options.signal?.aborted ?? false
  }

  /**
   * The occurrences in the order of the texts, in batches of so many.
   *
   * @param most occurrences, if no sample is drawn
   * @param leaves whether an occurrence is left out
   * @throws {RangeError} if lemmas or parts of speech are searched for and no text had any
   */
  async *batches(
    texts: Iterable<TextInput> | AsyncIterable<TextInput>,
    size: number,
    {
      most = Infinity,
      leaves = () => false,
    }: { most?: number; leaves?: (match: TextMatch) => boolean },
  ): AsyncGenerator<readonly TextMatch[]> {
    const { sample, seed = 7 } = this.#options
    const drawn = sample === undefined ? undefined : new Reservoir<TextMatch>(sample, seed)
    let pending: TextMatch[] = []
    for await (const given of texts) {
      const tokens = this.#model.tokenize(given)
      for (const match of this.searcher.matches(tokens)) {
        const found = { text: this.#texts, ...match, tokens }
        if (leaves(found)) {
          this.#left++
          continue
        }
        this.#more = !drawn && this.#occurrences >= most
        if (this.#more || this.#stopped) break
        this.#occurrences++
        if (drawn) drawn.add(found)
        else pending.push(found)
        if (pending.length < size) continue
        yield pending
        pending = []
        await turn()
      }
      if (this.#more) break
      this.#texts++
      this.#words += tokens.length
      this.#options.progress?.(this.read)
      if (this.#stopped) break
    }
    if (!this.#stopped) this.searcher.expectAnnotated()
    pending = drawn?.items ?? pending
    for (let from = 0; from < pending.length; from += size) {
      yield pending.slice(from, from + size)
      await turn()
    }
  }
}

/** What finds words in texts that a model has cut, by the rules of any of its languages. */
export function searcherFor(where: string, model: Reader, search: WordSearch): Searcher {
  const { tokens, languages = [] } = model.config
  const rules = languages.length ? languages.map((language) => [language]) : [[]]
  const cuts = rules.map((rule) => (text: string) => tokenize(text, tokens, rule))
  return new Searcher(where, search, cuts)
}

/**
 * A sample of items of unknown number, each as likely as any, in their order.
 *
 * @see Vitter 1985, "Random sampling with a reservoir", §2 (algorithm R)
 */
class Reservoir<Item> {
  readonly #size: number
  readonly #random: Random
  readonly #kept: { readonly item: Item; readonly number: number }[] = []
  #count = 0

  constructor(size: number, seed: number) {
    this.#size = size
    this.#random = new Random(seed, 'occurrences.sample')
  }

  add(item: Item): void {
    const number = this.#count++
    const slot = number < this.#size ? number : this.#random.integer(number + 1)
    if (slot < this.#size) this.#kept[slot] = { item, number }
  }

  get items(): Item[] {
    return [...this.#kept].sort((a, b) => a.number - b.number).map(({ item }) => item)
  }
}
