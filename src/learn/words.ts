import type { Handle, Handles } from '../device/device.ts'
import { exp, log } from '../elementary.ts'
import {
  ARRAY,
  BELOW_1,
  COUNT,
  checkOptions,
  expectKind,
  expectNumber,
  FUNCTION,
} from '../kinds.ts'
import type { WordFeatures } from '../layer/embeddings.ts'
import { Layer } from '../layer/layer.ts'
import { drawParameters, type LayerHost, seedOf, withPrefix } from '../layer/parameters.ts'
import { rowsAt, uploadIndices } from '../layer/rows.ts'
import { affine } from '../layer/steps/dense.ts'
import { Tape } from '../layer/steps/tape.ts'
import { Random, streamOf, uniformsAt, xavierUniform } from '../random.ts'
import { Tensor } from '../tensor.ts'
import type { Vocabulary } from '../text/vocabulary.ts'
import type { Lexicon } from './lexicon.ts'
import { prefixOf } from './names.ts'
import type { Batch, Loss, Objective, Outputs, TextPosition } from './objective.ts'

/** A text as the features of its words. */
export interface EncodedSentence {
  readonly features: readonly WordFeatures[]
}

/** The texts that a step reads. */
export type Sampler = (step: number) => readonly EncodedSentence[]

/** Options of predicting words. */
export interface PredictionOptions {
  /** How often each word of the vocabulary occurs. */
  readonly counts: readonly number[]
  /**
   * Number of words drawn in a step, in addition to the targets; a vocabulary of at most this size
   * is taken whole.
   */
  readonly candidates: number
}

/** A position in a text, and the word that belongs there. */
export interface Target extends TextPosition {
  readonly word: number
}

const SIZES = { width: COUNT, dModel: COUNT }
const OPTIONS = { counts: ARRAY, candidates: COUNT }

/**
 * logits = (C W) x_wᵀ + log p(w) for every candidate w.
 *
 * Input and output word vectors are tied. For sampled candidates, the log probability of being
 * drawn is subtracted.
 */
export class WordPrediction extends Layer {
  readonly lexicon: Lexicon
  readonly options: PredictionOptions
  /** W (width, D). */
  readonly W: Handle
  /** `predict.W`, after the host's prefix. */
  readonly parameters: Handles
  /** log p(w), by frequency, for each word of the vocabulary. */
  readonly logFrequency: Float64Array
  readonly #cumulated: Float64Array
  /** Offsets of earlier candidates; NaN for other words. */
  readonly #offsets: Float64Array

