import type { Device } from '../device/device.ts'
import { openDevice } from '../device/open.ts'
import { Sha256 } from '../io/sha256.ts'
import type { Exercise, Objective } from '../learn/objective.ts'
import { adamW, warmupThenLinear } from '../learn/optimizer.ts'
import { type Question, questions } from '../learn/questions.ts'
import { heldOutLoss, type StepEvent, train } from '../learn/train.ts'
import type { TrainOptions } from '../learn/train-options.ts'
import { readQuestions } from '../learn/triples.ts'
import {
  followWords,
  hiddenWords,
  hideWords,
  nextWords,
  type Sentence,
  type WordPrediction,
} from '../learn/words.ts'
import { countWords, folded, Vocabulary } from '../text/vocabulary.ts'
import { checkSame, decodeCheckpoint, keeperOf, keptOf } from './checkpoint.ts'
import type { LearnedRecord } from './file.ts'
import type { ModelForm } from './form.ts'
import { LEARN_DEFAULTS, type LearnOptions } from './learn-options.ts'
import type { Material, Words } from './material.ts'
import { Model } from './model.ts'
import { type Parts, partsOf } from './parts.ts'
import { type Plan, planOf, roundsFor } from './plan.ts'
import { type Batches, questionBatches } from './sampling.ts'
import { roundTo } from './store.ts'
import { type Ground, hashOf, type LearnText, materialFrom, subjectOf } from './subject.ts'

/** What learning tells on its way. */
export type LearnEvent =
  | {
      readonly event: 'begin'
      /**
       * The model itself, before it has learned anything: it can be asked, and changes with each
       * step.
       */
      readonly model: Model
      readonly sentences: number
      readonly words: number
      readonly questions: number
      readonly vocabulary: number
      readonly steps: number
      /** Of a text that is larger than memory: occurrences that the count of a word may lack. */
      readonly floor?: number
    }
  | StepEvent
  | { readonly event: 'heldOut'; readonly step: number; readonly loss: number }
  | { readonly event: 'warning'; readonly message: string }

/** Looks at the held-out loss on the way. */
const LOOKS = 8
/** Words with a vector of their own, at most, of a text that does not fit into memory. */
const WORDS_OF_A_LARGE_TEXT = 50_000

/**
 * Learns contextual embeddings from text; its events come on the way, the model is what it returns.
 *
 * Words are hidden and told from the contextual embeddings of their places; where there are
 * questions, the attention of each is drawn to its answer, over keys of contextual and static
 * embeddings. The same text, options, seed and arithmetic give the same bits.
 *
 * @throws {RangeError} for texts or options that cannot be, with name and line
 */
export async function* learning(
  text: LearnText,
  options: LearnOptions = {},
): AsyncGenerator<LearnEvent, Model> {
  const planned = planOf(options)
  const resumed = options.resume && (await decodeCheckpoint(options.resume))
  const hash = options.checkpoint || resumed ? new Sha256() : undefined
  const { material, plan, inMemory } = await materialFrom(text, planned, options, hash)
  try {
    const asked = await askedOf(options.questions, plan.form)
    const device = options.device ?? (await openDevice())
    try {
      const hashes = hash && { text: hash.digest(), questions: hashOf(asked) }
      return yield* learned({ plan, options, material, inMemory, asked, device, hashes, resumed })
    } catch (error) {
      if (!options.device) await device.close()
      throw error
    }
  } finally {
    material.close()
  }
}

async function* learned(ground: Ground): AsyncGenerator<LearnEvent, Model> {
  const { plan, options, material, asked, device, resumed } = ground
  const { seed, form, store } = plan
  const { vocabulary, counts } = vocabularyOf(countsOf(material, asked), plan, ground)
  const parts = await partsFrom(plan, vocabulary, counts, device, options.from)
  const groups = questionBatches(asked, seed, plan.batchQuestions)
  const steps = options.steps ?? stepsFor(options, material, groups)
  let record: LearnedRecord = {
    steps: 0,
    words: 0,
    sentences: material.sentences,
    questions: asked.length,
  }
  const recordNow = () => ({
    ...{ form, seed, arithmetic: device.arithmetic, vocabulary, counts, store },
    learned: [...(options.from?.learned ?? []), record],
  })
  const modelNow = (): Model => new Model(recordNow(), parts, device, !options.device)
  const subject = subjectOf(ground, recordNow(), steps)
  if (resumed && subject) checkSame(resumed, subject, LEARN_DEFAULTS)
  const { sentences, words } = material
  const sizes = { sentences, words, questions: asked.length, vocabulary: vocabulary.size, steps }
  yield {
    event: 'begin',
    model: modelNow(),
    ...sizes,
    ...(ground.inMemory ? {} : { floor: material.floor }),
  }
  for (const message of warnings(material, plan)) yield { event: 'warning', message }

  const { lexicon } = parts
  const sentence = (own: Words): Sentence => ({ forms: own.map((word) => lexicon.formOf(word)) })
  const judged = heldOutExercises(plan, parts, material.heldOut.map(sentence))
  const heldOut = async (step: number) => ({
    event: 'heldOut' as const,
    step,
    loss: await heldOutLoss(parts.network, judged),
  })
  if (judged.length && !resumed) yield await heldOut(0)
  const sample = (step: number): Sentence[] => {
    lexicon.forget()
    return material.at(step).map(sentence)
  }
  if (resumed)
    record = { ...record, steps: resumed.kept.progress.step, words: resumed.kept.progress.words }
  const objectives = objectivesOf(plan, parts, sample, groups)
  const kept = {
    ...(subject && options.checkpoint
      ? { keeper: keeperOf(subject, device, parts.parameters, options.checkpoint) }
      : {}),
    ...(resumed ? { resume: keptOf(resumed, parts.parameters, objectives, parts.network) } : {}),
  }
  for await (const event of train(parts.network, objectives, {
    ...trainOptions(plan, steps, options),
    ...kept,
  })) {
    record = { ...record, steps: event.step, words: event.words }
    yield event
    if (judged.length && event.step < steps && isLookOut(event.step, steps))
      yield await heldOut(event.step)
  }
  await roundTo(store, parts.parameters, device)
  if (judged.length) {
    const last = await heldOut(record.steps)
    record = { ...record, heldOutLoss: last.loss }
    yield last
  }
  return modelNow()
}

