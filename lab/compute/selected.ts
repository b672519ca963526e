import { computed, signal } from '@preact/signals'
import { pass } from '../state/layer.ts'
import { locked } from '../state/selection.ts'
import { settings } from '../state/settings.ts'
import { type Cell, RESULTS, type Shown, shownOf } from './matrices.ts'

/** The cell that was chosen by hand; undefined before. */
const chosen = signal<Cell | undefined>(undefined)

/** The head whose matrices are shown, from 0. */
export const shownHead = computed(
  () => Math.min(settings.head.state.value, settings.heads.state.value) - 1,
)

/**
 * The cell that the formula speaks of: the chosen one where the open stage has it, else one of the
 * word that asks.
 */
export const cell = computed<Cell>(() => {
  const { value } = chosen
  const name = RESULTS[settings.stage.state.value]
  if (
    value &&
    (value.name === name ||
      (name === 'Q' && ['X', 'W_Q', 'K', 'W_K', 'V', 'W_V'].includes(value.name)) ||
      value.name === 'bias')
  )
    return within(value)
  return within({ name, row: locked.value[0] ?? 0, column: value?.column ?? 0 })
})

/** The same cell, or the nearest that the matrix has. */
function within({ name, row, column }: Cell): Cell {
  const found = pass.value.value
  if (!found) return { name, row: 0, column: 0 }
  const { matrix } = shownOf(name, found, shownHead.value)
  return { name, row: Math.min(row, matrix.rows - 1), column: Math.min(column, matrix.columns - 1) }
}

export function choose(cell: Cell): void {
  chosen.value = cell
}

/** The name of a cell of an editable matrix in the setting `edit`. */
export const editKey = ({ name, edited }: Shown, row: number, column: number): string =>
  `${name}.${row + (edited?.row ?? 0) + 1}.${column + (edited?.column ?? 0) + 1}`

/** Sets a number by hand, or takes it back with undefined. */
export function edit(shown: Shown, row: number, column: number, value: number | undefined): void {
  const next = new Map(settings.edit.state.value)
  const key = editKey(shown, row, column)
  if (value === undefined) next.delete(key)
  else next.set(key, value)
  settings.edit.state.value = next
}
