import { checkOptions, integersFrom, oneOf } from '../kinds.ts'
import type { StackOptions } from '../layer/stack.ts'
import type { Keys } from '../learn/row-map.ts'
import { causal } from '../mechanism/mask.ts'
import {
  alignmentNamed,
  alignmentSyntaxes,
  distributionNamed,
  distributionSyntaxes,
  positionNamed,
  positionSyntaxes,
} from '../mechanism/named.ts'
import { LANGUAGES } from '../text/language.ts'
import { TOKENIZATIONS, type Tokenization } from '../text/tokens.ts'
import { checksOf, choice, defaultsOf, integer, name, type OptionRow, size } from './option-rows.ts'

/** The configuration of a model, as in its file; it is fixed once learning has begun. */
export interface ModelConfig {
  /** D, the width of static embeddings; default 64, 128 for a large text. */
  readonly width: number
  /** d_q over all heads; default 32, 128 for a large text. */
  readonly query: number
  /** d_k over all heads; default 32, 128 for a large text. */
  readonly key: number
  /** d_v over all heads; default 64, 128 for a large text. */
  readonly value: number
  /** Default 4, 8 for a large text. */
  readonly heads: number
  /** From 1, the default, to 64. Several have residual connections and normalise before each. */
  readonly layers: number
  /** By name, such as `general:bias,tanh`; default `scaledDot`. */
  readonly alignment: string
  /** By name, such as `entmax:1.3`; default `softmax`. */
  readonly distribution: string
  /** By name, such as `rotary`; default `relative:12`, `relative:24` for a large text. */
  readonly position: string
  /** The objective on text: `hidden` words, the default; the `next` word, or `none`. */
  readonly objective: 'hidden' | 'next' | 'none'
  /**
   * The embedding of an occurrence: `seen`, its context; `hidden`, the prediction of the word from
   * all others; `both`, that plus the word's own vector.
   *
   * `hidden` and `both` need the objective `hidden`. The default of `learn` is `both` with the
   * objective `hidden`, else `seen`.
   */
  readonly embedding: 'seen' | 'hidden' | 'both'
  /** Width of the queries and keys of a question; default 64. */
  readonly asking: number
  /** Width of the hidden layers in the queries and keys of a question; 0 for none, default 64. */
  readonly askingHidden: number
  /** Inputs of the queries and keys of a question; default `both`. */
  readonly keys: Keys
  /**
   * Further inputs of the queries and keys of a question: none, or `overlap` and nearness of its
   * words and those of the text. Default `none`; in `learn` with questions `overlap`.
   */
  readonly clues: 'none' | 'overlap'
  /** Number of hash buckets for the vectors of letter n-grams; default 2048. */
  readonly buckets: number
  /**
   * How texts are cut into words: `unicode`, the default, by Unicode’s rules and the languages;
   * `words`, as versions before did; `space`, a tokenized text; `dictionary`, by the engine’s own,
   * Thai, Chinese and the like too.
   */
  readonly tokens: Tokenization
  /**
   * Languages of the texts, by codes such as `fr`, the commonest first; default those of the text to
   * learn from. Kept with the rules `unicode` and `dictionary`.
   */
  readonly languages?: readonly string[]
}

/** Every option that a model keeps in its configuration, in the order of its file. */
export const CONFIG_OPTIONS = {
  width: { ...size(), default: 64, large: 128, help: 'width D of static embeddings' },
  query: { ...size(), default: 32, large: 128, help: 'width d_q of queries, over all heads' },
  key: { ...size(), default: 32, large: 128, help: 'width d_k of keys, over all heads' },
  value: { ...size(), default: 64, large: 128, help: 'width d_v of values, over all heads' },
  heads: { ...size(), default: 4, large: 8, help: 'heads of each layer' },
  // a file with more layers is refused before they are built
  layers: { ...integer(1, 64), default: 1, help: 'layers' },
  alignment: {
    ...name(alignmentNamed),
    default: 'scaledDot',
    help: alignmentSyntaxes.join(', '),
  },
  distribution: {
    ...name(distributionNamed),
    default: 'softmax',
    help: distributionSyntaxes.join(', '),
  },
  position: {
    ...name(positionNamed),
    default: 'relative:12',
    large: 'relative:24',
    help: positionSyntaxes.join(', '),
  },
  objective: {
    ...choice('name', 'hidden', 'next', 'none'),
    default: 'hidden',
    help: 'which words the layers learn to predict',
  },
  embedding: {
    ...choice('name', 'seen', 'hidden', 'both'),
    default: 'seen',
    defaultHelp: 'both with the objective hidden, else seen',
    help: 'what embeds an occurrence: its context, the prediction from all other words, or that and its own vector',
  },
  asking: { check: size().check, default: 64, help: 'width of the queries and keys of a question' },
  askingHidden: {
    check: integersFrom(0, 2 ** 20),
    default: 64,
    help: 'width of the hidden layers in the queries and keys of a question; 0 for none',
  },
  keys: {
    check: oneOf('both', 'contextual', 'static'),
    default: 'both',
    help: 'which embeddings make the queries and keys of a question',
  },
  clues: {
    ...choice('kind', 'overlap', 'none'),
    default: 'none',
    withQuestions: 'overlap',
    help: 'what answers questions beside embeddings: words that question and text share, or nothing',
  },
  buckets: { ...size(), default: 2048, help: 'rows of vectors that runs of letters share' },
  tokens: {
    ...choice('rule', ...TOKENIZATIONS),
    default: 'unicode',
    help: 'how texts are cut into words: by Unicode’s rules, as in earlier versions, at spaces, or by the engine’s dictionaries of Chinese, Thai and the like',
  },
  languages: {
    check: LANGUAGES,
    flag: { kind: 'list', flag: 'language', placeholder: 'code' },
    defaultHelp: 'as the beginning of the texts tells',
    help: 'a language of the texts, such as fr; again for another',
  },
} as const satisfies { readonly [Name in keyof ModelConfig]-?: OptionRow<ModelConfig[Name]> }

