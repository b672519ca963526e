import type { Device } from '../device/device.ts'
import { openDevice } from '../device/open.ts'
import { Sha256 } from '../io/sha256.ts'
import type { Batch, Objective } from '../learn/objective.ts'
import { adamW, warmupThenLinear } from '../learn/optimizer.ts'
import { checkQuestions, type Question, questions } from '../learn/questions.ts'
import { heldOutLoss, type StepEvent, train } from '../learn/train.ts'
import type { TrainOptions } from '../learn/train-options.ts'
import { readQuestions } from '../learn/triples.ts'
import {
  type EncodedSentence,
  followWords,
  hiddenWords,
  hideWords,
  nextWords,
  type WordPrediction,
} from '../learn/words.ts'
import { otherDictionaries, UNDIVIDED } from '../text/dictionaries.ts'
import { icuVersion } from '../text/unicode/dictionary.ts'
import { checkSame, decodeCheckpoint, keeperOf, keptOf } from './checkpoint.ts'
import { formatOf, type ModelConfig } from './config.ts'
import type { Dataset, SentenceWords } from './dataset.ts'
import type { LearnedRecord } from './file.ts'
import { type LearnConfig, learnConfig, roundsFor } from './learn-config.ts'
import { LEARN_DEFAULTS, type LearnOptions } from './learn-options.ts'
import { Model } from './model.ts'
import { type ModelModules, modulesOf } from './modules.ts'
import { checkpointSource, hashOf, type LearningRun, type LearnText, readDataset } from './run.ts'
import { type Batches, questionBatches } from './sampling.ts'
import { roundTo } from './store.ts'
import { countsOf, vocabularyOf } from './words.ts'

/** Events of learning. */
export type LearnEvent =
  | {
      readonly event: 'begin'
      /**
       * The model itself, before it has learned anything: it can be used, and changes with each
       * step. A caller that stops iterating keeps it in its current state, and frees it; an error
       * of learning frees it.
       */
      readonly model: Model
      readonly sentences: number
      readonly words: number
      readonly questions: number
      readonly vocabulary: number
      readonly steps: number
      /** For a text larger than memory: the largest error of a word count, which may be too low. */
      readonly floor?: number
    }
  | StepEvent
  | { readonly event: 'heldOut'; readonly step: number; readonly loss: number }
  | { readonly event: 'warning'; readonly message: string }

/** How often the held-out loss is computed during learning. */
const LOOKS = 8

/**
 * Learns contextual embeddings from text; yields events, and returns the model.
 *
 * Words are hidden and predicted from the contextual embeddings of their positions; with questions,
 * the attention of each is trained to fall on its answer, over keys of contextual and static
 * embeddings. The same text, options, seed and arithmetic give the same bits.
 *
 * @throws {RangeError} for invalid texts or options, with name and line
 */
export async function* learning(
  text: LearnText,
  options: LearnOptions = {},
): AsyncGenerator<LearnEvent, Model> {
  learnConfig(options)
  const resumed = options.resume && (await decodeCheckpoint(options.resume))
  const own = resumed ? cutAs(resumed.checkpoint.model.config, options) : options
  const hash = options.checkpoint || resumed ? new Sha256() : undefined
  const { dataset, config, inMemory } = await readDataset(text, learnConfig(own), own, hash)
  try {
    const questions = await questionsOf(options.questions, config.model)
    const device = options.device ?? (await openDevice())
    try {
      const hashes = hash && { text: hash.digest(), questions: hashOf(questions) }
      return yield* learnSteps({
        config,
        options: own,
        dataset,
        inMemory,
        questions,
        device,
        hashes,
        resumed,
      })
    } catch (error) {
      if (!options.device) await device.close()
      throw error
    }
  } finally {
    dataset.close()
  }
}

/** Options that cut a text as before where they do not say how. */
const cutAs = (
  { tokens, languages }: ModelConfig,
  { tokens: rule = tokens, ...options }: LearnOptions,
): LearnOptions => ({
  ...(languages && rule === tokens ? { languages } : {}),
  ...options,
  tokens: rule,
})

