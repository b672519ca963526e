import type { Device } from '../device/device.ts'
import { expectKind, expectKnown, expectOptions, valueText } from '../kinds.ts'
import type { Optimizer } from '../learn/optimizer.ts'
import type { Question } from '../learn/questions.ts'
import type { TextSource } from '../text/corpus.ts'
import { WORDS_IN_MEMORY } from '../text/reading.ts'
import type { Sentences } from '../text/sentences.ts'
import type { Spool } from '../text/spool.ts'
import type { CheckpointBytes, Checkpointing } from './checkpoint.ts'
import { DEFAULT_FORM, type ModelForm, modelForm } from './form.ts'
import type { Model } from './model.ts'
import { checkStore, type Store } from './store.ts'

/**
 * How a model learns from text; what is absent has the value that docs/main-job.md measured, or
 * docs/learning.md of a large text.
 */
export interface LearnOptions extends Partial<ModelForm> {
  /** What everything random is drawn from; 7 unless told. */
  readonly seed?: number
  /** A model to go on from, with its form; its vocabulary grows. It stays as it is. */
  readonly from?: Model
  /** Questions with their answers, as a table (see readQuestions), or ready. */
  readonly questions?: string | TextSource | readonly Question[]
  readonly sentences?: Sentences
  /**
   * Words that occur less often have no vector of their own, only that of their letters; 2 unless
   * told.
   */
  readonly minCount?: number
  /**
   * Most words that have a vector of their own, the commonest; all in a text that is kept in
   * memory, else 50 000, unless told.
   */
  readonly vocabulary?: number
  /**
   * Rounds over the text; as many as 300 000 words take, 30 at most, of half a million words or
   * more as many as 6 million take, 2 at least, unless told; with questions three rounds over them
   * or one over the text, whichever is longer, 600 steps at least.
   */
  readonly epochs?: number
  /** Steps, instead of rounds. */
  readonly steps?: number
  /**
   * Words of the text in a step; 600, 4096 of half a million words or more, or 150 beside
   * questions, unless told.
   */
  readonly batchWords?: number
  /** Questions in a step, about; 24 unless told. */
  readonly batchQuestions?: number
  /** Highest learning rate; 0.01 unless told. */
  readonly rate?: number
  /**
   * Share of the words that are hidden; .15, or .3 of half a million words or more, unless told.
   */
  readonly hide?: number
  /**
   * Share of the rare words in an asked sentence of which the shape alone is told; .7 unless told.
   */
  readonly identityDrop?: number
  /** Share of the layers' attention weights that are dropped while it learns; 0 unless told. */
  readonly dropout?: number
  /** Share of the sentences that are held out, 200 at most; .05 unless told. */
  readonly heldOut?: number
  /**
   * How the model's file holds numbers; `float16` rounds them when learning ends, and halves the
   * file. `float32` unless told.
   */
  readonly store?: Store
  readonly optimizer?: Optimizer
  /**
   * Words of a text that is kept in memory; 2²³, about 45 MB, unless told. A longer text is
   * shuffled block by block.
   */
  readonly wordsInMemory?: number
  /**
   * Opens what holds the sentences of a text that is not kept in memory (openSpool: on the disk);
   * memory after all unless told.
   */
  readonly spool?: () => Spool | Promise<Spool>
  /** Takes checkpoints. */
  readonly checkpoint?: Checkpointing
  /** A checkpoint to go on from, to the same bits: with the same text and options. */
  readonly resume?: CheckpointBytes
  /** Where to learn; opened for it, and closed with the model, unless told. */
  readonly device?: Device
  /** Ends the learning between two steps (an AbortSignal); what was learned so far is the model. */
  readonly signal?: { readonly aborted: boolean }
}

const OWN: readonly (keyof LearnOptions)[] = [
  ...([
    'seed',
    'from',
    'questions',
    'sentences',
    'minCount',
    'epochs',
    'steps',
    'batchWords',
    'batchQuestions',
    'rate',
  ] as const),
  ...([
    'hide',
    'identityDrop',
    'dropout',
    'heldOut',
    'store',
    'optimizer',
    'device',
    'signal',
  ] as const),
  ...(['vocabulary', 'wordsInMemory', 'spool', 'checkpoint', 'resume'] as const),
]

/** Options with every default filled in. */
export interface Plan
  extends Required<
    Pick<
      LearnOptions,
      | 'seed'
      | 'minCount'
      | 'batchWords'
      | 'batchQuestions'
      | 'rate'
      | 'hide'
      | 'identityDrop'
      | 'dropout'
      | 'heldOut'
      | 'wordsInMemory'
    >
  > {
  readonly form: ModelForm
}

const DEFAULTS = {
  seed: 7,
  minCount: 2,
  batchWords: 600,
  batchQuestions: 24,
  rate: 0.01,
  hide: 0.15,
  identityDrop: 0.7,
  dropout: 0,
  heldOut: 0.05,
  wordsInMemory: WORDS_IN_MEMORY,
}

