import type { Setting } from '../state/setting.ts'
import { t } from '../words/words.ts'

/** How a value of a setting is said. */
export const said = (value: string): string => t().values[value] ?? value

/** So many letters stand side by side on a phone; what is longer becomes a menu. */
const LONGEST_ROW = 28

interface ChoiceOptions<Word extends string> {
  readonly of: Setting<Word>
  /** Without a frame and a visible name. */
  readonly quiet?: boolean
  /** Side by side, however long. */
  readonly row?: boolean
}

/** One of a few values as radio buttons side by side, or of many as a menu. */
export function Choice<Word extends string>({
  of: setting,
  quiet = false,
  row = false,
}: ChoiceOptions<Word>) {
  const { control, name, state } = setting
  const offered = control?.kind === 'choice' ? control.values : []
  // one that only the address names is offered too
  const values = offered.includes(state.value) ? offered : [...offered, state.value]
  const take = (text: string) => {
    state.value = setting.read(text)
  }
  const long = values.reduce((length, value) => length + said(value).length, 0) > LONGEST_ROW
  if (long && !row)
    return (
      <Menu
        label={t().settings[name]}
        name={name}
        value={state.value}
        values={values}
        take={take}
      />
    )
  return (
    <fieldset class={quiet ? 'choice quiet-choice' : 'choice'}>
      <legend class={quiet ? 'unseen' : undefined}>{t().settings[name]}</legend>
      <div class="choices">
        {values.map((value) => (
          <label key={value} lang={name === 'lang' ? value : undefined}>
            <input
              type="radio"
              name={name}
              value={value}
              checked={state.value === value}
              onChange={() => take(value)}
            />
            <span>{said(value)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}

function Menu(props: {
  label: string
  name: string
  value: string
  values: readonly string[]
  take(text: string): void
}) {
  const { label, name, value, values, take } = props
  return (
    <label class="field">
      <span>{label}</span>
      <select name={name} value={value} onChange={({ currentTarget }) => take(currentTarget.value)}>
        {values.map((one) => (
          <option key={one} value={one}>
            {said(one)}
          </option>
        ))}
      </select>
    </label>
  )
}
