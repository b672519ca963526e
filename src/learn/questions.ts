import type { AttentionCall, Device, Handle, Handles } from '../device/device.ts'
import { drawParameter, type LayerContext } from '../layer/parameters.ts'
import { scaledDot } from '../mechanism/alignments.ts'
import { softmax } from '../mechanism/distributions.ts'
import { everything } from '../mechanism/mask.ts'
import { none } from '../mechanism/position.ts'
import { streamOf, uniformAt, xavierUniform, zeros } from '../random.ts'
import { Tensor } from '../tensor.ts'
import type { Form, Lexicon } from './forms.ts'
import type { Objective, Share, Shares } from './objective.ts'
import { uploadPlaces } from './word-vectors.ts'

/** A question about a text: the words at places start … end − 1 answer it. */
export interface Question {
  readonly words: readonly string[]
  readonly question: readonly string[]
  readonly start: number
  readonly end: number
}

/** What the keys of a question's attention are made of. */
export type Keys = 'both' | 'contextual' | 'static'

/** Sizes of the asking attention. */
export interface AskingOptions {
  /** Width of the contextual embeddings. */
  readonly width: number
  readonly dModel: number
  /** Width of queries and keys. */
  readonly dKey: number
  readonly keys?: Keys
}

/**
 * A question's attention over a sentence: α = softmax(q Kᵀ/√d), K = C W_K + X U_K of the sentence's words.
 *
 * Each word of the question has a query C W_Q + X U_Q; q is their sum, weighted by an attention whose own query, `question.pool`,
 * is learned and begins at 0, which is the mean. C are contextual, X static embeddings.
 */
export class Asking {
  readonly setting: LayerContext
  /** `question.W_Q`, `question.W_K` (width, d), `question.U_Q`, `question.U_K` (D, d), `question.pool` (1, d). */
  readonly parameters: Handles
  readonly #dKey: number

  constructor({ width, dModel, dKey, keys = 'both' }: AskingOptions, context: LayerContext) {
    const draw = (name: string, rows: number): Handle => drawParameter(context, name, { shape: [rows, dKey], initializer: xavierUniform })
    this.setting = context
    this.#dKey = dKey
    this.parameters = {
      ...(keys === 'static' ? {} : { 'question.W_Q': draw('question.W_Q', width), 'question.W_K': draw('question.W_K', width) }),
      ...(keys === 'contextual' ? {} : { 'question.U_Q': draw('question.U_Q', dModel), 'question.U_K': draw('question.U_K', dModel) }),
      'question.pool': drawParameter(context, 'question.pool', { shape: [1, dKey], initializer: zeros }),
    }
  }

  /** Queries (letter Q) or keys (letter K) of words: C W + X U. */
  #projected(letter: 'Q' | 'K', C: Handle, X: Handle): Handle {
    const { device } = this.setting
    const Y = device.allocate([C.shape[0], this.#dKey])
    const { [`question.W_${letter}`]: W, [`question.U_${letter}`]: U } = this.parameters
    if (W) device.product(C, W, Y)
    if (U) device.product(X, U, Y, { accumulate: W !== undefined })
    return Y
  }

  #projectedBackward(letter: 'Q' | 'K', dY: Handle, C: Handle, X: Handle, into: Record<string, Handle>) {
    const { device } = this.setting
    const back = (name: string, rows: Handle): Handle => {
      const dRows = device.allocate(rows.shape)
      const W = this.parameters[name]
      if (W) {
        // forward was: Y += rows W
        into[name] = device.allocate(W.shape)
        device.product(rows, dY, into[name], { transposeA: true })
        device.product(dY, W, dRows, { transposeB: true })
      }
      return dRows
    }
    return { dC: back(`question.W_${letter}`, C), dX: back(`question.U_${letter}`, X) }
  }

