import { own } from '../learn/own.ts'
import { run } from '../learn/run.ts'
import { Status } from '../learn/status.tsx'
import { TakeShipped } from '../learn/take.tsx'
import { Choice } from '../parts/choice.tsx'
import { Failure } from '../parts/notice.tsx'
import { PositionSwitch } from '../parts/positions.tsx'
import { Way } from '../parts/way.tsx'
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

/**
 * Learning from this view: one button that begins, stops and leads on, so that the focus stays on
 * it; beside it the other ways.
 */
function Learning() {
  const words = t()
  const { name, act } = nextOf()
  const stopped = run.state.value === 'waiting'
  return (
    <>
      <button
        type="button"
        class={run.state.value === 'going' ? 'button' : 'button main'}
        onClick={act}
      >
        {name}
      </button>
      {stopped && (
        <button type="button" class="button" onClick={stop}>
          {words.look.stop}
        </button>
      )}
      {run.state.value !== 'none' && <Way to="learn" name={words.look.watch} plain />}
      {model.value && (
        <Way to="learn" name={run.last.value ? words.look.how : words.learn.model} plain />
      )}
    </>
  )
}

/** What comes next: to learn, to stop, to go on, or to ask what was learned. */
function nextOf(): { readonly name: string; readonly act: () => void } {
  const words = t()
  if (run.state.value === 'going') return { name: words.look.stop, act: stop }
  if (run.state.value === 'waiting') return { name: words.learn.goOn, act: () => run.play() }
  if (model.value && !hidden('ask')) return { name: words.learn.ask, act: ask }
  return { name: model.value ? words.learn.again : words.look.learn, act: learn }
}

function ask(): void {
  settings.view.state.value = 'ask'
}

/** Learns the text that ships, unless the reader gave one. */
function learn(): void {
  if (settings.corpus.state.value === 'own' && !own.value) settings.corpus.state.value = 'built-in'
  run.play()
}

/** Keeps what was learned so far, or forgets that it began. */
function stop(): void {
  if (run.last.value) run.end()
  else void run.reset()
}

/**
 * How far it is, or why it came to nothing; and where the address speaks of a model that is not
 * here, how to come by one.
 */
function How() {
  const words = t().look
  const source = settings.source.state.value
  const missing =
    source === 'learned' && !learned.value && !model.value && run.state.value === 'none'
  return (
    <>
      {(run.state.value !== 'none' || model.value) && <Status />}
      {model.value && source === 'learned' && (
        <p class="quiet">{words.learnedWith(model.value.config.position !== 'none')}</p>
      )}
      {missing && (
        <p class="row">
          {words.noModel} <TakeShipped />
        </p>
      )}
      <Failure of={run.failure} />
    </>
  )
}
