import { Control } from '../parts/control.tsx'
import { model } from '../state/model.ts'
import { t } from '../words/words.ts'
import { endHere, last, pause, play, reset, state, step } from './run.ts'

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
