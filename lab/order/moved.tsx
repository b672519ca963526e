import type { Matrix } from 'regard/internal'
import type { Pass } from '../state/pass.ts'
import { distinct, t } from '../words/words.ts'

const ROW = 34
const TOP = 28
const CELL = 11

/**
 * The sentence as it was and as it is, and the vector of each word: lines show where words went,
 * strips what they got.
 */
export function Moved({
  before,
  after,
  order,
  width,
}: {
  before: Pass
  after: Pass
  order: readonly number[]
  width: number
}) {
  const shown = Math.min(before.context[0].columns, 8)
  const strip = shown * CELL
  const word = Math.min(84, width * 0.2)
  const [left, right] = [word + strip + 8, width - word - strip - 8]
  const height = TOP + order.length * ROW + 4
  const middle = (place: number) => TOP + (place + 0.5) * ROW
  const bend = (left + right) / 2
  return (
    <svg
      class="moved"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={t().order.movedTitle}
    >
      <text class="axis" x={word + 4} y={16}>
        f(X)
      </text>
      <text class="axis" x={right + 4} y={16}>
        f(PX)
      </text>
      {order.map((from, to) => (
        <g key={from}>
          <path
            class={from === to ? 'way' : 'way gone'}
            d={`M${left} ${middle(from)}C${bend} ${middle(from)} ${bend} ${middle(to)} ${right} ${middle(to)}`}
          />
          <text class="end" x={word} y={middle(from) + 5} text-anchor="end">
            {distinct(before.tokens, from)}
          </text>
          <Strip C={before.context[0]} row={from} shown={shown} x={word + 6} y={middle(from)} />
          <Strip C={after.context[0]} row={to} shown={shown} x={right + 4} y={middle(to)} />
          <text class="end" x={width - word + 2} y={middle(to) + 5}>
            {distinct(before.tokens, from)}
          </text>
        </g>
      ))}
    </svg>
  )
}

/** A vector as cells: taller is larger, above the line positive, below negative, from −2 to 2. */
function Strip({
  C,
  row,
  shown,
  x,
  y,
}: {
  C: Matrix
  row: number
  shown: number
  x: number
  y: number
}) {
  return (
    <g class="strip">
      <path class="rules" d={`M${x} ${y}h${shown * CELL}`} />
      {Array.from({ length: shown }, (_, c) => {
        const value = C.data[row * C.columns + c]
        const tall = (Math.min(2, Math.abs(value)) / 2) * (ROW / 2 - 3)
        return (
          <rect
            key={c}
            class="cell context"
            x={x + c * CELL + 1}
            y={value < 0 ? y : y - tall}
            width={CELL - 2}
            height={Math.max(tall, 0.5)}
          />
        )
      })}
    </g>
  )
}
