import type { AttentionCall, Device, Handle, Handles } from '../device/device.ts'
import { drawParameter, type LayerContext } from '../layer/parameters.ts'
import { scaledDot } from '../mechanism/alignments.ts'
import { softmax } from '../mechanism/distributions.ts'
import { everything } from '../mechanism/mask.ts'
import { none } from '../mechanism/position.ts'
import { xavierUniform, zeros } from '../random.ts'
import { uploadPlaces } from './word-vectors.ts'

/** What the keys of a question's attention are made of. */
export type Keys = 'both' | 'contextual' | 'static'

/** Sizes of the asking attention. */
export interface AskingOptions {
  /** Width of the contextual embeddings. */
  readonly width: number
  readonly dModel: number
  /** Width of queries and keys. */
  readonly dKey: number
  /** Width of the hidden layer in the keys; 0, for none, unless told. */
  readonly hidden?: number
  readonly keys?: Keys
}

/**
 * A question's attention over a sentence: α = softmax(q Kᵀ/√d), K = C W_K + X U_K + relu(C W_H + X U_H + b) M of the
 * sentence's words: with a hidden layer a key can stand for what only place and word together tell.
 *
 * Each word of the question has a query C W_Q + X U_Q; q is their sum, weighted by an attention whose own query, `question.pool`,
 * is learned and begins at 0, which is the mean. C are contextual, X static embeddings.
 */
export class Asking {
  readonly setting: LayerContext
  /** `question.W_Q`, `question.W_K` (width, d), `question.U_Q`, `question.U_K` (D, d), `question.pool` (1, d); with a hidden layer `question.W_H` (width, m), `question.U_H` (D, m), `question.b` (m,), `question.M` (m, d). */
  readonly parameters: Handles
  readonly #dKey: number
  readonly #hidden: number

  constructor({ width, dModel, dKey, hidden = 0, keys = 'both' }: AskingOptions, context: LayerContext) {
    this.setting = context
    this.#dKey = dKey
    this.#hidden = hidden
    const shapes: Record<string, number[]> = {}
    for (const [letter, columns] of [
      ['Q', dKey],
      ['K', dKey],
      ['H', hidden],
    ] as const) {
      if (columns > 0 && keys !== 'static') shapes[`question.W_${letter}`] = [width, columns]
      if (columns > 0 && keys !== 'contextual') shapes[`question.U_${letter}`] = [dModel, columns]
    }
    if (hidden > 0) Object.assign(shapes, { 'question.b': [hidden], 'question.M': [hidden, dKey] })
    const matrices = Object.entries(shapes).map(([name, shape]) => {
      return [name, drawParameter(context, name, { shape, initializer: shape.length > 1 ? xavierUniform : zeros })] as const
    })
    const pool = drawParameter(context, 'question.pool', { shape: [1, dKey], initializer: zeros })
    this.parameters = { ...Object.fromEntries(matrices), 'question.pool': pool }
  }

  /** Y = C W + X U, of the letters Q (queries), K (keys) or H (what the hidden layer reads). */
  #projected(letter: 'Q' | 'K' | 'H', C: Handle, X: Handle): Handle {
    const { device } = this.setting
    const Y = device.allocate([C.shape[0], letter === 'H' ? this.#hidden : this.#dKey])
    const { [`question.W_${letter}`]: W, [`question.U_${letter}`]: U } = this.parameters
    if (W) device.product(C, W, Y)
    if (U) device.product(X, U, Y, { accumulate: W !== undefined })
    return Y
  }

  /** dC += dY Wᵀ, dX += dY Uᵀ; dW = Cᵀ dY, dU = Xᵀ dY. */
  #projectedBackward(letter: 'Q' | 'K' | 'H', dY: Handle, { C, X }: Rows, into: Record<string, Handle>, d: RowGradients): void {
    const { device } = this.setting
    const back = (name: string, rows: Handle, dRows: Handle): void => {
      const W = this.parameters[name]
      if (!W) return
      // forward was: Y += rows W
      into[name] = device.allocate(W.shape)
      device.product(rows, dY, into[name], { transposeA: true })
      device.product(dY, W, dRows, { transposeB: true, accumulate: true })
    }
    back(`question.W_${letter}`, C, d.dC)
    back(`question.U_${letter}`, X, d.dX)
  }

