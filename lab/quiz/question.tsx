import { batch, useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import {
  feedbackTo,
  isAnswered,
  isRight,
  pointsOf,
  type QuizItem,
  type Response,
} from 'regard/internal'
import { Way } from '../parts/way.tsx'
import { settings } from '../state/settings.ts'
import { t } from '../words/words.ts'
import { doorOf, openDoor, showAnswer } from './doors.ts'
import { Fields } from './fields.tsx'
import { Proof } from './proof.tsx'
import {
  answer,
  handIn,
  isJudged,
  items,
  language,
  missing,
  practice,
  responseTo,
  result,
} from './sitting.ts'
import { Paragraphs, Rich, told } from './text.tsx'

/** Whether the question that is drawn next was gone to, and takes the focus. */
let moved = false

/** The options of a response. */
const chosenIn = (response: Response): readonly string[] =>
  Array.isArray(response) ? (response as readonly string[]) : []

/** Opens the door of an item, with what its answer says where there is one. */
function enter(item: QuizItem): void {
  batch(() => {
    openDoor(item)
    if (isJudged(item)) showAnswer(item, chosenIn(responseTo(item)))
  })
}

/** Goes to the item at a place from 0: to its door in practice, for in a test a view would tell. */
export function goTo(place: number): void {
  const item = items.value[place]
  batch(() => {
    settings.item.state.value = item ? place + 1 : 0
    if (item && (practice.value || result.value)) enter(item)
    else settings.view.state.value = 'quiz'
  })
  moved = true
}

/** An item: its text, its fields, what is said to an answer, and the way on. */
export function Question({ item }: { item: QuizItem }) {
  const draft = useSignal<Response>(responseTo(item))
  const check = (event: Event) => {
    event.preventDefault()
    if (!isAnswered(draft.value)) return
    answer(item, draft.value)
    showAnswer(item, chosenIn(draft.value))
  }
  const take = (response: Response) => {
    draft.value = response
    if (!practice.value) answer(item, response)
  }
  const judged = isJudged(item)
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (moved) form.current?.focus()
    moved = false
  }, [])
  return (
    <form
      class="question"
      ref={form}
      tabIndex={-1}
      aria-label={t().quiz.leads}
      onSubmit={check}
      noValidate
    >
      <fieldset disabled={result.value !== undefined}>
        <legend lang={language.value}>
          <span class="quiet">{placeOf(item)}</span>
          <Paragraphs of={item.text} />
        </legend>
        <Fields item={item} response={draft.value} take={take} />
      </fieldset>
      {item.claim && !doorOf(item) && practice.value && <p class="quiet">{t().quiz.inNumbers}</p>}
      <div role="status">{judged && <Judgement item={item} />}</div>
      {judged && <Proof item={item} />}
      <Ways
        item={item}
        answered={isAnswered(draft.value)}
        judged={judged}
        same={draft.value === responseTo(item)}
      />
    </form>
  )
}

/** Which item it is, its points, and how it is answered. */
function placeOf(item: QuizItem): string {
  const words = t().quiz
  const hints = [
    words.place(items.value.indexOf(item) + 1, items.value.length),
    ...(pointsOf(item) === 1 ? [] : [words.points(String(pointsOf(item)))]),
    ...(item.kind === 'multiple' ? [words.several] : item.kind === 'numeric' ? [words.number] : []),
    ...((item.required ?? true) ? [] : [words.optional]),
  ]
  return hints.join(' · ')
}

/** Whether the answer is right, and what the quiz says to it. */
function Judgement({ item }: { item: QuizItem }) {
  const words = t().quiz
  const response = responseTo(item)
  const right = isRight(item, response)
  return (
    <div class="judgement" lang={language.value}>
      <p class={right ? 'right' : 'not-right'}>
        <b>
          {isAnswered(response)
            ? right
              ? `✓ ${words.right}`
              : `✗ ${words.wrong}`
            : words.noAnswer}
        </b>{' '}
        {feedbackTo(item, response).map((text, n) => (
          <span key={n}>
            <Rich text={told(text)} />{' '}
          </span>
        ))}
      </p>
      {item.explanation !== undefined && <Paragraphs of={item.explanation} />}
    </div>
  )
}

/** Check, next, back, and the door to the view that shows it. */
function Ways({
  item,
  answered,
  judged,
  same,
}: {
  item: QuizItem
  answered: boolean
  judged: boolean
  same: boolean
}) {
  const words = t().quiz
  const place = items.value.indexOf(item)
  const last = place === items.value.length - 1
  const door = doorOf(item)
  const mayCheck = practice.value && !result.value
  const main = !mayCheck || (judged && same)
  return (
    <div class="row">
      {mayCheck && (
        <button type="submit" class={main ? 'button' : 'button main'} disabled={!answered}>
          {words.check}
        </button>
      )}
      {place > 0 && (
        <button type="button" class="button" onClick={() => goTo(place - 1)}>
          {words.back}
        </button>
      )}
      <button type="button" class={main ? 'button main' : 'button'} onClick={() => goTo(place + 1)}>
        {last ? words.toEnd : words.next}
      </button>
      {door && settings.view.state.value === 'quiz' && (practice.value || result.value) && (
        <button type="button" class="plain" onClick={() => enter(item)}>
          {words.door(t().views[door.view].door)}
        </button>
      )}
      {settings.view.state.value !== 'quiz' && <Way to="quiz" name={words.quizAlone} plain />}
    </div>
  )
}

/** Hands in where every answer that is needed is there; else goes to the first that is missing. */
export function handInOr(): void {
  const [first] = missing()
  if (first === undefined || practice.value) handIn()
  else goTo(first)
}
