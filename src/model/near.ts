import { COUNT, valueText } from '../kinds.ts'
import { plainApostrophes } from '../text/fold.ts'
import type { Token } from '../text/tokens.ts'
import { embeddingWidth } from './config.ts'
import { embedTokens, means } from './embed.ts'
import { checkPosition, type Reader, type TextInput } from './modules.ts'
import {
  SEARCH_OPTIONS,
  type SearchOptions,
  searcherFor,
  type TextMatch,
  TextSearch,
} from './occurrences.ts'

/** A query: a word at a position (from 0) of a text, or a vector. */
export type NearQuery =
  | { readonly text: TextInput; readonly at: number }
  | { readonly vector: ArrayLike<number> }

/** Options of the search for neighbours. */
export interface NearOptions extends SearchOptions {
  /** How many; default 10. */
  readonly count?: number
}

/** A check of each option. */
export const NEAR_OPTIONS = { ...SEARCH_OPTIONS, count: COUNT } as const

/** An occurrence of a word or a phrase, and its similarity. */
export interface Neighbour extends TextMatch {
  /** The word; of a phrase, its words. */
  readonly token: string
  /**
   * Cosine of the two contextual embeddings, from −1 to 1; that of a phrase of n words is the mean
   * (1/n) Σ v of its words'.
   */
  readonly similarity: number
}

/** Occurrences that are read between two selections of the nearest. */
const AT_ONCE = 1024

/**
 * The nearest occurrences, nearest first, and what was read; the query itself is left out if the
 * same text occurs, unless it is a word or a phrase by itself.
 */
export async function nearest(
  model: Reader,
  query: NearQuery,
  texts: Iterable<TextInput> | AsyncIterable<TextInput>,
  { count = 10, ...options }: NearOptions,
): Promise<{ readonly neighbours: Neighbour[]; readonly search: TextSearch }> {
  const search = new TextSearch('Model.near', model, options)
  const { vector, same } = await queryOf(model, query, options)
  let neighbours: Neighbour[] = []
  for await (const matches of search.batches(texts, AT_ONCE, { leaves: same })) {
    const vectors = await embedMatches(model, matches)
    const found = matches.map((match, n) => ({
      ...match,
      token: spelled(match),
      similarity: cosineSimilarity(vector, vectors[n]),
    }))
    neighbours = [...neighbours, ...found]
      .sort((a, b) => b.similarity - a.similarity || a.text - b.text || a.at - b.at)
      .slice(0, count)
  }
  return { neighbours, search }
}

/** The embeddings of words and phrases, the mean of its words' for a phrase. */
export async function embedMatches(
  model: Reader,
  matches: readonly Omit<TextMatch, 'text'>[],
): Promise<Float32Array[]> {
  const texts: (readonly Token[])[] = []
  const positions: number[][] = []
  for (const { tokens, at, length } of matches) {
    if (texts.at(-1) !== tokens) {
      texts.push(tokens)
      positions.push([])
    }
    for (let n = at; n < at + length; n++) positions[positions.length - 1].push(n)
  }
  return means(
    await embedTokens(model, texts, positions),
    matches.map(({ length }) => length),
  )
}

/** Words as a text has them, with a space where it has some. */
export function spelled({ tokens, at, length }: Omit<TextMatch, 'text'>): string {
  if (length === 1) return tokens[at].token
  return tokens
    .slice(at, at + length)
    .map(({ token, start }, n) => (n && tokens[at + n - 1].end < start ? ` ${token}` : token))
    .join('')
}

const wordsOf = (tokens: readonly Token[]): string =>
  plainApostrophes(tokens.map(({ token }) => token).join(' '))

/** The query's vector, and whether an occurrence is the query itself. */
async function queryOf(model: Reader, query: NearQuery, options: SearchOptions) {
  if ('vector' in query) {
    const width = embeddingWidth(model.config)
    if (!Number.isInteger(Object(query.vector).length) || typeof query.vector === 'string')
      throw new TypeError(`Model.near: vector must be numbers, got ${valueText(query.vector)}`)
    if (query.vector.length !== width)
      throw new RangeError(
        `Model.near: the vector must have ${width} numbers, as the model's contextual embeddings, got ${query.vector.length}`,
      )
    return { vector: query.vector, same: () => false }
  }
  const tokens = model.tokenize(query.text)
  checkPosition('Model.near', query.at, tokens)
  // a phrase that is searched for is compared as a whole
  const matches = searcherFor('Model.near', model, options).matches(tokens)
  const { length } = matches.find(({ at }) => at === query.at) ?? { length: 1 }
  const [vector] = await embedMatches(model, [{ tokens, at: query.at, length }])
  const words = wordsOf(tokens)
  const same = (other: TextMatch): boolean =>
    length < tokens.length && other.at === query.at && wordsOf(other.tokens) === words
  return { vector, same }
}

/** ⟨a, b⟩/(‖a‖‖b‖), 0 if one of them is zero. */
export function cosineSimilarity(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [ab, aa, bb] = [0, 0, 0]
  for (let n = 0; n < a.length; n++) {
    ab += a[n] * b[n]
    aa += a[n] * a[n]
    bb += b[n] * b[n]
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0
}
