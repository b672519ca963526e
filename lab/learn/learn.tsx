import './learn.css'
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { Measured } from '../parts/measured.tsx'
import { Failure } from '../parts/notice.tsx'
import { TableBehind } from '../parts/number-table.tsx'
import { cited, Prose } from '../parts/prose.tsx'
import { settings } from '../state/settings.ts'
import type { NumberTable, View } from '../view.ts'
import { decimal, distinct, t } from '../words/words.ts'
import { Buttons } from './buttons.tsx'
import { Curves, curvesTable, Legend, lossCurves, partingCurves } from './curves.tsx'
import { MapLegend, mapTable, Places, REACH } from './map.tsx'
import { Card } from './model-card.tsx'
import { type RunEvents, run } from './run.ts'
import { Status } from './status.tsx'
import { Subject } from './subject.tsx'

function Body() {
  const { bare } = settings
  return (
    <article class="view learn">
      <h1 class="lead">{t().learn.lead}</h1>
      {!bare.state.value && <Subject />}
      <Buttons />
      <Status />
      <Failure of={run.failure} />
      {run.events.value.warnings.map((message) => (
        <p key={message} class="quiet">
          {message}
        </p>
      ))}
      <Figures />
      <Card />
    </article>
  )
}

/** How many figures have begun: one more in each frame, for a phone has much to do to begin any. */
function useBegun(of: object | undefined, most: number): number {
  const begun = useSignal(1)
  useEffect(() => {
    begun.value = 1
    const next = (): void => {
      begun.value++
      if (begun.value < most) frame = requestAnimationFrame(next)
    }
    let frame = requestAnimationFrame(next)
    return () => cancelAnimationFrame(frame)
  }, [of, most, begun])
  return begun.value
}

/** The map and the curves, as far as the learning has come. */
function Figures() {
  const { begin, looks } = run.events.value
  const begun = useBegun(begin, 3)
  if (!begin) return null
  return (
    <div class="beside figures">
      <div>
        <Says />
        <Measured most={560}>
          {(width) => <Places begin={begin} look={looks.at(-1)?.look} width={width} />}
        </Measured>
        <MapLegend begin={begin} />
        {looks.length > 0 && <p class="legend">{axesOf(looks[looks.length - 1].look.shares)}</p>}
        <TableBehind table={mapTable()} />
      </div>
      <div>
        {begun > 1 && <Losses begin={begin} />}
        {begun > 2 && begin.watched.twins && <Parting />}
        {begun > 2 && <TableBehind table={curvesTable()} />}
      </div>
    </div>
  )
}

function Losses({ begin }: { begin: NonNullable<RunEvents['begin']> }) {
  return (
    <>
      <Measured most={560}>
        {(width) => <Curves of={lossCurves()} width={width} height={210} />}
      </Measured>
      <Legend of={lossCurves()} />
      <p class="legend">{t().learn.lossLegend(decimal(Math.log(begin.vocabulary), 1))}</p>
    </>
  )
}

function Parting() {
  return (
    <>
      <Measured most={560}>
        {(width) => <Curves of={partingCurves()} width={width} height={150} />}
      </Measured>
      <p class="legend">{t().learn.partLegend}</p>
    </>
  )
}

const axesOf = ([first, second]: readonly [number, number]): string =>
  t().learn.axes(decimal(100 * first, 0), decimal(100 * second, 0), decimal(REACH, 1))

/** How far the twins have parted, in a sentence. */
function Says() {
  const { begin, looks } = run.events.value
  const cosine = looks.at(-1)?.look.cosine
  if (!begin?.watched.twins || cosine === undefined) return null
  const [first, second] = begin.watched.twins.map((at) => cited(distinct(begin.watched.tokens, at)))
  const words = t().learn
  return (
    <p class="says">
      <Prose
        text={
          1 - cosine < 1e-6
            ? words.together(first, second)
            : words.parted(first, second, decimal(cosine))
        }
      />
    </p>
  )
}

function picture() {
  const { begin, looks } = run.events.value
  return begin ? <Places begin={begin} look={looks.at(-1)?.look} width={560} /> : undefined
}

const tables = (): readonly NumberTable[] =>
  run.events.value.begin ? [curvesTable(), mapTable()] : []

export const view: View = { Body, picture, tables }