/** A check for each option that a model keeps. */
export const CONFIG_CHECKS = checksOf(CONFIG_OPTIONS)

/** Defaults of options that a file leaves out. */
export const DEFAULT_CONFIG = defaultsOf(CONFIG_OPTIONS, 'default') as ModelConfig

/**
 * Fills in the defaults.
 *
 * @throws {RangeError} for values out of range, with the remedy; {TypeError} for wrong types and
 *   unknown options
 */
export function modelConfig(where: string, options: Partial<ModelConfig>): ModelConfig {
  checkOptions(where, options, CONFIG_CHECKS, '{ width: 64 }')
  const config: ModelConfig = { ...DEFAULT_CONFIG, ...withoutUndefined(options) }
  if (config.embedding !== 'seen' && config.objective !== 'hidden')
    throw new RangeError(
      `${where}: the embedding ${config.embedding} needs the objective hidden, got ${config.objective}; use the embedding seen`,
    )
  for (const name of ['query', 'key', 'value'] as const) {
    if (config[name] % config.heads !== 0) {
      throw new RangeError(
        `${where}: ${name} is the width over all heads and must be a multiple of them, got ${config[name]} and ${config.heads} heads; use ${config.heads * Math.ceil(config[name] / config.heads)}`,
      )
    }
  }
  stackOptions(config)
  const { languages = [], ...others } = config
  return usesLanguages(config) ? { ...others, languages } : others
}

/** Whether languages decide how texts are cut into words. */
export const usesLanguages = ({ tokens }: Pick<ModelConfig, 'tokens'>): boolean =>
  tokens === 'unicode' || tokens === 'dictionary'

function withoutUndefined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as Partial<T>
}

/** Version of the metadata for a configuration: 2 if positions act on embeddings. */
export const formatOf = ({ position }: Pick<ModelConfig, 'position'>): number =>
  positionNamed(position).on === 'embeddings' ? 2 : 1

/**
 * The layers of a configuration: a single one plain; several with residual connections and
 * normalisation before each. Under format 1 positions on embeddings are added within the first.
 */
export function stackOptions(
  config: ModelConfig,
  { dropout = 0, format = formatOf(config) }: { dropout?: number; format?: number } = {},
): StackOptions {
  const { width, heads, query, key, value, layers } = config
  const several = layers > 1
  const layer = {
    dQuery: query / heads,
    dKey: key / heads,
    dValue: value / heads,
    heads,
    dropout,
    alignment: alignmentNamed(config.alignment),
    distribution: distributionNamed(config.distribution),
    ...(config.objective === 'next' ? { mask: causal() } : {}),
    ...(several && value !== width ? { output: width } : {}),
  }
  const position = positionNamed(config.position)
  const { position: _first, ...rest } = { ...layer, position }
  return {
    dModel: width,
    layers: Array.from({ length: layers }, (_, n) =>
      n === 0 || position.on !== 'embeddings' ? { ...rest, position } : rest,
    ),
    ...(several ? { residual: true, normalization: 'before' } : {}),
    ...(several && format === 1 ? { positions: 'within' } : {}),
  }
}

/** Width of the output of the layers. */
export const contextWidth = ({ layers, width, value }: ModelConfig): number =>
  layers > 1 ? width : value

/** Width of contextual embeddings, as `embed` returns them. */
export const embeddingWidth = (config: ModelConfig): number =>
  config.embedding === 'seen' ? contextWidth(config) : config.width
