import type { Device } from '../device/device.ts'
import {
  ABOVE_0,
  ANY,
  BELOW_1,
  COUNT_OR_ALL,
  DEVICE,
  FUNCTION,
  having,
  SEED,
  SIGNAL,
} from '../kinds.ts'
import type { Optimizer } from '../learn/optimizer.ts'
import type { Question } from '../learn/questions.ts'
import type { TextSource } from '../text/corpus.ts'
import { WORDS_IN_MEMORY } from '../text/reading.ts'
import type { Sentences } from '../text/sentences.ts'
import type { Spool } from '../text/spool.ts'
import type { CheckpointBytes, Checkpointing } from './checkpoint.ts'
import { CONFIG_OPTIONS, type ModelConfig } from './config.ts'
import type { Model } from './model.ts'
import {
  checksOf,
  choice,
  count,
  defaultsOf,
  file,
  integer,
  type OptionRow,
  share,
} from './option-rows.ts'
import { STORES, type Store } from './store.ts'

/**
 * How a model learns from text. docs/main-job.md measures the defaults, docs/learning.md those for
 * a large text: half a million words or more.
 */
export interface LearnOptions extends Partial<ModelConfig> {
  /** Seed of everything random, from 0 to 2⁵³ − 1; default 7. */
  readonly seed?: number
  /**
   * A model to continue from, with its sizes; its vocabulary grows. The model itself does not
   * change.
   */
  readonly from?: Model
  /** Questions with their answers, as a table (see readQuestions), or as readQuestions reads them. */
  readonly questions?: string | TextSource | readonly Question[]
  /** How sentences are found: one on each line, the default, or by their ends. */
  readonly sentences?: Sentences
  /**
   * Words that occur less often get no vector of their own, only that of their letters; default 2.
   */
  readonly minCount?: number
  /**
   * Most words that have a vector of their own, the commonest first; default all, or 50 000 of a
   * text that is not kept in memory.
   */
  readonly vocabulary?: number
  /**
   * Rounds (epochs) over the text. By default enough for 300 000 words, 30 at most; over a large
   * text enough for 6 million, 2 at least. With questions three rounds over them or one over the
   * text, whichever is longer, and 600 steps at least.
   */
  readonly epochs?: number
  /** Steps, instead of rounds. */
  readonly steps?: number
  /** Words of the text in a step; default 600, 4096 for a large text, 150 with questions. */
  readonly batchWords?: number
  /** Questions in a step, about; default 24. */
  readonly batchQuestions?: number
  /** Highest learning rate, above 0; default 0.01. */
  readonly rate?: number
  /** Share of the words that are hidden, in [0, 1); default 0.15, 0.3 for a large text. */
  readonly hide?: number
  /**
   * Share of the rare words in a question’s sentence that are reduced to their shape; default 0.7.
   */
  readonly identityDrop?: number
  /** Dropout rate of attention weights, in [0, 1); default 0. */
  readonly dropout?: number
  /** Share of the sentences that are held out, in [0, 1), 200 at most; default 0.05. */
  readonly heldOut?: number
  /**
   * How the model's file holds numbers: `float32`, the default; `float16` rounds them when learning
   * ends, and halves the file.
   */
  readonly store?: Store
  /** Updates the parameters; default adamW(). */
  readonly optimizer?: Optimizer
  /**
   * Words of a text that is kept in memory; default 2²³, about 45 MB. A longer text is shuffled
   * block by block.
   */
  readonly wordsInMemory?: number
  /**
   * Opens a store for the sentences of a text that is too large for memory, such as openSpool, on
   * the disk; default: memory.
   */
  readonly spool?: () => Spool | Promise<Spool>
  /** Receives checkpoints. */
  readonly checkpoint?: Checkpointing
  /** A checkpoint to resume, to the same bits: with the same text and options. */
  readonly resume?: CheckpointBytes
  /** The device; by default one is opened, and closed with the model. */
  readonly device?: Device
  /** Ends the learning between two steps (an AbortSignal); what was learned so far is the model. */
  readonly signal?: { readonly aborted: boolean }
}

