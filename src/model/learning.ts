import type { Device } from '../device/device.ts'
import { openDevice } from '../device/open.ts'
import { expectKnown, expectOptions, valueText } from '../kinds.ts'
import { folded } from '../learn/forms.ts'
import type { Exercise, Objective } from '../learn/objective.ts'
import { adamW, type Optimizer, warmupThenLinear } from '../learn/optimizer.ts'
import { type Question, questions } from '../learn/questions.ts'
import { heldOutLoss, type StepEvent, train } from '../learn/train.ts'
import { readQuestions } from '../learn/triples.ts'
import { followWords, hiddenWords, hideWords, nextWords, type Sentence, type WordPrediction } from '../learn/words.ts'
import { Corpus, type TextSource } from '../text/corpus.ts'
import type { TextStream } from '../text/decode.ts'
import type { Sentences } from '../text/sentences.ts'
import { countWords, Vocabulary } from '../text/vocabulary.ts'
import type { LearnedRecord } from './file.ts'
import { DEFAULT_FORM, type ModelForm, modelForm } from './form.ts'
import { Model } from './model.ts'
import { type Parts, partsOf } from './parts.ts'
import { Batches, questionBatches, sentenceOf, split } from './sampling.ts'

/** How a model learns from text; what is absent has the value that docs/main-job.md measured. */
export interface LearnOptions extends Partial<ModelForm> {
  /** What everything random is drawn from; 7 unless told. */
  readonly seed?: number
  /** A model to go on from, with its form; its vocabulary grows. It stays as it is. */
  readonly from?: Model
  /** Questions with their answers, as a table (see readQuestions), or ready. */
  readonly questions?: string | TextSource | readonly Question[]
  readonly sentences?: Sentences
  /** Words that occur less often have no vector of their own, only that of their letters; 2 unless told. */
  readonly minCount?: number
  /** Rounds over the text; as many as 150 000 words take unless told, 30 at most. */
  readonly epochs?: number
  /** Steps, instead of rounds. */
  readonly steps?: number
  /** Words of the text in a step; 300 unless told. */
  readonly batchWords?: number
  /** Questions in a step, about; 48 unless told. */
  readonly batchQuestions?: number
  /** Highest learning rate; 0.01 unless told. */
  readonly rate?: number
  /** Share of the words that are hidden; .15 unless told. */
  readonly hide?: number
  /** Share of the rare words in an asked sentence of which the shape alone is told; .7 unless told. */
  readonly identityDrop?: number
  /** Share of the sentences that are held out, 200 at most; .05 unless told. */
  readonly heldOut?: number
  readonly optimizer?: Optimizer
  /** Where to learn; opened for it, and closed with the model, unless told. */
  readonly device?: Device
  /** Ends the learning between two steps; what was learned so far is the model. */
  readonly signal?: AbortSignal
}

/** What learning tells on its way. */
export type LearnEvent =
  | {
      readonly event: 'begin'
      /** The model itself, before it has learned anything: it can be asked, and changes with each step. */
      readonly model: Model
      readonly sentences: number
      readonly words: number
      readonly questions: number
      readonly vocabulary: number
      readonly steps: number
    }
  | StepEvent
  | { readonly event: 'heldOut'; readonly step: number; readonly loss: number }
  | { readonly event: 'warning'; readonly message: string }

/** Texts to learn from: one as a string, one as a stream, or several with their names. */
export type LearnText = string | TextStream | readonly TextSource[]

const OWN: readonly (keyof LearnOptions)[] = [
  ...(['seed', 'from', 'questions', 'sentences', 'minCount', 'epochs', 'steps', 'batchWords', 'batchQuestions', 'rate'] as const),
  ...(['hide', 'identityDrop', 'heldOut', 'optimizer', 'device', 'signal'] as const),
]
const WORDS_TO_READ = 150_000
const MOST_EPOCHS = 30
const FIRST_LOSSES = 8

/**
 * Learns contextual embeddings from text; its events come on the way, the model is what it returns.
 *
 * Words are hidden and told from the contextual embeddings of their places; where there are questions, the attention of each
 * is drawn to its answer, over keys of contextual embeddings. The same text, options, seed and arithmetic give the same bits.
 *
 * @throws {RangeError} for texts or options that cannot be, with name and line
 */
