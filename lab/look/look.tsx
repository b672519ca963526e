import type { VNode } from 'preact'
import { Choice } from '../parts/choice.tsx'
import { Control } from '../parts/control.tsx'
import { Measured } from '../parts/measured.tsx'
import { Notice } from '../parts/notice.tsx'
import { Numbers, TableBehind } from '../parts/number-table.tsx'
import { PositionSwitch } from '../parts/positions.tsx'
import { Prose } from '../parts/prose.tsx'
import { type Attention, attention, head } from '../state/layer.ts'
import { asking } from '../state/selection.ts'
import { settings } from '../state/settings.ts'
import { hidden } from '../state/shown.ts'
import type { NumberTable, View } from '../views.ts'
import { decimal, distinct, t } from '../words/words.ts'
import { Lines } from './lines.tsx'
import { Says } from './says.tsx'
import { rowOf, Sentence } from './sentence.tsx'

/** Every weight of the head that is looked at. */
function weightsTable({ tokens, weights }: Attention): NumberTable {
  const names = tokens.map((_, place) => distinct(tokens, place))
  return {
    caption: t().look.tableCaption,
    columns: [t().look.asks, ...names],
    rows: names.map((name, i) => [name, ...rowOf(weights[head.value], i)]),
  }
}

function Body() {
  const { value, error } = attention.value
  const { bare } = settings
  return (
    <article class="view look">
      <h1 class="lead">
        <Prose text={t().look.lead} />
      </h1>
      {error && <Notice>{error}</Notice>}
      {value && <Sentence />}
      <Says />
      {value && <p class="legend">{t().look.legend(decimal(1 / value.tokens.length))}</p>}
      {!bare.state.value && (
        <div class="row">
          <PositionSwitch />
        </div>
      )}
      {value && <Below attention={value} />}
      {!bare.state.value && <More />}
    </article>
  )
}

/** The same weights once more: as lines, a grid or a table. */
function Below({ attention }: { attention: Attention }) {
  const table = weightsTable(attention)
  const as = settings.as.state.value
  return (
    <section class="below">
      {!hidden('as') && <Choice of={settings.as} quiet />}
      {as === 'table' ? <Numbers table={table} /> : <Measured>{(width) => picture(attention, width)}</Measured>}
      {as !== 'table' && <TableBehind table={table} />}
    </section>
  )
}

const picture = ({ tokens, weights }: Attention, width: number): VNode => (
  <Lines tokens={tokens} weights={weights[head.value]} width={width} />
)

function More() {
  return (
    <details class="more">
      <summary>{t().page.more}</summary>
      <div class="controls">
        <Control name="text" />
        <Control name="distribution" />
        <Control name="mask" />
        <Control name="position" />
        <Control name="heads" />
        <Control name="head" />
        <Control name="seed" />
      </div>
    </details>
  )
}

export const view: View = {
  Body,
  picture: () => (attention.value.value ? picture(attention.value.value, 640) : undefined),
  tables: () => (attention.value.value && asking.value ? [weightsTable(attention.value.value)] : []),
}
