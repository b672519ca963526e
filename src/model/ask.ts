import type { Device, Handle, Segments } from '../device/device.ts'
import type { EncoderPass } from '../layer/encoder.ts'
import { rowsAt, uploadIndices, uploadSegments } from '../layer/rows.ts'
import { everything } from '../mechanism/mask.ts'
import { none } from '../mechanism/position.ts'
import type { Token } from '../text/tokens.ts'
import { checkPosition, type Reader, type TextInput } from './modules.ts'

/** Which word answers a question. */
export interface Answer {
  /** Position of the answer, from 0: the highest weight, the first of equals. */
  readonly at: number
  readonly token: string
  readonly weight: number
  readonly tokens: readonly Token[]
  /** α_1 … α_T: they sum to one. */
  readonly weights: Float32Array
  /**
   * `learned` from questions, or by the mean `query` of the question's words in the layer itself, which never learned from one.
   */
  readonly asked: 'learned' | 'query'
  /** A note for the user if the model never learned to answer. */
  readonly warning?: string
}

const UNTAUGHT =
  'the model never saw questions: this is the word that the mean query of the question’s words looks at most, not an answer that it learned to give; learn with questions'

/** @throws {RangeError} for an empty text or question, or an invalid position */
export async function answer(
  model: Reader,
  text: TextInput,
  question: TextInput,
  { at }: { readonly at?: number },
): Promise<Answer> {
  const tokens = model.tokenize(text)
  const queryWords = model.tokenize(question)
  if (tokens.length === 0) throw new RangeError('Model.ask: the text has no words; give a sentence')
  if (queryWords.length === 0)
    throw new RangeError('Model.ask: the question has no words; give a question')
  if (at !== undefined) checkPosition('Model.ask', at, tokens)
  if (
    model.knowsQuestions &&
    !queryWords.some(
      ({ token }) =>
        /[\p{L}\p{N}]/u.test(token) && model.modules.lexicon.featuresOf(token).word >= 0,
    )
  )
    throw new RangeError(
      'Model.ask: the model knows no word of the question; ask with words of the texts and questions that it learned from',
    )
  const { modules, device } = model
  const { lexicon, encoder } = modules
  lexicon.forget()
  const read = model.knowsQuestions
    ? (word: string) => lexicon.queryFeaturesOf(word)
    : (word: string) => lexicon.featuresOf(word)
  const features = [
    tokens.map(({ token }) => read(token)),
    queryWords.map(({ token }) => read(token)),
  ]
  const into = device.scope(() => {
    const pass = encoder.forward(features)
    return {
      weights: model.knowsQuestions
        ? learnedWeights(
            model,
            pass,
            tokens.map(({ token }) => token),
            queryWords.map(({ token }) => token),
          )
        : queryWeights(model, pass, tokens.length, at),
    }
  })
  const { data } = (await device.read(into.weights)).as('float32')
  device.free(into.weights)
  const weights = meanOverHeads(data, tokens.length)
  let best = 0
  weights.forEach((weight, n) => {
    if (weight > weights[best]) best = n
  })
  return {
    at: best,
    token: tokens[best].token,
    weight: weights[best],
    tokens,
    weights,
    ...(model.knowsQuestions ? { asked: 'learned' } : { asked: 'query', warning: UNTAUGHT }),
  }
}

/**
 * α of the learned attention of questions: it has no positions, so the position does not matter.
 */
function learnedWeights(
  { modules, device }: Reader,
  pass: EncoderPass,
  words: readonly string[],
  question: readonly string[],
): Handle {
  const { length } = words
  const X = pass.embedded()
  const rows = (from: number, to: number) => ({
    C: rowsOf(device, pass.context, from, to),
    X: rowsOf(device, X, from, to),
    starts: Int32Array.of(0, to - from),
  })
  const weights = device.allocate([1, 1, 1, length])
  const V = device.allocate([length, 1])
  const sides = { question: rows(length, pass.embeddings.rows.length), sentence: rows(0, length) }
  modules.asking.forward({ ...sides, of: [0], tokens: [{ question, words }] }, V, weights)
  return weights
}

/**
 * α of the first layer for the mean query of the question's words, in place of one word's query, or
 * of none.
 */
function queryWeights(
  { device, config }: Reader,
  pass: EncoderPass,
  length: number,
  at: number | undefined,
): Handle {
  const { call } = pass.stack.layers[0].saved
  const q = device.allocate([1, call.Q.shape[1]])
  device.sumRows(call.Q, meanOf(device, length, pass.embeddings.rows.length), q)
  const [Q, K, V] = [call.Q, call.K, call.V].map((all) => rowsOf(device, all, 0, length))
  const weights = device.allocate([1, config.heads, 1, length])
  const keyStarts = Int32Array.of(0, length)
  if (at === undefined) {
    // without a position there is no bias of positions
    const nowhere = {
      position: none,
      positionParameters: {},
      mask: everything,
      queryStarts: Int32Array.of(0, 1),
    }
    const context = device.allocate([1, V.shape[1]])
    device.attention(
      { ...call, ...nowhere, Q: q, K, V, keyStarts },
      { context, weights: { into: weights } },
    )
    return weights
  }
  const kept = Int32Array.from({ length }, (_, n) => (n === at ? -1 : n))
  const replaced = rowsAt(device, Q, kept)
  const other = kept.map((n) => (n < 0 ? 0 : -1))
  device.gather(q, uploadIndices(device, other), replaced, { accumulate: true })
  const context = device.allocate(V.shape)
  const own = { ...call, Q: replaced, K, V, queryStarts: keyStarts, keyStarts }
  device.attention(own, { context, weights: { rows: [at], into: weights } })
  return weights
}

const range = (from: number, to: number): Int32Array =>
  Int32Array.from({ length: to - from }, (_, n) => from + n)

/** Rows from … to − 1. */
const rowsOf = (device: Device, all: Handle, from: number, to: number): Handle =>
  rowsAt(device, all, range(from, to))

/** What sums rows from … to − 1 to their mean. */
const meanOf = (device: Device, from: number, to: number): Segments =>
  uploadSegments(device, {
    starts: [0, to - from],
    occurrences: range(from, to),
    factors: new Float64Array(to - from).fill(1 / (to - from)),
  })

/** (h, T) numbers as their mean over h. */
function meanOverHeads(data: ArrayLike<number>, length: number): Float32Array {
  const heads = data.length / length
  const mean = new Float64Array(length)
  for (let n = 0; n < data.length; n++) mean[n % length] += data[n] / heads
  return Float32Array.from(mean)
}
