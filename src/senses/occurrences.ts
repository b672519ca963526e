import { around, inputAround, means, vectorsOf } from '../model/embed.ts'
import type { Reader, TextInput } from '../model/modules.ts'
import { spelled } from '../model/near.ts'
import {
  type SearchOptions,
  type SearchResult,
  type TextMatch,
  TextSearch,
} from '../model/occurrences.ts'

/**
 * The vector of an occurrence: its `place`, the prediction from the rest of the sentence with the
 * word hidden; or the `word`, its context with the word seen. That of a phrase of n words is the
 * mean (1/n) Σ v of its words', all hidden at once for `place`.
 */
export type SenseView = 'place' | 'word'

/** An occurrence of a word or a phrase. */
export interface Occurrence extends TextMatch {
  /** The word; of a phrase, its words. */
  readonly token: string
  readonly vector: Float32Array
}

/** The result. */
export interface Found {
  readonly occurrences: readonly Occurrence[]
  readonly read: SearchResult
  /** Distinct words of the texts, up to a limit: to suggest one if nothing is found. */
  readonly seen: ReadonlySet<string>
}

/** Number of occurrences in one batch. */
const AT_ONCE = 128

/**
 * Every occurrence of what is searched for, in the order of the texts, with its vector.
 *
 * @throws {RangeError} if a vector is not finite, or if the texts have no lemmas that are searched
 *   for
 */
export async function occurrencesOf(
  model: Reader,
  texts: Iterable<TextInput> | AsyncIterable<TextInput>,
  { most = 50_000, ...options }: SearchOptions & { readonly most?: number },
  view: SenseView,
): Promise<Found> {
  const search = new TextSearch('findSenses', model, options)
  const occurrences: Occurrence[] = []
  for await (const matches of search.batches(texts, AT_ONCE, { most })) {
    const vectors = await vectorsOfAll(model, matches, view)
    occurrences.push(
      ...matches.map((match, n) => ({ ...match, token: spelled(match), vector: vectors[n] })),
    )
  }
  return { occurrences, read: search.result, seen: search.searcher.seen }
}

/**
 * The vectors of occurrences: for `place`, the prediction from the other words; for `word`, the
 * context.
 */
async function vectorsOfAll(
  model: Reader,
  matches: readonly TextMatch[],
  view: SenseView,
): Promise<Float32Array[]> {
  const { lexicon } = model.modules
  lexicon.forget()
  const inputs = matches.map(({ tokens, at, length }) => {
    const { from, to } = around(tokens.length, at, length)
    const features = tokens.slice(from, to).map(({ token }) => lexicon.featuresOf(token))
    const hidden = view === 'place' ? lexicon.hidden : undefined
    return inputAround(features, at - from, hidden, length)
  })
  const words = await vectorsOf(model, inputs, view === 'place' ? 'hidden' : 'seen')
  const vectors = means(
    words,
    matches.map(({ length }) => length),
  )
  const damaged = vectors.findIndex((vector) => !vector.every(Number.isFinite))
  if (damaged >= 0)
    throw new RangeError(
      `findSenses: the embedding of «${spelled(matches[damaged])}» is not finite; the model is damaged, learn it again`,
    )
  return vectors
}
