import { valueText } from '../kinds.ts'
import type { Token } from '../text/tokens.ts'
import { embeddingWidth } from './config.ts'
import { embedTexts } from './embed.ts'
import { checkPosition, type Reader, type TextInput } from './modules.ts'

/** A query: a word at a position (from 0) of a text, or a vector. */
export type NearQuery =
  | { readonly text: TextInput; readonly at: number }
  | { readonly vector: ArrayLike<number> }

/** Options of the search for neighbours. */
export interface NearOptions {
  /** Only occurrences of this word. */
  readonly word?: string
  /** How many; default 10. */
  readonly count?: number
}

/** An occurrence of a word, and its similarity. */
export interface Neighbour {
  /** Number of the text, from 0. */
  readonly text: number
  /** Position in the text, from 0. */
  readonly at: number
  readonly token: string
  /** Cosine of the two contextual embeddings, from −1 to 1. */
  readonly similarity: number
  readonly tokens: readonly Token[]
}

/** Texts that are read between two selections of the nearest. */
const TEXTS_AT_ONCE = 256

/** The nearest occurrences, nearest first; the query itself is left out if the same text occurs. */
export async function nearest(
  model: Reader,
  query: NearQuery,
  texts: Iterable<TextInput> | AsyncIterable<TextInput>,
  { word, count = 10 }: NearOptions,
): Promise<Neighbour[]> {
  const { vector, same } = await queryOf(model, query)
  const wanted = word?.normalize('NFC')
  let best: Neighbour[] = []
  const rank = async (pending: readonly TextInput[], first: number): Promise<void> => {
    const all = pending.map((text) => model.tokenize(text))
    const positions = all.map((tokens) =>
      tokens.flatMap(({ token }, at) =>
        (wanted !== undefined && token !== wanted) || same(tokens, at) ? [] : [at],
      ),
    )
    const found = (await embedTexts(model, pending, positions)).flatMap((words, n) =>
      words.map(({ token, vector: other }, k) => ({
        ...{ text: first + n, at: positions[n][k], token, tokens: all[n] },
        similarity: cosineSimilarity(vector, other),
      })),
    )
    best = [...best, ...found]
      .sort((a, b) => b.similarity - a.similarity || a.text - b.text || a.at - b.at)
      .slice(0, count)
  }
  let pending: TextInput[] = []
  let first = 0
  for await (const text of texts) {
    pending.push(text)
    if (pending.length === TEXTS_AT_ONCE) {
      await rank(pending, first)
      first += pending.length
      pending = []
    }
  }
  if (pending.length) await rank(pending, first)
  return best
}

/** The query's vector, and whether an occurrence is the query itself. */
async function queryOf(model: Reader, query: NearQuery) {
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
  const [[{ vector }]] = await embedTexts(model, [query.text], [[query.at]])
  const words = tokens.map(({ token }) => token).join(' ')
  const same = (others: readonly Token[], at: number): boolean =>
    at === query.at && others.map(({ token }) => token).join(' ') === words
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
