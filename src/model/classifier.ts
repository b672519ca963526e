import type { Device } from '../device/device.ts'
import { openDevice } from '../device/open.ts'
import {
  ABOVE_0,
  ARRAY,
  COUNT,
  checkOptions,
  DEVICE,
  expectOptions,
  SEED,
  SIGNAL,
  TEXT,
  valueText,
} from '../kinds.ts'
import type { WordFeatures } from '../layer/embeddings.ts'
import { Held } from '../layer/held.ts'
import { Classes, classes, type Labelled } from '../learn/classes.ts'
import { adamW, warmupThenLinear } from '../learn/optimizer.ts'
import { train } from '../learn/train.ts'
import { Tensor } from '../tensor.ts'
import { languagesIn } from '../text/language.ts'
import { countWords, mergedSpellings, Vocabulary } from '../text/vocabulary.ts'
import { CONFIG_CHECKS, contextWidth, type ModelConfig, modelConfig } from './config.ts'
import { type ModelModules, modulesOf, type TextInput, tokensOf } from './modules.ts'
import { Batches } from './sampling.ts'

/** A sequence and its class: words, or rows of numbers (T, D). */
export interface ClassExample {
  readonly text: TextInput | Tensor
  readonly label: string
}

/** Options of learning classes, and those of a model; `width` is D if sequences are numbers. */
export interface ClassOptions extends Partial<ModelConfig> {
  /** Seed of everything random, from 0 to 2⁵³ − 1; default 7. */
  readonly seed?: number
  /** Steps of learning; default 200. */
  readonly steps?: number
  /** Examples in a step; default 32. */
  readonly batch?: number
  /** Highest learning rate, above 0; default 0.01. */
  readonly rate?: number
  /** The device; by default one is opened, and closed with the classifier. */
  readonly device?: Device
  /** Ends the learning between two steps (an AbortSignal); what was learned so far stays. */
  readonly signal?: { readonly aborted: boolean }
}

const CHECKS = {
  ...CONFIG_CHECKS,
  seed: SEED,
  steps: COUNT,
  batch: COUNT,
  rate: ABOVE_0,
  device: DEVICE,
  signal: SIGNAL,
}

/**
 * A classifier of sequences. It holds memory of its device until it is freed or closed.
 */
export class Classifier extends Held {
  /** Sorted by code units; class n is labels[n]. */
  readonly labels: readonly string[]
  readonly device: Device
  readonly modules: ModelModules
  readonly config: ModelConfig
  readonly #classes: Classes
  #closing: Promise<void> | undefined

  constructor(
    labels: readonly string[],
    config: ModelConfig,
    modules: ModelModules,
    own: Classes,
    device: Device,
    ownsDevice: boolean,
  ) {
    super('Classifier')
    this.labels = labels
    this.config = config
    this.modules = this.attach(modules)
    this.device = device
    this.#classes = this.attach(own)
    const close = (): void => {
      this.#closing = device.close()
    }
    if (ownsDevice) this.attach({ free: close })
  }

  /** The most probable class of a sequence, and all probabilities, which sum to one. */
  async classify(
    text: TextInput | Tensor,
  ): Promise<{ readonly label: string; readonly probabilities: Readonly<Record<string, number>> }> {
    const { modules, labels } = this
    this.expectHeld('classify')
    const pass = modules.encoder.forward([
      readable('Classifier.classify', text, modules, this.config),
    ])
    try {
      const { data } = await this.#classes.probabilities(pass)
      const probabilities = Object.fromEntries(labels.map((label, n) => [label, data[n]]))
      return { label: labels[data.indexOf(Math.max(...data))], probabilities }
    } finally {
      pass.free()
    }
  }

  /**
   * Frees its parameters, as `free` does, and waits until the device is closed, if it was opened
   * for the classifier.
   */
  async close(): Promise<void> {
    this.free()
    await this.#closing
  }
}

