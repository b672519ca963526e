import { model } from '../state/model.ts'
import { t, whole } from '../words/words.ts'
import { last, loadedName, run, state, unseen } from './run.ts'

/** Where the learning stands; what changes with each report is not read out. */
export function Status() {
  const words = t().learn
  const { begin, steps } = run.value
  const shown = last.value && words.status(whole(last.value.step), whole(last.value.steps), whole(last.value.words))
  return (
    <p class="status">
      {begin && state.value !== 'none' && <progress max={begin.steps} value={steps.at(-1)?.step ?? 0} aria-label={words.play} />}
      {state.value !== 'none' && <span>{shown ?? words.beginning} </span>}
      <span role="status">{sentence()}</span>
    </p>
  )
}

/** What does not change from step to step. */
function sentence(): string {
  const words = t().learn
  if (unseen.value) return words.unseen
  if (state.value === 'waiting') return words.waiting
  if (state.value === 'going') return ''
  const record = model.value?.learned.at(-1)
  if (record) return last.value ? words.done(whole(record.steps), whole(record.words)) : words.loaded(loadedName.value || words.small)
  return words.ready
}
