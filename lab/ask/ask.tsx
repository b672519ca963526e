import './ask.css'
import { useEffect } from 'preact/hooks'
import { TakeShipped } from '../learn/take.tsx'
import { DIRECTIONS } from '../needle/plane.ts'
import { Control } from '../parts/control.tsx'
import { Letters } from '../parts/letters.tsx'
import { Notice } from '../parts/notice.tsx'
import { TableBehind } from '../parts/number-table.tsx'
import { cited, Prose } from '../parts/prose.tsx'
import { Way } from '../parts/way.tsx'
import { tokens } from '../state/layer.ts'
import { model } from '../state/model.ts'
import { settings } from '../state/settings.ts'
import type { NumberTable, View } from '../view.ts'
import { decimal, distinct, lowered, raised, t } from '../words/words.ts'
import { type Asked, asked, byHand, failure, place, pointAt, watchQuestion } from './asked.ts'
import { Ranking, RankingPicture } from './ranking.tsx'

/** Places from the highest weight to the lowest, equals in the order of the words. */
export const ranked = ({ weights }: Asked): number[] =>
  Array.from(weights, (_, place) => place).sort((a, b) => weights[b] - weights[a] || a - b)

function Body() {
  useEffect(watchQuestion, [])
  const words = t().ask
  const { value } = asked
  return (
    <article class="view ask">
      <h1 class="lead">{words.lead}</h1>
      <div class="controls">
        <Control name="text" />
        {model.value && <Control name="question" />}
      </div>
      <Questions />
      {!tokens.value.length && <Notice>{t().page.noWords}</Notice>}
      {failure.value && <Notice>{failure.value}</Notice>}
      {value && value.tokens.length > 0 && <Found asked={value} />}
      <p class="caution">{words.caution}</p>
    </article>
  )
}

/** Questions to try: of a model any, by hand the two directions of the needle. */
function Questions() {
  const words = t().ask
  if (!model.value) {
    return (
      <fieldset class="tries">
        <legend>{words.byHand}</legend>
        {byHand.map((question) => (
          <button
            key={question}
            type="button"
            class="button"
            aria-pressed={settings.needle.state.value === DIRECTIONS[question]}
            onClick={() => pointAt(question)}
          >
            {t().needle[question]}
          </button>
        ))}
      </fieldset>
    )
  }
  return (
    <fieldset class="tries">
      <legend>{words.tries}</legend>
      {TRIES.map(([lang, question]) => (
        <button
          key={question}
          type="button"
          class="button"
          lang={lang}
          aria-pressed={settings.question.state.value === question}
          onClick={() => {
            settings.question.state.value = question
          }}
        >
          {question}
        </button>
      ))}
    </fieldset>
  )
}

const TRIES = [
  ['en', 'What happened to Tom ?'],
  ['en', 'When does that happen to Tom ?'],
  ['fr', 'Qu’est-il arrivé à Tom ?'],
  ['fr', 'Quand cela arrive-t-il à Tom ?'],
] as const

/** The answer in a sentence, the whole ranking, and how it was found. */
function Found({ asked: found }: { asked: Asked }) {
  const words = t().ask
  const [first, second] = ranked(found)
  const name = (place: number): string => cited(distinct(found.tokens, place))
  const [best, next] = [found.weights[first], second === undefined ? 0 : found.weights[second]]
  const tie = second !== undefined && best === next
  return (
    <>
      <p class="says" aria-live="polite">
        <Prose
          text={
            tie
              ? words.tie(name(first), name(second), decimal(best))
              : words.answers(name(first), decimal(best)) +
                (second === undefined
                  ? ''
                  : words.margin(name(second), decimal(next), decimal(best - next)))
          }
        />
      </p>
      <Ranking asked={found} order={ranked(found)} />
      <p class="legend">{words.legend(decimal(1 / found.tokens.length))}</p>
      <TableBehind table={tableOf(found)} digits={4} />
      <How how={found.how} />
    </>
  )
}

/** Which construction answered, and where the other one is. */
function How({ how }: { how: Asked['how'] }) {
  const words = t().ask
  const q = `q${raised(place() + 1)}`
  return (
    <section>
      <h2>{words.how}</h2>
      <p>
        <Letters
          text={
            how === 'learned' ? words.learned : how === 'query' ? words.query(q) : words.hand(q)
          }
        />
        {how === 'learned' && model.value?.config.clues === 'overlap' && words.clues}
      </p>
      {how === 'hand' && (
        <p class="row">
          <Way to="learn" name={words.toLearn} />
          <Way to="needle" name={words.toNeedle} />
          <TakeShipped />
        </p>
      )}
    </section>
  )
}

/** Every word with its weight, the highest first. */
function tableOf(found: Asked): NumberTable {
  const words = t().ask
  return {
    caption: words.tableCaption,
    columns: [words.rank, words.word, 'α'],
    rows: ranked(found).map((place, rank) => [
      String(rank + 1),
      `α${lowered(place + 1)} ${distinct(found.tokens, place)}`,
      found.weights[place],
    ]),
  }
}

const tables = (): readonly NumberTable[] => (asked.value ? [tableOf(asked.value)] : [])

function picture() {
  const { value } = asked
  return value ? <RankingPicture asked={value} order={ranked(value)} width={560} /> : undefined
}

export const view: View = { Body, picture, tables }