async function* learnSteps(run: LearningRun): AsyncGenerator<LearnEvent, Model> {
  const { config, options, dataset, questions, device } = run
  const { seed, model, dropout } = config
  const format = formatFor(run)
  const words = vocabularyOf(countsOf(dataset, questions, model.tokens), config, run)
  const modules = modulesOf(model, words.vocabulary, words.counts, {
    ...{ device, seed, dropout, format },
  })
  try {
    if (options.from) await copyModules(options.from, modules, device)
    return yield* stepsOf(modules, words, run)
  } catch (error) {
    modules.free()
    throw error
  }
}

async function* stepsOf(
  modules: ModelModules,
  { vocabulary, counts, undivided }: ReturnType<typeof vocabularyOf>,
  run: LearningRun,
): AsyncGenerator<LearnEvent, Model> {
  const { config, options, dataset, questions, device, resumed } = run
  const { seed, model, store } = config
  const groups = questionBatches(questions, seed, config.batchQuestions)
  const steps = options.steps ?? stepsFor(options, dataset, groups)
  let record: LearnedRecord = {
    steps: 0,
    words: 0,
    sentences: dataset.sentences,
    questions: questions.length,
  }
  const icu = model.tokens === 'dictionary' ? icuVersion() : undefined
  const recordNow = () => ({
    ...{
      format: formatFor(run),
      config: model,
      seed,
      arithmetic: device.arithmetic,
      icu,
      vocabulary,
      counts,
      store,
    },
    learned: [...(options.from?.learned ?? []), record],
  })
  const modelNow = (): Model => new Model(recordNow(), modules, device, !options.device)
  const source = checkpointSource(run, recordNow(), steps)
  if (resumed && source) checkSame(resumed, source, LEARN_DEFAULTS)
  const { sentences, words } = dataset
  const sizes = {
    sentences,
    words,
    questions: questions.length,
    vocabulary: vocabulary.size,
    steps,
  }
  yield {
    event: 'begin',
    model: modelNow(),
    ...sizes,
    ...(run.inMemory ? {} : { floor: dataset.floor }),
  }
  for (const message of warnings(run, undivided)) yield { event: 'warning', message }

  const { lexicon } = modules
  const sentence = (own: SentenceWords): EncodedSentence => ({
    features: own.map((word) => lexicon.featuresOf(word)),
  })
  const heldOutSet = heldOutBatches(config, modules, dataset.heldOut.map(sentence))
  const heldOut = async (step: number) => ({
    event: 'heldOut' as const,
    step,
    loss: await heldOutLoss(modules.encoder, heldOutSet),
  })
  if (heldOutSet.length && !resumed) yield await heldOut(0)
  const sample = (step: number): EncodedSentence[] => {
    lexicon.forget()
    return dataset.at(step).map(sentence)
  }
  if (resumed)
    record = { ...record, steps: resumed.kept.progress.step, words: resumed.kept.progress.words }
  const objectives = objectivesOf(config, modules, sample, groups)
  const kept = {
    ...(source && options.checkpoint
      ? { keeper: keeperOf(source, device, modules.parameters, options.checkpoint) }
      : {}),
    ...(resumed
      ? { resume: keptOf(resumed, modules.parameters, objectives, modules.encoder) }
      : {}),
  }
  for await (const event of train(modules.encoder, objectives, {
    ...trainOptions(config, steps, options),
    ...kept,
  })) {
    record = { ...record, steps: event.step, words: event.words }
    yield event
    if (heldOutSet.length && event.step < steps && isLookOut(event.step, steps))
      yield await heldOut(event.step)
  }
  await roundTo(store, modules.parameters, device)
  if (heldOutSet.length) {
    const last = await heldOut(record.steps)
    record = { ...record, heldOutLoss: last.loss }
    yield last
  }
  return modelNow()
}

/**
 * Number of steps: of the given or the default number of rounds over the text; with questions by
 * default of three rounds over them or one over the text, at least 600.
 */
function stepsFor(
  { epochs }: LearnOptions,
  dataset: Dataset,
  groups: Batches<readonly Question[]>,
): number {
  if (epochs !== undefined) return dataset.stepsOf(epochs)
  if (groups.size > 0) return Math.max(600, groups.stepsOf(3), dataset.stepsOf(1))
  return dataset.stepsOf(roundsFor(dataset.words))
}

/** Learns contextual embeddings from text. @see learning, which also yields events */
export async function learn(text: LearnText, options: LearnOptions = {}): Promise<Model> {
  const events = learning(text, options)
  for (;;) {
    const next = await events.next()
    if (next.done) return next.value
  }
}

