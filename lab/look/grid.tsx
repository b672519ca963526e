import { useComputed, useSignal } from '@preact/signals'
import type { Matrix } from 'regard'
import { asking, locked, previewed, toggle } from '../state/selection.ts'
import { decimal, distinct, t } from '../words/words.ts'

/** Where the cells begin and how large they are. */
interface Plan {
  readonly side: number
  readonly top: number
  readonly cell: number
  readonly width: number
  readonly height: number
}

const SMALLEST = 9
/** From this size on a cell holds its number too. */
const NUMBERED = 38

function planOf(tokens: readonly string[], width: number): Plan {
  const longest = Math.max(...tokens.map((_, place) => distinct(tokens, place).length))
  const side = Math.min(width * 0.3, 16 + 8.5 * Math.max(longest, t().look.asks.length + 2))
  const cell = Math.max(SMALLEST, Math.min(58, Math.floor((width - side - 24) / tokens.length)))
  const top = 18 + Math.min(96, 6.5 * longest)
  return { side, top, cell, width: side + cell * tokens.length + 24, height: top + cell * tokens.length + 2 }
}

/** T × T squares, each as large as its weight; words that ask at the left, words that are read above. */
export function Grid({ tokens, weights, width }: { tokens: readonly string[]; weights: Matrix; width: number }) {
  const plan = planOf(tokens, width)
  return (
    <svg
      class="grid"
      width={plan.width}
      height={plan.height}
      viewBox={`0 0 ${plan.width} ${plan.height}`}
      role="img"
      aria-label={t().look.tableCaption}
    >
      <Asking plan={plan} count={tokens.length} />
      <Labels tokens={tokens} plan={plan} />
      <Squares weights={weights} plan={plan} />
    </svg>
  )
}

/** A ground for the rows that ask. */
function Asking({ plan: { side, top, cell }, count }: { plan: Plan; count: number }) {
  return (
    <>
      {asking.value.map((i, n) => (
        <rect key={i} class="row-asks" data-of={n} x={side} y={top + i * cell} width={cell * count} height={cell} />
      ))}
    </>
  )
}

function Labels({ tokens, plan: { side, top, cell } }: { tokens: readonly string[]; plan: Plan }) {
  const middle = (place: number) => (place + 0.5) * cell
  const small = cell < 15 ? 'end small' : 'end'
  return (
    <>
      <text class="axis" x={side - 8} y={top - 8} text-anchor="end">
        {t().look.asks} ↓
      </text>
      <text class="axis" x={side} y={12}>
        {t().look.read} →
      </text>
      {tokens.map((_, place) => (
        <g key={place}>
          <Asker place={place} small={small} x={side - 8} y={top + middle(place) + 5} name={distinct(tokens, place)} />
          <text class={small} transform={`translate(${side + middle(place) + 3} ${top - 6}) rotate(-45)`}>
            {distinct(tokens, place)}
          </text>
        </g>
      ))}
    </>
  )
}

/** The name of a row, drawn apart when it asks. */
function Asker({ place, small, x, y, name }: { place: number; small: string; x: number; y: number; name: string }) {
  const asks = useComputed(() => asking.value.includes(place))
  return (
    <text class={asks.value ? `${small} asks` : small} x={x} y={y} text-anchor="end">
      {name}
    </text>
  )
}

function Squares({ weights: { rows, columns, data }, plan: { side, top, cell } }: { weights: Matrix; plan: Plan }) {
  const numbered = cell >= NUMBERED
  const room = numbered ? cell - 18 : cell - 1
  const squares = []
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const weight = data[i * columns + j]
      const [x, y] = [side + (j + 0.5) * cell, top + i * cell + (numbered ? room / 2 + 2 : cell / 2)]
      const size = Math.sqrt(Math.max(0, weight)) * room
      if (size >= 0.5) squares.push(<rect key={`${i} ${j}`} class="square" x={x - size / 2} y={y - size / 2} width={size} height={size} />)
      if (numbered) {
        squares.push(
          <text key={`${i} ${j} text`} class="amount" x={x} y={top + (i + 1) * cell - 3} text-anchor="middle">
            {decimal(weight)}
          </text>,
        )
      }
    }
  }
  return (
    <>
      <path class="rules" d={rules(rows, columns, side, top, cell)} />
      {squares}
    </>
  )
}

/** The lines between cells. */
const rules = (rows: number, columns: number, side: number, top: number, cell: number): string =>
  [
    ...Array.from({ length: rows + 1 }, (_, i) => `M${side} ${top + i * cell}h${columns * cell}`),
    ...Array.from({ length: columns + 1 }, (_, j) => `M${side + j * cell} ${top}v${rows * cell}`),
  ].join('')

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
}

/** The grid under pointer and keys: arrows go from cell to cell, Enter locks the row's word, Esc frees. */
export function LiveGrid({ tokens, weights, width }: { tokens: readonly string[]; weights: Matrix; width: number }) {
  const cell = useSignal<readonly [number, number] | undefined>(undefined)
  const plan = planOf(tokens, width)
  const within = (n: number) => Math.max(0, Math.min(tokens.length - 1, n))
  const go = (i: number, j: number) => {
    cell.value = [within(i), within(j)]
    previewed.value = within(i)
  }
  const leave = () => {
    cell.value = undefined
    previewed.value = undefined
  }
  const at = (event: PointerEvent, svg: Element): readonly [number, number] => {
    const box = svg.getBoundingClientRect()
    return [(event.clientY - box.top - plan.top) / plan.cell, (event.clientX - box.left - plan.side) / plan.cell].map(Math.floor) as [
      number,
      number,
    ]
  }
  const onKey = (event: KeyboardEvent) => {
    const [i, j] = cell.value ?? [locked.value[0] ?? 0, 0]
    const step = STEPS[event.key]
    if (step) go(i + step[0], j + step[1])
    else if (event.key === 'Home') go(i, 0)
    else if (event.key === 'End') go(i, tokens.length - 1)
    else if (event.key === 'Enter' || event.key === ' ') toggle(i)
    else return
    event.preventDefault()
  }
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a grid of squares is no set of form fields */}
      <div
        class="scroller live-grid"
        role="group"
        aria-label={t().look.gridKeys}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: one tab stop, arrows inside
        tabIndex={0}
        onKeyDown={onKey}
        onFocus={({ currentTarget }) => currentTarget.matches(':focus-visible') && go(...(cell.value ?? [locked.value[0] ?? 0, 0]))}
        onBlur={leave}
        onPointerMove={(event) => {
          const [i, j] = at(event, event.currentTarget.firstElementChild as Element)
          if (i < 0 || i >= tokens.length || event.pointerType !== 'mouse') leave()
          else go(i, j)
        }}
        onPointerLeave={leave}
        onClick={(event) => {
          const [i] = at(event as unknown as PointerEvent, event.currentTarget.firstElementChild as Element)
          if (i >= 0 && i < tokens.length) toggle(i)
        }}
      >
        <Grid tokens={tokens} weights={weights} width={width} />
      </div>
      <p class="cell-says quiet" aria-live="polite">
        {cell.value ? cellText(tokens, weights, cell.value) : t().look.gridLegend}
      </p>
    </>
  )
}

const cellText = (tokens: readonly string[], { data, columns }: Matrix, [i, j]: readonly [number, number]): string =>
  `${distinct(tokens, i)} → ${distinct(tokens, j)}: ${decimal(data[i * columns + j], 3)}`
