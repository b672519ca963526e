import { settings } from '../state/settings.ts'
import { hidden } from '../state/shown.ts'
import { t } from '../words/words.ts'
import { said } from './choice.tsx'

/** The kind of positions that the switch turns on: the last that were on. */
let last = 'sinusoidal'

/** One switch: without positions the layer cannot tell one place from another. */
export function PositionSwitch() {
  if (hidden('position')) return null
  const { state } = settings.position
  const on = state.value !== 'none'
  if (on) last = state.value
  const words = t().switches
  return (
    <button
      type="button"
      role="switch"
      class="switch"
      aria-checked={on}
      onClick={() => {
        state.value = on ? 'none' : last
      }}
    >
      <span class="track" aria-hidden="true" />
      {words.positions} <b>{on ? said(state.value) : words.off}</b>
    </button>
  )
}