async function questionsOf(
  given: LearnOptions['questions'],
  { tokens, languages }: ModelConfig,
): Promise<readonly Question[]> {
  if (given === undefined) return []
  if (typeof given === 'string')
    return readQuestions({ name: 'the questions', stream: [given] }, tokens, languages)
  if (given !== null && typeof given === 'object' && 'stream' in given)
    return readQuestions(given, tokens, languages)
  checkQuestions('learn', given)
  return given
}

/** The model format: that of a model or checkpoint before, else that of the configuration. */
const formatFor = ({ config, options, resumed }: LearningRun): number =>
  (options.from?.record ?? resumed?.checkpoint.model)?.format ?? formatOf(config.model)

/** Copies the numbers of the model before into the new modules: its rows of words come first. */
async function copyModules(from: Model, modules: ModelModules, device: Device): Promise<void> {
  for (const [name, handle] of Object.entries(from.modules.parameters)) {
    const old = await from.device.read(handle)
    const whole = await device.read(modules.parameters[name])
    whole.data.set(old.data)
    device.write(modules.parameters[name], whole)
  }
}

function objectivesOf(
  config: LearnConfig,
  { prediction, asking, lexicon }: ModelModules,
  sample: (step: number) => readonly EncodedSentence[],
  groups: Batches<readonly Question[]>,
): Objective[] {
  const objectives: Objective[] = []
  if (config.model.objective === 'hidden')
    objectives.push(hiddenWords(prediction, sample, config.hide))
  if (config.model.objective === 'next') objectives.push(nextWords(prediction, sample))
  if (groups.size > 0) {
    const { identityDrop } = config
    objectives.push(
      questions(asking, lexicon, {
        sample: (step) => groups.at(step),
        identityDrop,
        counts: prediction.options.counts,
      }),
    )
  }
  if (objectives.length === 0)
    throw new RangeError(
      'learn: with the objective none there must be questions; give some, or an objective',
    )
  return objectives
}

/** The held-out sentences with a fixed choice of hidden words, and all words as candidates. */
function heldOutBatches(
  config: LearnConfig,
  { prediction }: ModelModules,
  sentences: readonly EncodedSentence[],
): Batch[] {
  if (config.model.objective === 'none' || sentences.length === 0) return []
  return heldOutOf(config.model.objective, prediction, sentences, config.hide)
}

function heldOutOf(
  objective: 'hidden' | 'next',
  prediction: WordPrediction,
  sentences: readonly EncodedSentence[],
  hide: number,
): Batch[] {
  const batches: Batch[] = []
  for (let from = 0; from < sentences.length; from += 50) {
    const some = sentences.slice(from, from + 50)
    const { texts, targets } =
      objective === 'hidden'
        ? hideWords(prediction, some, from, hide, 'heldOut')
        : followWords(some)
    if (targets.length) batches.push(prediction.batch(texts, targets, 0, true))
  }
  return batches
}

/**
 * Position biases learn five times as fast, and do not decay: at the common rate contexts hardly
 * differ.
 */
function trainOptions(
  { rate }: LearnConfig,
  steps: number,
  { optimizer = adamW(), signal }: LearnOptions,
): TrainOptions {
  const factor = warmupThenLinear({ warmup: Math.min(40, Math.ceil(steps / 5)), steps })
  return {
    steps,
    optimizer,
    ...(signal ? { signal } : {}),
    clip: 1,
    average: 0.3,
    pace: (name: string, step: number) =>
      name.endsWith('position.bias')
        ? { rate: 5 * rate * factor(step), decay: 0 }
        : { rate: rate * factor(step), decay: 0.01 },
  }
}

/** Whether the held-out loss is computed after a step. */
const isLookOut = (step: number, steps: number): boolean =>
  step % Math.max(10, Math.round(steps / LOOKS / 10) * 10) === 0

function warnings(
  { dataset: { words }, config: { model }, options: { from } }: LearningRun,
  undivided: boolean,
) {
  const numbers = model.width * (model.query + model.key + model.value)
  const small = `the text is small for these widths: ${words} words for ${numbers} parameters in W_Q, W_K and W_V; give more text, or a smaller width`
  return [
    words < numbers / 4 && small,
    undivided && UNDIVIDED,
    from && otherDictionaries(from.record),
  ].filter((message) => typeof message === 'string')
}
