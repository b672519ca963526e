import { computed, useComputed } from '@preact/signals'
import { restedOf, useSight } from '../parts/sight.ts'
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
const rested = restedOf(rows)
type Rows = typeof rested

/** The sentence: a button for each word, and above it how much the asking words look at it. */
export function Sentence({ tokens }: { tokens: readonly string[] }) {
  return (
    <ol
      class="sentence"
      data-many={tokens.length > 12 ? '' : undefined}
      onPointerLeave={() => preview(undefined)}
    >
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

/**
 * A word and its bars; pressing locks it as one that asks. Only its numbers are drawn again when
 * other words ask.
 */
function WordColumn({ tokens, place }: { tokens: readonly string[]; place: number }) {
  const pressed = useComputed(() => locked.value.includes(place))
  const asks = useComputed(() =>
    asking.value.includes(place) ? asking.value.indexOf(place) : undefined,
  )
  const same = tokens.flatMap((word, at) => (word === tokens[place] ? [at] : []))
  const { ref, sight } = useSight<HTMLButtonElement>()
  const shown = useComputed(() => (sight.value ? rows : rested).value)
  const words = t().word
  const which = same.length > 1 ? words.which(same.indexOf(place) + 1, same.length) : ''
  return (
    <button
      ref={ref}
      type="button"
      class="word-column"
      aria-pressed={pressed}
      data-asks={asks}
      onClick={() => toggle(place)}
      onPointerEnter={({ pointerType }) => pointerType === 'mouse' && preview(place)}
      onFocus={({ currentTarget }) => currentTarget.matches(':focus-visible') && preview(place)}
      onBlur={() => preview(undefined)}
    >
      <Weights of={shown} place={place} uniform={1 / tokens.length} />
      <span class="token" lang={textLanguage.value}>
        {tokens[place]}
        {same.length > 1 && <sub>{lowered(same.indexOf(place) + 1)}</sub>}
      </span>
      <span class="unseen">{words.place(place + 1, tokens.length, which)}</span>
    </button>
  )
}

/** A difference in as little room as a weight; 0 is said where it is exactly that. */
const apartText = (value: number): string =>
  value > 0 && value < 0.005 ? `<${decimal(0.01)}` : value === 0 ? '0' : decimal(value)

/**
 * How much each asking word looks at a place: bars, amounts, and their difference where two ask.
 */
function Weights({ of: shown, place, uniform }: { of: Rows; place: number; uniform: number }) {
  const asking = useComputed(() => shown.value.length)
  const each = Array.from({ length: asking.value }, (_, n) => n)
  return (
    <>
      <span class="bars" aria-hidden="true">
        {each.map((n) => (
          <Bar key={n} n={n} of={shown} place={place} />
        ))}
        <span class="uniform" style={{ '--share': uniform }} />
      </span>
      <span class="amounts" data-one={each.length === 1 ? '' : undefined}>
        {each.map((n) => (
          <Amount key={n} n={n} of={shown} place={place} />
        ))}
      </span>
      {each.length === 2 && <Apart of={shown} place={place} />}
    </>
  )
}

/** The weight of the nth word that asks, at a place. */
const weightOf = (shown: Rows, n: number, place: number): number => shown.value[n]?.[place] ?? 0

function Bar({ n, of: shown, place }: { n: number; of: Rows; place: number }) {
  const share = useComputed(() => `--share: ${weightOf(shown, n, place).toFixed(4)}`)
  return <span class="bar" data-of={n} style={share} />
}

function Amount({ n, of: shown, place }: { n: number; of: Rows; place: number }) {
  const amount = useComputed(() => `${decimal(weightOf(shown, n, place))} `)
  return <span data-of={n}>{amount}</span>
}

function Apart({ of: shown, place }: { of: Rows; place: number }) {
  const apart = useComputed(() =>
    apartText(Math.abs(weightOf(shown, 0, place) - weightOf(shown, 1, place))),
  )
  return <span class="apart">Δ {apart}</span>
}
