import { model } from '../state/model.ts'
import { t, whole } from '../words/words.ts'
import { run } from './run.ts'

/** Where the learning stands; what changes with each report is not read out. */
export function Status() {
  const words = t().learn
  const { begin, steps } = run.events.value
  const shown =
    run.last.value &&
    words.status(
      whole(run.last.value.step),
      whole(run.last.value.steps),
      whole(run.last.value.words),
    )
  return (
    <p class="status">
      {begin && run.state.value !== 'none' && (
        <progress max={begin.steps} value={steps.at(-1)?.step ?? 0} aria-label={words.play} />
      )}
      {run.state.value !== 'none' && <span>{shown ?? words.beginning} </span>}
      <span role="status">{sentence()}</span>
    </p>
  )
}

/** What does not change from step to step. */
function sentence(): string {
  const words = t().learn
  if (run.unseen.value) return words.unseen
  if (run.state.value === 'waiting') return words.waiting
  if (run.state.value === 'going') return ''
  const record = model.value?.learned.at(-1)
  if (record)
    return run.last.value
      ? words.done(whole(record.steps), whole(record.words))
      : words.loaded(run.loadedName.value || words.small)
  return words.ready
}