/**
 * Trains a classifier of sequences of words, or of numbers.
 *
 * @throws {RangeError} for fewer than two classes, invalid sequences, and numbers out of range, {TypeError}
 *   for wrong types and unknown options
 */
export async function learnClasses(
  examples: readonly ClassExample[],
  options: ClassOptions = {},
): Promise<Classifier> {
  checkOptions('learnClasses', options, CHECKS, '{ steps: 200 }')
  ARRAY('learnClasses', 'examples', examples)
  examples.forEach((example, n) => {
    expectOptions(`learnClasses: examples[${n}]`, example, "{ text: 'a mat', label: 'a' }")
    TEXT('learnClasses', `examples[${n}].label`, example.label)
  })
  const { seed = 7, steps = 200, batch = 32, rate = 0.01, device: given, signal, ...rest } = options
  const numbers = examples.find(({ text }) => text instanceof Tensor)?.text as Tensor | undefined
  const { languages = languagesIn(stringsOf(examples)), ...sizes } = rest
  const config = modelConfig('learnClasses', {
    ...(numbers ? { width: numbers.shape[1] } : {}),
    ...sizes,
    languages,
  })
  const labels = [...new Set(examples.map(({ label }) => label))].sort()
  if (labels.length < 2)
    throw new RangeError(
      `learnClasses: needs examples of two classes or more, got ${labels.length}`,
    )
  const device = given ?? (await openDevice())
  let classifier: Classifier | undefined
  try {
    const words = examples.flatMap(({ text }) =>
      text instanceof Tensor ? [] : wordsOf('learnClasses', text, config),
    )
    const vocabulary = Vocabulary.of(
      mergedSpellings(countWords(words.map((word) => word.toLowerCase()))),
    )
    const counts = new Array<number>(vocabulary.size).fill(1)
    const classSizes = { width: contextWidth(config), count: labels.length }
    const { modules, own } = device.scope(() => ({
      modules: modulesOf(config, vocabulary, counts, { device, seed }),
      own: new Classes(classSizes, { device, seed }),
    }))
    classifier = new Classifier(labels, config, modules, own, device, !given)
    const labelled: Labelled[] = examples.map(({ text, label }) => ({
      text: readable('learnClasses', text, modules, config),
      label: labels.indexOf(label),
    }))
    const batches = new Batches(labelled, seed, 'classes', batch, () => 1)
    const factor = warmupThenLinear({ warmup: Math.ceil(steps / 10), steps })
    const objective = classes(own, (step) => batches.at(step))
    const pace = (_name: string, step: number) => ({ rate: rate * factor(step), decay: 0.01 })
    const loop = train(modules.encoder, [objective], {
      steps,
      optimizer: adamW(),
      pace,
      clip: 1,
      ...(signal ? { signal } : {}),
    })
    while (!(await loop.next()).done);
    return classifier
  } catch (error) {
    classifier?.free()
    if (!given) await device.close()
    throw error
  }
}

/** How many examples tell the languages. */
const TELLING = 1000

const stringsOf = (examples: readonly ClassExample[]): string[] =>
  examples.slice(0, TELLING).flatMap(({ text }) => (typeof text === 'string' ? [text] : []))

function wordsOf(where: string, text: TextInput, config: ModelConfig): readonly string[] {
  return tokensOf(where, text, config).map(({ token }) => token)
}

function readable(
  where: string,
  text: TextInput | Tensor,
  { lexicon }: ModelModules,
  config: ModelConfig,
): readonly WordFeatures[] | Tensor {
  if (text instanceof Tensor) {
    if (text.shape.length === 2 && text.shape[1] === config.width && text.shape[0] > 0) return text
    throw new RangeError(
      `${where}: a sequence of numbers must have the shape (T, ${config.width}), T ≥ 1, got (${text.shape.join(', ')})`,
    )
  }
  const words = wordsOf(where, text, config)
  if (words.length === 0)
    throw new RangeError(`${where}: a sequence must have a word at least, got ${valueText(text)}`)
  return words.map((word) => lexicon.featuresOf(word))
}
