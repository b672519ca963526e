/**
 * One row of CSV with its line end (RFC 4180): a cell is quoted if it holds a comma, a quote or a
 * line end.
 */
export const csvRow = (cells: readonly (string | number)[]): string =>
  `${cells.map((cell) => quoted(String(cell))).join(',')}\n`

const quoted = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