/**
 * Rounds over the text as told, or as are usual; with questions as many as three rounds over them
 * or one over the text take, at least 600.
 */
function stepsFor(
  { epochs }: LearnOptions,
  material: Material,
  groups: Batches<readonly Question[]>,
): number {
  if (epochs !== undefined) return material.stepsOf(epochs)
  if (groups.size > 0) return Math.max(600, groups.stepsOf(3), material.stepsOf(1))
  return material.stepsOf(roundsFor(material.words))
}

/** Learns contextual embeddings from text. @see learning, which tells more on its way */
export async function learn(text: LearnText, options: LearnOptions = {}): Promise<Model> {
  const events = learning(text, options)
  for (;;) {
    const next = await events.next()
    if (next.done) return next.value
  }
}

async function askedOf(
  given: LearnOptions['questions'],
  { tokens }: ModelForm,
): Promise<readonly Question[]> {
  if (given === undefined) return []
  if (typeof given === 'string')
    return readQuestions({ name: 'the questions', stream: [given] }, tokens)
  return 'stream' in given ? readQuestions(given, tokens) : given
}

/** How often each word occurs in the text and the questions, in lower case. */
function countsOf(material: Material, asked: readonly Question[]): Map<string, number> {
  const counts = countWords(
    asked.flatMap(({ words, question }) => [...words, ...question]).map(folded),
  )
  for (const [word, count] of material.wordCounts())
    counts.set(folded(word), (counts.get(folded(word)) ?? 0) + count)
  return counts
}

/**
 * The words that have a vector of their own, and how often each came: those of the model before,
 * then the new ones.
 */
function vocabularyOf(
  counts: ReadonlyMap<string, number>,
  { minCount }: Plan,
  { options, inMemory }: Ground,
) {
  const { from } = options
  const most = options.vocabulary ?? (inMemory ? Infinity : WORDS_OF_A_LARGE_TEXT)
  const vocabulary = from
    ? from.vocabulary.grown(counts, minCount, most)
    : Vocabulary.of(counts, minCount, most)
  if (vocabulary.size === 0)
    throw new RangeError(
      `learn: no word of the text occurs ${minCount} times; give a longer text, or minCount: 1`,
    )
  return {
    vocabulary,
    counts: vocabulary.words.map(
      (word, n) => (from?.record.counts[n] ?? 0) + (counts.get(word) ?? 0),
    ),
  }
}

/** New parts, or those of the model before on this device: its rows of words first. */
async function partsFrom(
  { form, seed, dropout }: Plan,
  vocabulary: Vocabulary,
  counts: readonly number[],
  device: Device,
  from: Model | undefined,
) {
  const parts = partsOf(form, vocabulary, counts, { device, seed, dropout })
  if (!from) return parts
  for (const [name, handle] of Object.entries(from.parts.parameters)) {
    const old = await from.device.read(handle)
    const whole = await device.read(parts.parameters[name])
    whole.data.set(old.data)
    device.write(parts.parameters[name], whole)
  }
  return parts
}

function objectivesOf(
  plan: Plan,
  { prediction, asking, lexicon }: Parts,
  sample: (step: number) => readonly Sentence[],
  groups: Batches<readonly Question[]>,
): Objective[] {
  const objectives: Objective[] = []
  if (plan.form.objective === 'hidden') objectives.push(hiddenWords(prediction, sample, plan.hide))
  if (plan.form.objective === 'next') objectives.push(nextWords(prediction, sample))
  if (groups.size > 0) {
    const { identityDrop } = plan
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
function heldOutExercises(
  plan: Plan,
  { prediction }: Parts,
  sentences: readonly Sentence[],
): Exercise[] {
  if (plan.form.objective === 'none' || sentences.length === 0) return []
  return heldOutOf(plan.form.objective, prediction, sentences, plan.hide)
}

function heldOutOf(
  objective: 'hidden' | 'next',
  prediction: WordPrediction,
  sentences: readonly Sentence[],
  hide: number,
): Exercise[] {
  const exercises: Exercise[] = []
  for (let from = 0; from < sentences.length; from += 50) {
    const some = sentences.slice(from, from + 50)
    const { texts, targets } =
      objective === 'hidden'
        ? hideWords(prediction, some, from, hide, 'heldOut')
        : followWords(some)
    if (targets.length) exercises.push(prediction.exercise(texts, targets, 0, true))
  }
  return exercises
}

/**
 * The biases of positions learn five times as fast, and do not decay: at the common rate contexts
 * hardly part.
 */
function trainOptions(
  { rate }: Plan,
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

/** Whether the held-out loss is looked at after a step. */
const isLookOut = (step: number, steps: number): boolean =>
  step % Math.max(10, Math.round(steps / LOOKS / 10) * 10) === 0

function warnings({ words }: Material, { form }: Plan): string[] {
  const numbers = form.width * (form.query + form.key + form.value)
  if (words >= numbers / 4) return []
  return [
    `the text is small for these widths: ${words} words for ${numbers} parameters in W_Q, W_K and W_V; give more text, or a smaller width`,
  ]
}
