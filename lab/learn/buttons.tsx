import { Control } from '../parts/control.tsx'
import { model } from '../state/model.ts'
import { t, whole } from '../words/words.ts'
import { loadedName } from './model-card.tsx'
import { endHere, last, pause, play, reset, run, state, step, unseen } from './run.ts'

/** Play, pause, step, end and reset, with what is learned by. */
export function Buttons() {
  const words = t().learn
  const going = state.value === 'going'
  const busy = state.value !== 'none'
  const name = state.value === 'waiting' ? words.goOn : model.value || last.value ? words.again : words.play
  return (
    <div class="row">
      <button type="button" class="button main" onClick={going ? pause : play}>
        {going ? words.pause : name}
      </button>
      <button type="button" class="button" disabled={going} onClick={step}>
        {words.step}
      </button>
      {busy && last.value && (
        <button type="button" class="button" onClick={endHere}>
          {words.end}
        </button>
      )}
      {(busy || model.value) && (
        <button type="button" class="plain" onClick={() => void reset()}>
          {words.reset}
        </button>
      )}
      <fieldset class="bare-set" disabled={busy}>
        <Control name="seed" />
        <Control name="positions" />
      </fieldset>
    </div>
  )
}

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
  if (record) return last.value ? words.done(whole(record.steps), whole(record.words)) : words.loaded(loadedName.value)
  return words.ready
}
