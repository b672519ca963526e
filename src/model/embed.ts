import type { Handle } from '../device/device.ts'
import type { Form } from '../learn/forms.ts'
import type { NetworkPass } from '../learn/network.ts'
import { uploadPlaces } from '../learn/word-vectors.ts'
import type { Token } from '../text/tokens.ts'
import { checkPlace, type Reader, type TextInput } from './parts.ts'

/** A word and its contextual embedding. */
export interface EmbeddedToken extends Token {
  /** (width of the contextual embeddings,) */
  readonly vector: Float32Array
}

/** Words that are read in one forward. */
const WORDS_AT_ONCE = 4096

/** Contextual embeddings of words of every text, in the texts' order. @param at places in each text; all of them unless told */
export async function embedded(
  model: Reader,
  texts: readonly TextInput[],
  at?: readonly (readonly number[])[],
): Promise<EmbeddedToken[][]> {
  model.parts.lexicon.forget()
  const all = texts.map((text) => model.tokenize(text))
  const places = all.map((tokens, n) => at?.[n] ?? tokens.map((_, place) => place))
  all.forEach((tokens, n) => {
    if (at) for (const place of places[n]) checkPlace('Model.embed', place, tokens)
  })
  const readings = all.flatMap((tokens, n) => readingsOf(model, tokens, places[n]))
  const vectors = new Map<Token, Float32Array>()
  for (let from = 0; from < readings.length; ) {
    let to = from
    for (let words = 0; to < readings.length && (to === from || words + readings[to].forms.length <= WORDS_AT_ONCE); to++) {
      words += readings[to].forms.length
    }
    await read(model, readings.slice(from, to), vectors)
    from = to
  }
  return all.map((tokens, n) => places[n].map((place) => ({ ...tokens[place], vector: vectors.get(tokens[place]) as Float32Array })))
}

/** One reading of a text, for the vectors of some of its words. */
interface Reading {
  readonly forms: readonly Form[]
  readonly words: readonly { readonly place: number; readonly form: Form; readonly token: Token }[]
}

/** A text as it is read: once for all of its words, or once for each with that word hidden. */
function readingsOf({ parts: { lexicon }, form }: Reader, tokens: readonly Token[], places: readonly number[]): Reading[] {
  if (places.length === 0) return []
  const forms = tokens.map(({ token }) => lexicon.formOf(token))
  const words = places.map((place) => ({ place, form: forms[place], token: tokens[place] }))
  if (form.embedding === 'seen') return [{ forms, words }]
  return words.map((word) => ({ forms: forms.with(word.place, lexicon.hidden), words: [word] }))
}

/** Reads some texts in one forward, and notes the vectors of their words. */
async function read(model: Reader, readings: readonly Reading[], vectors: Map<Token, Float32Array>): Promise<void> {
  const { device, parts } = model
  const words = readings.flatMap((reading) => reading.words)
  const vector = device.scope(() => {
    const pass = parts.network.forward(
      readings.map(({ forms }) => forms),
      { forms: words.map(({ form }) => form) },
    )
    const rows = readings.flatMap((reading, n) => reading.words.map(({ place }) => pass.starts[n] + place))
    return embeddingsOf(model, pass, rows, words)
  })
  const { data, shape } = (await device.read(vector)).as('float32')
  device.free(vector)
  words.forEach(({ token }, n) => {
    vectors.set(token, Float32Array.from(data.subarray(n * shape[1], (n + 1) * shape[1])))
  })
}

/**
 * The embeddings of some places, by the model's form: `seen` c_t, the context of the word as it stands; `hidden`
 * Wᵀ c_t with the word hidden, W that of the predictions: what the others tell of it, in the space of word vectors; `both`
 * x_t + Wᵀ c_t: that, beside the word's own vector.
 */
function embeddingsOf({ device, form, parts }: Reader, pass: NetworkPass, rows: readonly number[], words: Reading['words']): Handle {
  const C = device.allocate([rows.length, pass.context.shape[1]])
  device.gather(pass.context, uploadPlaces(device, rows), C)
  if (form.embedding === 'seen') return C
  const P = device.allocate([rows.length, form.width])
  device.product(C, parts.prediction.parameters['predict.W'], P)
  const own = words.map((word) => pass.rowOf(word.form))
  if (form.embedding === 'both') device.gather(pass.words.X, uploadPlaces(device, own), P, { accumulate: true })
  return P
}
