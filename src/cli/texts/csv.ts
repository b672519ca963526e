import { CsvError, parse } from 'csv-parse/sync'
import type { Row } from '../../doors/internal.ts'
import { inputError } from '../terminal/errors.ts'

export const DELIMITERS = ['\t', ';', ','] as const

export type Delimiter = (typeof DELIMITERS)[number]

/** The delimiter that stands most in the first line, outside quotes; a tab where none does. */
export function delimiterOf(text: string): Delimiter {
  const plain = text.replace(/"[^"]*(?:"|$)/g, '').split('\n', 1)[0]
  const count = (delimiter: Delimiter) => plain.split(delimiter).length
  return DELIMITERS.reduce((best, one) => (count(one) > count(best) ? one : best))
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
  const options = {
    ...({ bom: true, relax_column_count: true, skip_empty_lines: false, info: true } as const),
    delimiter: delimiterOf(text),
  }
  let line = 1
  try {
    const rows = parse(text, options) as unknown as { record: string[] }[]
    return rows
      .map(({ record: cells }) => {
        const row = { cells, line }
        line += cells.reduce((sum, cell) => sum + cell.split(/\r\n|\n|\r/).length - 1, 1)
        return row
      })
      .filter(({ cells }) => cells.some((cell) => cell.trim() !== ''))
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const line =
      /opening quote at line (\d+)/.exec(error.message)?.[1] ?? (error as { lines?: number }).lines
    throw inputError(
      `${name}: line ${line}: ${REASONS[error.code] ?? error.message}; is it a CSV file, and whole?`,
    )
  }
}
