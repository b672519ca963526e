import { useSignal } from '@preact/signals'
import type { Pass } from '../state/pass.ts'
import { settings } from '../state/settings.ts'
import { t } from '../words/words.ts'
import { shownOf } from './matrices.ts'
import { Name } from './matrix.tsx'
import { cell, edit, editKey, shownHead } from './selected.ts'

/** The chosen number of X or W, to be changed by hand: everything that follows from it follows. */
export function Editor({ pass }: { pass: Pass }) {
  const wrong = useSignal(false)
  const { name, row, column } = cell.value
  const shown = shownOf(name, pass, shownHead.value)
  const words = t().compute
  const edits = settings.edit.state
  if (!shown.edited && !edits.value.size) return <p class="quiet editor">{words.howToEdit}</p>
  const take = (text: string) => {
    const value = Number(text.replace(',', '.'))
    wrong.value = text.trim() === '' || !Number.isFinite(value) || Math.abs(value) > 1e5
    if (!wrong.value) edit(shown, row, column, Math.round(value * 1e6) / 1e6)
  }
  return (
    <div class="row editor">
      {shown.edited && (
        <label class="field">
          <span>
            <Name of={name} /> {shown.rows[row]}, {shown.columns[column]}
          </span>
          <input
            id="cell-editor"
            type="text"
            inputmode="decimal"
            aria-invalid={wrong.value}
            value={String(
              Math.round(shown.matrix.data[row * shown.matrix.columns + column] * 1e4) / 1e4,
            )}
            onChange={({ currentTarget }) => take(currentTarget.value)}
          />
        </label>
      )}
      {shown.edited && edits.value.has(editKey(shown, row, column)) && (
        <button type="button" class="plain" onClick={() => edit(shown, row, column, undefined)}>
          {words.undoOne}
        </button>
      )}
      {edits.value.size > 0 && (
        <button
          type="button"
          class="plain"
          onClick={() => {
            edits.value = new Map()
          }}
        >
          {words.undoAll}
        </button>
      )}
      {wrong.value && (
        <span class="wrong" role="alert">
          {words.noNumber}
        </span>
      )}
    </div>
  )
}