/** Fills in the defaults. @throws {RangeError} for options that cannot be */
export function planOf(options: LearnOptions): Plan {
  expectOptions('learn', options, '{ seed: 7 }')
  const formNames = Object.keys(DEFAULT_FORM)
  expectKnown('learn', options, [...OWN, ...formNames])
  const given = Object.fromEntries(
    Object.entries(options).filter(
      ([name, value]) => formNames.includes(name) && value !== undefined,
    ),
  ) as Partial<ModelForm>
  const { from } = options
  if (from !== undefined) expectKind('learn', 'from', from, ['embed', 'bytes'], "await load('fr')")
  for (const [name, value] of Object.entries(given)) {
    const own = from?.form[name as keyof ModelForm]
    if (from && own !== value)
      throw new RangeError(
        `learn: the model to go on from has ${name} ${own}, got ${value}; leave it out`,
      )
  }
  const plan: Plan = {
    ...DEFAULTS,
    ...pick(options, Object.keys(DEFAULTS)),
    form: from
      ? from.form
      : modelForm('learn', {
          embedding: usualEmbedding(given),
          clues: usualClues(options),
          ...given,
        }),
    ...smaller(options),
  }
  if (options.store !== undefined) checkStore(options.store)
  for (const name of ['minCount', 'batchWords', 'batchQuestions'] as const)
    expectWhole(name, plan[name])
  for (const name of ['epochs', 'steps'] as const)
    if (options[name] !== undefined) expectWhole(name, options[name])
  for (const name of ['hide', 'identityDrop', 'dropout', 'heldOut'] as const) {
    if (!(plan[name] >= 0 && plan[name] < 1))
      throw new RangeError(`learn: ${name} must lie in [0, 1), got ${valueText(plan[name])}`)
  }
  if (!(plan.rate > 0 && plan.rate < Infinity))
    throw new RangeError(`learn: rate must be above 0, got ${valueText(plan.rate)}`)
  return plan
}

/**
 * What the others tell of a word, beside its own vector; the context alone where no word is hidden.
 */
const usualEmbedding = ({
  objective = DEFAULT_FORM.objective,
}: Partial<ModelForm>): ModelForm['embedding'] => (objective === 'hidden' ? 'both' : 'seen')

/** Questions are learned with clues; without any, there is nothing to learn them from. */
const usualClues = (options: LearnOptions): ModelForm['clues'] =>
  asksOf(options) ? 'overlap' : 'none'

/**
 * Words from which on a text is large: it has use for more numbers, and for more words in a step.
 */
const LARGE_TEXT = 500_000
const LARGE_SIZES = { width: 128, query: 128, key: 128, value: 128, heads: 8 }
const LARGE_RECIPE = { position: 'relative:24', hide: 0.3, batchWords: 4096 }

/**
 * The plan for a text of so many words: of a large one other sizes are usual, where none is told,
 * and without questions another recipe.
 *
 * @see planOf
 */
export function planFor(options: LearnOptions, words: number): Plan {
  if (words < LARGE_TEXT || options.from) return planOf(options)
  const sizes = [...Object.keys(LARGE_SIZES), 'layers'] as (keyof ModelForm)[]
  const usual = {
    ...(sizes.some((name) => options[name] !== undefined) ? {} : LARGE_SIZES),
    ...(asksOf(options) ? {} : LARGE_RECIPE),
  }
  const told = Object.entries(options).filter(([, value]) => value !== undefined)
  return planOf({ ...usual, ...Object.fromEntries(told) })
}

/** Words that are read, in rounds, of a text that is not large, and of one that is. */
const [READ, READ_OF_LARGE] = [300_000, 6_000_000]

/**
 * Rounds over a text of so many words, where none are told: as many as READ words take, 30 at most;
 * over a large one as many as READ_OF_LARGE take, 2 at least.
 */
export const roundsFor = (words: number): number =>
  words < LARGE_TEXT
    ? Math.min(30, Math.ceil(READ / words))
    : Math.max(2, Math.round(READ_OF_LARGE / words))

const asksOf = ({ questions }: LearnOptions): boolean =>
  questions !== undefined && (!Array.isArray(questions) || questions.length > 0)

/** Beside questions, fewer words of the text in a step serve as well. */
const smaller = (options: LearnOptions): object =>
  asksOf(options) && options.batchWords === undefined ? { batchWords: 150 } : {}

const pick = (options: object, names: readonly string[]): object =>
  Object.fromEntries(
    Object.entries(options).filter(([name, value]) => names.includes(name) && value !== undefined),
  )

function expectWhole(name: string, value: number): void {
  if (!(Number.isInteger(value) && value >= 1))
    throw new RangeError(`learn: ${name} must be an integer ≥ 1, got ${valueText(value)}`)
}