  /**
   * Enqueues the attention of N questions over N sentences.
   *
   * @param question rows of the questions' words, (R_q, ·), question n in rows starts[n] … starts[n + 1] − 1
   * @param sentence likewise
   * @param V what the weights are summed over, a row for each word of the sentences
   */
  forward(question: Rows, sentence: Rows, V: Handle, weights?: Handle): AskingPass {
    const { device } = this.setting
    const N = question.starts.length - 1
    const words = this.#projected('Q', question.C, question.X)
    const asker = device.allocate([N, this.#dKey])
    device.gather(this.parameters['question.pool'], uploadPlaces(device, new Int32Array(N)), asker)
    const one = Int32Array.from({ length: N + 1 }, (_, n) => n)
    const pooling = call(asker, words, words, one, question.starts)
    const q = device.allocate([N, this.#dKey])
    device.attention(pooling, { context: q })
    const K = this.#projected('K', sentence.C, sentence.X)
    const asking = call(q, K, V, one, sentence.starts)
    const answer = device.allocate([N, V.shape[1]])
    device.attention(asking, { context: answer, ...(weights ? { weights: { into: weights } } : {}) })
    return {
      answer,
      backward: (dAnswer) => {
        const dParameters: Record<string, Handle> = {}
        const dq = device.allocate(q.shape)
        const dK = device.allocate(K.shape)
        backwardOf(device, asking, dAnswer, dq, dK, device.allocate(V.shape))
        const dAsker = device.allocate(asker.shape)
        const dWords = device.allocate(words.shape)
        const dWordsAsValues = device.allocate(words.shape)
        backwardOf(device, pooling, dq, dAsker, dWords, dWordsAsValues)
        device.combine(1, dWords, 1, dWordsAsValues, dWords)
        // forward was: every asker is the one learned query
        const dPool = device.allocate([1, this.#dKey])
        const occurrences = uploadPlaces(device, one.subarray(0, N))
        device.sumRows(dAsker, { starts: uploadPlaces(device, [0, N]), occurrences }, dPool)
        dParameters['question.pool'] = dPool
        return {
          question: this.#projectedBackward('Q', dWords, question.C, question.X, dParameters),
          sentence: this.#projectedBackward('K', dK, sentence.C, sentence.X, dParameters),
          dParameters,
        }
      },
    }
  }
}

/** Contextual and static rows of some texts. */
export interface Rows {
  readonly C: Handle
  readonly X: Handle
  readonly starts: Int32Array
}

/** An asking under way. */
export interface AskingPass {
  /** Σ_j α_j V_j, a row for each question. */
  readonly answer: Handle
  backward(dAnswer: Handle): {
    readonly question: { readonly dC: Handle; readonly dX: Handle }
    readonly sentence: { readonly dC: Handle; readonly dX: Handle }
    readonly dParameters: Handles
  }
}

/** Scaled dot product and softmax, one head, no mask and no positions. */
const call = (Q: Handle, K: Handle, V: Handle, queryStarts: Int32Array, keyStarts: Int32Array): AttentionCall => ({
  ...{ Q, K, V, heads: 1, queryStarts, keyStarts, alignment: scaledDot, distribution: softmax, mask: everything, position: none },
  ...{ alignmentParameters: {}, distributionParameters: {}, positionParameters: {} },
})

function backwardOf(device: Device, attention: AttentionCall, dContext: Handle, dQ: Handle, dK: Handle, dV: Handle): void {
  device.attentionBackward(attention, dContext, { dQ, dK, dV, dAlignment: {}, dDistribution: {}, dPosition: {} })
}

/** How questions are learned. */
export interface QuestionsOptions {
  /** Questions of a step. */
  readonly sample: (step: number) => readonly Question[]
  /** Share of the sentence's words of which the shape alone is told, so that no answer is learned by heart. */
  readonly identityDrop?: number
}

/** The attention of a question over a sentence shall fall on its answer: the loss is −log Σ α over the answer's words. */
export function questions(asking: Asking, lexicon: Lexicon, { sample, identityDrop = 0.3 }: QuestionsOptions): Objective {
  const { seed } = asking.setting
  const stream = streamOf('identity')
  return {
    name: 'question',
    parameters: asking.parameters,
    draw(step) {
      const drawn = sample(step)
      let counter = 0
      const dropped = (word: string): Form =>
        uniformAt(seed, stream, step, counter++) < identityDrop ? lexicon.shapeOf(word) : lexicon.formOf(word)
      const sentences = drawn.map(({ words }) => words.map(dropped))
      const asked = drawn.map(({ question }) => question.map((word) => lexicon.formOf(word)))
      const N = drawn.length
      const inAnswer = drawn.flatMap(({ words, start, end }) => words.map((_, place) => (place >= start && place < end ? 1 : 0)))
      return {
        texts: [...sentences, ...asked],
        judge: ({ device, C, X, starts }) => {
          const sentence = rowsOf(device, C, X, starts.slice(0, N + 1))
          const question = rowsOf(device, C, X, starts.slice(N))
          const V = device.upload(new Tensor([inAnswer.length, 1], Float64Array.from(inAnswer)))
          const pass = asking.forward(question, sentence, V)
          const logs = device.allocate([N, 1])
          device.activate('log', pass.answer, logs)
          const losses = device.allocate([N, 1])
          device.combine(-1, logs, 0, logs, losses)
          return {
            losses,
            backward(factor): Shares {
              // forward was: losses = −log of the answer's weight
              const dLogs = device.upload(new Tensor([N, 1], new Float64Array(N).fill(-factor)))
              const dAnswer = device.allocate([N, 1])
              device.activateBackward('log', dLogs, pass.answer, dAnswer)
              const back = pass.backward(dAnswer)
              const shares = (which: 'dC' | 'dX'): Share[] => [
                { rows: sentence.rows, gradient: back.sentence[which] },
                { rows: question.rows, gradient: back.question[which] },
              ]
              return { dC: shares('dC'), dX: shares('dX'), dVectors: [], dParameters: back.dParameters }
            },
          }
        },
      }
    },
  }
}

/** The rows of consecutive texts. */
function rowsOf(device: Device, C: Handle, X: Handle, starts: readonly number[]): Rows & { readonly rows: readonly number[] } {
  const [first] = starts
  const rows = Array.from({ length: starts[starts.length - 1] - first }, (_, n) => first + n)
  const places = uploadPlaces(device, rows)
  const taken = (from: Handle): Handle => {
    const Y = device.allocate([rows.length, from.shape[1]])
    device.gather(from, places, Y)
    return Y
  }
  return { C: taken(C), X: taken(X), starts: Int32Array.from(starts, (start) => start - first), rows }
}
