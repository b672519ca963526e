import { cosineSimilarity, type Model, type Token, visible } from '../../doors/internal.ts'
import { grouped } from '../terminal/decimals.ts'
import { decimal } from './transcript.ts'

/** A text with two positions of one word, from 0. */
export interface Pair {
  readonly text: string
  readonly word: string
  readonly at: readonly [number, number]
}

/** The vectors of both: their cosine, and their largest difference. */
export async function comparedPair(model: Model, { text, at }: Pair) {
  const [tokens] = await model.embed(text)
  const [one, other] = at.map((position) => tokens[position].vector)
  return {
    cosine: cosineSimilarity(one, other),
    difference: one.reduce((most, x, c) => Math.max(most, Math.abs(x - other[c])), 0),
  }
}

/** For each of both, the two nearest occurrences in other sentences, each in its words. */
export const neighboursOf = (
  model: Model,
  { text, word, at }: Pair,
  sentences: readonly string[],
  digits?: number,
): Promise<string[]> =>
  Promise.all(
    at.map(async (position) => {
      const near = await model.near({ text, at: position }, sentences, { word, count: 2 })
      return near
        .map(
          (one) =>
            `${excerpt(sentences[one.text], one.tokens, one.at)} ${decimal(one.similarity, digits)}`,
        )
        .join('  ')
    }),
  )

/** A word with its neighbours, as the text has them. */
function excerpt(sentence: string, tokens: readonly Token[], at: number) {
  const [from, to] = [Math.max(0, at - 3), Math.min(tokens.length, at + 3)]
  const words = visible(sentence.slice(tokens[from].start, tokens[to - 1].end))
  return `«${from > 0 ? '… ' : ''}${words}${to < tokens.length ? ' …' : ''}»`
}

/** The widths of a model, and how many parameters project. */
export function widthsOf({ config: { width, query, key, value }, record }: Model) {
  const parameters = grouped(width * (query + key + value))
  return {
    widths: `D ${width} · d_q ${query} · d_k ${key} · d_v ${value}`,
    parameters: `${parameters} parameters in W_Q W_K W_V · seed ${record.seed}`,
  }
}

/** How far learning is, where it is not done. */
export const percentOf = ({ step, steps }: { readonly step: number; readonly steps: number }) =>
  step < steps ? [`${Math.floor((100 * step) / steps)} %`] : []
