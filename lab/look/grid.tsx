import { useComputed, useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import type { Matrix } from 'regard/internal'
import { locked, previewed, toggle } from '../state/selection.ts'
import { settings } from '../state/settings.ts'
import { decimal, distinct, t } from '../words/words.ts'
import type { PictureOptions } from './picture-options.ts'

type Asks = PictureOptions['asking']

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
  return {
    side,
    top,
    cell,
    width: side + cell * tokens.length + 24,
    height: top + cell * tokens.length + 2,
  }
}

/**
 * T × T squares, each as large as its weight; words that ask at the left, words that are read
 * above.
 */
export function Grid({ tokens, weights, asking, width }: PictureOptions) {
  const plan = useMemo(() => planOf(tokens, width), [tokens, width, settings.lang.state.value])
  return (
    <svg
      class="grid"
      width={plan.width}
      height={plan.height}
      viewBox={`0 0 ${plan.width} ${plan.height}`}
      role="img"
      aria-label={t().look.tableCaption}
    >
      <Asking plan={plan} asking={asking} count={tokens.length} />
      <Labels tokens={tokens} asking={asking} plan={plan} />
      <path class="rules" d={rules(tokens.length, plan)} />
      <Squares weights={weights} plan={plan} />
      {plan.cell >= NUMBERED && <Amounts weights={weights} plan={plan} />}
    </svg>
  )
}

/** A ground for the rows that ask. */
function Asking({
  plan: { side, top, cell },
  asking,
  count,
}: {
  plan: Plan
  asking: Asks
  count: number
}) {
  return (
    <>
      {asking.value.map((i, n) => (
        <rect
          key={i}
          class="row-asks"
          data-of={n}
          x={side}
          y={top + i * cell}
          width={cell * count}
          height={cell}
        />
      ))}
    </>
  )
}

function Labels({
  tokens,
  asking,
  plan: { side, top, cell },
}: {
  tokens: readonly string[]
  asking: Asks
  plan: Plan
}) {
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
          <Asker
            asking={asking}
            place={place}
            small={small}
            x={side - 8}
            y={top + middle(place) + 5}
            name={distinct(tokens, place)}
          />
          <text
            class={small}
            transform={`translate(${side + middle(place) + 3} ${top - 6}) rotate(-45)`}
          >
            {distinct(tokens, place)}
          </text>
        </g>
      ))}
    </>
  )
}

interface AskerOptions {
  readonly asking: Asks
  readonly place: number
  readonly small: string
  readonly x: number
  readonly y: number
  readonly name: string
}

/** The name of a row, drawn apart when it asks. */
function Asker({ asking, place, small, x, y, name }: AskerOptions) {
  const asks = useComputed(() => asking.value.includes(place))
  return (
    <text class={asks.value ? `${small} asks` : small} x={x} y={y} text-anchor="end">
      {name}
    </text>
  )
}

/** Squares are drawn in whole parts of a pixel, which are written and read fast. */
const PARTS = 8

/**
 * The squares of each row as one path: a phone draws a few paths at once, and not thousands of
 * squares.
 */
function Squares({ weights, plan }: { weights: Matrix; plan: Plan }) {
  return (
    <g transform={`scale(${1 / PARTS})`}>
      {Array.from({ length: weights.rows }, (_, i) => (
        <path key={i} class="square" d={squaresOf(weights, i, plan)} />
      ))}
    </g>
  )
}

/** The squares of row i, each as large as its weight. */
function squaresOf({ columns, data }: Matrix, i: number, { side, top, cell }: Plan): string {
  const numbered = cell >= NUMBERED
  const room = numbered ? cell - 18 : cell - 1
  const middle = top + i * cell + (numbered ? room / 2 + 2 : cell / 2)
  let path = ''
  for (let j = 0; j < columns; j++) {
    const size = Math.sqrt(Math.max(0, data[i * columns + j])) * room
    if (size < 0.5) continue
    const [x, y, edge] = [side + (j + 0.5) * cell - size / 2, middle - size / 2, size].map(
      (length) => Math.round(length * PARTS),
    )
    path += `M${x} ${y}h${edge}v${edge}h-${edge}z`
  }
  return path
}

/** The weights in figures, where a cell has room for them. */
function Amounts({
  weights: { columns, data },
  plan: { side, top, cell },
}: {
  weights: Matrix
  plan: Plan
}) {
  return (
    <>
      {Array.from(data, (weight, n) => (
        <text
          key={n}
          class="amount"
          x={side + ((n % columns) + 0.5) * cell}
          y={top + (Math.floor(n / columns) + 1) * cell - 3}
          text-anchor="middle"
        >
          {decimal(weight)}
        </text>
      ))}
    </>
  )
}

/** The lines between cells. */
const rules = (count: number, { side, top, cell }: Plan): string =>
  Array.from(
    { length: count + 1 },
    (_, n) =>
      `M${side} ${top + n * cell}h${count * cell}M${side + n * cell} ${top}v${count * cell}`,
  ).join('')

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
}

/**
 * The grid under pointer and keys: arrows go from cell to cell, Enter locks the row's word, Esc
 * frees.
 */
export function LiveGrid({ tokens, weights, asking, width }: PictureOptions) {
  const cell = useSignal<readonly [number, number] | undefined>(undefined)
  const plan = useMemo(() => planOf(tokens, width), [tokens, width, settings.lang.state.value])
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
    return [
      (event.clientY - box.top - plan.top) / plan.cell,
      (event.clientX - box.left - plan.side) / plan.cell,
    ].map(Math.floor) as [number, number]
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
        onFocus={({ currentTarget }) =>
          currentTarget.matches(':focus-visible') &&
          go(...(cell.value ?? [locked.value[0] ?? 0, 0]))
        }
        onBlur={leave}
        onPointerMove={(event) => {
          const [i, j] = at(event, event.currentTarget.firstElementChild as Element)
          if (i < 0 || i >= tokens.length || event.pointerType !== 'mouse') leave()
          else go(i, j)
        }}
        onPointerLeave={leave}
        onClick={(event) => {
          const [i] = at(
            event as unknown as PointerEvent,
            event.currentTarget.firstElementChild as Element,
          )
          if (i >= 0 && i < tokens.length) toggle(i)
        }}
      >
        <Grid tokens={tokens} weights={weights} asking={asking} width={width} />
      </div>
      <p class="cell-says quiet" aria-live="polite">
        {cell.value ? cellText(tokens, weights, cell.value) : t().look.gridLegend}
      </p>
    </>
  )
}

const cellText = (
  tokens: readonly string[],
  { data, columns }: Matrix,
  [i, j]: readonly [number, number],
): string => `${distinct(tokens, i)} → ${distinct(tokens, j)}: ${decimal(data[i * columns + j], 3)}`
