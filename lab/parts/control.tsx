import { useSignal } from '@preact/signals'
import type { Setting } from '../state/setting.ts'
import { type SettingName, settings } from '../state/settings.ts'
import { hidden } from '../state/shown.ts'
import { t, whole } from '../words/words.ts'
import { Choice } from './choice.tsx'
import { Letters } from './letters.tsx'

/** The control of a setting, as its row of the table says; nothing where a lesson hides it. */
export function Control({ name }: { name: SettingName }) {
  if (hidden(name)) return null
  const setting = settings[name] as unknown as Setting<never>
  if (setting.control?.kind === 'choice')
    return <Choice of={setting as unknown as Setting<string>} />
  if (setting.control?.kind === 'integer')
    return <IntegerField of={setting as unknown as Setting<number>} />
  if (setting.control?.kind === 'line')
    return <LineField of={setting as unknown as Setting<string>} />
  return null
}

/** A number to type or to step; what is no value is said and not taken. */
function IntegerField({ of: setting }: { of: Setting<number> }) {
  const wrong = useSignal('')
  const { control, name, state } = setting
  const [min, max] = control?.kind === 'integer' ? [control.min, control.max] : [0, 0]
  const take = (text: string) => {
    try {
      state.value = setting.read(text)
      wrong.value = ''
    } catch (error) {
      wrong.value = (error as Error).message
    }
  }
  return (
    <label class="field">
      <span>
        <Letters text={t().settings[name]} />
      </span>
      <input
        type="number"
        name={name}
        min={min}
        max={max}
        value={state.value}
        aria-invalid={wrong.value ? 'true' : undefined}
        onInput={({ currentTarget }) => take(currentTarget.value)}
      />
      {wrong.value && (
        <span class="wrong" role="alert">
          {wrong.value}
        </span>
      )}
    </label>
  )
}

/** A line to type; one that is too long changes nothing and says so. */
function LineField({ of: setting }: { of: Setting<string> }) {
  const wrong = useSignal('')
  const { control, name, state } = setting
  const longest = control?.kind === 'line' ? control.longest : 0
  const take = (input: HTMLInputElement) => {
    if (input.value.length > longest) {
      wrong.value = t().page.tooLong(whole(longest), whole(input.value.length))
      input.value = state.value
    } else {
      wrong.value = ''
      state.value = input.value
    }
  }
  return (
    <label class="field wide">
      <span>{t().settings[name]}</span>
      <input
        type="text"
        name={name}
        value={state.value}
        spellcheck={false}
        autocomplete="off"
        aria-invalid={wrong.value ? 'true' : undefined}
        onInput={({ currentTarget }) => take(currentTarget)}
      />
      {wrong.value && (
        <span class="wrong" role="alert">
          {wrong.value}
        </span>
      )}
    </label>
  )
}
