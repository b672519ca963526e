import { computed, signal } from '@preact/signals'
import {
  alignmentNamed,
  distributionNamed,
  type Matrix,
  matrices,
  positionNamed,
  SENTENCE,
} from 'regard/internal'
import { maskNamed } from './masks.ts'
import { type LayerConfig, type Pass, passOf, tokensOf } from './pass.ts'
import { MOST_WORDS, settings } from './settings.ts'

/** The configuration that the settings say. */
export const config = computed<LayerConfig>(() => ({
  alignment: alignmentNamed(settings.alignment.state.value),
  distribution: distributionNamed(settings.distribution.state.value),
  mask: maskNamed(settings.mask.state.value),
  position: positionNamed(settings.position.state.value),
  dModel: settings.width.state.value,
  dQuery: settings.query.state.value,
  dKey: settings.key.state.value,
  dValue: settings.value.state.value,
  heads: settings.heads.state.value,
  seed: settings.seed.state.value,
}))

const words = computed(() => tokensOf(settings.text.state.value))

/** The words on the page, at most as many as a picture holds. */
export const tokens = computed(() => words.value.slice(0, MOST_WORDS))

/** Words by which a sentence is known to be French: été, entarté, cet. */
const french: ReadonlySet<string> = new Set(SENTENCE.slice(2))

/**
 * The language of the sentence: French where it has a word of the one that the page begins with,
 * else the reader's.
 */
export const textLanguage = computed(() =>
  words.value.some((word) => french.has(word)) ? 'fr' : settings.lang.state.value,
)

/** Whether the text has more words than are shown. */
export const cut = computed(() => words.value.length > MOST_WORDS)

/** A value, or the one line that says why there is none. */
export type Outcome<Value> =
  | { readonly value: Value; readonly error?: undefined }
  | { readonly value?: undefined; readonly error: string }

export function outcomeOf<Value>(compute: () => Value): Outcome<Value> {
  try {
    return { value: compute() }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}

/** The layer on the page's words. */
export const pass = computed<Outcome<Pass>>(() =>
  tokens.value.length === 0
    ? { error: '' }
    : outcomeOf(() => passOf(config.value, tokens.value, settings.edit.state.value)),
)

/** Who looks at whom: what pictures of attention need, wherever it comes from. */
export interface Attention {
  readonly tokens: readonly string[]
  /** One (T, T) for each head: row i is what word i looks at. */
  readonly weights: readonly Matrix[]
  /** One vector for each word, (T, h·d_v). */
  readonly context: Matrix
}

/** Attention of the model that was learned on the page, on the page's words; set by what learns. */
export const learned = signal<Attention | undefined>(undefined)

/** (T, h·d) of h times (T, d). */
const joined = (heads: readonly Matrix[]): Matrix => {
  const [{ rows, columns }] = heads
  return matrices.map(matrices.matrix(rows, heads.length * columns), (_value, n) => {
    const column = n % (heads.length * columns)
    return heads[Math.floor(column / columns)].data[
      Math.floor(n / (heads.length * columns)) * columns + (column % columns)
    ]
  })
}

/**
 * What is looked at: the learned attention where it is wanted and there, else the drawn layer's.
 */
export const attention = computed<Outcome<Attention>>(() => {
  if (settings.source.state.value === 'learned' && learned.value) return { value: learned.value }
  const { value, error = '' } = pass.value
  if (!value) return { error }
  return { value: { tokens: value.tokens, weights: value.weights, context: joined(value.context) } }
})

/** The head that is looked at, from 0. */
export const head = computed(
  () => Math.min(settings.head.state.value, attention.value.value?.weights.length ?? 1) - 1,
)
