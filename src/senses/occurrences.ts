import { around, inputAround, vectorsOf } from '../model/embed.ts'
import type { Reader, TextInput } from '../model/modules.ts'
import { normalized } from '../text/fold.ts'
import type { Token } from '../text/tokens.ts'

/**
 * The vector of an occurrence: its `place`, the prediction from the rest of the sentence with the
 * word hidden; or the `word`, its context with the word seen.
 */
export type SenseView = 'place' | 'word'

/** An occurrence of a word. */
export interface Occurrence {
  /** Number of the text, from 0. */
  readonly text: number
  /** Position in the text, from 0. */
  readonly at: number
  readonly token: string
  /** All words of the text. */
  readonly tokens: readonly Token[]
  readonly vector: Float32Array
}

/** Options of finding occurrences. */
export interface WordSearch {
  readonly words: readonly string[]
  readonly ignoreCase: boolean
  readonly view: SenseView
  /** Largest number of occurrences. */
  readonly most: number
}

/** The result. */
export interface Found {
  readonly occurrences: readonly Occurrence[]
  /** Whether there are more occurrences. */
  readonly more: boolean
  /** Distinct words of the texts, up to a limit: to suggest one if nothing is found. */
  readonly seen: ReadonlySet<string>
}

/** Number of occurrences in one batch. */
const AT_ONCE = 128
/** Largest number of distinct words that are noted. */
const MOST_SEEN = 100_000

/**
 * Every occurrence of some words, in the order of the texts, with its vector.
 *
 * @throws {RangeError} if a vector is not finite
 */
export async function occurrencesOf(
  model: Reader,
  texts: Iterable<TextInput> | AsyncIterable<TextInput>,
  wanted: WordSearch,
): Promise<Found> {
  const spellings = new Set(wanted.words.map((word) => normalized(word, wanted.ignoreCase)))
  const seen = new Set<string>()
  const occurrences: Occurrence[] = []
  let pending: Omit<Occurrence, 'vector'>[] = []
  let more = false
  const read = async (): Promise<void> => {
    const vectors = await vectorsOfAll(model, pending, wanted.view)
    occurrences.push(...pending.map((one, n) => ({ ...one, vector: vectors[n] })))
    pending = []
  }
  let text = 0
  for await (const given of texts) {
    const tokens = model.tokenize(given)
    for (const [at, { token }] of tokens.entries()) {
      if (seen.size < MOST_SEEN) seen.add(token)
      if (!spellings.has(normalized(token, wanted.ignoreCase))) continue
      more = occurrences.length + pending.length >= wanted.most
      if (more) break
      pending.push({ text, at, token, tokens })
      if (pending.length === AT_ONCE) await read()
    }
    if (more) break
    text++
  }
  await read()
  return { occurrences, more, seen }
}

/**
 * The vectors of occurrences: for `place`, the prediction from the other words; for `word`, the
 * context.
 */
async function vectorsOfAll(
  model: Reader,
  found: readonly Omit<Occurrence, 'vector'>[],
  view: SenseView,
): Promise<Float32Array[]> {
  model.modules.lexicon.forget()
  const inputs = found.map(({ tokens, at }) => {
    const { from, to } = around(tokens.length, at)
    const features = tokens
      .slice(from, to)
      .map(({ token }) => model.modules.lexicon.featuresOf(token))
    return inputAround(
      features,
      at - from,
      view === 'place' ? model.modules.lexicon.hidden : undefined,
    )
  })
  const vectors = await vectorsOf(model, inputs, view === 'place' ? 'hidden' : 'seen')
  const damaged = vectors.findIndex((vector) => !vector.every(Number.isFinite))
  if (damaged >= 0)
    throw new RangeError(
      `findSenses: the embedding of «${found[damaged].token}» is not finite; the model is damaged, learn it again`,
    )
  return vectors
}