export async function* learning(text: LearnText, options: LearnOptions = {}): AsyncGenerator<LearnEvent, Model> {
  const plan = planOf(options)
  const corpus = await Corpus.read(sourcesOf(text), {
    tokens: plan.form.tokens,
    ...(options.sentences ? { sentences: options.sentences } : {}),
  })
  if (corpus.size === 0) throw new RangeError('learn: the text has no words; give a text with sentences')
  const asked = await askedOf(options.questions, plan.form)
  const counts = countsOf(corpus, asked)
  const device = options.device ?? (await openDevice())
  try {
    const { vocabulary, total } = await vocabularyOf(counts, plan, options.from)
    const parts = await partsFrom(plan, vocabulary, total, device, options.from)
    const halves = split(corpus, plan.heldOut, plan.seed)
    const batches = new Batches(halves.learned, plan.seed, 'sentences', plan.batchWords, (n) => corpus.sentences[n].length)
    const steps = options.steps ?? batches.stepsOf(options.epochs ?? Math.min(MOST_EPOCHS, Math.ceil(WORDS_TO_READ / corpus.size)))
    let record: LearnedRecord = { steps: 0, words: 0, sentences: corpus.sentences.length, questions: asked.length }
    const before = options.from?.learned ?? []
    const modelNow = (): Model =>
      new Model(
        { form: plan.form, seed: plan.seed, arithmetic: device.arithmetic, vocabulary, counts: total, learned: [...before, record] },
        parts,
        device,
        !options.device,
      )
    yield {
      event: 'begin',
      model: modelNow(),
      sentences: corpus.sentences.length,
      words: corpus.size,
      questions: asked.length,
      vocabulary: vocabulary.size,
      steps,
    }
    for (const message of warnings(corpus, plan)) yield { event: 'warning', message }

    const sentence = (n: number): Sentence => sentenceOf(corpus, parts.lexicon, n)
    const objectives = objectivesOf(plan, parts, (step) => batches.at(step).map(sentence), asked)
    const judged = heldOutExercises(plan, parts, halves.heldOut.map(sentence))
    const heldOut = async (step: number): Promise<LearnEvent> => ({
      event: 'heldOut',
      step,
      loss: await heldOutLoss(parts.network, judged),
    })
    if (judged.length) yield await heldOut(0)
    const optimizer = options.optimizer ?? adamW()
    for await (const event of train(parts.network, objectives, {
      ...trainOptions(plan, steps),
      optimizer,
      ...(options.signal ? { signal: options.signal } : {}),
    })) {
      record = { ...record, steps: event.step, words: event.words }
      yield event
      if (judged.length && event.step < steps && isLookOut(event.step, steps)) yield await heldOut(event.step)
    }
    if (judged.length) {
      const last = await heldOut(record.steps)
      yield last
      if (last.event === 'heldOut') record = { ...record, heldOutLoss: last.loss }
    }
    return modelNow()
  } catch (error) {
    if (!options.device) await device.close()
    throw error
  }
}

/** Learns contextual embeddings from text. @see learning, which tells more on its way */
export async function learn(text: LearnText, options: LearnOptions = {}): Promise<Model> {
  const events = learning(text, options)
  for (;;) {
    const next = await events.next()
    if (next.done) return next.value
  }
}

/** Options with every default filled in. */
interface Plan
  extends Required<
    Pick<LearnOptions, 'seed' | 'minCount' | 'batchWords' | 'batchQuestions' | 'rate' | 'hide' | 'identityDrop' | 'heldOut'>
  > {
  readonly form: ModelForm
}

const DEFAULTS = { seed: 7, minCount: 2, batchWords: 300, batchQuestions: 48, rate: 0.01, hide: 0.15, identityDrop: 0.7, heldOut: 0.05 }

function planOf(options: LearnOptions): Plan {
  expectOptions('learn', options, '{ seed: 7 }')
  const formNames = Object.keys(DEFAULT_FORM)
  expectKnown('learn', options, [...OWN, ...formNames])
  const given = Object.fromEntries(
    Object.entries(options).filter(([name, value]) => formNames.includes(name) && value !== undefined),
  ) as Partial<ModelForm>
  const { from } = options
  for (const [name, value] of Object.entries(given)) {
    const own = from?.form[name as keyof ModelForm]
    if (from && own !== value) throw new RangeError(`learn: the model to go on from has ${name} ${own}, got ${value}; leave it out`)
  }
  const plan: Plan = { ...DEFAULTS, ...pick(options, Object.keys(DEFAULTS)), form: from ? from.form : modelForm('learn', given) }
  for (const name of ['minCount', 'batchWords', 'batchQuestions'] as const) expectWhole(name, plan[name])
  for (const name of ['epochs', 'steps'] as const) if (options[name] !== undefined) expectWhole(name, options[name])
  for (const name of ['hide', 'identityDrop', 'heldOut'] as const) {
    if (!(plan[name] >= 0 && plan[name] < 1)) throw new RangeError(`learn: ${name} must lie in [0, 1), got ${valueText(plan[name])}`)
  }
  if (!(plan.rate > 0 && plan.rate < Infinity)) throw new RangeError(`learn: rate must be above 0, got ${valueText(plan.rate)}`)
  return plan
}

const pick = (options: object, names: readonly string[]): object =>
  Object.fromEntries(Object.entries(options).filter(([name, value]) => names.includes(name) && value !== undefined))

function expectWhole(name: string, value: number): void {
  if (!(Number.isInteger(value) && value >= 1)) throw new RangeError(`learn: ${name} must be an integer ≥ 1, got ${valueText(value)}`)
}

