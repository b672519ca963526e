import { TableBehind } from '../parts/number-table.tsx'
import { tokens } from '../state/layer.ts'
import { settings } from '../state/settings.ts'
import type { NumberTable } from '../view.ts'
import { t } from '../words/words.ts'

/** Where the widths of queries and keys differ, the two matrices that do not meet. */
export function Collision() {
  const { query, key } = settings
  if (query.state.value === key.state.value) return null
  const sizes = { T: tokens.value.length, query: query.state.value, k: key.state.value }
  return (
    <>
      <ClashPicture {...sizes} />
      <TableBehind table={clashTable(sizes)} />
    </>
  )
}

interface Sizes {
  readonly T: number
  readonly query: number
  readonly k: number
}

/** The shapes of the two that do not meet. */
const clashTable = ({ T, query, k }: Sizes): NumberTable => ({
  caption: t().compute.shapes,
  columns: [t().compute.matrix, t().compute.rows, t().compute.columns],
  rows: [
    ['Q', T, query],
    ['Kᵀ', k, T],
  ],
})

const UNIT = 18

/** Q (T, d_q) beside Kᵀ (d_k, T): the sides that should meet are marked. */
export function ClashPicture({ T, query, k }: Sizes) {
  const [q, rows] = [query * UNIT, Math.min(T, 12) * UNIT]
  const left = 60
  const begin = left + q + 68
  const height = Math.max(rows, k * UNIT) + 60
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reached by keys
    <section class="scroller" tabIndex={0} aria-label={t().compute.clash(query, k)}>
      <svg
        class="clash"
        width={begin + rows + 6}
        height={height}
        role="img"
        aria-label={t().compute.clash(query, k)}
      >
        <rect class="box query" x={left} y={40} width={q} height={rows} />
        <text class="name query" x={left + q / 2} y={30} text-anchor="middle">
          <Width of="q" is={query} />
        </text>
        <text class="name" x={left - 10} y={46 + rows / 2} text-anchor="end">
          Q, T = {T}
        </text>
        <rect class="box key" x={begin} y={40} width={rows} height={k * UNIT} />
        <text class="name key" x={begin + rows / 2} y={30} text-anchor="middle">
          Kᵀ, T = {T}
        </text>
        <path class="clash-side" d={`M${left} 40h${q}M${begin} 40v${k * UNIT}`} />
        <text class="name key" x={begin - 8} y={46 + (k * UNIT) / 2} text-anchor="end">
          <Width of="k" is={k} />
        </text>
        <text class="clash-sign" x={left + q + 34} y={28} text-anchor="middle">
          ≠
        </text>
      </svg>
    </section>
  )
}

/** A width with its index below: d_q = 4. */
const Width = ({ of, is }: { of: string; is: number }) => (
  <>
    d
    <tspan class="index" dy="0.25em">
      {of}
    </tspan>
    <tspan dy="-0.2em"> = {is}</tspan>
  </>
)
