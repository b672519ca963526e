import type { Handle, Handles } from '../device/device.ts'
import { exp, log } from '../elementary.ts'
import { ARRAY, COUNT, checkOptions, expectNumber } from '../kinds.ts'
import { checkContext, drawParameter, type LayerContext, named } from '../layer/parameters.ts'
import { Random, streamOf, uniformsAt, xavierUniform } from '../random.ts'
import { Tensor } from '../tensor.ts'
import type { Vocabulary } from '../text/vocabulary.ts'
import type { Form, Lexicon } from './forms.ts'
import { prefixOf } from './names.ts'
import type { Exercise, Judgement, Objective, Place, Reading } from './objective.ts'
import { uploadPlaces } from './word-vectors.ts'

/** A text as the forms of its words. */
export interface Sentence {
  readonly forms: readonly Form[]
}

/** The texts that a step reads. */
export type Sampler = (step: number) => readonly Sentence[]

/** How words are predicted. */
export interface PredictionOptions {
  /** How often each word of the vocabulary occurs. */
  readonly counts: readonly number[]
  /**
   * Words that are drawn in a step, beside the right ones; a vocabulary that is no larger is taken
   * whole.
   */
  readonly candidates: number
}

/** A place in a text, and the word that belongs there. */
export interface Target extends Place {
  readonly word: number
}

const SIZES = { width: COUNT, dModel: COUNT }
const OPTIONS = { counts: ARRAY, candidates: COUNT }

/**
 * logits = (C W) x_wᵀ + log p(w) for every candidate w.
 *
 * The vectors that words are read with are those that they are predicted with. Of sampled
 * candidates, the logarithm of the probability to be drawn is taken off.
 */
export class WordPrediction {
  readonly setting: LayerContext
  readonly lexicon: Lexicon
  readonly options: PredictionOptions
  /** W (width, D). */
  readonly W: Handle
  /** `predict.W`, after the setting's prefix. */
  readonly parameters: Handles
  /** log p(w), by frequency, for each word of the vocabulary. */
  readonly logShare: Float64Array
  readonly #cumulated: Float64Array
  /** Of words that were candidates before; NaN of others. */
  readonly #offsets: Float64Array

  constructor(
    sizes: { readonly width: number; readonly dModel: number },
    lexicon: Lexicon,
    options: PredictionOptions,
    context: LayerContext,
  ) {
    checkOptions('WordPrediction', sizes, SIZES, '{ width: 64, dModel: 64 }')
    checkOptions('WordPrediction', options, OPTIONS, '{ counts: […], candidates: 512 }')
    checkContext('WordPrediction', context)
    expectNumber('WordPrediction', 'width', sizes.width, COUNT)
    expectNumber('WordPrediction', 'dModel', sizes.dModel, COUNT)
    ARRAY('WordPrediction', 'counts', options.counts)
    expectNumber('WordPrediction', 'candidates', options.candidates, COUNT)
    this.setting = context
    this.lexicon = lexicon
    this.options = options
    this.W = drawParameter(context, 'predict.W', {
      shape: [sizes.width, sizes.dModel],
      initializer: xavierUniform,
    })
    this.parameters = named(context, { 'predict.W': this.W })
    const total = options.counts.reduce((sum, count) => sum + Math.max(count, 1), 0)
    this.logShare = Float64Array.from(options.counts, (count) => log(Math.max(count, 1) / total))
    this.#offsets = new Float64Array(options.counts.length).fill(Number.NaN)
    let sum = 0
    this.#cumulated = Float64Array.from(options.counts, (count) => {
      sum += Math.max(count, 1) / total
      return sum
    })
  }

  get vocabulary(): Vocabulary {
    return this.lexicon.vocabulary
  }

  /**
   * Candidates of a step and what is added to their logits: all words, or the targets and words
   * drawn by frequency.
   */
  candidates(
    targets: readonly Target[],
    step: number,
  ): { readonly words: readonly number[]; readonly offsets: Float64Array } {
    const { candidates } = this.options
    const { size } = this.vocabulary
    if (size <= candidates)
      return { words: Array.from({ length: size }, (_, n) => n), offsets: this.logShare }
    const random = new Random(this.setting.seed, `${prefixOf(this.setting)}candidates.${step}`)
    const chosen = new Set(targets.map(({ word }) => word))
    for (let n = 0; n < candidates; n++) chosen.add(this.#drawn(random.uniform()))
    const words = Int32Array.from(chosen).sort()
    return { words: [...words], offsets: Float64Array.from(words, (word) => this.#offset(word)) }
  }

  /** log p(w) − log of the probability to be among the drawn. */
  #offset(word: number): number {
    const known = this.#offsets[word]
    if (known === known) return known
    const missed = exp(this.options.candidates * log(1 - exp(this.logShare[word])))
    this.#offsets[word] = this.logShare[word] - log(1 - missed)
    return this.#offsets[word]
  }

  /** The word at a place of the cumulated shares. */
  #drawn(at: number): number {
    let low = 0
    let high = this.#cumulated.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#cumulated[middle] > at) high = middle
      else low = middle + 1
    }
    return low
  }

  /**
   * An exercise: read the texts, tell the words at the targets.
   *
   * @param exact whether every word is a candidate, whatever was told
   */
  exercise(
    texts: readonly (readonly Form[])[],
    targets: readonly Target[],
    step: number,
    exact = false,
  ): Exercise {
    const { words, offsets } = exact
      ? { words: Array.from({ length: this.vocabulary.size }, (_, n) => n), offsets: this.logShare }
      : this.candidates(targets, step)
    const forms = words.map((word) => this.lexicon.formOfNumber(word))
    const rank = new Map<number, number>()
    words.forEach((word, n) => void rank.set(word, n))
    const numbers = targets.map(({ word }) => rank.get(word) as number)
    return {
      texts,
      forms,
      asked: targets,
      judge: (reading) => {
        const rows = targets.map(({ text, place }) =>
          reading.inContext(reading.starts[text] + place),
        )
        return predicted(this, reading, { rows, numbers, forms, offsets })
      },
    }
  }
}

