import type { NumberTable } from '../view.ts'
import { distinct, quoted, t } from '../words/words.ts'
import type { Look, Occurrence } from '../worker/watched.ts'
import { type RunEvents, run } from './run.ts'

type Begin = NonNullable<RunEvents['begin']>

/** The senses that there are, in the order in which they come. */
const sensesOf = ({ watched }: Begin): string[] => [
  ...new Set(watched.occurrences.flatMap(({ sense }) => (sense === undefined ? [] : [sense]))),
]

/**
 * How a sense is drawn: hollow circles, full squares, then crosses; a full circle where it is not
 * known.
 */
const MARKS = ['hollow', 'square', 'cross'] as const
const markOf = (begin: Begin, { sense }: { readonly sense?: string | undefined }): string =>
  sense === undefined ? 'dot' : (MARKS[sensesOf(begin).indexOf(sense)] ?? 'cross')

/**
 * Every look on the same scale: vectors have length 1, and what would lie beyond stands at the
 * edge.
 */
export const REACH = 0.8

/** Contextual embeddings on the two axes along which they differ most. */
export function Places({
  begin,
  look,
  width,
}: {
  begin: Begin
  look: Look | undefined
  width: number
}) {
  const { twins, tokens, occurrences } = begin.watched
  const words = t().learn
  const title = twins ? words.mapTitle(quoted(tokens[twins[0]])) : words.mapTitleWords
  const [top, size] = [24, width]
  const within = (x: number): number => Math.max(-REACH, Math.min(REACH, x)) / (2 * REACH)
  const at = ([x, y]: readonly [number, number]): [number, number] => [
    size * (0.5 + within(x)),
    top + size * (0.5 - within(y)),
  ]
  const marked = twins ? 2 : occurrences.length
  return (
    <svg
      class="places-map"
      width={width}
      height={top + size}
      viewBox={`0 0 ${width} ${top + size}`}
      role="img"
      aria-label={title}
    >
      <text class="axis" x={0} y={13}>
        {title}
      </text>
      <path
        class="rules"
        d={`M0.5 ${top}H${size - 0.5}V${top + size - 0.5}H0.5ZM${size / 2} ${top}V${top + size}M0 ${top + size / 2}H${size}`}
      />
      {look && <Marks begin={begin} places={look.points.slice(marked).map(at)} first={marked} />}
      {look && twins && <path class="tie" d={`M${at(look.points[0])}L${at(look.points[1])}`} />}
      {look?.points.slice(0, marked).map((point, n) => (
        <Named
          key={n}
          at={at(point)}
          name={distinct(tokens, occurrences[n].at)}
          below={n % 2 === 1}
          end={point[0] > 0.6}
        />
      ))}
    </svg>
  )
}

/** One path for each kind of mark: a phone draws it at once. */
function Marks({
  begin,
  places,
  first,
}: {
  begin: Begin
  places: readonly (readonly [number, number])[]
  first: number
}) {
  const paths: Record<string, string> = {}
  for (const [n, at] of places.entries()) {
    const kind = markOf(begin, begin.watched.occurrences[first + n])
    paths[kind] = (paths[kind] ?? '') + outlineOf(kind, at)
  }
  return (
    <>
      {Object.entries(paths).map(([kind, d]) => (
        <path key={kind} class={`mark ${kind}`} d={d} />
      ))}
    </>
  )
}

/** A mark around a place, 7 pixels wide. */
function outlineOf(kind: string, [x, y]: readonly [number, number]): string {
  const [left, top] = [(x - 3.5).toFixed(1), (y - 3.5).toFixed(1)]
  if (kind === 'square') return `M${left} ${top}h7v7h-7Z`
  if (kind === 'cross') return `M${left} ${top}l7 7m0 -7l-7 7`
  return `M${left} ${y.toFixed(1)}a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0Z`
}

/** A word of the sentence, by its name. */
function Named({
  at: [x, y],
  name,
  below,
  end,
}: {
  at: readonly [number, number]
  name: string
  below: boolean
  end: boolean
}) {
  return (
    <g class="named">
      <circle cx={x} cy={y} r={6.5} />
      <text
        x={end ? x - 10 : x + 10}
        y={below ? y + 20 : y - 9}
        text-anchor={end ? 'end' : 'start'}
      >
        {name}
      </text>
    </g>
  )
}

/** What the marks mean. */
export function MapLegend({ begin }: { begin: Begin }) {
  const words = t().learn
  const { twins, tokens, occurrences } = begin.watched
  if (!twins) return null
  const [first, second] = twins.map((at) => distinct(tokens, at))
  const senses = sensesOf(begin)
  const unlabelled = senses.length === 0 && occurrences.length > 2
  return (
    <ul class="curve-legend">
      <li>
        <svg class="places-map" width={16} height={16} aria-hidden="true">
          <g class="named">
            <circle cx={8} cy={8} r={6.5} />
          </g>
        </svg>
        {first}, {second}
      </li>
      {(unlabelled ? [undefined] : senses).map((sense) => (
        <li key={sense}>
          <svg class="places-map" width={12} height={12} aria-hidden="true">
            <path
              class={`mark ${markOf(begin, { sense })}`}
              d={outlineOf(markOf(begin, { sense }), [6, 6])}
            />
          </svg>
          {sense === undefined ? words.unlabelled : (words.senses[sense] ?? sense)}
        </li>
      ))}
    </ul>
  )
}

const SHOWN = 5

/** The words around an occurrence. */
function excerptOf({ tokens, at }: Occurrence): string {
  const [from, to] = [Math.max(0, at - SHOWN), at + SHOWN + 1]
  return `${from > 0 ? '… ' : ''}${tokens.slice(from, to).join(' ')}${to < tokens.length ? ' …' : ''}`
}

/** Every point of the map. */
export function mapTable(): NumberTable {
  const words = t().learn
  const { begin, looks } = run.events.value
  const points = looks.at(-1)?.look.points ?? []
  const { tokens = [], occurrences = [], twins } = begin?.watched ?? {}
  const nameOf = (one: Occurrence, n: number): string =>
    n < (twins ? 2 : tokens.length) ? distinct(tokens, one.at) : excerptOf(one)
  const senseOf = ({ sense }: Occurrence): string =>
    sense === undefined ? '' : (words.senses[sense] ?? sense)
  return {
    caption: words.mapTable,
    columns: [words.occurrence, words.sense, 'x', 'y'],
    get rows() {
      return points.map(([x, y], n) => [nameOf(occurrences[n], n), senseOf(occurrences[n]), x, y])
    },
  }
}
