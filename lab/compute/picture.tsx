import type { Pass } from '../state/pass.ts'
import { decimal, t } from '../words/words.ts'
import { namesOf, type Shown, type Stage, shownOf } from './matrices.ts'

const CELL = { width: 40, height: 22 }
const SIDE = 70

/** The matrices of a stage below one another, as one SVG. */
export function StagePicture({ pass, stage, head }: { pass: Pass; stage: Stage; head: number }) {
  const all = namesOf(stage, pass).map((name) => shownOf(name, pass, head))
  const tops: number[] = []
  let height = 0
  for (const { matrix } of all) {
    tops.push(height)
    height += matrix.rows * CELL.height + 62
  }
  const width = SIDE + Math.max(...all.map(({ matrix }) => matrix.columns)) * CELL.width + 10
  return (
    <svg
      class="stage"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={t().values[stage]}
    >
      {all.map((shown, n) => (
        <g key={shown.name} transform={`translate(0 ${tops[n]})`}>
          <Cells shown={shown} />
        </g>
      ))}
    </svg>
  )
}

function Cells({ shown: { name, role, matrix, rows, columns, full } }: { shown: Shown }) {
  const share = (value: number) =>
    Number.isFinite(value) ? 0.42 * Math.min(1, Math.abs(value) / full) : 0
  return (
    <>
      <text class={`name ${role}`} x={SIDE} y={16}>
        {name.replace('_', ' ')} ({matrix.rows} × {matrix.columns})
      </text>
      {columns.map((column, j) => (
        <text key={j} class="axis" x={SIDE + (j + 0.5) * CELL.width} y={36} text-anchor="middle">
          {column}
        </text>
      ))}
      {rows.map((word, i) => (
        <text key={i} class="axis" x={SIDE - 6} y={40 + (i + 0.75) * CELL.height} text-anchor="end">
          {word}
        </text>
      ))}
      {[...matrix.data].map((value, n) => {
        const [i, j] = [Math.floor(n / matrix.columns), n % matrix.columns]
        const [x, y] = [SIDE + j * CELL.width, 40 + i * CELL.height]
        return (
          <g key={n}>
            <rect
              class={`cell ${role}`}
              x={x}
              y={y}
              width={CELL.width - 1}
              height={CELL.height - 1}
              fill-opacity={share(value)}
            />
            <text class="amount" x={x + CELL.width / 2} y={y + 15} text-anchor="middle">
              {value === -Infinity ? '–' : decimal(value)}
            </text>
          </g>
        )
      })}
    </>
  )
}
