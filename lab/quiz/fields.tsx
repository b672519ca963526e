import { type ChoiceItem, keyOf, type QuizItem, type Response, unicodeText } from 'regard/internal'
import { t } from '../words/words.ts'
import { isJudged, language, responseTo } from './sitting.ts'
import { Rich, told } from './text.tsx'

interface FieldProps<Item> {
  readonly item: Item
  readonly response: Response
  take(response: Response): void
}

/** The browser's own fields for an answer: radio buttons, boxes, or a number. */
export function Fields({ item, response, take }: FieldProps<QuizItem>) {
  if (item.kind !== 'numeric') return <Options item={item} response={response} take={take} />
  return (
    <label class="field">
      <span>{t().quiz.yourNumber}</span>
      <input
        type="number"
        step="any"
        name={item.id}
        value={typeof response === 'number' ? response : ''}
        onInput={({ currentTarget: { valueAsNumber } }) =>
          take(Number.isFinite(valueAsNumber) ? valueAsNumber : null)
        }
      />
    </label>
  )
}

function Options({ item, response, take }: FieldProps<ChoiceItem>) {
  const chosen = Array.isArray(response) ? (response as readonly string[]) : []
  const change = (id: string, on: boolean) => {
    if (item.kind === 'single') return take([id])
    const ids = on ? [...chosen, id] : chosen.filter((other) => other !== id)
    take([...ids].sort())
  }
  return (
    <ol type="a" class="options" lang={language.value}>
      {item.options.map(({ id, text }) => (
        <li key={id} data-mark={markOf(item, id)}>
          <label>
            <input
              type={item.kind === 'single' ? 'radio' : 'checkbox'}
              name={item.id}
              value={id}
              aria-label={unicodeText(told(text))}
              checked={chosen.includes(id)}
              onChange={({ currentTarget }) => change(id, currentTarget.checked)}
            />
            <span>
              <Rich text={told(text)} />
            </span>
          </label>
        </li>
      ))}
    </ol>
  )
}

/** Whether an option that was chosen is right, once that is told. */
function markOf(item: ChoiceItem, id: string): 'right' | 'wrong' | undefined {
  const response = responseTo(item)
  if (!isJudged(item) || !Array.isArray(response) || !response.includes(id)) return undefined
  const key = keyOf(item)
  return Array.isArray(key) && key.includes(id) ? 'right' : 'wrong'
}
