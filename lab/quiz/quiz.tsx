import './quiz.css'
import { isAnswered, isRight, itemsOf, type QuizItem } from 'regard/internal'
import { strip } from '../state/strip.ts'
import type { NumberTable, View } from '../view.ts'
import { t } from '../words/words.ts'
import { Beginning } from './beginning.tsx'
import { Ending } from './ending.tsx'
import { goTo, Question } from './question.tsx'
import {
  current,
  isJudged,
  items,
  language,
  quiz,
  responseTo,
  result,
  sectionOf,
  start,
} from './sitting.ts'
import { Strip } from './strip.tsx'
import { Paragraphs, Rich, told } from './text.tsx'

strip.value = Strip

function Body() {
  const item = current.value
  return (
    <article class="view quiz">
      <h1 class="lead">{t().quiz.lead}</h1>
      {!quiz.value && <p class="quiet">{t().page.loading}</p>}
      {start.value && quiz.value && <Places />}
      {item && <Section item={item} />}
      {item ? <Question key={item.id} item={item} /> : start.value ? <Ending /> : <Beginning />}
    </article>
  )
}

/** All questions, each a way to it. */
function Places() {
  const words = t().quiz
  return (
    <nav aria-label={words.all}>
      <ol class="quiz-places">
        {items.value.map((item, place) => (
          <li key={item.id}>
            <button
              type="button"
              class="button"
              aria-current={current.value === item ? 'step' : undefined}
              aria-label={`${words.place(place + 1, items.value.length)}: ${stateOf(item)}`}
              onClick={() => goTo(place)}
            >
              {place + 1}
              {isJudged(item)
                ? isRight(item, responseTo(item))
                  ? ' ✓'
                  : ' ✗'
                : isAnswered(responseTo(item))
                  ? ' •'
                  : ''}
            </button>
          </li>
        ))}
        <li>
          <button
            type="button"
            class="plain"
            aria-current={!current.value ? 'step' : undefined}
            onClick={() => goTo(items.value.length)}
          >
            {result.value ? words.toScore : words.toEnd}
          </button>
        </li>
      </ol>
    </nav>
  )
}

function stateOf(item: QuizItem): string {
  const words = t().quiz
  if (!isAnswered(responseTo(item))) return words.noAnswer
  return isJudged(item)
    ? isRight(item, responseTo(item))
      ? words.right
      : words.wrong
    : words.isAnswered
}

/** The heading of an item, and what must be read before it. */
function Section({ item }: { item: QuizItem }) {
  const section = sectionOf(item)
  if (!section) return null
  return (
    <div lang={language.value}>
      <h2>
        <Rich text={told(section.title)} />
      </h2>
      {section.text !== undefined && <Paragraphs of={section.text} />}
    </div>
  )
}

/** The answers so far. */
function tables(): readonly NumberTable[] {
  if (!quiz.value || !start.value) return []
  const rows = itemsOf(quiz.value).map((item, n) => [n + 1, item.id, stateOf(item)])
  return [
    {
      caption: told(quiz.value.title),
      columns: ['', t().settings.quiz, t().quiz.isAnswered],
      rows,
    },
  ]
}

export const view: View = { Body, picture: () => undefined, tables }
