import type { AttentionCall, Device, Handle, Handles } from '../device/device.ts'
import { drawParameter, type LayerContext } from '../layer/parameters.ts'
import { segmentsByPlace } from '../layer/texts.ts'
import { scaledDot } from '../mechanism/alignments.ts'
import { softmax } from '../mechanism/distributions.ts'
import { everything } from '../mechanism/mask.ts'
import { none } from '../mechanism/position.ts'
import { zeros } from '../random.ts'
import { cluesOf, QUESTION_CLUES, SENTENCE_CLUES } from './clues.ts'
import { Tensor } from '../tensor.ts'
import { type Keys, type RowGradients, RowMap, type Rows } from './row-map.ts'
import { uploadPlaces } from './word-vectors.ts'

/** Sizes of the asking attention. */
export interface AskingOptions {
  /** Width of the contextual embeddings. */
  readonly width: number
  /** D, the width of the static embeddings. */
  readonly dModel: number
  /** d, the width of queries and keys. */
  readonly dKey: number
  /** Width of the hidden layers of queries and keys; 0, for none, unless told. */
  readonly hidden?: number
  /** What queries and keys are made of; both embeddings unless told. */
  readonly keys?: Keys
  /** How rare a word is, from 0 to 1, where words are told what they are to the other text. */
  readonly clues?: ((word: string) => number) | undefined
}

/** Clues of the questions' words, and of the words of each question's sentence, as rows. */
export interface AskingClues {
  readonly question: Handle
  readonly sentence: Handle
}

/**
 * A question's attention over a sentence: α = softmax(q Kᵀ/√d).
 *
 * The keys are made of the contextual and static embeddings of the sentence's words (see RowMap). Each word of the question
 * has a query, made likewise; q is their sum, weighted by an attention whose own query, `question.pool`, is learned and
 * begins at 0, which is the mean.
 */
export class Asking {
  readonly setting: LayerContext
  /** `question.query.*` and `question.key.*` of the two maps, and `question.pool` (1, d). */
  readonly parameters: Handles
  readonly #query: RowMap
  readonly #key: RowMap
  readonly #dKey: number
  readonly #rarity: ((word: string) => number) | undefined

