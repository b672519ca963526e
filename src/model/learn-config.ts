import { checkOptions } from '../kinds.ts'
import {
  CONFIG_OPTIONS,
  DEFAULT_CONFIG,
  type ModelConfig,
  modelConfig,
  usesLanguages,
} from './config.ts'
import {
  LARGE_DEFAULTS,
  LEARN_CHECKS,
  LEARN_DEFAULTS,
  type LearnOptions,
  QUESTION_DEFAULTS,
} from './learn-options.ts'

/** Options with every default filled in. */
export type LearnConfig = typeof LEARN_DEFAULTS & { readonly model: ModelConfig }

/**
 * Fills in the defaults.
 *
 * @throws {RangeError} for values out of range, {TypeError} for wrong types and unknown options
 */
export function learnConfig(options: LearnOptions): LearnConfig {
  checkOptions('learn', options, LEARN_CHECKS, '{ seed: 7 }')
  const given: LearnOptions = {
    ...(asksOf(options) ? QUESTION_DEFAULTS : {}),
    ...pick(options, Object.keys(LEARN_CHECKS)),
  }
  const config = {
    ...LEARN_DEFAULTS,
    ...pick(given, Object.keys(LEARN_DEFAULTS)),
    model: configFor(options, pick(given, Object.keys(CONFIG_OPTIONS))),
  }
  if (options.languages?.length && config.sentences === 'line' && !usesLanguages(config.model))
    throw new RangeError(
      `learn: languages go with tokens unicode or dictionary, or with sentences auto, got tokens ${config.model.tokens}; leave them out`,
    )
  return config
}

function configFor({ from, ...options }: LearnOptions, given: Partial<ModelConfig>): ModelConfig {
  if (!from) return modelConfig('learn', { embedding: defaultEmbedding(given), ...given })
  for (const name of Object.keys(CONFIG_OPTIONS) as (keyof ModelConfig)[]) {
    const [value, own] = [options[name], from.config[name]]
    if (value !== undefined && String(own) !== String(value))
      throw new RangeError(
        `learn: the model to go on from has ${name} ${own ?? 'none'}, got ${value}; leave it out`,
      )
  }
  return from.config
}

/** The default embedding: `both` if hidden words are predicted, else `seen`. */
const defaultEmbedding = ({
  objective = DEFAULT_CONFIG.objective,
}: Partial<ModelConfig>): ModelConfig['embedding'] => (objective === 'hidden' ? 'both' : 'seen')

/**
 * A text of at least so many words is large, and has defaults of its own: more parameters, and more
 * words in a step.
 */
const LARGE_TEXT = 500_000
const SIZES: readonly (keyof LearnOptions)[] = ['width', 'query', 'key', 'value', 'heads', 'layers']

/**
 * The config for a text of so many words. A large one has defaults of its own: sizes where no size is
 * given, and without questions the others too.
 *
 * @see learnConfig
 */
export function learnConfigFor(options: LearnOptions, words: number): LearnConfig {
  if (words < LARGE_TEXT || options.from) return learnConfig(options)
  const sized = SIZES.some((name) => options[name] !== undefined)
  const ofOptions = Object.keys(LARGE_DEFAULTS).filter((name) =>
    SIZES.includes(name as keyof LearnOptions) ? !sized : !asksOf(options),
  )
  return learnConfig({ ...pick(LARGE_DEFAULTS, ofOptions), ...pick(options, Object.keys(options)) })
}

/** Words to read in all rounds together, of a text that is not large, and of a large one. */
const [READ, READ_OF_LARGE] = [300_000, 6_000_000]

/**
 * Default number of rounds over a text of so many words: enough for READ words, 30 at most; over a
 * large one enough for READ_OF_LARGE, 2 at least.
 */
export const roundsFor = (words: number): number =>
  words < LARGE_TEXT
    ? Math.min(30, Math.ceil(READ / words))
    : Math.max(2, Math.round(READ_OF_LARGE / words))

const asksOf = ({ questions }: LearnOptions): boolean =>
  questions !== undefined && (!Array.isArray(questions) || questions.length > 0)

/** The given ones of the options of these names. */
const pick = (options: object, names: readonly string[]): object =>
  Object.fromEntries(
    Object.entries(options).filter(([name, value]) => names.includes(name) && value !== undefined),
  )
