import { CsvError, parse } from 'csv-parse/sync'
import type { Row } from '../../doors/internal.ts'
import { inputError } from '../terminal/errors.ts'

export const DELIMITERS = ['\t', ';', ','] as const

export type Delimiter = (typeof DELIMITERS)[number]

/** The delimiter that stands most in the first line, outside quotes; a tab where none does. */
export function delimiterOf(text: string): Delimiter {
  const counts = new Map<string, number>()
  let quoted = false
  for (const sign of text) {
    if (sign === '"') quoted = !quoted
    else if (!quoted && sign === '\n') break
    else if (!quoted) counts.set(sign, (counts.get(sign) ?? 0) + 1)
  }
  return DELIMITERS.reduce((best, one) =>
    (counts.get(one) ?? 0) > (counts.get(best) ?? 0) ? one : best,
  )
}

/** Why csv-parse refuses quotes, by its code. */
export const REASONS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is never closed',
  CSV_INVALID_CLOSING_QUOTE:
    'a quote is closed before the end of its cell; double those that are meant',
  INVALID_OPENING_QUOTE: 'a quote stands within a cell that does not begin with one',
}

/**
 * Rows of a table in CSV, parted by commas, semicolons or tabs, with the line that each begins in;
 * rows without anything in them are none.
 *
 * @throws {CommandError} with the line for quotes that are never closed or stand where none may
 */
export function csvRows(text: string, name: string): Row[] {
  try {
    const options = {
      bom: true,
      delimiter: delimiterOf(text),
      relax_column_count: true,
      skip_empty_lines: false,
      info: true,
    } as const
    let line = 1
    const rows = (
      parse(text, options) as unknown as { record: string[]; info: { lines: number } }[]
    ).map(({ record }) => {
      const row = { cells: record, line }
      line += 1 + record.reduce((sum, cell) => sum + (cell.match(/\r\n|\n|\r/g)?.length ?? 0), 0)
      return row
    })
    return rows.filter(({ cells }) => cells.some((cell) => cell.trim() !== ''))
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const line =
      /opening quote at line (\d+)/.exec(error.message)?.[1] ?? (error as { lines?: number }).lines
    throw inputError(
      `${name}: line ${line}: ${REASONS[error.code] ?? error.message}; is it a CSV file, and whole?`,
    )
  }
}