  constructor({ width, dModel, dKey, hidden = 0, keys = 'both', clues }: AskingOptions, context: LayerContext) {
    const sizes = { width, dModel, output: dKey, hidden, reads: keys }
    this.setting = context
    this.#dKey = dKey
    this.#rarity = clues
    this.#query = new RowMap('question.query.', { ...sizes, clues: clues ? QUESTION_CLUES : 0 }, context)
    this.#key = new RowMap('question.key.', { ...sizes, clues: clues ? SENTENCE_CLUES : 0 }, context)
    const pool = drawParameter(context, 'question.pool', { shape: [1, dKey], initializer: zeros })
    this.parameters = { ...this.#query.parameters, ...this.#key.parameters, 'question.pool': pool }
  }

  /** The clues of some questions, each with the words of its sentence; undefined where they are not read. */
  cluesOf(asked: readonly { readonly question: readonly string[]; readonly words: readonly string[] }[]): AskingClues | undefined {
    const rarity = this.#rarity
    if (!rarity) return undefined
    const { device } = this.setting
    const found = asked.map(({ question, words }) => cluesOf(question, words, rarity))
    const rows = (all: readonly Float64Array[], columns: number): Handle => {
      const size = all.reduce((sum, { length }) => sum + length, 0)
      const data = new Float64Array(size)
      let at = 0
      for (const one of all) {
        data.set(one, at)
        at += one.length
      }
      return device.upload(new Tensor([size / columns, columns], data))
    }
    return {
      question: rows(found.map(({ question }) => question), QUESTION_CLUES),
      sentence: rows(found.map(({ sentence }) => sentence), SENTENCE_CLUES),
    }
  }

  /**
   * Enqueues the attention of N questions, each over its sentence.
   *
   * @param question the words of the questions
   * @param sentence the words of the sentences
   * @param of the number of the sentence that each question asks
   * @param V what the weights are summed over: for each question a row for each word of its sentence, (ΣT, columns)
   * @param weights where the weights are written, (N, 1, 1, longest sentence), if they are wanted
   */
  forward(question: Rows, sentence: Rows, of: readonly number[], V: Handle, weights?: Handle, clues?: AskingClues): AskingPass {
    const { device } = this.setting
    const N = question.starts.length - 1
    const one = Int32Array.from({ length: N + 1 }, (_, n) => n)
    // 1. q: the queries of the question's words, pooled
    const words = this.#query.forward({ ...question, F: clues?.question })
    const asker = device.allocate([N, this.#dKey])
    device.gather(this.parameters['question.pool'], uploadPlaces(device, new Int32Array(N)), asker)
    const pooling = callOf(asker, words.Y, words.Y, one, question.starts)
    const q = device.allocate([N, this.#dKey])
    device.attention(pooling, { context: q })
    // 2. α: q over the keys of its sentence's words; several questions may ask one sentence
    const asked = askedRows(sentence.starts, of)
    const places = uploadPlaces(device, asked.rows)
    const [C, X] = [sentence.C, sentence.X].map((all) => {
      const own = device.allocate([asked.rows.length, all.shape[1]])
      device.gather(all, places, own)
      return own
    })
    const keyRows = { C, X, F: clues?.sentence, starts: asked.starts }
    const keys = this.#key.forward(keyRows)
    const asking = callOf(q, keys.Y, V, one, asked.starts)
    const answer = device.allocate([N, V.shape[1]])
    device.attention(asking, { context: answer, ...(weights ? { weights: { into: weights } } : {}) })

    const backward: AskingPass['backward'] = (dAnswer) => {
      const dParameters: Record<string, Handle> = {}
      const gradients = { question: this.#zeros(question), sentence: this.#zeros(sentence) }
      // 2. forward was: answer = α V
      const over = gradientsOf(device, asking, dAnswer)
      const own = this.#zeros(keyRows)
      keys.backward(over.dK, own, dParameters)
      const { starts, occurrences } = segmentsByPlace(asked.rows, sentence.C.shape[0])
      const segments = { starts: uploadPlaces(device, starts), occurrences: uploadPlaces(device, occurrences) }
      device.sumRows(own.dC, segments, gradients.sentence.dC)
      device.sumRows(own.dX, segments, gradients.sentence.dX)
      // 1. forward was: q = pooled words, which are keys and values
      const pooled = gradientsOf(device, pooling, over.dQ)
      device.combine(1, pooled.dK, 1, pooled.dV, pooled.dK)
      words.backward(pooled.dK, gradients.question, dParameters)
      // forward was: every asker is the one learned query
      dParameters['question.pool'] = device.allocate([1, this.#dKey])
      const all = { starts: uploadPlaces(device, [0, N]), occurrences: uploadPlaces(device, one.subarray(0, N)) }
      device.sumRows(pooled.dQ, all, dParameters['question.pool'])
      return { ...gradients, dParameters }
    }
    return { answer, backward }
  }

  #zeros({ C, X }: Rows): RowGradients {
    const { device } = this.setting
    return { dC: device.allocate(C.shape), dX: device.allocate(X.shape) }
  }
}

/** An asking under way. */
export interface AskingPass {
  /** Σ_j α_j V_j, a row for each question, (N, columns). */
  readonly answer: Handle
  /** Gradients of the words of questions and sentences, and of its parameters; V gets none. @param dAnswer as `answer` */
  backward(dAnswer: Handle): { readonly question: RowGradients; readonly sentence: RowGradients; readonly dParameters: Handles }
}

/** For each question the rows of its sentence. */
function askedRows(starts: Int32Array, of: readonly number[]): { readonly rows: Int32Array; readonly starts: Int32Array } {
  const own = Int32Array.from([0, ...of], (sentence, n) => (n ? starts[sentence + 1] - starts[sentence] : 0))
  for (let n = 1; n < own.length; n++) own[n] += own[n - 1]
  const rows = new Int32Array(own[own.length - 1])
  of.forEach((sentence, n) => {
    for (let r = own[n]; r < own[n + 1]; r++) rows[r] = starts[sentence] + r - own[n]
  })
  return { rows, starts: own }
}

/** Scaled dot product and softmax, one head, no mask and no positions. */
const callOf = (Q: Handle, K: Handle, V: Handle, queryStarts: Int32Array, keyStarts: Int32Array): AttentionCall => ({
  ...{ Q, K, V, heads: 1, queryStarts, keyStarts, alignment: scaledDot, distribution: softmax, mask: everything, position: none },
  ...{ alignmentParameters: {}, distributionParameters: {}, positionParameters: {} },
})

function gradientsOf(device: Device, call: AttentionCall, dContext: Handle) {
  const [dQ, dK, dV] = [call.Q, call.K, call.V].map(({ shape }) => device.allocate(shape))
  device.attentionBackward(call, dContext, { dQ, dK, dV, dAlignment: {}, dDistribution: {}, dPosition: {} })
  return { dQ, dK, dV }
}
