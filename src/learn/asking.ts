import type { AttentionCall, Device, Handle, Handles } from '../device/device.ts'
import { COUNT, checkOptions, expectNumber, FUNCTION, integersFrom, oneOf } from '../kinds.ts'
import { Held } from '../layer/held.ts'
import { Layer } from '../layer/layer.ts'
import { drawParameters, type LayerHost, withPrefix } from '../layer/parameters.ts'
import { attend } from '../layer/steps/attend.ts'
import { takeRows } from '../layer/steps/rows.ts'
import { Tape } from '../layer/steps/tape.ts'
import { scaledDot } from '../mechanism/alignments.ts'
import { softmax } from '../mechanism/distributions.ts'
import { everything } from '../mechanism/mask.ts'
import { none } from '../mechanism/position.ts'
import { zeros } from '../random.ts'
import { Tensor } from '../tensor.ts'
import { type Clues, cluesOf, QUESTION_CLUES, SENTENCE_CLUES } from './clues.ts'
import { type Keys, type RowGradients, RowMap, type TextRows } from './row-map.ts'

/** Options of the attention of questions. */
export interface AskingOptions {
  /** Width of the contextual embeddings. */
  readonly width: number
  /** D, the width of the static embeddings. */
  readonly dModel: number
  /** d, the width of queries and keys. */
  readonly dKey: number
  /** Width of the hidden layers of queries and keys; default 0, for none. */
  readonly hidden?: number
  /** Inputs of queries and keys; default both embeddings. */
  readonly keys?: Keys
  /**
   * How rare a word is, from 0 to 1, if queries and keys also read features of overlap and
   * nearness; default none.
   */
  readonly rarity?: ((word: string) => number) | undefined
}

/** Questions, their sentences, and the embeddings and tokens of both. */
export interface AskedSentences {
  /** Rows of the words of N questions. */
  readonly question: TextRows
  /** Rows of the words of the sentences; several questions may share one. */
  readonly sentence: TextRows
  /** The number of each question's sentence. */
  readonly of: readonly number[]
  /** The tokens of each question and of its sentence. */
  readonly tokens: readonly {
    readonly question: readonly string[]
    readonly words: readonly string[]
  }[]
}

const OPTIONS = {
  width: COUNT,
  dModel: COUNT,
  dKey: COUNT,
  hidden: integersFrom(0),
  keys: oneOf('both', 'contextual', 'static'),
  rarity: FUNCTION,
}

/**
 * A question's attention over a sentence: α = softmax(q Kᵀ/√d).
 *
 * Keys are computed from the contextual and static embeddings of the sentence's words, and from
 * clues: features that relate these words to those of the question (see RowMap, cluesOf). Each word
 * of the question has a query, computed likewise; q is their attention-weighted sum, by a learned
 * query `question.pool`, which begins at 0, the mean.
 */
export class Asking extends Layer {
  /**
   * `question.query.*` and `question.key.*` of the two maps, and `question.pool` (1, d), after the
   * host's prefix.
   */
  readonly parameters: Handles
  readonly #query: RowMap
  readonly #key: RowMap
  readonly #pool: Handle
  readonly #dKey: number
  readonly #rarity: AskingOptions['rarity']

  constructor(options: AskingOptions, host: LayerHost) {
    checkOptions('Asking', options, OPTIONS, '{ width: 64, dModel: 64, dKey: 64 }')
    const { width, dModel, dKey, hidden = 0, keys = 'both', rarity } = options
    for (const [name, size] of Object.entries({ width, dModel, dKey }))
      expectNumber('Asking', name, size, COUNT)
    const sizes = { width, dModel, output: dKey, hidden, reads: keys }
    super('Asking', host)
    this.#dKey = dKey
    this.#rarity = rarity
    const mapOf = (prefix: string, clues: number) =>
      new RowMap(prefix, { ...sizes, clues: rarity ? clues : 0 }, host)
    const { query, key, own } = this.build(() => ({
      query: mapOf('question.query.', QUESTION_CLUES),
      key: mapOf('question.key.', SENTENCE_CLUES),
      own: drawParameters(host, { 'question.pool': { shape: [1, dKey], initializer: zeros } }),
    }))
    this.#query = query
    this.#key = key
    this.#pool = own['question.pool']
    this.parameters = { ...query.parameters, ...key.parameters, ...withPrefix(host, own) }
  }

  /**
   * Enqueues the attention of N questions, each over its sentence.
   *
   * @param V values, for each question a row for each word of its sentence, (ΣT, columns)
   * @param weights output of the weights, (N, 1, 1, longest sentence), if wanted
   */
  forward(
    { question, sentence, of, tokens }: AskedSentences,
    V: Handle,
    weights?: Handle,
  ): AskingPass {
    return AskingPass.on(this.host.device, () =>
      this.#attend({ question, sentence, of, tokens }, V, weights),
    )
  }

