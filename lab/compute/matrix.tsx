import { useRef } from 'preact/hooks'
import { textLanguage } from '../state/layer.ts'
import { settings } from '../state/settings.ts'
import { decimal, t } from '../words/words.ts'
import { type Cell, type Shown, sourcesOf } from './matrices.ts'
import { cell, choose, editKey } from './selected.ts'

/** The name of a matrix with its index below: W_Q. */
export function Name({ of: name }: { of: string }) {
  const [letter, index] = (t().compute.names[name] ?? name).split('_')
  return (
    <i class="matrix-name">
      {letter}
      {index && <sub>{index}</sub>}
    </i>
  )
}

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
}

/**
 * A matrix as a grid of numbers: one tab stop, arrows go from cell to cell, Enter edits where it
 * can be edited.
 */
export function MatrixGrid({ shown }: { shown: Shown }) {
  const { name, role, matrix, rows, columns } = shown
  const table = useRef<HTMLTableElement>(null)
  const here = cell.value.name === name ? cell.value : undefined
  const go = (row: number, column: number) => {
    const to = {
      name,
      row: Math.max(0, Math.min(matrix.rows - 1, row)),
      column: Math.max(0, Math.min(matrix.columns - 1, column)),
    }
    choose(to)
    table.current?.querySelector<HTMLElement>(`[data-cell="${to.row}.${to.column}"]`)?.focus()
  }
  const onKey = (event: KeyboardEvent) => {
    const at = (event.target as HTMLElement).dataset.cell?.split('.').map(Number)
    const step = STEPS[event.key]
    if (!at) return
    if (step) go(at[0] + step[0], at[1] + step[1])
    else if (event.key === 'Home') go(at[0], 0)
    else if (event.key === 'End') go(at[0], matrix.columns - 1)
    else if (event.key === 'Enter' && shown.edited) document.getElementById('cell-editor')?.focus()
    else return
    event.preventDefault()
  }
  return (
    <figure class="matrix" data-role={role}>
      <figcaption>
        <Name of={name} />{' '}
        <span class="shape">
          {matrix.rows} × {matrix.columns}
        </span>
        {shown.edited && <span class="shape"> · {t().compute.editable}</span>}
      </figcaption>
      <div class="scroller">
        <table
          ref={table}
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table of which the cells are reached by arrows
          role="grid"
          aria-label={`${t().compute.names[name] ?? name}, ${matrix.rows} × ${matrix.columns}`}
          onKeyDown={onKey}
        >
          <thead>
            <tr>
              <td />
              {columns.map((column, n) => (
                <th
                  key={n}
                  scope="col"
                  lang={name === 'S' || name === 'A' ? textLanguage.value : undefined}
                >
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((_, row) => (
              <Row key={row} shown={shown} row={row} here={here} />
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  )
}

function Row({ shown, row, here }: { shown: Shown; row: number; here: Cell | undefined }) {
  const { name, matrix, rows } = shown
  const source = sourcesOf(cell.value)[name]
  return (
    <tr>
      <th scope="row" lang={name.length === 1 ? textLanguage.value : undefined}>
        {rows[row]}
      </th>
      {Array.from({ length: matrix.columns }, (_, column) => {
        const value = matrix.data[row * matrix.columns + column]
        const selected = here?.row === row && here.column === column
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the table has the keys
          <td
            // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a cell of a grid
            role="gridcell"
            key={column}
            data-cell={`${row}.${column}`}
            data-source={
              source && (source.row ?? row) === row && (source.column ?? column) === column
                ? ''
                : undefined
            }
            data-edited={
              shown.edited && settings.edit.state.value.has(editKey(shown, row, column))
                ? ''
                : undefined
            }
            tabIndex={selected || (!here && row === 0 && column === 0) ? 0 : -1}
            aria-selected={selected}
            style={{ '--share': share(value, shown.full) }}
            onClick={() => choose({ name, row, column })}
            onFocus={() => choose({ name, row, column })}
          >
            {value === -Infinity ? '–' : decimal(value)}
          </td>
        )
      })}
    </tr>
  )
}

const share = (value: number, full: number): number =>
  Number.isFinite(value) ? Math.min(1, Math.abs(value) / full) : 0