  constructor(
    sizes: { readonly width: number; readonly dModel: number },
    lexicon: Lexicon,
    options: PredictionOptions,
    host: LayerHost,
  ) {
    checkOptions('WordPrediction', sizes, SIZES, '{ width: 64, dModel: 64 }')
    checkOptions('WordPrediction', options, OPTIONS, '{ counts: […], candidates: 512 }')
    expectNumber('WordPrediction', 'width', sizes.width, COUNT)
    expectNumber('WordPrediction', 'dModel', sizes.dModel, COUNT)
    ARRAY('WordPrediction', 'counts', options.counts)
    expectNumber('WordPrediction', 'candidates', options.candidates, COUNT)
    super('WordPrediction', host)
    this.lexicon = lexicon
    this.options = options
    const W = { shape: [sizes.width, sizes.dModel], initializer: xavierUniform }
    const own = this.build(() => drawParameters(host, { 'predict.W': W }))
    this.W = own['predict.W']
    this.parameters = withPrefix(host, own)
    const total = options.counts.reduce((sum, count) => sum + Math.max(count, 1), 0)
    this.logFrequency = Float64Array.from(options.counts, (count) =>
      log(Math.max(count, 1) / total),
    )
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
   * Candidates of a step and the offsets of their logits: all words, or the targets and words drawn
   * by frequency.
   *
   * @param exact whether to take all words, however many
   */
  candidates(
    targets: readonly Target[],
    step: number,
    exact = false,
  ): { readonly words: readonly number[]; readonly offsets: Float64Array } {
    const { candidates } = this.options
    const { size } = this.vocabulary
    if (exact || size <= candidates)
      return { words: Array.from({ length: size }, (_, n) => n), offsets: this.logFrequency }
    const random = new Random(
      seedOf('WordPrediction', this.host),
      `${prefixOf(this.host)}candidates.${step}`,
    )
    const chosen = new Set(targets.map(({ word }) => word))
    for (let n = 0; n < candidates; n++) chosen.add(this.#drawn(random.uniform()))
    const words = Int32Array.from(chosen).sort()
    return { words: [...words], offsets: Float64Array.from(words, (word) => this.#offset(word)) }
  }

  /** log p(w) − log of the probability to be among the drawn. */
  #offset(word: number): number {
    const known = this.#offsets[word]
    if (known === known) return known
    const missed = exp(this.options.candidates * log(1 - exp(this.logFrequency[word])))
    this.#offsets[word] = this.logFrequency[word] - log(1 - missed)
    return this.#offsets[word]
  }

  /** The word at a point of the cumulated frequencies. */
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
   * A batch: predict the words at the targets of the texts.
   *
   * @param exact whether every word is a candidate
   */
  batch(
    texts: readonly (readonly WordFeatures[])[],
    targets: readonly Target[],
    step: number,
    exact = false,
  ): Batch {
    const { words, offsets } = this.candidates(targets, step, exact)
    const features = words.map((word) => this.lexicon.featuresOfNumber(word))
    const rank = new Map(words.map((word, n) => [word, n]))
    const numbers = targets.map(({ word }) => rank.get(word) as number)
    return {
      texts,
      words: features,
      positions: targets,
      loss: (outputs) => {
        const rows = targets.map(({ text, position }) =>
          outputs.inContext(outputs.starts[text] + position),
        )
        return predicted(this, outputs, { rows, numbers, features, offsets })
      },
    }
  }
}

/**
 * Losses of predictions: P = C[rows] W, E = vectors of the candidates, −log softmax(P Eᵀ +
 * offsets).
 */
function predicted(
  { W, host }: WordPrediction,
  { device, learning, C, vectors, rowOf }: Outputs,
  predictions: {
    readonly rows: readonly number[]
    readonly numbers: readonly number[]
    readonly features: readonly WordFeatures[]
    readonly offsets: Float64Array
  },
): Loss {
  const H = rowsAt(device, C, predictions.rows)
  const tape = new Tape(device, { 'predict.W': W })
  const P = affine(tape, H, W)
  const vectorRows = predictions.features.map(rowOf)
  const E = rowsAt(device, vectors, vectorRows)
  const offsets = device.upload(new Tensor([predictions.offsets.length], predictions.offsets))
  const targets = uploadIndices(device, predictions.numbers)
  const losses = device.allocate([predictions.rows.length])
  if (!learning) device.crossEntropy(P, E, offsets, targets, losses)
  return {
    losses,
    backward(factor) {
      // forward was: losses = crossEntropy(P, E)
      const [dP, dE] = [P, E].map(({ shape }) => device.allocate(shape))
      device.crossEntropyBackward(factor, P, E, offsets, targets, { dC: dP, dE, losses })
      const gradients = tape.backward(P, dP)
      return {
        dC: [{ rows: predictions.rows, gradient: gradients.of(H) }],
        dVectors: [{ rows: vectorRows, gradient: dE }],
        dParameters: withPrefix(host, gradients.parameters),
      }
    },
  }
}

/** @throws {TypeError} for wrong kinds */
function checkObjective(where: string, prediction: WordPrediction, sample: Sampler): void {
  expectKind(where, 'prediction', prediction, ['batch'], 'new WordPrediction(…)')
  FUNCTION(where, 'sample', sample)
}

/**
 * Hidden words: some words of each text are hidden, and predicted from the contextual embeddings of
 * their positions.
 *
 * @param hide share of the words that are hidden, from 0 to below 1
 * @see Devlin et al. 2019, §3.1 (there 80 % masked, 10 % another word)
 */
export function hiddenWords(prediction: WordPrediction, sample: Sampler, hide = 0.15): Objective {
  checkObjective('hiddenWords', prediction, sample)
  expectNumber('hiddenWords', 'hide', hide, BELOW_1)
  return {
    name: `${prefixOf(prediction.host)}hidden`,
    parameters: prediction.parameters,
    draw(step) {
      const { texts, targets } = hideWords(prediction, sample(step), step, hide)
      return prediction.batch(texts, targets, step)
    },
  }
}

/**
 * Share of the hidden words that are replaced by the mask token; the others are left as they are.
 */
const MASKED = 0.85

/**
 * Texts with a share of the words hidden, and the targets: the same for the same seed, step and
 * stream.
 */
export function hideWords(
  prediction: WordPrediction,
  sentences: readonly EncodedSentence[],
  step: number,
  hide: number,
  name = 'hide',
) {
  const seed = seedOf('hiddenWords', prediction.host)
  const stream = streamOf(prefixOf(prediction.host) + name)
  const targets: Target[] = []
  const four = new Float64Array(4)
  let counter = 0
  const drawn = (): number => {
    if (counter % 4 === 0) uniformsAt(seed, stream, step, counter / 4, four)
    return four[counter++ % 4]
  }
  const texts = sentences.map(({ features }, text) =>
    features.map((features, position) => {
      const chance = drawn()
      if (features.word < 0 || chance >= hide) return features
      targets.push({ text, position, word: features.word })
      return chance < hide * MASKED ? prediction.lexicon.hidden : features
    }),
  )
  return { texts, targets }
}

/**
 * The next word is predicted at every position but the last, from contextual embeddings that do not
 * depend on it.
 */
export function nextWords(prediction: WordPrediction, sample: Sampler): Objective {
  checkObjective('nextWords', prediction, sample)
  return {
    name: `${prefixOf(prediction.host)}next`,
    parameters: prediction.parameters,
    draw(step) {
      const { texts, targets } = followWords(sample(step))
      return prediction.batch(texts, targets, step)
    },
  }
}

/** Each position of each text, and the word that follows it. */
export function followWords(sentences: readonly EncodedSentence[]) {
  const targets = sentences.flatMap(({ features }, text) =>
    features.slice(1).flatMap(({ word }, position) => (word < 0 ? [] : [{ text, position, word }])),
  )
  return { texts: sentences.map(({ features }) => features), targets }
}
