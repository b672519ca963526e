import { useSignal } from '@preact/signals'
import { hidden } from '../state/shown.ts'
import type { NumberTable } from '../view.ts'
import { decimal, t } from '../words/words.ts'

/** A table as people read it; in a box of its own that scrolls. */
export function Numbers({
  table: { caption, columns, rows },
  digits = 2,
}: {
  table: NumberTable
  digits?: number
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reached by keys
    <section class="scroller" tabIndex={0} aria-label={caption}>
      <table class="numbers">
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map((column, n) => (
              <th key={n} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, r) => (
            <tr key={r}>
              {row.map((cell, n) =>
                n === 0 ? (
                  <th key={n} scope="row">
                    {cell}
                  </th>
                ) : (
                  <td key={n}>
                    {typeof cell === 'number' && !Number.isInteger(cell)
                      ? decimal(cell, digits)
                      : cell}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** The table behind a picture, drawn when it is opened. */
export function TableBehind({ table, digits = 2 }: { table: NumberTable; digits?: number }) {
  const open = useSignal(false)
  if (hidden('tables')) return null
  return (
    <details
      class="behind"
      onToggle={({ currentTarget }) => {
        open.value = currentTarget.open
      }}
    >
      <summary>{t().page.table(table.caption)}</summary>
      {open.value && <Numbers table={table} digits={digits} />}
    </details>
  )
}
