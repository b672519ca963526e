import { useComputed } from '@preact/signals'
import type { Matrix } from 'regard/internal'
import { previewed, toggle } from '../state/selection.ts'
import { distinct, t } from '../words/words.ts'
import type { PictureOptions } from './picture-options.ts'

const ROW = 34
const TOP = 26

/** Room for the longest word, within a share of the width. */
const margin = (tokens: readonly string[], width: number): number =>
  Math.min(width * 0.32, 18 + 9.5 * Math.max(...tokens.map(({ length }) => length + 1)))

/** A curve from word i on the left to word j on the right. */
function curve(i: number, j: number, from: number, to: number): string {
  const [y1, y2] = [i, j].map((place) => TOP + (place + 0.5) * ROW)
  const middle = (from + to) / 2
  return `M${from} ${y1}C${middle} ${y1} ${middle} ${y2} ${to} ${y2}`
}

/**
 * The lines under the pointer: the words at the left preview and lock; keys have the buttons of the
 * sentence for it.
 */
export function LiveLines(props: PictureOptions) {
  const at = (event: MouseEvent): number | undefined => {
    const box = (event.currentTarget as Element).getBoundingClientRect()
    const place = Math.floor((event.clientY - box.top - TOP) / ROW)
    return event.clientX - box.left < box.width / 2 && place >= 0 && place < props.tokens.length
      ? place
      : undefined
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what it does has buttons above
    // biome-ignore lint/a11y/useKeyWithClickEvents: likewise
    <div
      class="live-lines"
      onPointerMove={(event) => {
        previewed.value = event.pointerType === 'mouse' ? at(event) : undefined
      }}
      onPointerLeave={() => {
        previewed.value = undefined
      }}
      onClick={(event) => {
        const place = at(event)
        if (place !== undefined) toggle(place)
      }}
    >
      <Lines {...props} />
    </div>
  )
}

/** Words that ask on the left, words that are read on the right, a line as wide as the weight. */
export function Lines({ tokens, weights, asking, width }: PictureOptions) {
  const side = margin(tokens, width)
  const height = TOP + tokens.length * ROW + 6
  return (
    <svg
      class="lines"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={t().look.linesTitle}
    >
      <text class="axis" x={side - 10} y={16} text-anchor="end">
        {t().look.asks}
      </text>
      <text class="axis" x={width - side + 10} y={16}>
        {t().look.read}
      </text>
      {tokens.length <= 16 && (
        <Faint count={tokens.length} weights={weights} from={side} to={width - side} />
      )}
      <Strong weights={weights} asking={asking} from={side} to={width - side} />
      {tokens.map((_, place) => (
        <Ends key={place} tokens={tokens} asking={asking} place={place} side={side} width={width} />
      ))}
    </svg>
  )
}

/** The lines of the words that ask. */
function Strong({
  weights,
  asking,
  from,
  to,
}: Pick<PictureOptions, 'weights' | 'asking'> & { from: number; to: number }) {
  return (
    <>
      {asking.value.map((i, n) => (
        <g key={n} class="strong" data-of={n}>
          {Array.from({ length: weights.columns }, (_, j) => (
            <path
              key={j}
              d={curve(i, j, from, to)}
              stroke-width={14 * weights.data[i * weights.columns + j]}
            />
          ))}
        </g>
      ))}
    </>
  )
}

/** The lines of every word, behind those of the words that ask. */
function Faint({
  count,
  weights,
  from,
  to,
}: {
  count: number
  weights: Matrix
  from: number
  to: number
}) {
  return (
    <g class="faint">
      {Array.from({ length: count * count }, (_, n) => (
        <path
          key={n}
          d={curve(Math.floor(n / count), n % count, from, to)}
          stroke-width={14 * weights.data[n]}
        />
      ))}
    </g>
  )
}

/** A word at both ends. */
function Ends({
  tokens,
  asking,
  place,
  side,
  width,
}: Omit<PictureOptions, 'weights'> & { place: number; side: number }) {
  const y = TOP + (place + 0.5) * ROW + 5
  const of = useComputed(() => asking.value.indexOf(place)).value
  return (
    <>
      <text
        class={of < 0 ? 'end' : 'end asks'}
        data-of={of < 0 ? undefined : of}
        x={side - 10}
        y={y}
        text-anchor="end"
      >
        {distinct(tokens, place)}
      </text>
      <text class="end read" x={width - side + 10} y={y}>
        {distinct(tokens, place)}
      </text>
    </>
  )
}
