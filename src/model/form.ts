import { expectKnown, expectOptions, valueText } from '../kinds.ts'
import type { StackOptions } from '../layer/stack.ts'
import type { Keys } from '../learn/row-map.ts'
import { causal } from '../mechanism/mask.ts'
import { alignmentNamed, distributionNamed, positionNamed } from '../mechanism/named.ts'
import type { Tokenization } from '../text/tokens.ts'

/** What a model is, in the terms of its file: what cannot change once it has begun to learn. */
export interface ModelForm {
  /** D, the width of static embeddings. */
  readonly width: number
  /** d_q, d_k, d_v over all heads. */
  readonly query: number
  readonly key: number
  readonly value: number
  readonly heads: number
  /** Several have residual connections, and normalisation before each. */
  readonly layers: number
  /** By name, such as `scaledDot`, `general:bias,tanh`. */
  readonly alignment: string
  /** By name, such as `softmax`, `entmax:1.3`. */
  readonly distribution: string
  /** By name, such as `relative:12`. */
  readonly position: string
  /** What the layers learn from text: `hidden` words, the `next` word, or `none`. */
  readonly objective: 'hidden' | 'next' | 'none'
  /**
   * What the embedding of an occurrence is: `seen`, its context as it stands; `hidden`, what the
   * others tell of it when it is hidden; `both`, that and its own vector. Other than `seen` needs
   * the objective `hidden`.
   */
  readonly embedding: 'seen' | 'hidden' | 'both'
  /** Width of queries and keys when a question is asked. */
  readonly asking: number
  /** Width of the hidden layers in the queries and keys of a question; 0 for none. */
  readonly askingHidden: number
  /** What the queries and keys of a question are made of. */
  readonly keys: Keys
  /**
   * What the queries and keys of a question read beside: nothing, or `overlap` and nearness of its
   * words and those of the text.
   */
  readonly clues: 'none' | 'overlap'
  /** Rows of `letters.E` for runs of letters; those of one hash share a row. */
  readonly buckets: number
  /** How texts are cut. */
  readonly tokens: Tokenization
}

/** What a form has where its file tells nothing else. */
export const DEFAULT_FORM: ModelForm = {
  width: 64,
  query: 32,
  key: 32,
  value: 64,
  heads: 4,
  layers: 1,
  alignment: 'scaledDot',
  distribution: 'softmax',
  position: 'relative:12',
  objective: 'hidden',
  embedding: 'seen',
  asking: 64,
  askingHidden: 64,
  keys: 'both',
  clues: 'none',
  buckets: 2048,
  tokens: 'words',
}

const CHOICES: Readonly<
  Record<'objective' | 'embedding' | 'keys' | 'clues' | 'tokens', readonly string[]>
> = {
  objective: ['hidden', 'next', 'none'],
  embedding: ['seen', 'hidden', 'both'],
  keys: ['both', 'contextual', 'static'],
  clues: ['none', 'overlap'],
  tokens: ['words', 'space'],
}

const SIZES = ['width', 'query', 'key', 'value', 'heads', 'layers', 'asking', 'buckets'] as const
/**
 * More layers than any text of this kind has use for: a file that asks for more is refused before
 * they are built.
 */
const MOST_LAYERS = 64

/**
 * Fills in the defaults.
 *
 * @throws {RangeError} for what cannot be, with how to mend it; {TypeError} for an option that
 *   there is not
 */
export function modelForm(where: string, options: Partial<ModelForm>): ModelForm {
  expectOptions(where, options, '{ width: 64 }')
  expectKnown(where, options, Object.keys(DEFAULT_FORM))
  const form: ModelForm = { ...DEFAULT_FORM, ...withoutUndefined(options) }
  if (
    !(Number.isInteger(form.askingHidden) && form.askingHidden >= 0 && form.askingHidden <= 2 ** 20)
  )
    throw new RangeError(
      `${where}: askingHidden must be an integer from 0 to ${2 ** 20}, got ${valueText(form.askingHidden)}`,
    )
  for (const name of SIZES) {
    if (!(Number.isInteger(form[name]) && form[name] >= 1 && form[name] <= 2 ** 20))
      throw new RangeError(
        `${where}: ${name} must be an integer from 1 to ${2 ** 20}, got ${valueText(form[name])}`,
      )
  }
  if (form.layers > MOST_LAYERS)
    throw new RangeError(`${where}: layers must be at most ${MOST_LAYERS}, got ${form.layers}`)
  for (const [name, known] of Object.entries(CHOICES)) {
    const value = form[name as keyof typeof CHOICES]
    if (!known.includes(value))
      throw new RangeError(
        `${where}: ${name} must be one of ${known.join(', ')}, got ${valueText(value)}`,
      )
  }
  if (form.embedding !== 'seen' && form.objective !== 'hidden')
    throw new RangeError(
      `${where}: the embedding ${form.embedding} needs the objective hidden, got ${form.objective}; use the embedding seen`,
    )
  for (const name of ['query', 'key', 'value'] as const) {
    if (form[name] % form.heads !== 0) {
      throw new RangeError(
        `${where}: ${name} is the width over all heads and must be a multiple of them, got ${form[name]} and ${form.heads} heads; use ${form.heads * Math.ceil(form[name] / form.heads)}`,
      )
    }
  }
  stackOptions(form)
  return form
}

function withoutUndefined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as Partial<T>
}

/**
 * The layers of a form: one alone as the origin has it; several with residual connections and
 * normalisation before each.
 */
export function stackOptions(form: ModelForm, dropout = 0): StackOptions {
  const { width, heads, query, key, value, layers } = form
  const several = layers > 1
  const layer = {
    dQuery: query / heads,
    dKey: key / heads,
    dValue: value / heads,
    heads,
    dropout,
    alignment: alignmentNamed(form.alignment),
    distribution: distributionNamed(form.distribution),
    ...(form.objective === 'next' ? { mask: causal() } : {}),
    ...(several && value !== width ? { output: width } : {}),
  }
  const position = positionNamed(form.position)
  const { position: _first, ...rest } = { ...layer, position }
  return {
    dModel: width,
    layers: Array.from({ length: layers }, (_, n) =>
      n === 0 || position.on !== 'embeddings' ? { ...rest, position } : rest,
    ),
    ...(several ? { residual: true, normalization: 'before' as const } : {}),
  }
}

/** Width of what a form's layers give. */
export const contextWidth = ({ layers, width, value }: ModelForm): number =>
  layers > 1 ? width : value

/** Width of a form's contextual embeddings, as `embed` gives them. */
export const embeddingWidth = (form: ModelForm): number =>
  form.embedding === 'seen' ? contextWidth(form) : form.width
