import { useSignal } from '@preact/signals'
import { hasKey, itemsOf } from 'regard/internal'
import { Control } from '../parts/control.tsx'
import { Failure } from '../parts/notice.tsx'
import { learnerName } from '../reporting/reporting.ts'
import { settings } from '../state/settings.ts'
import { t } from '../words/words.ts'
import { goTo } from './question.tsx'
import { begin, failure, goOn, language, quiz, remembered, takeQuizFile } from './sitting.ts'
import { Paragraphs, Rich, told } from './text.tsx'

async function choose(file: File | undefined): Promise<void> {
  if (!file) return
  try {
    await takeQuizFile(file)
  } catch (error) {
    failure.value = (error as Error).message
  }
}

/** Before it begins: which quiz, whose, and how. */
export function Beginning() {
  const of = quiz.value
  const words = t().quiz
  return (
    <>
      {of && (
        <div lang={language.value}>
          <h2>
            <Rich text={told(of.title)} />
          </h2>
          {of.description !== undefined && <Paragraphs of={of.description} />}
        </div>
      )}
      {of && <Remembered />}
      {of && <Name />}
      <details class="more">
        <summary>{words.others}</summary>
        <div class="controls">
          <Control name="quiz" />
          <Control name="seed" />
          <label class="field">
            <span>{words.file}</span>
            <input
              type="file"
              name="quiz-file"
              accept=".json,application/json"
              onChange={({ currentTarget }) => void choose(currentTarget.files?.[0])}
            />
          </label>
        </div>
      </details>
      <Failure of={failure} />
    </>
  )
}

/** What was begun before, to go on with. */
function Remembered() {
  const from = remembered.value
  const words = t().quiz
  if (!from || !quiz.value) return null
  const answered = Object.values(from.answers).filter((response) => response !== null).length
  return (
    <p class="notice">
      <span>
        {words.begun(
          from.name || words.somebody,
          words.modes[from.mode],
          answered,
          itemsOf(quiz.value).length,
        )}
      </span>
      <button
        type="button"
        class="button"
        onClick={() => {
          goOn(from)
          goTo(Math.min(answered, itemsOf(quiz.value as NonNullable<typeof quiz.value>).length - 1))
        }}
      >
        {words.goOn}
      </button>
    </p>
  )
}

/** The name and the mode; a name that is needed is asked for by the browser. */
function Name() {
  const name = useSignal(learnerName())
  const of = quiz.value
  const words = t().quiz
  if (!of) return null
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault()
        begin(name.value, settings.mode.state.value)
        goTo(0)
      }}
    >
      <NameField value={name.value} take={(text) => (name.value = text)} />
      {hasKey(of) ? <Control name="mode" /> : <p class="quiet">{words.noKey}</p>}
      <button type="submit" class="button main">
        {words.begin}
      </button>
      <p class="quiet mode-says">
        {words.modeSays[hasKey(of) ? settings.mode.state.value : 'test']}
      </p>
    </form>
  )
}

/** The field for the name, as the quiz has it. */
export function NameField({ value, take }: { value: string; take(text: string): void }) {
  const name = quiz.value?.name
  return (
    <label class="field">
      <span lang={name?.label === undefined ? undefined : language.value}>
        {name?.label === undefined ? t().quiz.name : told(name.label)}
      </span>
      <input
        type="text"
        name="name"
        autocomplete="name"
        maxLength={200}
        required={name?.required ?? true}
        value={value}
        onInput={({ currentTarget }) => take(currentTarget.value)}
      />
    </label>
  )
}
