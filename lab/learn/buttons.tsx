import { Control } from '../parts/control.tsx'
import { model } from '../state/model.ts'
import { t } from '../words/words.ts'
import { run } from './run.ts'

/** Play, pause, step, end and reset, with what is learned by. */
export function Buttons() {
  const words = t().learn
  const going = run.state.value === 'going'
  const busy = run.state.value !== 'none'
  const name =
    run.state.value === 'waiting'
      ? words.goOn
      : model.value || run.last.value
        ? words.again
        : words.play
  return (
    <div class="row">
      <button type="button" class="button main" onClick={() => (going ? run.pause() : run.play())}>
        {going ? words.pause : name}
      </button>
      <button type="button" class="button" disabled={going} onClick={() => run.step()}>
        {words.step}
      </button>
      {busy && run.last.value && (
        <button type="button" class="button" onClick={() => run.end()}>
          {words.end}
        </button>
      )}
      {(busy || model.value) && (
        <button type="button" class="plain" onClick={() => void run.reset()}>
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
