import { visibleLines } from './controls.ts'

/** What makes a cell stand in quotes, by what parts the cells. */
const QUOTED = { ',': /[",\p{Cc}]|^\s|\s$/u, '\t': /["\p{Cc}]|^\s|\s$/u } as const

/**
 * One row of a table with its line end (RFC 4180), with commas or tabs between its cells.
 *
 * A cell stands in quotes, its own doubled, if it holds the delimiter, a quote or a control character,
 * begins or ends with white space, or is an empty one by itself. Tabs and line ends stay as they are
 * there; other control characters become visible, and nothing else is escaped.
 */
export function csvRow(
  cells: readonly (string | number)[],
  delimiter: keyof typeof QUOTED = ',',
): string {
  if (cells.length === 1 && cells[0] === '') return '""\n'
  const special = QUOTED[delimiter]
  const written = cells.map((cell) => {
    const text = String(cell)
    return special.test(text) ? `"${visibleLines(text).replaceAll('"', '""')}"` : text
  })
  return `${written.join(delimiter)}\n`
}