function sourcesOf(text: LearnText): readonly TextSource[] {
  if (typeof text === 'string') return [{ name: 'the text', stream: [text] }]
  if (Array.isArray(text) && text.every((source) => typeof source === 'object' && source !== null && 'stream' in source)) return text
  if (typeof text === 'object' && text !== null && (Symbol.asyncIterator in text || Symbol.iterator in text))
    return [{ name: 'the text', stream: text as TextStream }]
  throw new TypeError(`learn: needs a text: a string, a stream, or an array of { name, stream }, got ${valueText(text)}`)
}

async function askedOf(given: LearnOptions['questions'], { tokens }: ModelForm): Promise<readonly Question[]> {
  if (given === undefined) return []
  if (typeof given === 'string') return readQuestions({ name: 'the questions', stream: [given] }, tokens)
  return 'stream' in given ? readQuestions(given, tokens) : given
}

/** How often each word occurs in the text and the questions, in lower case. */
function countsOf(corpus: Corpus, asked: readonly Question[]): Map<string, number> {
  const counts = countWords(asked.flatMap(({ words, question }) => [...words, ...question]).map(folded))
  for (const [word, count] of corpus.wordCounts()) counts.set(folded(word), (counts.get(folded(word)) ?? 0) + count)
  return counts
}

/** The words that have a vector of their own, and how often each came: those of the model before, then the new ones. */
async function vocabularyOf(counts: ReadonlyMap<string, number>, { minCount }: Plan, from: Model | undefined) {
  const vocabulary = from ? from.vocabulary.grown(counts, minCount) : Vocabulary.of(counts, minCount)
  if (vocabulary.size === 0) throw new RangeError(`learn: no word of the text occurs ${minCount} times; give a longer text, or minCount: 1`)
  return { vocabulary, total: vocabulary.words.map((word, n) => (from?.record.counts[n] ?? 0) + (counts.get(word) ?? 0)) }
}

/** New parts, or those of the model before on this device: its rows of words first. */
async function partsFrom({ form, seed }: Plan, vocabulary: Vocabulary, counts: readonly number[], device: Device, from: Model | undefined) {
  const parts = partsOf(form, vocabulary, counts, { device, seed })
  if (!from) return parts
  for (const [name, handle] of Object.entries(from.parts.parameters)) {
    const old = await from.device.read(handle)
    const whole = await device.read(parts.parameters[name])
    whole.data.set(old.data)
    device.write(parts.parameters[name], whole)
  }
  return parts
}

function objectivesOf(plan: Plan, parts: Parts, sample: (step: number) => readonly Sentence[], asked: readonly Question[]): Objective[] {
  const objectives: Objective[] = []
  if (plan.form.objective === 'hidden') objectives.push(hiddenWords(parts.prediction, sample, plan.hide))
  if (plan.form.objective === 'next') objectives.push(nextWords(parts.prediction, sample))
  if (asked.length) {
    const batches = questionBatches(asked, plan.seed, plan.batchQuestions)
    objectives.push(
      questions(parts.asking, parts.lexicon, {
        sample: (step) => batches.at(step),
        identityDrop: plan.identityDrop,
        counts: parts.prediction.options.counts,
      }),
    )
  }
  if (objectives.length === 0) throw new RangeError('learn: with the objective none there must be questions; give some, or an objective')
  return objectives
}

/** The held-out sentences with a fixed choice of hidden words, and all words as candidates. */
function heldOutExercises(plan: Plan, { prediction }: Parts, sentences: readonly Sentence[]): Exercise[] {
  if (plan.form.objective === 'none' || sentences.length === 0) return []
  return heldOutOf(plan.form.objective, prediction, sentences, plan.hide)
}

function heldOutOf(objective: 'hidden' | 'next', prediction: WordPrediction, sentences: readonly Sentence[], hide: number): Exercise[] {
  const exercises: Exercise[] = []
  for (let from = 0; from < sentences.length; from += 50) {
    const some = sentences.slice(from, from + 50)
    const { texts, targets } = objective === 'hidden' ? hideWords(prediction, some, from, hide, 'heldOut') : followWords(some)
    if (targets.length) exercises.push(prediction.exercise(texts, targets, 0, true))
  }
  return exercises
}

/** The biases of positions learn five times as fast, and do not decay: at the common rate contexts hardly part. */
function trainOptions({ rate }: Plan, steps: number) {
  const factor = warmupThenLinear({ warmup: Math.min(40, Math.ceil(steps / 5)), steps })
  return {
    steps,
    clip: 1,
    average: 0.3,
    pace: (name: string, step: number) =>
      name.endsWith('position.bias') ? { rate: 5 * rate * factor(step), decay: 0 } : { rate: rate * factor(step), decay: 0.01 },
  }
}

/** Whether the held-out loss is looked at after a step. */
const isLookOut = (step: number, steps: number): boolean => step % Math.max(10, Math.round(steps / FIRST_LOSSES / 10) * 10) === 0

function warnings(corpus: Corpus, { form }: Plan): string[] {
  const numbers = form.width * (form.query + form.key + form.value)
  if (corpus.size >= numbers / 4) return []
  return [
    `the text is small for these widths: ${corpus.size} words for ${numbers} parameters in W_Q, W_K and W_V; give more text, or a smaller width`,
  ]
}
