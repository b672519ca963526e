import { useSignal } from '@preact/signals'
import { isAnswered, isRight, keyOf, letterOf, type QuizItem, type Response } from 'regard/internal'
import { download } from '../parts/files.ts'
import { learnerName } from '../reporting/reporting.ts'
import { Told } from '../reporting/told.tsx'
import { decimal, t, whole } from '../words/words.ts'
import { NameField } from './beginning.tsx'
import { goTo, handInOr } from './question.tsx'
import {
  again,
  items,
  language,
  missing,
  practice,
  rename,
  responseTo,
  result,
  start,
} from './sitting.ts'
import { Paragraphs } from './text.tsx'

/** After the last question: what is still missing, and handing in. */
export function Ending() {
  const name = useSignal(learnerName())
  if (result.value) return <Score />
  const words = t().quiz
  const answered = items.value.filter((item) => isAnswered(responseTo(item))).length
  const needed = missing()
  return (
    <>
      <h2>{words.end}</h2>
      <p>{words.answered(answered, items.value.length)}</p>
      {needed.length > 0 && !practice.value && (
        <p role="alert">{words.missing(needed.map((place) => place + 1))}</p>
      )}
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault()
          if (name.value) rename(name.value)
          handInOr()
        }}
      >
        {!start.value?.name && (
          <NameField value={name.value} take={(text) => (name.value = text)} />
        )}
        <button type="submit" class="button main">
          {words.handIn}
        </button>
        <button type="button" class="button" onClick={() => goTo(items.value.length - 1)}>
          {words.back}
        </button>
      </form>
    </>
  )
}

const number = (value: number): string =>
  Number.isInteger(value) ? whole(value) : decimal(value, 2)

/** The score, every answer beside the right one, and the result as a file. */
function Score() {
  const words = t().quiz
  const of = result.value
  if (!of) return null
  const file = `${of.quiz.id}${of.name ? `-${of.name.replace(/[^\p{L}\p{N}]+/gu, '-')}` : ''}.json`
  return (
    <>
      <h2 tabIndex={-1}>
        {of.score ? words.score(number(of.score.points), number(of.score.of)) : words.noScore}
      </h2>
      <Told />
      <p class="quiet">{[of.name, words.modes[of.mode]].filter(Boolean).join(' · ')}</p>
      <div class="row">
        <button
          type="button"
          class="button main"
          onClick={() =>
            download(file, `${JSON.stringify(of, undefined, 1)}\n`, 'application/json')
          }
        >
          {words.save}
        </button>
        <button type="button" class="button" onClick={again}>
          {words.again}
        </button>
      </div>
      <ol class="scored">
        {items.value.map((item, place) => (
          <Scored key={item.id} item={item} place={place} />
        ))}
      </ol>
    </>
  )
}

function Scored({ item, place }: { item: QuizItem; place: number }) {
  const words = t().quiz
  const response = responseTo(item)
  const right = isRight(item, response)
  const key = keyOf(item)
  return (
    <li>
      <div lang={language.value}>
        <Paragraphs of={item.text} />
      </div>
      <p>
        {right === undefined ? '' : right ? '✓ ' : '✗ '}
        {said(item, response)}
        {right === false && key !== undefined && `; ${words.rightIs(said(item, key))}`}{' '}
        <button type="button" class="plain" onClick={() => goTo(place)}>
          {words.see}
        </button>
      </p>
    </li>
  )
}

/** A response by the letters that are shown. */
function said(item: QuizItem, response: Response): string {
  if (!isAnswered(response)) return t().quiz.noAnswer
  if (typeof response === 'number') return number(response)
  const ids = item.kind === 'numeric' ? [] : item.options.map(({ id }) => id)
  return response.map((id) => `(${letterOf(ids.indexOf(id))})`).join(' ')
}
