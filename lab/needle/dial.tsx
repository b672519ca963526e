import { settings } from '../state/settings.ts'
import { distinct, raised, t } from '../words/words.ts'
import { DIRECTIONS, type Plane, type Question, turned } from './plane.ts'

/** Half of the plane that is drawn, in units of the vectors. */
const REACH = 3.8

/** Vectors as arrows: keys with a disc as large as their weight, the query as a needle, the context. */
export function Dial({ plane, width }: { plane: Plane; width: number }) {
  const unit = width / 2 / REACH
  const at = ([x, y]: readonly [number, number]): [number, number] => [width / 2 + x * unit, width / 2 - y * unit]
  return (
    <svg class="dial" width={width} height={width} viewBox={`0 0 ${width} ${width}`} role="img" aria-label={t().needle.title}>
      <circle class="rim" cx={width / 2} cy={width / 2} r={3 * unit} />
      <path class="axes" d={`M${width / 2 - 3 * unit} ${width / 2}h${6 * unit}M${width / 2} ${width / 2 - 3 * unit}v${6 * unit}`} />
      {plane.asked && (Object.keys(DIRECTIONS) as Question[]).map((question) => <Mark key={question} question={question} at={at} />)}
      {plane.tokens.map((_, j) => (
        <Key key={j} plane={plane} j={j} at={at} unit={unit} />
      ))}
      <Arrow kind="context" to={at(plane.context)} from={at([0, 0])} />
      <Arrow kind="query" to={at(plane.needle)} from={at([0, 0])} />
      <circle class="handle" cx={at(plane.needle)[0]} cy={at(plane.needle)[1]} r={13} />
      <text class="name query" x={at(plane.needle)[0]} y={at(plane.needle)[1] + 5} text-anchor="middle">
        q{raised(plane.place + 1)}
      </text>
    </svg>
  )
}

type At = (vector: readonly [number, number]) => [number, number]

/** An arrow with a head of its own colour. */
function Arrow({ kind, from: [x1, y1], to: [x2, y2] }: { kind: string; from: readonly [number, number]; to: readonly [number, number] }) {
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

const vectorOf = ({ K }: Plane, j: number): [number, number] => [K.data[2 * j], K.data[2 * j + 1]]

/** Words whose key is the same to the last bit. */
const together = (plane: Plane, j: number): number[] =>
  plane.tokens.flatMap((_, i) => (vectorOf(plane, i).every((value, c) => value === vectorOf(plane, j)[c]) ? [i] : []))

/** A key, its weight and its word; keys that lie on one another share one label. */
function Key({ plane, j, at, unit }: { plane: Plane; j: number; at: At; unit: number }) {
  const [x, y] = vectorOf(plane, j)
  const same = together(plane, j)
  const length = Math.hypot(x, y) || 1
  const [ux, uy] = [x / length, y / length]
  // beside the tip, clockwise, where the needle does not hide it
  const [lx, ly] = at([x + 0.12 * ux + 0.3 * uy, y + 0.12 * uy - 0.3 * ux])
  return (
    <>
      <Arrow kind="key" from={at([0, 0])} to={at([x, y])} />
      <circle class="weight" cx={at([x, y])[0]} cy={at([x, y])[1]} r={Math.sqrt(plane.weights[j]) * unit * 0.6} />
      {same[0] === j && (
        <text class="name key" x={lx} y={ly + 5} text-anchor={uy < -0.5 ? 'end' : uy > 0.35 ? 'start' : 'middle'}>
          {same.map((place) => distinct(plane.tokens, place)).join(' = ')}
        </text>
      )}
    </>
  )
}

/** Where a question points, at the rim. */
function Mark({ question, at }: { question: Question; at: At }) {
  const angle = (DIRECTIONS[question] * Math.PI) / 180
  const on = (radius: number, turn = 0) => at([radius * Math.cos(angle + turn), radius * Math.sin(angle + turn)])
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
export function LiveDial({ plane, width }: { plane: Plane; width: number }) {
  const point = (event: PointerEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect()
    const [x, y] = [event.clientX - box.left - box.width / 2, box.top + box.height / 2 - event.clientY]
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
      <Dial plane={plane} width={width} />
    </div>
  )
}
