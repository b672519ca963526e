import type { Device, Handle } from '../device/device.ts'
import { startsOf, type WordFeatures } from '../layer/embeddings.ts'
import type { EncoderPass } from '../layer/encoder.ts'
import { rowsAt, uploadIndices } from '../layer/rows.ts'
import type { Token } from '../text/tokens.ts'
import type { ModelConfig } from './config.ts'
import { checkPosition, type ModelModules, type Reader, type TextInput } from './modules.ts'

/** A word and its contextual embedding. */
export interface EmbeddedToken extends Token {
  /** (width of the contextual embeddings,) */
  readonly vector: Float32Array
}

/** Number of words in one forward. */
const WORDS_AT_ONCE = 8192

/**
 * Contextual embeddings of words of every text, in the texts' order.
 *
 * @param at positions in each text; default all
 */
export async function embedTexts(
  model: Reader,
  texts: readonly TextInput[],
  at?: readonly (readonly number[])[],
): Promise<EmbeddedToken[][]> {
  const all = texts.map((text) => model.tokenize(text))
  const positions = all.map((tokens, n) => at?.[n] ?? tokens.map((_, position) => position))
  all.forEach((tokens, n) => {
    if (at) for (const position of positions[n]) checkPosition('Model.embed', position, tokens)
  })
  const vectors = await embedTokens(model, all, positions)
  let next = 0
  return all.map((tokens, n) =>
    positions[n].map((position) => ({ ...tokens[position], vector: vectors[next++] })),
  )
}

/** The contextual embeddings at some positions of every text, text after text. */
export function embedTokens(
  model: Reader,
  texts: readonly (readonly Token[])[],
  positions: readonly (readonly number[])[],
): Promise<Float32Array[]> {
  model.modules.lexicon.forget()
  function* inputs(): Generator<EmbeddingInput> {
    for (const [n, tokens] of texts.entries()) yield* inputsOf(model, tokens, positions[n])
  }
  return vectorsOf(model, inputs(), model.config.embedding)
}

/**
 * A text as the encoder reads it, and the positions whose embeddings are wanted, each with the
 * features of its word.
 */
export interface EmbeddingInput {
  readonly features: readonly WordFeatures[]
  readonly words: readonly { readonly position: number; readonly word: WordFeatures }[]
}

/**
 * Context on either side of a hidden word: a longer text is cut, since it is read once for each
 * word.
 */
const REACH = 128

/** The inputs for a text: one for all of its words, or one for each with that word hidden. */
function* inputsOf(
  { modules: { lexicon }, config }: Reader,
  tokens: readonly Token[],
  positions: readonly number[],
): Generator<EmbeddingInput> {
  if (positions.length === 0) return
  const featuresIn = (some: readonly Token[]) => some.map(({ token }) => lexicon.featuresOf(token))
  // of a long text only what stands around the words
  const all = 2 * REACH * positions.length >= tokens.length ? featuresIn(tokens) : undefined
  const featuresFrom = (from: number, to: number) =>
    all?.slice(from, to) ?? featuresIn(tokens.slice(from, to))
  if (config.embedding === 'seen') {
    const features = featuresFrom(0, tokens.length)
    yield { features, words: positions.map((position) => ({ position, word: features[position] })) }
    return
  }
  for (const position of positions) {
    const { from, to } = around(tokens.length, position)
    yield inputAround(featuresFrom(from, to), position - from, lexicon.hidden)
  }
}

/** The range from … to − 1 of a text that is read for some words from a position on. */
export const around = (length: number, position: number, words = 1) => ({
  from: Math.max(0, position - REACH),
  to: Math.min(length, position + words + REACH),
})

/**
 * The input for some words from a position on, with other features there if given; modifies
 * `features`.
 */
export function inputAround(
  features: WordFeatures[],
  position: number,
  instead?: WordFeatures,
  count = 1,
): EmbeddingInput {
  const words: EmbeddingInput['words'][number][] = []
  for (let at = position; at < position + count; at++)
    words.push({ position: at, word: features[at] })
  if (instead) features.fill(instead, position, position + count)
  return { features, words }
}

/**
 * The vectors of all wanted positions, input after input; of the inputs, no more are made at once
 * than one forward reads.
 */
export async function vectorsOf(
  model: Reader,
  inputs: Iterable<EmbeddingInput>,
  embedding: ModelConfig['embedding'],
): Promise<Float32Array[]> {
  const vectors: Float32Array[] = []
  let pending: EmbeddingInput[] = []
  let words = 0
  const read = async (): Promise<void> => {
    if (pending.length) vectors.push(...(await vectorsAtOnce(model, pending, embedding)))
    pending = []
    words = 0
  }
  for (const input of inputs) {
    if (words + input.features.length > WORDS_AT_ONCE) await read()
    pending.push(input)
    words += input.features.length
  }
  await read()
  return vectors
}

/**
 * The vector of each run of so many words: the mean (1/n) Σ v of its words' vectors.
 *
 * @param vectors of the words of all runs, run after run
 */
export function means(
  vectors: readonly Float32Array[],
  lengths: readonly number[],
): Float32Array[] {
  let next = 0
  return lengths.map((length) => {
    const first = vectors[next]
    const others = vectors.slice(next + 1, next + length)
    next += length
    if (others.length === 0) return first
    return first.map((x, c) => others.reduce((sum, other) => sum + other[c], x) / length)
  })
}

/** The vectors of some inputs, in one forward. */
async function vectorsAtOnce(
  { device, modules }: Reader,
  inputs: readonly EmbeddingInput[],
  embedding: ModelConfig['embedding'],
) {
  const words = inputs.flatMap((input) => input.words)
  const vectors = device.scope(() => {
    const texts = inputs.map(({ features }) => features)
    const starts = startsOf(texts)
    const wanted = inputs.flatMap((input, n) =>
      input.words.map(({ position }) => starts[n] + position),
    )
    const queryRows = Int32Array.from(new Set(wanted)).sort()
    const features = words.map(({ word }) => word)
    // if every row is wanted, queries are computed once for each word rather than for each row
    const pass = modules.encoder.forward(
      texts,
      queryRows.length < starts[texts.length]
        ? { words: features, queryRows }
        : { words: features },
    )
    const rows = wanted.map((row) => pass.inContext(row))
    return embeddingsOf(device, modules, pass, { rows, words, embedding })
  })
  const { data, shape } = (await device.read(vectors)).as('float32')
  device.free(vectors)
  return words.map((_, n) => new Float32Array(data.subarray(n * shape[1], (n + 1) * shape[1])))
}

/**
 * The embeddings of some positions: `seen` c_t, the word's context; `hidden` Wᵀ c_t with the word
 * hidden, W that of the predictions: the prediction from the other words, in the space of word
 * vectors; `both` x_t + Wᵀ c_t: that plus the word's own vector.
 */
function embeddingsOf(
  device: Device,
  { prediction }: ModelModules,
  pass: EncoderPass,
  wanted: {
    readonly rows: readonly number[]
    readonly words: EmbeddingInput['words']
    readonly embedding: ModelConfig['embedding']
  },
): Handle {
  const { rows, words, embedding } = wanted
  const C = rowsAt(device, pass.context, rows)
  if (embedding === 'seen') return C
  const W = prediction.W
  const P = device.allocate([rows.length, W.shape[1]])
  device.product(C, W, P)
  const own = words.map(({ word }) => pass.embeddings.rowOf(word))
  if (embedding === 'both')
    device.gather(pass.embeddings.vectors, uploadIndices(device, own), P, { accumulate: true })
  return P
}
