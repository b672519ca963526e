import { attention, head, textLanguage } from '../state/layer.ts'
import { asking, locked, previewed, toggle } from '../state/selection.ts'
import { decimal, difference, lowered, t } from '../words/words.ts'

/** The sentence: a button for each word, and above it how much the asking words look at it. */
export function Sentence() {
  const { tokens, weights } = attention.value.value ?? { tokens: [], weights: [] }
  const rows = asking.value.map((place) => rowOf(weights[head.value], place))
  return (
    <ol class="sentence" data-many={tokens.length > 12 ? '' : undefined} onPointerLeave={() => preview(undefined)}>
      {tokens.map((_, place) => (
        <li key={place}>
          <WordColumn tokens={tokens} place={place} weights={rows.map((row) => row[place])} />
        </li>
      ))}
    </ol>
  )
}

/** Row i of a matrix of weights. */
export const rowOf = (A: { columns: number; data: Float64Array }, i: number): Float64Array =>
  A.data.subarray(i * A.columns, (i + 1) * A.columns)

function preview(place: number | undefined): void {
  previewed.value = place
}

/** A word and its bars; pressing locks it as one that asks. */
function WordColumn({ tokens, place, weights }: { tokens: readonly string[]; place: number; weights: readonly number[] }) {
  const same = tokens.flatMap((word, at) => (word === tokens[place] ? [at] : []))
  const words = t().word
  const which = same.length > 1 ? words.which(same.indexOf(place) + 1, same.length) : ''
  return (
    <button
      type="button"
      class="word-column"
      aria-pressed={locked.value.includes(place)}
      data-asks={asking.value.includes(place) ? asking.value.indexOf(place) : undefined}
      onClick={() => toggle(place)}
      onPointerEnter={({ pointerType }) => pointerType === 'mouse' && preview(place)}
      onFocus={({ currentTarget }) => currentTarget.matches(':focus-visible') && preview(place)}
      onBlur={() => preview(undefined)}
    >
      <span class="bars" aria-hidden="true">
        {weights.map((weight, n) => (
          <span key={n} class="bar" data-of={n} style={{ '--share': weight }} />
        ))}
        <span class="uniform" style={{ '--share': 1 / tokens.length }} />
      </span>
      <span class="amounts">
        {weights.map((weight, n) => (
          <span key={n} data-of={n}>
            {decimal(weight)}{' '}
          </span>
        ))}
      </span>
      {weights.length === 2 && <span class="apart">Δ {difference(Math.abs(weights[0] - weights[1]))}</span>}
      <span class="token" lang={textLanguage.value}>
        {tokens[place]}
        {same.length > 1 && <sub>{lowered(same.indexOf(place) + 1)}</sub>}
      </span>
      <span class="unseen">{words.place(place + 1, tokens.length, '', which)}</span>
    </button>
  )
}
