import { own } from '../learn/own.ts'
import { endHere, failure, last, play, reset, state } from '../learn/run.ts'
import { Status } from '../learn/status.tsx'
import { Choice } from '../parts/choice.tsx'
import { Notice } from '../parts/notice.tsx'
import { PositionSwitch } from '../parts/positions.tsx'
import { TakeShipped } from '../shipped/take.tsx'
import { learned } from '../state/layer.ts'
import { model } from '../state/model.ts'
import { settings } from '../state/settings.ts'
import { hidden } from '../state/shown.ts'
import { t } from '../words/words.ts'

/** One switch and one button: positions, and learning, which the picture above follows. */
export function SwitchAndLearn() {
  const drawn = settings.source.state.value === 'drawn'
  return (
    <>
      <div class="row">
        {model.value && !hidden('source') && <Choice of={settings.source} quiet row />}
        {drawn && <PositionSwitch />}
        {!hidden('learn') && <Learning />}
      </div>
      {!hidden('learn') && <How />}
    </>
  )
}

/** Learning from this view: begun, stopped, gone on with; once it is done, the ways on. */
function Learning() {
  const words = t()
  if (model.value) {
    return (
      <>
        <Way to="ask" main name={words.learn.ask} />
        <Way to="learn" name={words.look.how} />
      </>
    )
  }
  if (state.value === 'none') {
    return (
      <button type="button" class="button main" onClick={learn}>
        {words.look.learn}
      </button>
    )
  }
  return (
    <>
      {state.value === 'waiting' && (
        <button type="button" class="button main" onClick={play}>
          {words.learn.goOn}
        </button>
      )}
      <button type="button" class="button" onClick={stop}>
        {words.look.stop}
      </button>
      <Way to="learn" name={words.look.watch} />
    </>
  )
}

/** Learns the text that ships, unless the reader gave one. */
function learn(): void {
  if (settings.corpus.state.value === 'own' && !own.value) settings.corpus.state.value = 'built-in'
  play()
}

/** Keeps what was learned so far, or forgets that it began. */
function stop(): void {
  if (last.value) endHere()
  else void reset()
}

function Way({ to, name, main = false }: { to: 'ask' | 'learn'; name: string; main?: boolean }) {
  if (hidden(to)) return null
  return (
    <button
      type="button"
      class={main ? 'button main' : 'plain'}
      onClick={() => {
        settings.view.state.value = to
      }}
    >
      {name}
    </button>
  )
}

/** How far it is, or why it came to nothing; and where the address speaks of a model that is not here, how to come by one. */
function How() {
  const words = t().look
  const source = settings.source.state.value
  const missing = source === 'learned' && !learned.value && !model.value && state.value === 'none'
  return (
    <>
      {(state.value !== 'none' || model.value) && <Status />}
      {model.value && source === 'learned' && <p class="quiet">{words.learnedWith(model.value.form.position !== 'none')}</p>}
      {missing && (
        <p class="row">
          {words.noModel} <TakeShipped />
        </p>
      )}
      {failure.value && (
        <Notice
          onClose={() => {
            failure.value = ''
          }}
        >
          {failure.value}
        </Notice>
      )}
    </>
  )
}
