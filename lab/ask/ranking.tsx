import { textLanguage } from '../state/layer.ts'
import { decimal, distinct, lowered, t } from '../words/words.ts'
import type { Asked } from './asked.ts'

interface RankingProps {
  readonly asked: Asked
  /** Places, the highest weight first. */
  readonly order: readonly number[]
}

/** Every word and its weight as bars, the highest first. */
export function Ranking({ asked: { tokens, weights }, order }: RankingProps) {
  return (
    <ol class="flat-bars ranking">
      {order.map((place) => (
        <li key={place} data-best={weights[place] === weights[order[0]] ? '' : undefined}>
          <span class="flat-name">
            α{lowered(place + 1)} <span lang={textLanguage.value}>{distinct(tokens, place)}</span>
          </span>
          <span class="flat-bar" style={{ '--share': weights[place] }} />
          <span class="flat-amount">{decimal(weights[place])}</span>
        </li>
      ))}
    </ol>
  )
}

const [ROW, NAME, AMOUNT] = [30, 130, 50]

/** The same as one picture. */
export function RankingPicture({
  asked: { tokens, weights },
  order,
  width,
}: RankingProps & { readonly width: number }) {
  const height = ROW * order.length + 8
  return (
    <svg
      class="ranking-picture"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={t().ask.tableCaption}
    >
      {order.map((place, row) => (
        <g key={place} transform={`translate(0 ${row * ROW})`}>
          <text x={0} y={20}>
            α{lowered(place + 1)} {distinct(tokens, place)}
          </text>
          <rect
            class="square"
            x={NAME}
            y={6}
            width={Math.max(1, weights[place] * (width - NAME - AMOUNT))}
            height={18}
          />
          <text x={width} y={20} text-anchor="end">
            {decimal(weights[place])}
          </text>
        </g>
      ))}
    </svg>
  )
}