  #attend(
    { question, sentence, of, tokens }: AskedSentences,
    V: Handle,
    weights?: Handle,
  ): AskingPass {
    const { device } = this.host
    const tape = new Tape(device, this.parameters)
    const one = Int32Array.from({ length: of.length + 1 }, (_, n) => n)
    const clues = this.#cluesOf(tokens)
    // q: the queries of each question's words, pooled
    const words = this.#query.forward(tape, { ...question, F: clues?.question })
    const asker = takeRows(tape, this.#pool, new Int32Array(of.length))
    const pooling = callOf(asker, words, words, one, question.starts)
    const q = attend(tape, pooling, [of.length, this.#dKey], {})
    // α: q over the keys of its sentence's words, which are of this question alone where clues are
    // read
    const chosen = rowsOfTexts(sentence.starts, of)
    const own = {
      C: takeRows(tape, sentence.C, chosen.rows),
      X: takeRows(tape, sentence.X, chosen.rows),
      F: clues?.sentence,
      starts: chosen.starts,
    }
    const asking = callOf(q, this.#key.forward(tape, own), V, one, chosen.starts)
    const wanted = weights ? { weights: { into: weights } } : {}
    return new AskingPass(tape, attend(tape, asking, [of.length, V.shape[1]], wanted), {
      question,
      sentence,
    })
  }

  /** The clues of all questions and of their sentences as rows, if they are read. */
  #cluesOf(
    tokens: AskedSentences['tokens'],
  ): { readonly question: Handle; readonly sentence: Handle } | undefined {
    const rarity = this.#rarity
    if (!rarity) return undefined
    const found = tokens.map(({ question, words }) => cluesOf(question, words, rarity))
    const rowsOf = (which: keyof Clues, columns: number): Handle => {
      const data = new Float64Array(found.reduce((sum, clues) => sum + clues[which].length, 0))
      let at = 0
      for (const clues of found) {
        data.set(clues[which], at)
        at += clues[which].length
      }
      return this.host.device.upload(new Tensor([data.length / columns, columns], data))
    }
    return {
      question: rowsOf('question', QUESTION_CLUES),
      sentence: rowsOf('sentence', SENTENCE_CLUES),
    }
  }
}

/** Gradients of the words of questions and sentences, and of the parameters; none of V. */
export interface AskingGradients {
  readonly question: RowGradients
  readonly sentence: RowGradients
  readonly dParameters: Handles
}

/** The pass of a forward; it holds memory of the device until it is freed. */
export class AskingPass extends Held {
  /** Σ_j α_j V_j, a row for each question, (N, columns). */
  readonly answer: Handle
  /** Its steps, with what their backwards read. */
  readonly tape: Tape
  readonly #rows: Readonly<Record<'question' | 'sentence', TextRows>>

  /** Runs a body; its memory belongs to the result. */
  static on(device: Device, build: () => AskingPass): AskingPass {
    return Held.made(device, build)
  }

  constructor(
    tape: Tape,
    answer: Handle,
    rows: Readonly<Record<'question' | 'sentence', TextRows>>,
  ) {
    super('AskingPass')
    this.tape = tape
    this.answer = answer
    this.#rows = rows
  }

  /** Gradients, freed with this pass. @param dAnswer as `answer` */
  backward(dAnswer: Handle): AskingGradients {
    const { tape, answer } = this
    const { question, sentence } = this.#rows
    this.expectHeld('backward')
    return this.hold(tape.device, () => {
      const gradients = tape.backward(answer, dAnswer)
      const ofRows = ({ C, X }: TextRows) => ({ dC: gradients.of(C), dX: gradients.of(X) })
      return {
        question: ofRows(question),
        sentence: ofRows(sentence),
        dParameters: gradients.parameters,
      }
    })
  }
}

/** For each question the rows of its sentence. */
function rowsOfTexts(
  starts: Int32Array,
  of: readonly number[],
): { readonly rows: Int32Array; readonly starts: Int32Array } {
  const own = Int32Array.from([0, ...of], (sentence, n) =>
    n ? starts[sentence + 1] - starts[sentence] : 0,
  )
  for (let n = 1; n < own.length; n++) own[n] += own[n - 1]
  const rows = new Int32Array(own[own.length - 1])
  of.forEach((sentence, n) => {
    for (let r = own[n]; r < own[n + 1]; r++) rows[r] = starts[sentence] + r - own[n]
  })
  return { rows, starts: own }
}

/** Scaled dot product and softmax, one head, no mask and no positions. */
const callOf = (
  Q: Handle,
  K: Handle,
  V: Handle,
  queryStarts: Int32Array,
  keyStarts: Int32Array,
): AttentionCall => ({
  ...{
    Q,
    K,
    V,
    heads: 1,
    queryStarts,
    keyStarts,
    alignment: scaledDot,
    distribution: softmax,
    mask: everything,
    position: none,
  },
  ...{ alignmentParameters: {}, distributionParameters: {}, positionParameters: {} },
})
