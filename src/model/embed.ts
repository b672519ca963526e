import type { Token } from '../text/tokens.ts'
import type { Reader, TextInput } from './parts.ts'

/** A word and its contextual embedding. */
export interface EmbeddedToken extends Token {
  /** (width of the contextual embeddings,) */
  readonly vector: Float32Array
}

/** Words that are read in one forward. */
const WORDS_AT_ONCE = 2048

/** Contextual embeddings of every word of every text, in the texts' order. */
export async function embedded(model: Reader, texts: readonly TextInput[]): Promise<EmbeddedToken[][]> {
  const all = texts.map((text) => model.tokenize(text))
  const found: EmbeddedToken[][] = []
  for (let from = 0; from < all.length; ) {
    let to = from
    for (let words = 0; to < all.length && (to === from || words + all[to].length <= WORDS_AT_ONCE); to++) words += all[to].length
    found.push(...(await embedAtOnce(model, all.slice(from, to))))
    from = to
  }
  return found
}

async function embedAtOnce({ parts, device }: Reader, texts: readonly (readonly Token[])[]): Promise<EmbeddedToken[][]> {
  if (texts.every((tokens) => tokens.length === 0)) return texts.map(() => [])
  parts.lexicon.forget()
  const { context, starts } = device.scope(() => {
    const pass = parts.network.forward(texts.map((tokens) => tokens.map(({ token }) => parts.lexicon.formOf(token))))
    return { context: pass.context, starts: pass.starts }
  })
  const { data, shape } = (await device.read(context)).as('float32')
  device.free(context)
  const [, width] = shape
  return texts.map((tokens, n) =>
    tokens.map((token, t) => {
      const row = starts[n] + t
      return { ...token, vector: Float32Array.from(data.subarray(row * width, (row + 1) * width)) }
    }),
  )
}
