import type { NumberTable } from '../view.ts'
import { decimal, t, whole } from '../words/words.ts'
import { run } from './run.ts'

/** One line of a chart: points (step, value). */
interface Line {
  readonly name: string
  /** Its class: how it is drawn. */
  readonly kind: string
  readonly points: readonly (readonly [step: number, value: number])[]
}

/** A chart: its lines on a scale that stays. */
export interface Chart {
  readonly title: string
  readonly steps: number
  readonly from: number
  readonly to: number
  readonly ticks: readonly number[]
  readonly lines: readonly Line[]
}

/** Top of the scale of losses: above what it begins with, and the same for the whole run. */
function topOf(): number {
  const { begin, heldOut } = run.events.value
  const blind = Math.log(begin?.vocabulary ?? 1)
  return 2 * Math.ceil((Math.max(blind, heldOut[0]?.loss ?? 0) + 0.5) / 2)
}

/** The losses of the objectives, and of what is held out. */
export function lossCurves(): Chart {
  const words = t().learn
  const { begin, steps, heldOut } = run.events.value
  const to = topOf()
  const named = (name: string): Line['points'] =>
    steps.flatMap(({ step, losses }) => (name in losses ? [[step, losses[name]] as const] : []))
  const lines: Line[] = [
    { name: words.hiddenLoss, kind: 'learned', points: named('hidden') },
    { name: words.questionLoss, kind: 'asked', points: named('question') },
    {
      name: words.heldOutLoss,
      kind: 'held',
      points: heldOut.map(({ step, loss }) => [step, loss] as const),
    },
  ]
  const ticks = Array.from({ length: to / 2 + 1 }, (_, n) => 2 * n)
  return {
    title: words.lossTitle,
    steps: begin?.steps ?? 1,
    from: 0,
    to,
    ticks,
    lines: lines.filter(({ points }) => points.length),
  }
}

/** The cosine of the twins. */
export function partingCurves(): Chart {
  const { begin, looks } = run.events.value
  const points = looks.flatMap(({ step, look }) =>
    look.cosine === undefined ? [] : [[step, look.cosine] as const],
  )
  return {
    title: t().learn.partTitle,
    steps: begin?.steps ?? 1,
    from: -1,
    to: 1,
    ticks: [-1, 0, 1],
    lines: [{ name: '', kind: 'learned', points }],
  }
}

const LEFT = 34
const TOP = 24
const BOTTOM = 22

/** Lines over steps, with the legend at the top and the scale at the left. */
export function Curves({ of: chart, width, height }: { of: Chart; width: number; height: number }) {
  const x = (step: number): number => LEFT + (step / chart.steps) * (width - LEFT - 8)
  const y = (value: number): number =>
    TOP +
    (1 - (Math.min(chart.to, Math.max(chart.from, value)) - chart.from) / (chart.to - chart.from)) *
      (height - TOP - BOTTOM)
  return (
    <svg
      class="curves"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={chart.title}
    >
      <text class="axis" x={0} y={13}>
        {chart.title}
      </text>
      {chart.ticks.map((tick) => (
        <g key={tick}>
          <path class="rules" d={`M${LEFT} ${y(tick)}H${width - 8}`} />
          <text class="axis" x={LEFT - 6} y={y(tick) + 4} text-anchor="end">
            {decimal(tick, 0)}
          </text>
        </g>
      ))}
      <text class="axis" x={LEFT} y={height - 6}>
        {t().learn.step_} 0
      </text>
      <text class="axis" x={width - 8} y={height - 6} text-anchor="end">
        {whole(chart.steps)}
      </text>
      {chart.lines.map((line) => (
        <Drawn key={line.kind} line={line} x={x} y={y} />
      ))}
    </svg>
  )
}

function Drawn({
  line: { kind, points },
  x,
  y,
}: {
  line: Line
  x: (step: number) => number
  y: (value: number) => number
}) {
  const path = points
    .map(([step, value], n) => `${n ? 'L' : 'M'}${x(step).toFixed(1)} ${y(value).toFixed(1)}`)
    .join('')
  return (
    <g class={`curve ${kind}`}>
      <path d={path} />
      {kind === 'held' &&
        points.map(([step, value]) => <circle key={step} cx={x(step)} cy={y(value)} r={3.5} />)}
    </g>
  )
}

/** What the lines of a chart look like, beside their names. */
export const Legend = ({ of: { lines } }: { of: Chart }) => (
  <ul class="curve-legend">
    {lines.map(({ name, kind, points }) => (
      <li key={kind}>
        <svg class="curves" width={28} height={12} aria-hidden="true">
          <g class={`curve ${kind}`}>
            <path d="M1 6H27" />
            {kind === 'held' && <circle cx={14} cy={6} r={3.5} />}
          </g>
        </svg>
        {name} <b>{decimal(points[points.length - 1][1])}</b>
      </li>
    ))}
  </ul>
)

/** All that the curves show, a row for each report. */
export function curvesTable(): NumberTable {
  const words = t().learn
  const { steps, heldOut, looks } = run.events.value
  return {
    caption: words.lossTitle,
    columns: [words.step_, words.hiddenLoss, words.questionLoss, words.heldOutLoss, 'cos'],
    get rows() {
      const held = new Map(heldOut.map(({ step, loss }) => [step, loss]))
      const cosines = new Map(looks.map(({ step, look }) => [step, look.cosine]))
      return steps.map(({ step, losses }) => [
        step,
        losses.hidden ?? '',
        losses.question ?? '',
        held.get(step) ?? '',
        cosines.get(step) ?? '',
      ])
    },
  }
}
