import { computed, useComputed } from '@preact/signals'
import { attention, head, textLanguage } from '../state/layer.ts'
import { asking, locked, previewed, toggle } from '../state/selection.ts'
import { decimal, lowered, t } from '../words/words.ts'

/** Row i of a matrix of weights. */
export const rowOf = (A: { columns: number; data: Float64Array }, i: number): Float64Array =>
  A.data.subarray(i * A.columns, (i + 1) * A.columns)

/** The weights of the words that ask, a row each. */
const rows = computed(() => {
  const weights = attention.value.value?.weights[head.value]
  return weights ? asking.value.map((place) => rowOf(weights, place)) : []
})

/** The sentence: a button for each word, and above it how much the asking words look at it. */
export function Sentence() {
  const tokens = attention.value.value?.tokens ?? []
  return (
    <ol class="sentence" data-many={tokens.length > 12 ? '' : undefined} onPointerLeave={() => preview(undefined)}>
      {tokens.map((_, place) => (
        <li key={place}>
          <WordColumn tokens={tokens} place={place} />
        </li>
      ))}
    </ol>
  )
}

function preview(place: number | undefined): void {
  previewed.value = place
}

/** A word and its bars; pressing locks it as one that asks. Only its numbers are drawn again when other words ask. */
function WordColumn({ tokens, place }: { tokens: readonly string[]; place: number }) {
  const pressed = useComputed(() => locked.value.includes(place))
  const asks = useComputed(() => (asking.value.includes(place) ? asking.value.indexOf(place) : undefined))
  const same = tokens.flatMap((word, at) => (word === tokens[place] ? [at] : []))
  const words = t().word
  const which = same.length > 1 ? words.which(same.indexOf(place) + 1, same.length) : ''
  return (
    <button
      type="button"
      class="word-column"
      aria-pressed={pressed}
      data-asks={asks}
      onClick={() => toggle(place)}
      onPointerEnter={({ pointerType }) => pointerType === 'mouse' && preview(place)}
      onFocus={({ currentTarget }) => currentTarget.matches(':focus-visible') && preview(place)}
      onBlur={() => preview(undefined)}
    >
      <Weights place={place} uniform={1 / tokens.length} />
      <span class="token" lang={textLanguage.value}>
        {tokens[place]}
        {same.length > 1 && <sub>{lowered(same.indexOf(place) + 1)}</sub>}
      </span>
      <span class="unseen">{words.place(place + 1, tokens.length, which)}</span>
    </button>
  )
}

/** A difference in as little room as a weight; 0 is said where it is exactly that. */
const apart = (value: number): string => (value > 0 && value < 0.005 ? `<${decimal(0.01)}` : value === 0 ? '0' : decimal(value))

/** How much each asking word looks at a place: bars, amounts, and their difference where two ask. */
function Weights({ place, uniform }: { place: number; uniform: number }) {
  const weights = rows.value.map((row) => row[place])
  return (
    <>
      <span class="bars" aria-hidden="true">
        {weights.map((weight, n) => (
          <span key={n} class="bar" data-of={n} style={{ '--share': weight }} />
        ))}
        <span class="uniform" style={{ '--share': uniform }} />
      </span>
      <span class="amounts">
        {weights.map((weight, n) => (
          <span key={n} data-of={n}>
            {decimal(weight)}{' '}
          </span>
        ))}
      </span>
      {weights.length === 2 && <span class="apart">Δ {apart(Math.abs(weights[0] - weights[1]))}</span>}
    </>
  )
}
