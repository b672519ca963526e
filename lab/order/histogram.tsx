import type { NumberTable } from '../view.ts'
import { raised, t, whole } from '../words/words.ts'
import type { Tried } from './orders.ts'

/**
 * Powers of ten from the last bits of float64 to differences that anyone sees; all that is smaller
 * stands at 0.
 */
const LOWEST = -17
const HIGHEST = 1
const BINS = HIGHEST - LOWEST + 2

/** The bin of a difference: 0 for exactly nothing, then one for each power of ten. */
export function binOf(difference: number): number {
  if (difference === 0) return 0
  return Math.max(1, Math.min(BINS - 1, Math.floor(Math.log10(difference)) - LOWEST + 1))
}

/** How many orders fall into each bin. */
export function binsOf(differences: readonly number[]): number[] {
  const counts = new Array<number>(BINS).fill(0)
  for (const difference of differences) counts[binOf(difference)]++
  return counts
}

const nameOf = (bin: number): string => (bin === 0 ? '0' : `10${raised(bin - 1 + LOWEST)}`)

/** The bins that hold something, with the power of ten at which they begin. */
export const histogramTable = ({ differences }: Tried): NumberTable => ({
  caption: t().order.histogramCaption,
  columns: [t().order.from, t().order.orders],
  rows: binsOf(differences).flatMap((count, bin) => (count ? [[nameOf(bin), count]] : [])),
})

/**
 * Differences on a fixed scale, so that rounding and a change of order cannot be mistaken for one
 * another.
 */
export function Histogram({ tried, width }: { tried: Tried; width: number }) {
  const [height, bottom, left] = [190, 36, 8]
  const step = (width - 2 * left) / BINS
  const unit = (height - bottom - 22) / tried.orders
  return (
    <svg
      class="histogram"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={t().order.histogramCaption}
    >
      {binsOf(tried.differences).map((count, bin) => {
        const [x, tall] = [left + bin * step, count * unit]
        return (
          <g key={bin}>
            <rect
              class="count"
              x={x + 1}
              y={height - bottom - tall}
              width={step - 2}
              height={Math.max(tall, count ? 1 : 0)}
            />
            {count > 0 && (
              <text
                class="amount"
                x={x + step / 2}
                y={height - bottom - tall - 5}
                text-anchor="middle"
              >
                {whole(count)}
              </text>
            )}
            {(bin === 0 || bin % 4 === 2) && (
              <text class="axis" x={x + step / 2} y={height - bottom + 16} text-anchor="middle">
                {nameOf(bin)}
              </text>
            )}
          </g>
        )
      })}
      <path class="rules" d={`M${left} ${height - bottom}h${width - 2 * left}`} />
      <text class="axis" x={width - left} y={height - 4} text-anchor="end">
        {t().order.axis}
      </text>
    </svg>
  )
}
