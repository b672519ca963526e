import { computed, useComputed } from '@preact/signals'
import type { VNode } from 'preact'
import { TakeShipped } from '../learn/take.tsx'
import { Choice } from '../parts/choice.tsx'
import { Control } from '../parts/control.tsx'
import { Measured } from '../parts/measured.tsx'
import { Numbers, TableBehind } from '../parts/number-table.tsx'
import { Problem } from '../parts/problem.tsx'
import { Prose } from '../parts/prose.tsx'
import { restedOf, useSight } from '../parts/sight.ts'
import { Way } from '../parts/way.tsx'
import { type Attention, attention, head, learned } from '../state/layer.ts'
import { asking } from '../state/selection.ts'
import { settings } from '../state/settings.ts'
import { hidden } from '../state/shown.ts'
import type { NumberTable, View } from '../view.ts'
import { decimal, distinct, t } from '../words/words.ts'
import { Grid, LiveGrid } from './grid.tsx'
import { SwitchAndLearn } from './learning.tsx'
import { Lines, LiveLines } from './lines.tsx'
import type { PictureOptions } from './picture-options.ts'
import { Says } from './says.tsx'
import { rowOf, Sentence } from './sentence.tsx'

/** Every weight of the head that is looked at. */
function weightsTable({ tokens, weights }: Attention): NumberTable {
  const names = () => tokens.map((_, place) => distinct(tokens, place))
  return {
    caption: t().look.tableCaption,
    get columns() {
      return [t().look.asks, ...names()]
    },
    get rows() {
      return names().map((name, i) => [name, ...rowOf(weights[head.value], i)])
    },
  }
}

/** The words that are drawn: the same array while only numbers change. */
const drawn = computed(() => attention.value.value?.tokens)

function Body() {
  const { value: tokens } = drawn
  const { bare } = settings
  return (
    <article class="view look">
      <h1 class="lead">
        <Prose text={t().look.lead} />
      </h1>
      <Problem />
      {tokens && <Sentence tokens={tokens} />}
      <Says />
      {tokens && <p class="legend">{t().look.legend(decimal(1 / tokens.length))}</p>}
      {!bare.state.value && <SwitchAndLearn />}
      <Below />
      {!bare.state.value && <LeadsOn />}
      {!bare.state.value && <More />}
    </article>
  )
}

const [attentionAtRest, askingAtRest] = [restedOf(attention), restedOf(asking)]

/** The same weights once more: as lines, a grid or a table. */
function Below() {
  const { ref, sight } = useSight<HTMLElement>()
  const { value } = useComputed(() => (sight.value ? attention : attentionAtRest).value).value
  const asks = useComputed(() => (sight.value ? asking : askingAtRest).value)
  const as = settings.as.state.value
  const table = value && weightsTable(value)
  return (
    <section class="below" ref={ref} hidden={!value}>
      {!hidden('as') && <Choice of={settings.as} quiet />}
      {value && as !== 'table' && <Drawn attention={value} asking={asks} />}
      {table && (as === 'table' ? <Numbers table={table} /> : <TableBehind table={table} />)}
    </section>
  )
}

function Drawn({
  attention: { tokens, weights },
  asking,
}: {
  attention: Attention
  asking: PictureOptions['asking']
}) {
  const given = { tokens, weights: weights[head.value], asking }
  if (settings.as.state.value === 'grid')
    return <Measured>{(width) => <LiveGrid {...given} width={width} />}</Measured>
  return (
    <>
      <Measured>{(width) => <LiveLines {...given} width={width} />}</Measured>
      <p class="quiet">{t().look.lineLegend}</p>
    </>
  )
}

/** What the words that ask look at, and how they differ. */
function pairTable({ tokens, weights }: Attention): NumberTable {
  const rows = asking.value.map((place) => rowOf(weights[head.value], place))
  const named = asking.value.map((place, n) => [distinct(tokens, place), ...rows[n]])
  const apart =
    rows.length === 2
      ? [[t().look.difference, ...rows[0].map((weight, j) => Math.abs(weight - rows[1][j]))]]
      : []
  return {
    ...weightsTable({ tokens, weights } as Attention),
    caption: t().look.pairCaption,
    rows: [...named, ...apart],
  }
}

function picture(): VNode | undefined {
  const { value } = attention.value
  if (!value) return undefined
  const given = { tokens: value.tokens, weights: value.weights[head.value], asking, width: 640 }
  return settings.as.state.value === 'grid' ? <Grid {...given} /> : <Lines {...given} />
}

function tables(): readonly NumberTable[] {
  const { value } = attention.value
  if (!value) return []
  return asking.value.length ? [weightsTable(value), pairTable(value)] : [weightsTable(value)]
}

/** The way on: the quiz, while none leads yet. */
function LeadsOn() {
  if (hidden('quiz') || settings.item.state.value > 0) return null
  return (
    <p class="leads-on">
      <Way to="quiz" name={t().look.leadsOn} plain />
    </p>
  )
}

function More() {
  return (
    <details class="more">
      <summary>{t().page.more}</summary>
      <div class="controls">
        <Control name="text" />
        <Form />
        <TakeShipped />
      </div>
    </details>
  )
}

/** What the drawn layer is made of; of a model only the head is chosen. */
function Form() {
  if (settings.source.state.value === 'learned' && learned.value) return <Control name="head" />
  return (
    <>
      <Control name="distribution" />
      <Control name="mask" />
      <Control name="position" />
      <Control name="heads" />
      <Control name="head" />
      <Control name="seed" />
    </>
  )
}

export const view: View = { Body, picture, tables }
