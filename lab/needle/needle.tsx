import './needle.css'
import { computed, useComputed } from '@preact/signals'
import { Formula } from '../parts/formula.tsx'
import { Letters } from '../parts/letters.tsx'
import { Measured } from '../parts/measured.tsx'
import { Notice } from '../parts/notice.tsx'
import { TableBehind } from '../parts/number-table.tsx'
import { PositionSwitch } from '../parts/positions.tsx'
import { cited, Prose } from '../parts/prose.tsx'
import { restedOf, useSight } from '../parts/sight.ts'
import { textLanguage } from '../state/layer.ts'
import { settings } from '../state/settings.ts'
import { hidden } from '../state/shown.ts'
import type { NumberTable, View } from '../view.ts'
import { decimal, distinct, lowered, raised, t } from '../words/words.ts'
import { Dial, LiveDial } from './dial.tsx'
import { DIRECTIONS, type Ground, ground, type Plane, plane, type Question } from './plane.ts'
import scores from './scores.tex'

function tableOf({ tokens, K, weights, needle, context, place }: Plane): NumberTable {
  const words = t().needle
  return {
    caption: words.tableCaption,
    columns: [words.vector, '1', '2', 'α'],
    get rows() {
      const rows = tokens.map((_, j) => [
        distinct(tokens, j),
        K.data[2 * j],
        K.data[2 * j + 1],
        weights[j],
      ])
      return [
        [`q${raised(place + 1)}`, ...needle, ''],
        ...rows,
        [`A(q${raised(place + 1)})`, ...context, ''],
      ]
    },
  }
}

/** Words with the largest weight: more than one where they tie to the last bit. */
const winners = ({ weights }: Plane): number[] => {
  const most = Math.max(...weights)
  return [...weights.keys()].filter((j) => weights[j] === most)
}

/** What the needle does, in one sentence. */
function saysOf(plane: Plane): string {
  const words = t().needle
  const best = winners(plane)
  const name = (j: number) => cited(distinct(plane.tokens, j))
  const amount = decimal(plane.weights[best[0]])
  if (best.length > 1) return words.tie(best.map(name).join(' = '), amount)
  return words.most(`q${raised(plane.place + 1)}`, name(best[0]), amount)
}

function Body() {
  const { value } = ground
  const words = t().needle
  return (
    <article class="view needle">
      <h1 class="lead">
        <Prose text={words.lead} />
      </h1>
      {!value && <Notice>{t().page.noWords}</Notice>}
      {value && (
        <div class="beside">
          <Measured most={460}>{(width) => <LiveDial ground={value} width={width} />}</Measured>
          <div>
            <Bars ground={value} />
            <Says />
            <Turn ground={value} />
            {!hidden('formula') && (
              <Formula of={scores} slots={{ place: String(value.place + 1) }} block />
            )}
          </div>
        </div>
      )}
      <p class="legend">
        <Letters text={words.legend} />
      </p>
      <Table />
    </article>
  )
}

function Says() {
  return (
    <p class="says" aria-live="polite">
      {plane.value && <Prose text={saysOf(plane.value)} />}
    </p>
  )
}

const Table = () => plane.value && <TableBehind table={tableOf(plane.value)} />

/** The weights of the word that asks, a bar each. */
function Bars({ ground: { tokens } }: { ground: Ground }) {
  return (
    <ol class="flat-bars">
      {tokens.map((_, j) => (
        <Bar key={j} j={j} name={distinct(tokens, j)} />
      ))}
    </ol>
  )
}

const weights = computed(() => plane.value?.weights)
const rested = restedOf(weights)

/** A bar and its amount; they alone change as the needle turns. */
function Bar({ j, name }: { j: number; name: string }) {
  const { ref, sight } = useSight<HTMLLIElement>()
  const weight = useComputed(() => (sight.value ? weights : rested).value?.[j] ?? 0)
  const share = useComputed(() => `--share: ${weight.value.toFixed(4)}`)
  const amount = useComputed(() => decimal(weight.value))
  return (
    <li ref={ref}>
      <span class="flat-name">
        α{lowered(j + 1)} <span lang={textLanguage.value}>{name}</span>
      </span>
      <span class="flat-bar" style={share} />
      <span class="flat-amount">{amount}</span>
    </li>
  )
}

/** The needle by keys: two questions, and a direction in degrees. */
function Turn({ ground }: { ground: Ground }) {
  const words = t().needle
  const { state } = settings.needle
  return (
    <div class="turn">
      <label class="field wide">
        <span>{words.turn(`q${raised(ground.place + 1)}`)}</span>
        <input
          type="range"
          name="needle"
          min={-180}
          max={180}
          value={state.value}
          aria-valuetext={`${decimal(state.value, 0)}°`}
          onInput={({ currentTarget }) => {
            state.value = settings.needle.read(currentTarget.value)
          }}
        />
      </label>
      <div class="row">
        {ground.asked &&
          (Object.keys(DIRECTIONS) as Question[]).map((question) => (
            <button
              key={question}
              type="button"
              class="button"
              aria-pressed={state.value === DIRECTIONS[question]}
              onClick={() => {
                state.value = DIRECTIONS[question]
              }}
            >
              {words[question]}
            </button>
          ))}
        <PositionSwitch />
      </div>
    </div>
  )
}

export const view: View = {
  Body,
  picture: () => ground.value && <Dial ground={ground.value} width={480} />,
  tables: () => (plane.value ? [tableOf(plane.value)] : []),
}