/**
 * Losses of predictions: P = C[rows] W, E = vectors of the candidates, −log softmax(P Eᵀ +
 * offsets).
 */
function predicted(
  { W, setting }: WordPrediction,
  { device, learning, C, vectors, rowOf }: Reading,
  asked: {
    readonly rows: readonly number[]
    readonly numbers: readonly number[]
    readonly forms: readonly Form[]
    readonly offsets: Float64Array
  },
): Judgement {
  const [width, D] = W.shape
  const n = asked.rows.length
  const H = device.allocate([n, width])
  device.gather(C, uploadPlaces(device, asked.rows), H)
  const P = device.allocate([n, D])
  device.product(H, W, P)
  const vectorRows = asked.forms.map(rowOf)
  const E = device.allocate([vectorRows.length, D])
  device.gather(vectors, uploadPlaces(device, vectorRows), E)
  const offsets = device.upload(new Tensor([asked.offsets.length], asked.offsets))
  const targets = uploadPlaces(device, asked.numbers)
  const losses = device.allocate([n])
  if (!learning) device.crossEntropy(P, E, offsets, targets, losses)
  return {
    losses,
    backward(factor) {
      // forward was: losses = crossEntropy(P, E)
      const [dP, dE] = [P, E].map(({ shape }) => device.allocate(shape))
      device.crossEntropyBackward(factor, P, E, offsets, targets, dP, dE, undefined, losses)
      // forward was: P = H W
      const dW = device.allocate(W.shape)
      device.product(H, dP, dW, { transposeA: true })
      const dH = device.allocate(H.shape)
      device.product(dP, W, dH, { transposeB: true })
      return {
        dC: [{ rows: asked.rows, gradient: dH }],
        dX: [],
        dVectors: [{ rows: vectorRows, gradient: dE }],
        dParameters: named(setting, { 'predict.W': dW }),
      }
    },
  }
}

/**
 * Hidden words: some words of each text are hidden, and told from the contextual embeddings of
 * their places.
 *
 * @param hide share of the words that are hidden, from 0 to below 1
 * @see Devlin et al. 2019, §3.1 (there 80 % masked, 10 % another word)
 */
export function hiddenWords(prediction: WordPrediction, sample: Sampler, hide = 0.15): Objective {
  return {
    name: `${prefixOf(prediction.setting)}hidden`,
    parameters: prediction.parameters,
    draw(step) {
      const { texts, targets } = hideWords(prediction, sample(step), step, hide)
      return prediction.exercise(texts, targets, step)
    },
  }
}

/**
 * Share of the hidden words whose vector is replaced by the hidden sign; the others are seen as
 * they are.
 */
const MASKED = 0.85

/**
 * Texts with a share of the words hidden, and which they were: the same for the same seed, step and
 * stream.
 */
export function hideWords(
  prediction: WordPrediction,
  sentences: readonly Sentence[],
  step: number,
  hide: number,
  name = 'hide',
) {
  const { seed } = prediction.setting
  const stream = streamOf(prefixOf(prediction.setting) + name)
  const targets: Target[] = []
  const four = new Float64Array(4)
  let counter = 0
  const drawn = (): number => {
    if (counter % 4 === 0) uniformsAt(seed, stream, step, counter / 4, four)
    return four[counter++ % 4]
  }
  const texts = sentences.map(({ forms }, text) =>
    forms.map((form, place) => {
      const chance = drawn()
      if (form.word < 0 || chance >= hide) return form
      targets.push({ text, place, word: form.word })
      return chance < hide * MASKED ? prediction.lexicon.hidden : form
    }),
  )
  return { texts, targets }
}

/**
 * The next word is told at every place but the last, from contextual embeddings that have not seen
 * it.
 */
export function nextWords(prediction: WordPrediction, sample: Sampler): Objective {
  return {
    name: `${prefixOf(prediction.setting)}next`,
    parameters: prediction.parameters,
    draw(step) {
      const { texts, targets } = followWords(sample(step))
      return prediction.exercise(texts, targets, step)
    },
  }
}

/** Each place of each text, and the word that follows it. */
export function followWords(sentences: readonly Sentence[]) {
  const targets = sentences.flatMap(({ forms }, text) =>
    forms.slice(1).flatMap(({ word }, place) => (word < 0 ? [] : [{ text, place, word }])),
  )
  return { texts: sentences.map(({ forms }) => forms), targets }
}
