import './order.css'
import { useEffect } from 'preact/hooks'
import { Random } from 'regard/internal'
import { Letters } from '../parts/letters.tsx'
import { Measured } from '../parts/measured.tsx'
import { TableBehind } from '../parts/number-table.tsx'
import { PositionSwitch } from '../parts/positions.tsx'
import { Problem } from '../parts/problem.tsx'
import { textLanguage, tokens } from '../state/layer.ts'
import { settings } from '../state/settings.ts'
import { hidden } from '../state/shown.ts'
import type { NumberTable, View } from '../view.ts'
import { difference, distinct, t, whole } from '../words/words.ts'
import { Histogram, histogramTable } from './histogram.tsx'
import { Moved } from './moved.tsx'
import { order, shuffled, type Tried, tried, tryAll } from './orders.ts'

function Body() {
  useEffect(tryAll, [])
  const words = t().order
  const { value } = shuffled
  return (
    <article class="view order">
      <h1 class="lead">{words.lead}</h1>
      <Problem />
      {value && (
        <>
          <div class="beside">
            <Places />
            <div>
              <Measured most={560}>
                {(width) => <Moved {...value} order={order.value} width={width} />}
              </Measured>
              <p class="quiet">{words.movedLegend}</p>
            </div>
          </div>
          <p class="says" aria-live="polite">
            <Letters text={saysOf(value)} />
          </p>
          <div class="row">
            <PositionSwitch />
            {!hidden('all') && <All />}
          </div>
          {tried.value && <Found tried={tried.value} />}
          <TableBehind table={vectorTable()} digits={4} />
        </>
      )}
    </article>
  )
}

/** What this order shows, in one sentence. */
function saysOf({ equivariant }: { equivariant: number }): string {
  const words = t().order
  if (order.value.every((from, to) => from === to)) return words.asIs
  return equivariant < 1e-12
    ? words.equal(difference(equivariant))
    : words.unequal(difference(equivariant))
}

function exchange(a: number, b: number): void {
  const next = [...order.value]
  ;[next[a], next[b]] = [next[b], next[a]]
  settings.order.state.value = next
}

/** The words in their order, with buttons that swap neighbours, shuffle, and put all back. */
function Places() {
  const words = t().order
  const count = order.value.length
  return (
    <div>
      <ol class="places">
        {order.value.map((from, to) => (
          <li key={from}>
            <span class="place-word" lang={textLanguage.value}>
              {distinct(tokens.value, from)}
            </span>
            <button
              type="button"
              class="small-button"
              disabled={to === 0}
              aria-label={words.up(distinct(tokens.value, from))}
              onClick={() => exchange(to, to - 1)}
            >
              ↑
            </button>
            <button
              type="button"
              class="small-button"
              disabled={to === count - 1}
              aria-label={words.down(distinct(tokens.value, from))}
              onClick={() => exchange(to, to + 1)}
            >
              ↓
            </button>
          </li>
        ))}
      </ol>
      <div class="row">
        <button type="button" class="button" onClick={shuffle}>
          {words.shuffle}
        </button>
        <button
          type="button"
          class="plain"
          onClick={() => {
            settings.order.state.value = []
          }}
        >
          {words.back}
        </button>
      </div>
    </div>
  )
}

/**
 * The next order that the seed gives for the order of now: the same clicks lead to the same order.
 */
function shuffle(): void {
  const random = new Random(settings.seed.state.value, `shuffle ${order.value.join(',')}`)
  settings.order.state.value = random.shuffle(order.value)
}

/** One button for all orders. */
function All() {
  const { state } = settings.all
  const count = tokens.value.length <= 6 ? factorial(tokens.value.length) : 720
  return (
    <button
      type="button"
      class="button main"
      aria-pressed={state.value}
      onClick={() => {
        state.value = !state.value
      }}
    >
      {tokens.value.length <= 6 ? t().order.all(whole(count)) : t().order.drawn(whole(count))}
    </button>
  )
}

const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1))

/** What all orders show: a histogram on a fixed scale, and a sentence. */
function Found({ tried }: { tried: Tried }) {
  const words = t().order
  const worst = Math.max(...tried.differences)
  const done = tried.done === tried.orders
  const sentence = worst < 1e-12 ? words.none : words.some
  return (
    <section>
      <Measured>{(width) => <Histogram tried={tried} width={width} />}</Measured>
      <p class="says" aria-live="polite">
        {done
          ? sentence(whole(tried.orders), difference(worst), whole(tried.moved))
          : words.progress(whole(tried.done), whole(tried.orders))}
      </p>
      {done && <TableBehind table={histogramTable(tried)} />}
    </section>
  )
}

/** Every word's vector before and after. */
function vectorTable(): NumberTable {
  const { value } = shuffled
  const words = t().order
  if (!value) return { caption: words.vectors, columns: [], rows: [] }
  const row = (C: { columns: number; data: Float64Array }, i: number) => [
    ...C.data.subarray(i * C.columns, (i + 1) * C.columns),
  ]
  const width = value.before.context[0].columns
  return {
    caption: words.vectors,
    columns: [words.word, 'f', ...Array.from({ length: width }, (_, c) => String(c + 1))],
    rows: order.value.flatMap((from, to) => [
      [distinct(value.before.tokens, from), 'f(X)', ...row(value.before.context[0], from)],
      [distinct(value.before.tokens, from), 'f(PX)', ...row(value.after.context[0], to)],
    ]),
  }
}

export const view: View = {
  Body,
  picture: () =>
    tried.value ? (
      <Histogram tried={tried.value} width={640} />
    ) : (
      shuffled.value && <Moved {...shuffled.value} order={order.value} width={560} />
    ),
  tables: () => (tried.value ? [vectorTable(), histogramTable(tried.value)] : [vectorTable()]),
}