  /** K = C W_K + X U_K + relu(Z) M with Z = C W_H + X U_H + b. */
  #keys({ C, X }: Rows): { readonly K: Handle; readonly Z?: Handle; readonly H?: Handle } {
    const { device } = this.setting
    const K = this.#projected('K', C, X)
    if (this.#hidden === 0) return { K }
    const Z = this.#projected('H', C, X)
    device.addBias(Z, this.parameters['question.b'], Z)
    const H = device.allocate(Z.shape)
    device.activate('relu', Z, H)
    device.product(H, this.parameters['question.M'], K, { accumulate: true })
    return { K, Z, H }
  }

  #keysBackward(
    dK: Handle,
    { Z, H }: { readonly Z?: Handle; readonly H?: Handle },
    rows: Rows,
    into: Record<string, Handle>,
    d: RowGradients,
  ): void {
    const { device } = this.setting
    this.#projectedBackward('K', dK, rows, into, d)
    if (!Z || !H) return
    const { 'question.M': M, 'question.b': b } = this.parameters
    // forward was: K += H M
    into['question.M'] = device.allocate(M.shape)
    device.product(H, dK, into['question.M'], { transposeA: true })
    const dH = device.allocate(H.shape)
    device.product(dK, M, dH, { transposeB: true })
    // forward was: H = relu(Z), Z = C W_H + X U_H + b
    const dZ = device.allocate(Z.shape)
    device.activateBackward('relu', dH, Z, dZ)
    into['question.b'] = device.allocate(b.shape)
    device.addBiasBackward(dZ, into['question.b'])
    this.#projectedBackward('H', dZ, rows, into, d)
  }

  #zeros({ C, X }: Rows): RowGradients {
    const { device } = this.setting
    return { dC: device.allocate(C.shape), dX: device.allocate(X.shape) }
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
    const keys = this.#keys(sentence)
    const asking = call(q, keys.K, V, one, sentence.starts)
    const answer = device.allocate([N, V.shape[1]])
    device.attention(asking, { context: answer, ...(weights ? { weights: { into: weights } } : {}) })
    return {
      answer,
      backward: (dAnswer) => {
        const dParameters: Record<string, Handle> = {}
        const dq = device.allocate(q.shape)
        const dK = device.allocate(keys.K.shape)
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
        const gradients = { question: this.#zeros(question), sentence: this.#zeros(sentence) }
        this.#projectedBackward('Q', dWords, question, dParameters, gradients.question)
        this.#keysBackward(dK, keys, sentence, dParameters, gradients.sentence)
        return { ...gradients, dParameters }
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
  backward(dAnswer: Handle): { readonly question: RowGradients; readonly sentence: RowGradients; readonly dParameters: Handles }
}

/** Gradients of rows. */
interface RowGradients {
  readonly dC: Handle
  readonly dX: Handle
}

/** Scaled dot product and softmax, one head, no mask and no positions. */
const call = (Q: Handle, K: Handle, V: Handle, queryStarts: Int32Array, keyStarts: Int32Array): AttentionCall => ({
  ...{ Q, K, V, heads: 1, queryStarts, keyStarts, alignment: scaledDot, distribution: softmax, mask: everything, position: none },
  ...{ alignmentParameters: {}, distributionParameters: {}, positionParameters: {} },
})

function backwardOf(device: Device, attention: AttentionCall, dContext: Handle, dQ: Handle, dK: Handle, dV: Handle): void {
  device.attentionBackward(attention, dContext, { dQ, dK, dV, dAlignment: {}, dDistribution: {}, dPosition: {} })
}
