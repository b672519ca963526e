import { computed } from '@preact/signals'
import { largestDifference } from 'regard/internal'
import { cited, Prose } from '../parts/prose.tsx'
import { type Attention, attention, head, learned } from '../state/layer.ts'
import { model } from '../state/model.ts'
import { asking } from '../state/selection.ts'
import { settings } from '../state/settings.ts'
import { decimal, difference, distinct, t } from '../words/words.ts'
import { rowOf } from './sentence.tsx'

/** Where a row of weights is largest. */
const largest = (row: Float64Array): number => row.indexOf(Math.max(...row))

/** Whether nothing tells the layer that is looked at where a word stands. */
const withoutPositions = computed(() => {
  const isLearned = settings.source.state.value === 'learned' && learned.value !== undefined
  const position = isLearned
    ? (model.value?.config.position ?? settings.positions.state.value)
    : settings.position.state.value
  return position === 'none'
})

/** What the picture shows, in one sentence. */
export function saysOf(
  { tokens, weights, context }: Attention,
  head: number,
  asking: readonly number[],
): string {
  const words = t().look
  const name = (place: number) => cited(distinct(tokens, place))
  const [first, second] = asking
  if (first === undefined) return words.nobody
  const row = rowOf(weights[head], first)
  if (second === undefined)
    return words.most(name(first), first + 1, name(largest(row)), decimal(Math.max(...row)))
  const apart = largestDifference(row, rowOf(weights[head], second))
  const vectors = largestDifference(rowOf(context, first), rowOf(context, second))
  if (apart === 0 && vectors === 0)
    return words.same(name(first), name(second)) + (withoutPositions.value ? ` ${words.blind}` : '')
  return words.apart(name(first), name(second), difference(apart), difference(vectors))
}

/** The sentence in words below the picture, read out as it changes. */
export function Says() {
  const { value } = attention.value
  return (
    <p class="says" aria-live="polite">
      {value && <Prose text={saysOf(value, head.value, asking.value)} />}
    </p>
  )
}
