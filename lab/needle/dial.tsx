import { useComputed } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { settings } from '../state/settings.ts'
import { distinct, raised, t } from '../words/words.ts'
import { DIRECTIONS, type Ground, plane, type Question, turned } from './plane.ts'

/** Half of the plane that is drawn, in units of the vectors. */
const REACH = 3.8

/** Places on screen of vectors of the plane. */
function onScreen(width: number): { readonly at: At; readonly unit: number } {
  const unit = width / 2 / REACH
  return { unit, at: ([x, y]) => [width / 2 + x * unit, width / 2 - y * unit] }
}

/**
 * Vectors as arrows: keys with a disc as large as their weight, the query as a needle, the context.
 */
export function Dial({ ground, width }: { ground: Ground; width: number }) {
  // what stays is drawn once
  const still = useMemo(
    () => <Still ground={ground} width={width} />,
    [ground, width, settings.lang.state.value],
  )
  return (
    <svg
      class="dial"
      width={width}
      height={width}
      viewBox={`0 0 ${width} ${width}`}
      role="img"
      aria-label={t().needle.title}
    >
      {still}
      <Turning width={width} />
    </svg>
  )
}

/** Rim, axes, questions and keys. Only the discs follow the needle. */
function Still({ ground, width }: { ground: Ground; width: number }) {
  const { at, unit } = onScreen(width)
  return (
    <>
      <circle class="rim" cx={width / 2} cy={width / 2} r={3 * unit} />
      <path
        class="axes"
        d={`M${width / 2 - 3 * unit} ${width / 2}h${6 * unit}M${width / 2} ${width / 2 - 3 * unit}v${6 * unit}`}
      />
      {ground.asked &&
        (Object.keys(DIRECTIONS) as Question[]).map((question) => (
          <Mark key={question} question={question} at={at} />
        ))}
      {ground.tokens.map((_, j) => (
        <Key key={j} ground={ground} j={j} at={at} unit={unit} />
      ))}
    </>
  )
}

/** The context and the needle. */
function Turning({ width }: { width: number }) {
  const { at } = onScreen(width)
  if (!plane.value) return null
  const { context, needle, place } = plane.value
  const [x, y] = at(needle)
  return (
    <>
      <Arrow kind="context" to={at(context)} from={at([0, 0])} />
      <Arrow kind="query" to={[x, y]} from={at([0, 0])} />
      <circle class="handle" cx={x} cy={y} r={13} />
      <text class="name query" x={x} y={y + 5} text-anchor="middle">
        q{raised(place + 1)}
      </text>
    </>
  )
}

type At = (vector: readonly [number, number]) => [number, number]

/** An arrow with a head of its own colour. */
function Arrow({
  kind,
  from: [x1, y1],
  to: [x2, y2],
}: {
  kind: string
  from: readonly [number, number]
  to: readonly [number, number]
}) {
  const length = Math.hypot(x2 - x1, y2 - y1)
  if (length < 2) return null
  const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length]
  const head = Math.min(9, length / 2)
  const [bx, by] = [x2 - ux * head, y2 - uy * head]
  return (
    <g class={`arrow ${kind}`}>
      <path class="shaft" d={`M${x1} ${y1}L${bx} ${by}`} />
      <path
        class="head"
        d={`M${x2} ${y2}L${bx - uy * head * 0.45} ${by + ux * head * 0.45}L${bx + uy * head * 0.45} ${by - ux * head * 0.45}z`}
      />
    </g>
  )
}

const vectorOf = ({ K }: Ground, j: number): [number, number] => [K.data[2 * j], K.data[2 * j + 1]]

/** Words whose key is the same to the last bit. */
const together = (ground: Ground, j: number): number[] =>
  ground.tokens.flatMap((_, i) =>
    vectorOf(ground, i).every((value, c) => value === vectorOf(ground, j)[c]) ? [i] : [],
  )

/** A key, its weight and its word; keys that lie on one another share one label. */
function Key({ ground, j, at, unit }: { ground: Ground; j: number; at: At; unit: number }) {
  const [x, y] = vectorOf(ground, j)
  const same = together(ground, j)
  const radius = useComputed(() =>
    (Math.sqrt(plane.value?.weights[j] ?? 0) * unit * 0.6).toFixed(2),
  )
  const length = Math.hypot(x, y) || 1
  const [ux, uy] = [x / length, y / length]
  // beside the tip, clockwise, where the needle does not hide it
  const [lx, ly] = at([x + 0.12 * ux + 0.3 * uy, y + 0.12 * uy - 0.3 * ux])
  return (
    <>
      <Arrow kind="key" from={at([0, 0])} to={at([x, y])} />
      <circle class="weight" cx={at([x, y])[0]} cy={at([x, y])[1]} r={radius} />
      {same[0] === j && (
        <text
          class="name key"
          x={lx}
          y={ly + 5}
          text-anchor={uy < -0.5 ? 'end' : uy > 0.35 ? 'start' : 'middle'}
        >
          {same.map((place) => distinct(ground.tokens, place)).join(' = ')}
        </text>
      )}
    </>
  )
}

/** Where a question points, at the rim. */
function Mark({ question, at }: { question: Question; at: At }) {
  const angle = (DIRECTIONS[question] * Math.PI) / 180
  const on = (radius: number, turn = 0) =>
    at([radius * Math.cos(angle + turn), radius * Math.sin(angle + turn)])
  const [[x1, y1], [x2, y2], [x, y]] = [on(2.9), on(3.12), on(3.4, 0.17)]
  return (
    <g class="mark">
      <path class="tick" d={`M${x1} ${y1}L${x2} ${y2}`} />
      <text class="question" x={x} y={y + 4} text-anchor="middle">
        {t().needle[question]}
      </text>
    </g>
  )
}

/** The dial under the pointer: press or drag, and the needle points there. */
export function LiveDial({ ground, width }: { ground: Ground; width: number }) {
  const point = (event: PointerEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect()
    const [x, y] = [
      event.clientX - box.left - box.width / 2,
      box.top + box.height / 2 - event.clientY,
    ]
    settings.needle.state.value = turned((Math.atan2(y, x) * 180) / Math.PI)
  }
  return (
    <div
      class="live-dial"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        point(event)
      }}
      onPointerMove={(event) => {
        if (event.buttons) point(event)
      }}
    >
      <Dial ground={ground} width={width} />
    </div>
  )
}