/** The options that a model does not keep. */
const OWN_OPTIONS = {
  from: {
    check: having(['embed', 'bytes'], "await load('fr')"),
    ...file('model'),
    help: 'go on from this model',
  },
  questions: {
    check: ANY,
    ...file('table'),
    help: 'questions to learn from: sentence, question, start, end, with tabs between them and a header',
  },
  sentences: {
    ...choice('rule', 'line', 'auto'),
    default: 'line',
    help: 'a sentence on each line, or (auto) paragraphs, cut where sentences end',
  },
  epochs: {
    ...count(),
    defaultHelp:
      'as many as 300 000 words take, 30 at most; for a large text as many as 6 million take, 2 at least; with questions 3 over these, 1 over the text and 600 steps at least',
    help: 'rounds over the text',
  },
  steps: { ...count(), defaultHelp: 'those of the rounds', help: 'steps, instead of rounds' },
  minCount: {
    ...count(),
    default: 2,
    help: 'words that occur less often have the vector of their letters alone',
  },
  vocabulary: {
    ...count(),
    check: COUNT_OR_ALL,
    defaultHelp: 'all, or 50 000 of a text larger than memory',
    help: 'most words with a vector of their own',
  },
  batchWords: {
    ...count(),
    default: 600,
    large: 4096,
    withQuestions: 150,
    help: 'words of the text in a step',
  },
  batchQuestions: { check: count().check, default: 24, help: 'questions in a step, about' },
  wordsInMemory: {
    ...count(),
    check: COUNT_OR_ALL,
    default: WORDS_IN_MEMORY,
    help: 'a longer text goes to a temporary file and is shuffled block by block',
  },
  rate: {
    check: ABOVE_0,
    flag: { kind: 'positive', placeholder: 'number' },
    default: 0.01,
    help: 'highest learning rate, above 0',
  },
  hide: {
    ...share(),
    default: 0.15,
    large: 0.3,
    help: 'share of the words that are hidden, from 0 to below 1',
  },
  identityDrop: {
    check: BELOW_1,
    default: 0.7,
    help: 'share of the rare words in a question’s sentence that show their shape alone',
  },
  dropout: {
    ...share(),
    default: 0,
    help: 'share of attention weights that learning drops, from 0 to below 1',
  },
  heldOut: {
    ...share(),
    default: 0.05,
    help: 'share of the sentences that are held out, from 0 to below 1, 200 at most',
  },
  store: {
    ...choice('type', ...STORES),
    default: 'float32',
    help: 'how the file holds numbers: float16 rounds them and halves it',
  },
  seed: { ...integer(0), check: SEED, default: 7, help: 'seed of everything random' },
  optimizer: {
    check: having(['begin', 'move', 'free'], 'adamW()'),
    defaultHelp: 'adamW()',
    help: 'moves the parameters',
  },
  spool: {
    check: FUNCTION,
    defaultHelp: 'memory',
    help: 'holds sentences of a text larger than memory',
  },
  checkpoint: { check: having(['due', 'write'], '{ due, write }'), help: 'takes checkpoints' },
  resume: { check: ANY, help: 'a checkpoint to go on from' },
  device: { check: DEVICE, defaultHelp: 'await openDevice()', help: 'where to learn' },
  signal: { check: SIGNAL, help: 'ends the learning between two steps' },
} as const satisfies {
  readonly [Name in Exclude<keyof LearnOptions, keyof ModelConfig>]-?: OptionRow<LearnOptions[Name]>
}

/**
 * The one table of the options of `learn`: checks, defaults, what a model keeps, the command's
 * options with their help, what an interrupted command repeats and docs/learn-options.md follow
 * from it.
 */
export const LEARN_OPTIONS = { ...OWN_OPTIONS, ...CONFIG_OPTIONS }

type Table = typeof LEARN_OPTIONS
type Name = keyof Table

/** Options that the command passes on unchanged; files it opens itself. */
export type LearnFlags = {
  readonly [N in Name as Table[N] extends { readonly flag: { readonly kind: infer Kind } }
    ? Kind extends 'file'
      ? never
      : N
    : never]?: LearnOptions[N]
}

type Own = typeof OWN_OPTIONS
type Defaulted = {
  [N in keyof Own]: Own[N] extends { readonly default: unknown } ? N : never
}[keyof Own]

/** A check for each option of `learn`. */
export const LEARN_CHECKS = checksOf(LEARN_OPTIONS)

/** Defaults of the options that a model does not keep. */
export const LEARN_DEFAULTS = defaultsOf(OWN_OPTIONS, 'default') as Required<
  Pick<LearnOptions, Defaulted>
>

/** Different defaults for a large text. */
export const LARGE_DEFAULTS: LearnOptions = defaultsOf(LEARN_OPTIONS, 'large')

/** Different defaults with questions. */
export const QUESTION_DEFAULTS: LearnOptions = defaultsOf(LEARN_OPTIONS, 'withQuestions')
