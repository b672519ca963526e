import './compute.css'
import { Choice } from '../parts/choice.tsx'
import { Control } from '../parts/control.tsx'
import { Formula } from '../parts/formula.tsx'
import { Letters } from '../parts/letters.tsx'
import { Problem } from '../parts/problem.tsx'
import { pass, tokens } from '../state/layer.ts'
import type { Pass } from '../state/pass.ts'
import { settings } from '../state/settings.ts'
import { hidden } from '../state/shown.ts'
import type { NumberTable, View } from '../view.ts'
import { t, whole } from '../words/words.ts'
import { ClashPicture, Collision } from './collision.tsx'
import { Editor } from './editor.tsx'
import { LiveFormula } from './formulas.tsx'
import { namesOf, type Stage, shownOf } from './matrices.ts'
import { MatrixGrid } from './matrix.tsx'
import { StagePicture } from './picture.tsx'
import { shownHead } from './selected.ts'
import count from './tex/count.tex'
import formula from './tex/whole.tex'

function Body() {
  const { value, error } = pass.value
  const { bare, stage } = settings
  return (
    <article class="view compute">
      <h1 class="lead">{t().compute.lead}</h1>
      {!hidden('formula') && <Formula of={formula} block />}
      {!bare.state.value && <Controls />}
      <Problem />
      {error && <Collision />}
      {value && (
        <>
          {!hidden('stage') && <Choice of={settings.stage} row />}
          <p class="stage-says">
            <Letters text={t().compute.stages[stage.state.value]} />
          </p>
          {!hidden('formula') && <LiveFormula pass={value} />}
          {!bare.state.value && <Editor pass={value} />}
          <StageMatrices pass={value} />
          <p class="legend">{t().compute.legend}</p>
          <Count pass={value} />
        </>
      )}
    </article>
  )
}

/** The matrices of the open stage; in the first, each projection on a line of its own. */
function StageMatrices({ pass }: { pass: Pass }) {
  const stage: Stage = settings.stage.state.value
  const grids = namesOf(stage, pass).map((name) => (
    <MatrixGrid key={name} shown={shownOf(name, pass, shownHead.value)} />
  ))
  if (stage !== 'projections') return <div class="matrices">{grids}</div>
  const words = grids.slice(0, -6)
  return (
    <>
      <div class="matrices">{words}</div>
      {[0, 2, 4].map((n) => (
        <div key={n} class="matrices">
          {grids.slice(words.length + n, words.length + n + 2)}
        </div>
      ))}
    </>
  )
}

function Controls() {
  return (
    <div class="controls">
      {(['width', 'query', 'key', 'value', 'heads'] as const).map((name) => (
        <Control key={name} name={name} />
      ))}
      {settings.heads.state.value > 1 && <Control name="head" />}
      {(['alignment', 'distribution', 'mask', 'position', 'seed', 'text'] as const).map((name) => (
        <Control key={name} name={name} />
      ))}
    </div>
  )
}

/** How many numbers are learned, live; and which are not. */
function Count({ pass: { config, parameters } }: { pass: Pass }) {
  const projections = config.dModel * config.heads * (config.dQuery + config.dKey + config.dValue)
  const all = Object.values(parameters).reduce((sum, { size }) => sum + size, 0)
  const slots = {
    D: String(config.dModel),
    h: String(config.heads),
    q: String(config.dQuery),
    k: String(config.dKey),
    v: String(config.dValue),
    count: whole(projections),
  }
  const words = t().compute
  return (
    <section class="count">
      <h2>{words.parameters(whole(all))}</h2>
      <Formula of={count} slots={slots} block />
      <p class="quiet">
        {all > projections && <>{words.own(whole(all - projections))} </>}
        {words.notParameters}
      </p>
    </section>
  )
}

function tables(): readonly NumberTable[] {
  const { value } = pass.value
  if (!value) return []
  return namesOf(settings.stage.state.value, value).map((name) => {
    const { rows, columns, matrix } = shownOf(name, value, shownHead.value)
    const line = (i: number) => [
      ...matrix.data.subarray(i * matrix.columns, (i + 1) * matrix.columns),
    ]
    return {
      caption: `${name} ${matrix.rows} × ${matrix.columns}`,
      columns: [name, ...columns],
      rows: rows.map((row, i) => [row, ...line(i)]),
    }
  })
}

export const view: View = {
  Body,
  picture() {
    const { query, key, stage } = settings
    if (pass.value.value)
      return (
        <StagePicture pass={pass.value.value} stage={stage.state.value} head={shownHead.value} />
      )
    return <ClashPicture T={tokens.value.length} query={query.state.value} k={key.state.value} />
  },
  tables,
}
